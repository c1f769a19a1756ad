/* What is found in a text lies in it, is what it says, and comes to an end; plain forms never grow.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/bloom.h"
#include "base/observable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void scan(struct text text)
{
    struct observable_scan scan = observable_scan_of(text);
    struct observable one;
    size_t count = 0;

    while (observable_next(&scan, &one)) {
        struct address again;

        if (one.text.size == 0 || one.text.bytes < text.bytes ||
            one.text.bytes + one.text.size > text.bytes + text.size)
            abort();
        if (one.kind == OBSERVABLE_IP && !address_parse(one.text, &again))
            abort();
        if (++count > text.size)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(4096);
    struct text text = {(const char *)data, size};
    struct text plain = observable_plain(text, true, true, arena);

    if (plain.size > size)
        abort();
    scan(text);
    scan(plain);
    bloom_free(bloom_read(text, NULL));
    return 0;
}

/* Whatever an alert holds, a reader of CEF finds the header and the keys that were put in, in their
 * order, with their values; and a line that had to be cut holds fewer of them, or less of their
 * ends, but the alert's id. */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/cef_reader.h"
#include "../unit/hostile_alert.h"
#include "forwarder/cef.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct alert *alert, size_t limit, bool complete)
{
    AUTO(arena) arena = arena_new(16384);
    AUTO_BUF out = {0};
    struct cef_record record;
    struct pairs want = {0};

    cef_write(alert, limit, &out);
    cef_want_alert(&want, arena, alert);
    if (out.size > limit || !cef_read(arena, buf_text(&out), &record) ||
        !cef_header_matches(arena, &record, alert, limit) ||
        !pairs_match(&record.pairs, &want, complete) ||
        !pairs_keep_id(&record.pairs, "externalId", alert))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(4096);
    const struct alert alert = hostile_alert((struct text){(const char *)data, size}, arena);

    check(&alert, 1 << 20, true);
    check(&alert, CEF_LIMIT_MIN + size % 4096, false);
    return 0;
}

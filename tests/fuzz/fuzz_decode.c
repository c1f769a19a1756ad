/* Whatever a log says, undoing how it is written must not crash, grow or go on for ever. */
#include <stdint.h>
#include <stdlib.h>

#include "detector/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(4096);
    struct text text = {(const char *)data, size}, forms[DECODE_MAX_FORMS];
    size_t count = decode_forms(text, DECODE_ALL, arena, forms);

    for (size_t i = 0; i < count; i++) {
        if (forms[i].size > size || text_equal(forms[i], i > 0 ? forms[i - 1] : text))
            abort();
    }
    return 0;
}

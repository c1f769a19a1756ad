/* Any text as a STIX pattern: no crash; atoms only of what is one. */
#include <stdlib.h>

#include "iocfeed/stix_pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(4096);
    struct stix_atoms atoms;
    bool good = stix_pattern_read((struct text){(const char *)data, size}, arena, &atoms);

    if ((!good && atoms.count > 0) || (good && (atoms.count > 0) != (atoms.reason == STIX_TAKEN)))
        abort();
    return 0;
}

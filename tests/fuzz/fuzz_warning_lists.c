/* A warning list and, behind a NUL, a value asked of it. */
#include "iocfeed/warning_lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct indicator_rules rules = {.looking_up = true};
    struct text all = {(const char *)data, size};
    size_t end = text_find_byte(all, '\0');
    AUTO(warning_lists) lists = warning_lists_new();
    AUTO(arena) arena = arena_new(4096);
    struct indicator found;
    struct warning_hit hit;

    warning_lists_add(lists, "fuzz", text_slice(all, 0, end), NULL);
    warning_lists_allow(lists, "fuzz", text_slice(all, 0, end), NULL);
    if (indicator_read(text_slice(all, end + 1, all.size), INDICATOR_ANY, &rules, arena, &found) ==
        INDICATOR_GOOD)
        warning_lists_find(lists, &found, TEXT("ip-dst"), &hit);
    return 0;
}

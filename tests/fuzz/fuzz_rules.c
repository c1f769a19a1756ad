/* Whatever a rule file holds, reading it must not crash, leak or hang, and a refusal says why. */
#include <stdint.h>
#include <stdlib.h>

#include "detector/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"fuzz.yaml", "fuzz.json"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct error err = {0};
        AUTO(ruleset) ruleset = ruleset_new();
        struct text bytes = {(const char *)data, size};

        if (ruleset_add_bytes(ruleset, names[i], bytes, &err) < 0 &&
            (err.text[0] == '\0' || strchr(err.text, '\n')))
            abort();
    }
    return 0;
}

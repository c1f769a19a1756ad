/* Whatever the rules and the log, the engine answers as its reference does. */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/engine_random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices choices = {.bytes = {(const char *)data, size}};
    AUTO_BUF json = {0};
    AUTO(arena) arena = arena_new(65536);
    AUTO(ruleset) ruleset = ruleset_new();

    random_rules(&choices, &json);
    if (ruleset_add_bytes(ruleset, "fuzz.json", buf_text(&json), NULL) < 0)
        abort();
    AUTO(engine) engine = engine_new(ruleset, NULL);
    AUTO(engine_reference) reference = engine_reference_new(ruleset, NULL);

    if (!engine || !reference)
        abort();
    AUTO(engine_scratch) scratch = engine_scratch_new(engine);

    for (int i = 0; i < 4; i++) {
        struct entry entry = random_entry(&choices, arena);

        if (match_both(engine, scratch, reference, &entry, arena) < 0)
            abort();
    }
    return 0;
}

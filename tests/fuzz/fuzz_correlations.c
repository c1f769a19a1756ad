/* Whatever a file of correlation rules holds, reading it must not crash, leak or hang, a refusal
 * says why, and what was read can be asked about. */
#include <stdint.h>
#include <stdlib.h>

#include "correlator/correlations.h"
#include "correlator/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct correlation *rule, struct arena *arena)
{
    struct event none = {0};

    for (size_t i = 0; i < rule->selection_count; i++) {
        const struct correlation_selection *selection = &rule->selections[i];

        for (size_t k = 0; k < rule->test_count && !selection->correlation; k++) {
            const struct correlation_test *test = &rule->tests[k];

            if (test->event_count > 0)
                correlation_selects(selection, &test->events[0]);
        }
        if (!selection->correlation)
            correlation_selects(selection, &none);
        for (size_t k = 0; selection->keys && k < rule->group_count; k++)
            correlation_value_of(&selection->keys[k], &none);
    }
    correlation_bounds_hold(rule, 5);
    const struct template_facts facts = {.event = &none};

    if (template_fill(rule->title, &facts, 20, arena).size > 4 * 20)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    AUTO(correlations) set = correlations_new(CORRELATION_LIMITS_DEFAULT);
    AUTO(arena) arena = arena_new(4096);

    if (correlations_add_bytes(set, "fuzz.yaml", (struct text){(const char *)data, size}, &err) <
            0 ||
        correlations_link(set, &err) < 0) {
        if (err.text[0] == '\0' || strchr(err.text, '\n'))
            abort();
        return 0;
    }
    for (size_t i = 0; i < correlations_count(set); i++)
        ask(correlations_rule(set, i), arena);
    return 0;
}

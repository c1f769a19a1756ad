#include "unit.h"

#include "windows_random.h"

enum { ROUNDS = 1000 };

/* Shows both from a little before where they part. */
static void fail_differing(int round, struct text got, struct text want)
{
    size_t at = 0;

    while (at < got.size && at < want.size && got.bytes[at] == want.bytes[at])
        at++;
    size_t from = at > 60 ? at - 60 : 0;
    struct text a = text_slice(got, from, at + 200), b = text_slice(want, from, at + 200);

    fail_msg("round %d: %.*s\n  … %.*s\n  … %.*s", round, 40, got.bytes, TEXT_ARG(a), TEXT_ARG(b));
}

/* The promise: the final alerts are a function of the set of events. */
static void order_batches_and_repeats_change_nothing(void **state)
{
    struct choices choices = {.state = 20261124};
    AUTO(correlations) rules = random_rules_of_each_kind();
    AUTO(arena) arena = arena_new(1 << 20);
    struct random_arrival *order = mem_zero(2 * RANDOM_EVENTS * sizeof(*order));
    struct random_result *results = mem_zero(2 * sizeof(*results));
    size_t alerts = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct event events[RANDOM_EVENTS];
        struct text got, want;
        size_t count = 1 + choose(&choices, RANDOM_EVENTS);

        arena_reset(arena, 1 << 20);
        for (size_t i = 0; i < count; i++)
            events[i] = random_event(&choices, arena, i);
        for (int k = 0; k < 2; k++) {
            size_t size = random_order(&choices, events, count, order);

            windows_free(random_run(&choices, rules, order, size, arena, &results[k]));
        }
        if (!random_same(&results[0], &results[1], &got, &want))
            fail_differing(round, got, want);
        alerts += results[0].count;
    }
    /* Worth something only while there are many. */
    assert_true(alerts > 10 * ROUNDS);
    free(order);
    free(results);
}

UNIT_MAIN(cmocka_unit_test(order_batches_and_repeats_change_nothing))

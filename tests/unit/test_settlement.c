#include "unit.h"

#include <stdlib.h>

#include "base/settlement.h"

enum { SPANS = 40, EACH = 5 };

/* xorshift: the same sequence in each run. */
static uint32_t chance(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void nothing_beyond_an_open_output_is_ever_stored(void **state)
{
    uint32_t seed = 7;

    (void)state;
    for (int round = 0; round < 200; round++) {
        AUTO(settlement) settlement = settlement_new();
        struct settlement_partition *partition = settlement_partition(settlement, "logs", 3);
        struct settlement_span *spans[SPANS];
        bool is_open[SPANS];

        settlement_assign(partition, 0);
        for (int i = 0; i < SPANS; i++) {
            for (int k = 0; k < EACH; k++) {
                spans[i] = settlement_take(settlement, partition, i * EACH + k);
                settlement_judge(spans[i], OUTCOME_PRODUCED);
            }
            settlement_hold(spans[i]);
            is_open[i] = true;
            settlement_end_batch(settlement);
        }
        for (int left = SPANS; left > 0; left--) {
            int i = (int)(chance(&seed) % SPANS);

            while (!is_open[i])
                i = (i + 1) % SPANS;
            is_open[i] = false;
            settlement_release(spans[i]);
            settlement_advance(settlement, partition);
            int first_open = 0;

            while (first_open < SPANS && !is_open[first_open])
                first_open++;
            assert_int_equal(partition->settled, first_open * EACH);
        }
        assert_int_equal(settlement_counts(settlement)->produced, SPANS * EACH);
        assert_int_equal(settlement_counts(settlement)->in_flight, 0);
    }
}

static void what_is_taken_away_is_given_back_and_never_stored(void **state)
{
    AUTO(settlement) settlement = settlement_new();
    struct settlement_partition *partition = settlement_partition(settlement, "logs", 0);

    (void)state;
    settlement_assign(partition, 100);
    struct settlement_span *span = settlement_take(settlement, partition, 100);

    settlement_hold(span);
    settlement_revoke(settlement, partition);
    settlement_judge(span, OUTCOME_PRODUCED);
    settlement_end_batch(settlement);
    settlement_release(span); /* frees itself */
    assert_false(settlement_advance(settlement, partition));
    assert_int_equal(partition->settled, 100);
    assert_int_equal(settlement_counts(settlement)->consumed, 1);
    assert_int_equal(settlement_counts(settlement)->given_back, 1);
    assert_int_equal(settlement_counts(settlement)->in_flight, 0);
}

UNIT_MAIN(cmocka_unit_test(nothing_beyond_an_open_output_is_ever_stored),
          cmocka_unit_test(what_is_taken_away_is_given_back_and_never_stored))

#include "unit.h"

#include "base/settlement.h"

static void the_position_never_passes_an_open_message(void **state)
{
    AUTO(settlement) s = settlement_new();
    int64_t next = -1;

    (void)state;
    struct span *first = settlement_add(s, 10, 10);
    struct span *second = settlement_add(s, 15, 5);

    assert_true(settlement_settle(second, 5));
    assert_false(settlement_advance(s, &next));
    assert_true(settlement_settle(first, 9));
    assert_false(settlement_advance(s, &next));
    assert_true(settlement_settle(first, 1));
    assert_true(settlement_advance(s, &next));
    assert_int_equal(next, 15);
    assert_false(settlement_advance(s, &next));
    assert_int_equal(settlement_open(s), 0);
}

static void a_span_that_is_cut_ends_at_the_first_message_it_lost(void **state)
{
    static const struct {
        const char *label;
        size_t cut;
        int64_t want;
        bool is_left;
    } rows[] = {{"the last", 1, 9, true}, {"all but one", 9, 1, true}, {"all", 10, 0, false}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(settlement) s = settlement_new();
        struct span *span = settlement_add(s, 10, 10);
        int64_t next = -1;

        if (settlement_cut(span, (int64_t)(10 - rows[i].cut), rows[i].cut) != rows[i].is_left)
            fail_msg("%s: is something left?", rows[i].label);
        if (rows[i].is_left)
            settlement_settle(span, 10 - rows[i].cut);
        assert_true(settlement_advance(s, &next));
        if (next != rows[i].want)
            fail_msg("%s: %lld", rows[i].label, (long long)next);
    }
}

/* A fixed sequence of "random" numbers (Numerical Recipes' LCG). */
static size_t below(uint32_t *seed, size_t limit)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % limit;
}

enum { SPANS = 60, SPAN_SIZE = 7, MESSAGES = SPANS * SPAN_SIZE };

/* The offset of the first open message: nothing beyond it may be stored. */
static int64_t first_open(const bool *settled)
{
    for (int64_t i = 0; i < MESSAGES; i++) {
        if (!settled[i])
            return i;
    }
    return MESSAGES;
}

static void
in_whatever_order_messages_are_settled_nothing_open_is_passed_and_all_is_stored(void **state)
{
    (void)state;
    for (uint32_t run = 1; run <= 200; run++) {
        AUTO(settlement) s = settlement_new();
        struct span *spans[SPANS];
        bool settled[MESSAGES] = {false};
        int64_t stored = 0;
        uint32_t seed = run;

        for (size_t i = 0; i < SPANS; i++)
            spans[i] = settlement_add(s, (int64_t)(i + 1) * SPAN_SIZE, SPAN_SIZE);
        for (size_t left = MESSAGES; left > 0; left--) {
            size_t i = below(&seed, MESSAGES);

            while (settled[i])
                i = (i + 1) % MESSAGES;
            settled[i] = true;
            assert_true(settlement_settle(spans[i / SPAN_SIZE], 1));
            if (settlement_advance(s, &stored))
                assert_true(stored <= first_open(settled));
        }
        assert_int_equal(stored, MESSAGES);
    }
}

static void what_is_settled_after_the_partition_went_has_no_effect(void **state)
{
    struct settlement *s = settlement_new();
    struct span *open = settlement_add(s, 3, 3);
    struct span *settled = settlement_add(s, 4, 1);

    (void)state;
    settlement_settle(settled, 1);
    settlement_settle(open, 1);
    assert_int_equal(settlement_open(s), 2);
    settlement_free(s);
    assert_false(settlement_settle(open, 1));
    assert_false(settlement_settle(open, 1)); /* and is freed with it: ASan would tell */
}

UNIT_MAIN(cmocka_unit_test(a_span_that_is_cut_ends_at_the_first_message_it_lost),
          cmocka_unit_test(the_position_never_passes_an_open_message),
          cmocka_unit_test(
              in_whatever_order_messages_are_settled_nothing_open_is_passed_and_all_is_stored),
          cmocka_unit_test(what_is_settled_after_the_partition_went_has_no_effect))

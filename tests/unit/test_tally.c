#include "unit.h"

#include "cli/tally.h"

static void the_most_frequent_come_first_then_by_name(void **state)
{
    static const char *const seen[] = {"b", "a", "c", "c", "a", "d", "c", "", "b", "e"};
    static const struct {
        const char *text;
        uint64_t count;
    } want[] = {{"c", 3}, {"a", 2}, {"b", 2}, {"", 1}};
    AUTO(tally) tally = tally_new(100);
    struct tally_row rows[4];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(seen); i++)
        tally_add(tally, text_of(seen[i]));
    assert_int_equal(tally_top(tally, rows, 4), 4);
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        unit_text("row", rows[i].text, want[i].text);
        assert_int_equal(rows[i].count, want[i].count);
    }
    assert_int_equal(tally_others(tally), 0);
}

static void beyond_the_limit_new_texts_are_others(void **state)
{
    AUTO(tally) tally = tally_new(2);
    struct tally_row rows[4];

    (void)state;
    tally_add(tally, TEXT("a"));
    tally_add(tally, TEXT("b"));
    tally_add(tally, TEXT("c"));
    tally_add(tally, TEXT("a"));
    assert_int_equal(tally_top(tally, rows, 4), 2);
    assert_int_equal(rows[0].count, 2);
    assert_int_equal(tally_others(tally), 1);
}

UNIT_MAIN(cmocka_unit_test(the_most_frequent_come_first_then_by_name),
          cmocka_unit_test(beyond_the_limit_new_texts_are_others))

#include "unit.h"

#include "detector/recent.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static void the_five_minutes_before_count_with_both_ends(void **state)
{
    AUTO(recent) recent = recent_new(10);

    (void)state;
    recent_add(recent, TEXT("10.0.0.1"), 0);
    recent_add(recent, TEXT("10.0.0.1"), 2 * MINUTE);
    recent_add(recent, TEXT("10.0.0.1"), 5 * MINUTE);
    assert_int_equal(recent_count(recent, TEXT("10.0.0.1"), 5 * MINUTE), 3);
    assert_int_equal(recent_count(recent, TEXT("10.0.0.1"), 5 * MINUTE + 1), 2);
    assert_int_equal(recent_count(recent, TEXT("10.0.0.1"), 2 * MINUTE), 2);
    assert_int_equal(recent_count(recent, TEXT("10.0.0.1"), -1), 0);
}

static void addresses_are_kept_apart(void **state)
{
    AUTO(recent) recent = recent_new(10);

    (void)state;
    recent_add(recent, TEXT("10.0.0.1"), 0);
    assert_int_equal(recent_count(recent, TEXT("10.0.0.1"), 0), 1);
    assert_int_equal(recent_count(recent, TEXT("10.0.0.10"), 0), 0);
}

static void the_order_of_arrival_is_nothing(void **state)
{
    AUTO(recent) recent = recent_new(10);

    (void)state;
    for (int i = 0; i < 60; i++)
        recent_add(recent, TEXT("a"), (i * 37 % 60) * SECOND);
    assert_int_equal(recent_count(recent, TEXT("a"), 59 * SECOND), 60);
    assert_int_equal(recent_count(recent, TEXT("a"), 9 * SECOND), 10);
}

static void only_the_newest_128_are_kept(void **state)
{
    AUTO(recent) recent = recent_new(10);

    (void)state;
    for (int i = 0; i < 1000; i++)
        recent_add(recent, TEXT("a"), i);
    assert_int_equal(recent_count(recent, TEXT("a"), 999), RECENT_EVENTS);
    assert_int_equal(recent_count(recent, TEXT("a"), 1000 - RECENT_EVENTS - 1), 0);
}

static void what_is_15_minutes_older_than_the_newest_goes(void **state)
{
    AUTO(recent) recent = recent_new(10);

    (void)state;
    recent_add(recent, TEXT("a"), 0);
    recent_add(recent, TEXT("a"), 15 * MINUTE);
    assert_int_equal(recent_count(recent, TEXT("a"), 0), 1);
    recent_add(recent, TEXT("a"), 15 * MINUTE + 1);
    assert_int_equal(recent_count(recent, TEXT("a"), 0), 0);
    recent_add(recent, TEXT("a"), 0); /* late: older than what is kept */
    assert_int_equal(recent_count(recent, TEXT("a"), 0), 0);
}

static void addresses_not_seen_for_longest_make_room(void **state)
{
    AUTO(recent) recent = recent_new(2);

    (void)state;
    recent_add(recent, TEXT("old"), 0);
    recent_add(recent, TEXT("kept"), 0);
    recent_add(recent, TEXT("b"), 0);
    assert_int_equal(recent_count(recent, TEXT("kept"), 0), 1);
    recent_add(recent, TEXT("c"), 0);
    recent_add(recent, TEXT("d"), 0);
    assert_int_equal(recent_count(recent, TEXT("kept"), 0), 1);
    assert_int_equal(recent_count(recent, TEXT("old"), 0), 0);
}

UNIT_MAIN(cmocka_unit_test(the_five_minutes_before_count_with_both_ends),
          cmocka_unit_test(addresses_are_kept_apart),
          cmocka_unit_test(the_order_of_arrival_is_nothing),
          cmocka_unit_test(only_the_newest_128_are_kept),
          cmocka_unit_test(what_is_15_minutes_older_than_the_newest_goes),
          cmocka_unit_test(addresses_not_seen_for_longest_make_room))

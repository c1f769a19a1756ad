#include "unit.h"

#include "detector/quota.h"

#define MINUTE 60000LL
#define START (1800000000000LL / MINUTE * MINUTE)

static int allowed(struct quota *quota, size_t rule, int64_t limit, int64_t now_ms, int times)
{
    int count = 0;

    for (int i = 0; i < times; i++)
        count += quota_allows(quota, rule, limit, now_ms);
    return count;
}

static void each_minute_allows_the_limit(void **state)
{
    AUTO(quota) quota = quota_new(2);

    (void)state;
    assert_int_equal(allowed(quota, 0, 3, START, 2), 2);
    assert_int_equal(allowed(quota, 0, 3, START + MINUTE - 1, 5), 1);
    assert_int_equal(allowed(quota, 0, 3, START + MINUTE, 5), 3);
    assert_int_equal(allowed(quota, 1, 3, START + MINUTE, 5), 3); /* rules count apart */
    assert_int_equal(allowed(quota, 1, 0, START + MINUTE, 5), 5); /* no limit */
}

static void what_is_withheld_is_told_once_its_minute_is_over(void **state)
{
    AUTO(quota) quota = quota_new(3);
    struct quota_notice notice;

    (void)state;
    allowed(quota, 1, 10, START, 25);
    assert_false(quota_next_notice(quota, START + MINUTE - 1, &notice));
    assert_true(quota_next_notice(quota, START + MINUTE, &notice));
    assert_int_equal(notice.rule, 1);
    assert_int_equal(notice.minute_ms, START);
    assert_int_equal(notice.withheld, 15);
    assert_false(quota_next_notice(quota, START + MINUTE, &notice));
    assert_int_equal(allowed(quota, 1, 10, START + MINUTE, 10), 10);
    assert_false(quota_next_notice(quota, START + 9 * MINUTE, &notice)); /* nothing was withheld */
}

static void several_rules_are_told_in_one_go(void **state)
{
    AUTO(quota) quota = quota_new(5);
    struct quota_notice notice;
    uint64_t sum = 0;

    (void)state;
    for (size_t rule = 0; rule < 5; rule++)
        allowed(quota, rule, 1, START, (int)rule + 2);
    allowed(quota, 4, 1, START + MINUTE / 2, 10);
    while (quota_next_notice(quota, START + MINUTE, &notice))
        sum += notice.withheld;
    assert_int_equal(sum, 1 + 2 + 3 + 4 + 5 + 10);
}

static void a_clock_set_back_grants_nothing_new(void **state)
{
    AUTO(quota) quota = quota_new(1);

    (void)state;
    assert_int_equal(allowed(quota, 0, 2, START + MINUTE, 3), 2);
    assert_int_equal(allowed(quota, 0, 2, START, 3), 0);
}

UNIT_MAIN(cmocka_unit_test(each_minute_allows_the_limit),
          cmocka_unit_test(what_is_withheld_is_told_once_its_minute_is_over),
          cmocka_unit_test(several_rules_are_told_in_one_go),
          cmocka_unit_test(a_clock_set_back_grants_nothing_new))

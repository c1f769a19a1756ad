#include "unit.h"

#include "forwarder/gate.h"

enum { SECOND = 1000 * 1000, FIRST_MS = 200, LIMIT_MS = 1000 };

/* Random numbers that give the longest wait of each step. */
enum { LONGEST_FIRST = FIRST_MS, LONGEST_SECOND = 2 * FIRST_MS };

static struct gate new_gate(double max_rate)
{
    return (struct gate){.patience = {FIRST_MS, LIMIT_MS, 0}, .max_rate = max_rate};
}

static void a_gate_is_open_until_something_fails(void **state)
{
    struct gate gate = new_gate(0);

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(gate_pass(&gate, SECOND), 0);
    gate_worked(&gate, SECOND, 0);
    assert_int_equal(gate_pass(&gate, SECOND), 0);
}

static void requests_keep_to_the_rate(void **state)
{
    struct gate gate = new_gate(4);

    (void)state;
    assert_int_equal(gate_pass(&gate, 0), 0);
    assert_int_equal(gate_pass(&gate, 0), SECOND / 4);
    assert_int_equal(gate_pass(&gate, SECOND / 8), SECOND / 8);
    assert_int_equal(gate_pass(&gate, SECOND / 4), 0);
    assert_int_equal(gate_pass(&gate, SECOND / 4), SECOND / 4);
}

static void after_a_failure_nobody_asks_until_the_wait_is_over_and_then_one(void **state)
{
    struct gate gate = new_gate(0);

    (void)state;
    assert_int_equal(gate_failed(&gate, 0, 0, 0, LONGEST_FIRST), FIRST_MS);
    assert_int_equal(gate_pass(&gate, 1000), (FIRST_MS - 1) * 1000);
    assert_int_equal(gate_pass(&gate, FIRST_MS * 1000), 0);
    assert_int_equal(gate_pass(&gate, FIRST_MS * 1000), GATE_UNTIL_NEWS);
    assert_int_equal(gate_pass(&gate, 100 * SECOND), GATE_UNTIL_NEWS);
    gate_worked(&gate, 100 * SECOND, 0);
    assert_int_equal(gate_pass(&gate, 100 * SECOND), 0);
    assert_int_equal(gate_pass(&gate, 100 * SECOND), 0);
}

static void a_messenger_who_turns_back_lets_another_go(void **state)
{
    struct gate gate = new_gate(0);

    (void)state;
    gate_failed(&gate, 0, 0, 0, LONGEST_FIRST);
    assert_int_equal(gate_pass(&gate, SECOND), 0);
    gate_turned_back(&gate);
    assert_int_equal(gate_pass(&gate, SECOND), 0);
    assert_int_equal(gate_pass(&gate, SECOND), GATE_UNTIL_NEWS);
}

static void waits_double_by_the_messengers_failures_alone(void **state)
{
    struct gate gate = new_gate(0);

    (void)state;
    assert_int_equal(gate_failed(&gate, 0, 0, 0, LONGEST_FIRST), FIRST_MS);
    /* Two more that had been on their way: no step further. */
    assert_int_equal(gate_failed(&gate, 0, 0, 0, LONGEST_SECOND), FIRST_MS);
    assert_int_equal(gate_failed(&gate, 0, 0, 0, LONGEST_SECOND), FIRST_MS);
    assert_int_equal(gate_pass(&gate, SECOND), 0);
    assert_int_equal(gate_failed(&gate, SECOND, 0, 0, LONGEST_SECOND), 2 * FIRST_MS);
}

static void what_the_target_asks_for_is_kept(void **state)
{
    struct gate gate = new_gate(0);

    (void)state;
    assert_int_equal(gate_failed(&gate, 0, 7000, 0, 0), 7000);
    assert_int_equal(gate_failed(&gate, 0, 9000, 0, 0), 9000); /* another's answer */
    gate_worked(&gate, 0, 3000);
    assert_int_equal(gate_pass(&gate, 0), 3 * SECOND);
    gate_worked(&gate, 0, INT64_MAX / 1000000);
    assert_int_equal(gate_pass(&gate, 0), (int64_t)PATIENCE_ASKED_LIMIT_MS * 1000);
}

static void a_hold_is_no_shorter_than_it_says_and_ends_when_something_is_mended(void **state)
{
    struct gate gate = new_gate(0);

    (void)state;
    assert_int_equal(gate_failed(&gate, 0, 0, LIMIT_MS / 2, 0), LIMIT_MS / 2);
    assert_true(gate_pass(&gate, 0) > 0);
    gate_mended(&gate);
    assert_int_equal(gate_pass(&gate, 0), 0);
    assert_int_equal(gate_pass(&gate, 0), GATE_UNTIL_NEWS); /* it is not yet known to be well */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gate_is_open_until_something_fails),
        cmocka_unit_test(requests_keep_to_the_rate),
        cmocka_unit_test(after_a_failure_nobody_asks_until_the_wait_is_over_and_then_one),
        cmocka_unit_test(a_messenger_who_turns_back_lets_another_go),
        cmocka_unit_test(waits_double_by_the_messengers_failures_alone),
        cmocka_unit_test(what_the_target_asks_for_is_kept),
        cmocka_unit_test(a_hold_is_no_shorter_than_it_says_and_ends_when_something_is_mended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

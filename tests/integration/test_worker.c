/* What a worker does when all is well, and what it says of its settings. */
#include "echo_worker.h"
#include "free_port.h"

static void every_message_is_accounted_for_and_its_offset_committed(void **state)
{
    struct worker_process worker;

    (void)state;
    echo_make_topics(&mock, "account", 4);
    echo_send(&mock, "account", "echo", 0, 2000);
    echo_send(&mock, "account", "nothing", 0, 1000);
    echo_send(&mock, "account", "reject", 0, 10);
    echo_send(&mock, "account", "large", 0, 3);
    echo_send(&mock, "account", "retry", 0, 1);
    echo_start(&worker, &mock, "account", "", "");
    worker_process_expect_metric(&worker, "haechi_echo_logs_consumed_total", 3014);
    worker_process_expect_metric(&worker, "haechi_echo_logs_in_flight", 0);
    worker_process_expect_ready(&worker, 200, "\"ready\":true");
    assert_true(echo_outcome(&worker, "produced") == 2001);
    assert_true(echo_outcome(&worker, "nothing") == 1000);
    assert_true(echo_outcome(&worker, "dead_lettered") == 13);
    assert_true(echo_outcome(&worker, "given_back") == 0);
    assert_true(worker_process_metric(
                    &worker, "haechi_echo_dead_letters_total{reason=\"broker_refused\"}") == 3);
    assert_true(worker_process_metric(&worker, "haechi_echo_batch_retries_total") == 2);
    assert_int_equal(worker_process_stop(&worker), 0);
    assert_int_equal(echo_expect_all(&mock, "account", "echo", 2000), 0);
    assert_int_equal(mock_kafka_committed(&mock, "account", "account-in", 4), 3014);
}

static void a_dead_letter_is_whole_and_says_why(void **state)
{
    static const struct echo_header wanted[] = {
        {"origin", "test"},
        {"haechi.reason", "invalid"},
        {"haechi.service", "echo"},
        {"haechi.error", "it says so itself"},
        {"haechi.topic", "letter-in"},
        {"haechi.partition", "0"},
        {"haechi.offset", "0"},
        {NULL, NULL},
    };
    struct worker_process worker;

    (void)state;
    echo_make_topics(&mock, "letter", 1);
    echo_send(&mock, "letter", "reject", 0, 1);
    echo_start(&worker, &mock, "letter", "", "");
    echo_expect_dead(&mock, "letter", "reject 000000", wanted);
    assert_int_equal(worker_process_stop(&worker), 0);
}

static void a_worker_that_comes_and_goes_loses_nothing(void **state)
{
    struct worker_process first, second;

    (void)state;
    echo_make_topics(&mock, "share", 4);
    echo_send(&mock, "share", "echo", 0, 1000);
    echo_start(&first, &mock, "share", "", "");
    worker_process_expect_metric(&first, "haechi_echo_assigned_partitions", 4);
    echo_start(&second, &mock, "share", "", "");
    worker_process_expect_metric(&second, "haechi_echo_assigned_partitions", 2);
    worker_process_expect_metric(&first, "haechi_echo_assigned_partitions", 2);
    echo_send(&mock, "share", "echo", 1000, 2000);
    assert_int_equal(worker_process_stop(&first), 0);
    worker_process_expect_metric(&second, "haechi_echo_assigned_partitions", 4);
    echo_send(&mock, "share", "echo", 2000, 3000);
    /* Doubles there are: the mock cluster, unlike a broker, takes no commit from a member whose
     * group is about to share anew. */
    echo_expect_all(&mock, "share", "echo", 3000);
    worker_process_expect_metric(&second, "haechi_echo_logs_in_flight", 0);
    echo_expect_conserved(&second);
    assert_int_equal(worker_process_stop(&second), 0);
    assert_int_equal(mock_kafka_committed(&mock, "share", "share-in", 4), 3000);
}

/* A regex never takes in what the installation itself writes, else a worker would feed itself. */
static void what_was_made_from_no_message_is_heard_of_when_it_is_safe(void **state)
{
    struct worker_process worker;

    (void)state;
    echo_make_topics(&mock, "alone", 1);
    echo_send(&mock, "alone", "announce", 0, 3);
    echo_start(&worker, &mock, "alone", "", "");
    assert_int_equal(echo_expect_all(&mock, "alone", "announced", 3), 0);
    echo_expect_conserved(&worker);
    assert_int_equal(worker_process_stop(&worker), 0);
}

static void what_is_put_back_comes_again_with_all_that_follows_it(void **state)
{
    struct worker_process worker;

    (void)state;
    echo_make_topics(&mock, "back", 1);
    echo_send(&mock, "back", "echo", 0, 10);
    echo_send(&mock, "back", "later", 0, 20);
    echo_send(&mock, "back", "echo", 10, 20);
    echo_start(&worker, &mock, "back", "", "");
    assert_int_equal(echo_expect_all(&mock, "back", "later", 20), 0);
    assert_int_equal(echo_expect_all(&mock, "back", "echo", 20), 0);
    worker_process_expect_metric(&worker, "haechi_echo_logs_in_flight", 0);
    assert_true(echo_outcome(&worker, "produced") == 40);
    assert_true(echo_outcome(&worker, "given_back") > 20);
    echo_expect_conserved(&worker);
    assert_int_equal(worker_process_stop(&worker), 0);
    assert_int_equal(mock_kafka_committed(&mock, "back", "back-in", 1), 40);
}

static void acknowledgements_are_heard_whatever_properties_say(void **state)
{
    struct worker_process worker;

    (void)state;
    echo_make_topics(&mock, "heard", 1);
    echo_send(&mock, "heard", "echo", 0, 10);
    echo_start(&worker, &mock, "heard", ", delivery.report.only.error: true", "");
    worker_process_expect_metric(&worker, "haechi_echo_logs_total{outcome=\"produced\"}", 10);
    assert_int_equal(worker_process_stop(&worker), 0);
    assert_int_equal(mock_kafka_committed(&mock, "heard", "heard-in", 1), 10);
}

static void a_regex_matches_no_topic_that_haechi_writes(void **state)
{
    struct worker_process worker;
    AUTO_BUF yaml = {0};

    (void)state;
    echo_make_topics(&mock, "loop", 1);
    echo_send(&mock, "loop", "echo", 0, 10);
    echo_send(&mock, "loop", "reject", 0, 10);

    echo_settings(&mock, "loop", "", "", &yaml);
    memcpy(strstr(buf_string(&yaml), "loop-in"), "^loop-.", strlen("^loop-."));
    worker_process_start(&worker, buf_string(&yaml));
    worker_process_expect_metric(&worker, "haechi_echo_logs_consumed_total", 20);
    worker_process_expect_metric(&worker, "haechi_echo_assigned_partitions", 1);
    assert_int_equal(worker_process_stop(&worker), 0);
}

static void a_group_without_a_position_may_begin_at_the_end(void **state)
{
    struct worker_process worker;

    (void)state;
    echo_make_topics(&mock, "latest", 1);
    echo_send(&mock, "latest", "nothing", 0, 100);
    echo_start(&worker, &mock, "latest", "", ", start_at: latest");
    worker_process_expect_metric(&worker, "haechi_echo_assigned_partitions", 1);
    echo_send(&mock, "latest", "echo", 0, 10);
    echo_expect_all(&mock, "latest", "echo", 10);
    worker_process_expect_metric(&worker, "haechi_echo_logs_consumed_total", 10);
    assert_int_equal(worker_process_stop(&worker), 0);
}

/* Its page answers as soon as it is there. */
static void a_worker_is_not_ready_before_it_has_begun(void **state)
{
    char opening[] = "/tmp/haechi-opening-XXXXXX";
    struct worker_process worker = {.port = free_port()};
    AUTO_BUF yaml = {0};

    (void)state;
    close(mkstemp(opening));
    setenv("ECHO_OPENING", opening, 1);
    echo_make_topics(&mock, "begin", 1);
    echo_settings_at(&mock, worker.port, "begin", "", "", &yaml);
    worker_process_spawn(&worker, buf_string(&yaml));
    worker_process_expect_ready(&worker, 503, "not begun yet");
    unlink(opening);
    unsetenv("ECHO_OPENING");
    worker_process_expect_ready(&worker, 200, "\"ready\":true");
    assert_int_equal(worker_process_stop(&worker), 0);
}

/* Settings. */

static void expect_refusal(const char *name, const char *properties, const char *own, int status,
                           const char *words)
{
    struct worker_process worker = {0};
    AUTO_BUF yaml = {0};

    echo_settings(&mock, "settings", properties, own, &yaml);
    worker_process_spawn(&worker, buf_string(&yaml));
    while (worker_process_read(&worker, 100))
        ;
    if (!strstr(buf_string(&worker.text), words))
        fail_msg("%s: '%s' is not in: %s", name, words, buf_string(&worker.text));
    assert_int_equal(worker_process_end(&worker), status);
}

static void what_is_wrong_with_the_settings_is_said_at_start(void **state)
{
    static const struct {
        const char *name, *properties, *own;
        int status;
        const char *words;
    } cases[] = {
        {"a property that there is not", ", no.such: 1", "", 2,
         "kafka.properties.no.such: librdkafka has no such property"},
        {"a value that it cannot have", ", linger.ms: soon", "", 2,
         "kafka.properties.linger.ms: librdkafka does not take 'soon'; it may be 0 .. 900000"},
        {"a property that delivery depends on", ", enable.auto.commit: true", "", 2,
         "kafka.properties.enable.auto.commit: it cannot be set here; delivery depends on it"},
        {"a property with a letter missing", ", linger.m: 5", "", 2, "did you mean 'linger.ms'?"},
        {"an assignor with faults", ", partition.assignment.strategy: cooperative-sticky", "", 2,
         "it may be range, roundrobin or both"},
        {"a key that there is not", "", ", colour: red", 2, "colour"},
        {"properties that do not fit", ", max.poll.interval.ms: 5000", "", 2,
         "max.poll.interval.ms"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_refusal(cases[i].name, cases[i].properties, cases[i].own, cases[i].status,
                       cases[i].words);
}

static void a_port_that_is_taken_ends_the_start(void **state)
{
    struct worker_process worker;
    struct worker_process other = {0};
    AUTO_BUF yaml = {0}, words = {0};

    (void)state;
    echo_make_topics(&mock, "port", 1);
    echo_start(&worker, &mock, "port", "", "");
    echo_settings_at(&mock, worker.port, "port", "", "", &yaml);
    buf_addf(&words, "%d", worker.port);
    worker_process_spawn(&other, buf_string(&yaml));
    worker_process_expect(&other, buf_string(&words));
    assert_int_equal(worker_process_end(&other), 1);
    assert_int_equal(worker_process_stop(&worker), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_accounted_for_and_its_offset_committed),
        cmocka_unit_test(a_dead_letter_is_whole_and_says_why),
        cmocka_unit_test(a_worker_that_comes_and_goes_loses_nothing),
        cmocka_unit_test(what_was_made_from_no_message_is_heard_of_when_it_is_safe),
        cmocka_unit_test(what_is_put_back_comes_again_with_all_that_follows_it),
        cmocka_unit_test(acknowledgements_are_heard_whatever_properties_say),
        cmocka_unit_test(a_regex_matches_no_topic_that_haechi_writes),
        cmocka_unit_test(a_group_without_a_position_may_begin_at_the_end),
        cmocka_unit_test(a_worker_is_not_ready_before_it_has_begun),
        cmocka_unit_test(what_is_wrong_with_the_settings_is_said_at_start),
        cmocka_unit_test(a_port_that_is_taken_ends_the_start),
    };

    return echo_run(argc, argv, tests, COUNT_OF(tests));
}

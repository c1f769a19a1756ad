#include "iocfeed/outside/publisher.h"

#include "io/clock.h"
#include "mock_kafka.h"

enum { INIT_PRODUCER_ID = 22 }; /* Kafka's number of the request */

/* One that hears of nothing would be stuck until somebody starts it anew. */
static void a_producer_that_cannot_go_on_says_so(void **state)
{
    struct mock_kafka mock;
    struct error err = {0};

    (void)state;
    mock_kafka_start(&mock);
    rd_kafka_mock_topic_create(mock.cluster, "iocs", 1, 1);
    rd_kafka_mock_push_request_errors(mock.cluster, INIT_PRODUCER_ID, 1,
                                      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    const struct shared_settings shared = {
        .kafka = {.bootstrap_servers = mock.bootstrap},
        .topics = {.iocs = "iocs", .detected_events = "detected-events"}};
    struct publisher *publisher = publisher_open(&shared, &err);

    assert_non_null(publisher);
    int64_t until_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);

    while (publisher_serve(publisher, &err) == 0)
        assert_true(clock_monotonic_us() < until_us);
    if (!strstr(err.text, "the producer cannot go on"))
        fail_msg("%s", err.text);
    publisher_close(publisher);
    mock_kafka_stop(&mock);
}

/* Who waits for a feed's IOCs does not wait for an event, whose topic may be without a leader. */
static void an_event_on_its_way_is_no_ioc_on_its_way(void **state)
{
    struct mock_kafka mock;
    struct error err = {0};
    struct event event;
    struct ioc ioc;

    (void)state;
    mock_kafka_start(&mock);
    rd_kafka_mock_topic_create(mock.cluster, "iocs", 1, 1);
    rd_kafka_mock_topic_create(mock.cluster, "detected-events", 1, 1);
    rd_kafka_mock_partition_set_leader(mock.cluster, "detected-events", 0, -1);
    const struct shared_settings shared = {
        .kafka = {.bootstrap_servers = mock.bootstrap},
        .topics = {.iocs = "iocs", .detected_events = "detected-events"}};
    struct publisher *publisher = publisher_open(&shared, &err);

    record_set_defaults(&event_type, &event);
    record_set_defaults(&ioc_record, &ioc);
    assert_int_equal(publisher_put_event(publisher, &event, &err), 0);
    assert_int_equal(publisher_in_flight(publisher), 0);
    assert_int_equal(publisher_put(publisher, TEXT("ip:192.0.2.1"), (struct text){0}, &ioc, &err),
                     0);
    assert_int_equal(publisher_in_flight(publisher), 1);
    int64_t until_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);

    while (publisher_in_flight(publisher) > 0 && clock_monotonic_us() < until_us)
        assert_int_equal(publisher_serve(publisher, &err), 0);
    assert_int_equal(publisher_in_flight(publisher), 0);
    publisher_close(publisher);
    mock_kafka_stop(&mock);
}

UNIT_MAIN(cmocka_unit_test(a_producer_that_cannot_go_on_says_so),
          cmocka_unit_test(an_event_on_its_way_is_no_ioc_on_its_way))

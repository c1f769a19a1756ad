#include "unit.h"

#include <errno.h>

#include "io/compacted.h"
#include "mock_kafka.h"

enum { RECORDS = 5, WAIT_MS = 10 };

/* A sink that takes nothing until it is told to. */
struct taker {
    bool takes;
    int64_t refused;
    int64_t next; /* the offset that must come */
};

static int take(void *self, const struct compacted_record *record, struct error *err)
{
    struct taker *taker = self;

    assert_int_equal(record->offset, taker->next);
    if (!taker->takes) {
        taker->refused++;
        return error_set_class(err, ERROR_RETRY, -EAGAIN, "not now");
    }
    taker->next++;
    return 0;
}

static struct compacted *opened(const struct mock_kafka *mock)
{
    const struct kafka_settings kafka = {.bootstrap_servers = mock->bootstrap};
    struct error err = {0};
    struct compacted *compacted = compacted_open(&kafka, "iocs", &err);

    if (!compacted)
        fail_msg("%s", err.text);
    return compacted;
}

/* Reads record by record until @count of the sink is @want. */
static void read_until(struct compacted *compacted, struct taker *taker, const int64_t *count,
                       int64_t want)
{
    for (int turn = 0; *count < want; turn++) {
        struct error err = {0};

        assert_true(turn < UNIT_LIMIT_MS / WAIT_MS);
        compacted_read(compacted, WAIT_MS, 1, take, taker, &err);
    }
}

/* The records behind the refused one are fetched already, and wait where librdkafka keeps them. */
static void what_a_sink_refuses_is_kept_with_all_behind_it(void **state)
{
    struct mock_kafka mock;
    struct taker taker = {0};

    (void)state;
    mock_kafka_start(&mock);
    rd_kafka_mock_topic_create(mock.cluster, "iocs", 1, 1);
    for (int i = 0; i < RECORDS; i++)
        mock_kafka_send(&mock, "iocs", "{}");
    mock_kafka_flush(&mock);
    struct compacted *compacted = opened(&mock);

    read_until(compacted, &taker, &taker.refused, 3);
    taker.takes = true;
    read_until(compacted, &taker, &taker.next, RECORDS);
    compacted_close(compacted);
    mock_kafka_stop(&mock);
}

UNIT_MAIN(cmocka_unit_test(what_a_sink_refuses_is_kept_with_all_behind_it))

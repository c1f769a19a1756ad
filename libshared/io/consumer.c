#include "io/consumer_parts.h"

#include "io/clock.h"
#include "io/placement.h"

enum {
    BROKER_CHECK_MS = 100,
    STORE_US = 1000 * 1000,
    CHECK_US = 5 * 1000 * 1000, /* of positions, while there is nothing to store */
};

/* Keeps messages of our partitions and hears the rest; returns how many are left. */
static size_t sort_out(struct consumer *consumer, rd_kafka_message_t **messages, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (messages[i]->err)
            consumer_on_event(consumer, messages[i]);
        struct partition *partition =
            messages[i]->err ? NULL : assignment_find(consumer->assignment, messages[i]);

        if (!partition || partition->is_misplaced || partition->is_held) {
            rd_kafka_message_destroy(messages[i]);
        } else {
            partition->is_at_end = false;
            messages[kept++] = messages[i];
        }
    }
    return kept;
}

static void replace(struct consumer *consumer)
{
    consumer->upsets++;
    consumer->is_misplaced = !placement_mend(consumer->kafka, consumer->assignment,
                                             consumer->settings.ledger, consumer->start);
}

static void seek(struct consumer *consumer)
{
    if (!assignment_seek(consumer->assignment, consumer->kafka))
        consumer->is_misplaced = true;
}

/* Messages were taken before a revocation that came among them: some may belong to an assignment
 * that is gone, and there is no telling which. None has been handled. What is assigned now begins
 * again where it began. */
static size_t drop_all(struct consumer *consumer, rd_kafka_message_t **messages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rd_kafka_message_destroy(messages[i]);
    consumer_rewind(consumer);
    return 0;
}

static void resume(struct consumer *consumer)
{
    assignment_resume(consumer->assignment, consumer->kafka);
    assignment_pause_held(consumer->assignment, consumer->kafka);
    /* librdkafka 2.0 forgets what the application had already taken in batches. */
    seek(consumer);
    consumer->is_paused = false;
    metrics_set(consumer->settings.ledger->paused, 0);
    log_info("resumed");
}

size_t consumer_collect(struct consumer *consumer, rd_kafka_message_t **messages, size_t limit,
                        int timeout_ms)
{
    if (consumer->is_paused)
        resume(consumer);
    messages[0] = rd_kafka_consumer_poll(consumer->kafka, timeout_ms);
    consumer->polled_us = clock_monotonic_us();
    if (!messages[0])
        return 0;
    consumer->was_revoked = false;

    size_t count = 1;

    if (limit > 1) {
        ssize_t more = rd_kafka_consume_batch_queue(consumer->queue, 0, messages + 1, limit - 1);

        count += more > 0 ? (size_t)more : 0;
    }
    fetching_watch(&consumer->fetching, consumer->kafka, consumer->queue, messages, count);
    if (consumer->was_revoked)
        return drop_all(consumer, messages, count);
    return sort_out(consumer, messages, count);
}

uint64_t consumer_upsets(const struct consumer *consumer)
{
    return consumer->upsets;
}

void consumer_rewind(struct consumer *consumer)
{
    if (assignment_count(consumer->assignment) > 0)
        seek(consumer);
}

struct span *consumer_take(struct consumer *consumer, const rd_kafka_message_t *last, size_t count)
{
    struct partition *partition = assignment_find(consumer->assignment, last);

    partition->next = last->offset + 1;
    return settlement_add(partition->settlement, partition->next, count);
}

void consumer_hold(struct consumer *consumer, const rd_kafka_message_t *message)
{
    struct partition *partition = assignment_find(consumer->assignment, message);

    if (partition)
        assignment_hold(partition, consumer->kafka, message->offset);
}

bool consumer_let_go(struct consumer *consumer, struct partition *partition)
{
    bool is_free = assignment_let_go(partition, consumer->kafka);

    consumer->is_misplaced |= partition->is_misplaced;
    return is_free;
}

struct assignment *consumer_assignment(struct consumer *consumer, uint64_t *generation)
{
    *generation = consumer->generation;
    return consumer->assignment;
}

void consumer_store(struct consumer *consumer)
{
    int64_t now_us = clock_monotonic_us();
    bool is_complete;

    if (now_us < consumer->store_us)
        return;
    consumer->store_us = now_us + STORE_US;
    if (assignment_count(consumer->assignment) == 0 ||
        (now_us < consumer->check_us && !assignment_has_moved(consumer->assignment)))
        return;
    if (!placement_check(consumer->kafka, consumer->assignment, &is_complete))
        return; /* what cannot be asked cannot be committed either */
    consumer->check_us = now_us + CHECK_US;
    consumer->is_misplaced |= !is_complete;
    assignment_store(consumer->assignment, consumer->kafka, true);
}

static void pause_reading(struct consumer *consumer)
{
    assignment_pause(consumer->assignment, consumer->kafka);
    consumer->is_paused = true;
    metrics_set(consumer->settings.ledger->paused, 1);
    log_info("paused", LOG_TEXT("reason", "a stall: polling goes on, so that the group keeps us"));
}

void consumer_stall(struct consumer *consumer)
{
    if (!consumer->is_paused && clock_monotonic_us() - consumer->polled_us < consumer->patience_us)
        return;
    if (!consumer->is_paused)
        pause_reading(consumer);
    rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer->kafka, 0);

    consumer->polled_us = clock_monotonic_us();
    if (!message)
        return;
    if (message->err)
        consumer_on_event(consumer, message);
    else
        assignment_note_skipped(consumer->assignment, message); /* resume() seeks back to it */
    rd_kafka_message_destroy(message);
}

/* Now and then. */

static void check_broker(struct consumer *consumer)
{
    const struct rd_kafka_metadata *metadata;

    if (!consumer->has_no_broker ||
        rd_kafka_metadata(consumer->kafka, 0, NULL, &metadata, BROKER_CHECK_MS))
        return;
    rd_kafka_metadata_destroy(metadata);
    consumer->has_no_broker = false;
    conditions_set(consumer->settings.conditions, "kafka", NULL);
}

void consumer_tick(struct consumer *consumer)
{
    check_broker(consumer);
    if (consumer->is_misplaced)
        replace(consumer);
    if (assignment_problems_are_gone(consumer->assignment, consumer->kafka))
        conditions_set(consumer->settings.conditions, "sources", NULL);
    assignment_show_lag(consumer->assignment, consumer->kafka);
}

bool consumer_reaches_kafka(const struct consumer *consumer)
{
    return !consumer->has_no_broker;
}

struct text consumer_cluster(struct consumer *consumer)
{
    if (!consumer->cluster) {
        char *id = rd_kafka_clusterid(consumer->kafka, 0);

        if (id)
            consumer->cluster = mem_copy_text(id);
        rd_kafka_mem_free(consumer->kafka, id);
    }
    return text_of(consumer->cluster);
}

const char *consumer_failure(const struct consumer *consumer)
{
    return consumer->failure;
}

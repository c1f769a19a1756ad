/* fetching: keeps librdkafka asking for more while its queue is being emptied.
 *
 * Once its queue is full librdkafka asks no more, and looks at the queue again when something
 * happens on the broker's connection or a second has passed. A worker a little slower than its
 * broker would stand still most of that second. From librdkafka 2.2 on there is a property for the
 * time (fetch.queue.backoff.ms); before, a question to the partitions' leaders whose answer nobody
 * waits for ends the pause.
 */
#pragma once

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

struct fetching {
    bool is_needed;
    bool was_full; /* since the last question */
    size_t messages_limit, bytes_limit;
};

/* Reads the bounds of the queue from what the consumer will run with. */
void fetching_init(struct fetching *fetching, const rd_kafka_conf_t *conf);

/* To be called whenever messages were taken from @queue; costs nothing unless it was full. */
void fetching_watch(struct fetching *fetching, rd_kafka_t *kafka, rd_kafka_queue_t *queue,
                    rd_kafka_message_t *const *taken, size_t count);

/* What fetching_watch() decides by: true once the queue, which was full before @taken messages were
 * taken from it, is half empty. @size is of one message, roughly. */
bool fetching_is_due(struct fetching *fetching, size_t queued, size_t taken, size_t size);

/* kept: outputs that are not with librdkafka: not yet, or refused by a broker. */
#pragma once

#include <stdbool.h>

#include "io/pending.h"

struct kept {
    struct kept *after;
    struct worker_topic *topic;
    struct pending *pending;     /* held */
    struct text key, value;      /* in @bytes; absent ones have none */
    rd_kafka_headers_t *headers; /* owned; NULL: none */
    bool is_suspect;             /* refused for itself before: to be sent alone */
    char bytes[];
};

struct kept_queue {
    struct kept *first, *last;
};

/* @key and @value are copied, @headers taken over. */
struct kept *kept_new(struct worker_topic *topic, struct pending *pending, struct text key,
                      struct text value, rd_kafka_headers_t *headers);
/* Does not let go of @pending. */
void kept_free(struct kept *kept);

void kept_push(struct kept_queue *queue, struct kept *kept);
void kept_push_first(struct kept_queue *queue, struct kept *kept);
struct kept *kept_pop(struct kept_queue *queue); /* NULL: empty */

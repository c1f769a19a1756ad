#include "io/kept.h"

#include <stdlib.h>

struct kept *kept_new(struct worker_topic *topic, struct pending *pending, struct text key,
                      struct text value, rd_kafka_headers_t *headers)
{
    struct kept *kept = mem_resize(NULL, sizeof(*kept) + key.size + value.size);
    char *at = kept->bytes;

    *kept = (struct kept){
        .topic = topic,
        .pending = pending,
        .key = {key.bytes ? at : NULL, key.size},
        .value = {value.bytes ? at + key.size : NULL, value.size},
        .headers = headers,
    };
    if (key.bytes)
        memcpy(at, key.bytes, key.size);
    if (value.bytes)
        memcpy(at + key.size, value.bytes, value.size);
    return kept;
}

void kept_free(struct kept *kept)
{
    if (kept->headers)
        rd_kafka_headers_destroy(kept->headers);
    free(kept);
}

void kept_push(struct kept_queue *queue, struct kept *kept)
{
    kept->after = NULL;
    if (queue->last)
        queue->last->after = kept;
    else
        queue->first = kept;
    queue->last = kept;
}

void kept_push_first(struct kept_queue *queue, struct kept *kept)
{
    kept->after = queue->first;
    queue->first = kept;
    if (!queue->last)
        queue->last = kept;
}

struct kept *kept_pop(struct kept_queue *queue)
{
    struct kept *kept = queue->first;

    if (kept) {
        queue->first = kept->after;
        if (!queue->first)
            queue->last = NULL;
    }
    return kept;
}

/* dead_letter: a message as a dead letter has to show it. */
#pragma once

#include <librdkafka/rdkafka.h>

#include "base/text.h"

/* A key or value without bytes (NULL) is absent, not empty. */
struct dead_letter {
    struct text key, value;
    rd_kafka_headers_t *headers; /* NULL: none */
    const char *topic;
    int32_t partition;
    int64_t offset;
    const char *target; /* of a forwarder's lane; else NULL */
};

struct dead_letter dead_letter_of(const rd_kafka_message_t *message); /* borrowed from it */

/* Takes out of @headers those that dead letters have of us (schemas/README.md, "Headers"). */
void dead_letter_clear(rd_kafka_headers_t *headers);

/* Its headers and ours; the caller owns them. Ours that it has already, from an earlier trip
 * through dead letters or from one who wants to be taken for it, are gone. */
rd_kafka_headers_t *dead_letter_headers(const struct dead_letter *letter, const char *service,
                                        const char *reason, const char *sentence);

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

/* Its headers and ours (schemas/README.md, "Headers"); the caller owns them. Ours of an earlier
 * trip through dead letters are replaced. */
rd_kafka_headers_t *dead_letter_headers(const struct dead_letter *letter, const char *service,
                                        const char *reason, const char *sentence);

#include "io/dead_letter.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"

static struct text view(const void *bytes, size_t size)
{
    return (struct text){bytes, size};
}

struct dead_letter dead_letter_of(const rd_kafka_message_t *message)
{
    struct dead_letter letter = {
        .key = view(message->key, message->key_len),
        .value = view(message->payload, message->len),
        .topic = rd_kafka_topic_name(message->rkt),
        .partition = message->partition,
        .offset = message->offset,
    };

    /* Fails only where there are none. */
    rd_kafka_message_headers(message, &letter.headers);
    return letter;
}

void dead_letter_clear(rd_kafka_headers_t *headers)
{
    static const char *const ours[] = {"haechi.reason", "haechi.error",   "haechi.service",
                                       "haechi.target", "haechi.topic",   "haechi.partition",
                                       "haechi.offset", "haechi.replayed"};

    for (size_t i = 0; i < COUNT_OF(ours); i++)
        rd_kafka_header_remove(headers, ours[i]);
}

static void add_header(rd_kafka_headers_t *headers, const char *name, const char *value)
{
    rd_kafka_header_add(headers, name, -1, value, -1);
}

static void add_number(rd_kafka_headers_t *headers, const char *name, int64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRId64, value);
    add_header(headers, name, text);
}

rd_kafka_headers_t *dead_letter_headers(const struct dead_letter *letter, const char *service,
                                        const char *reason, const char *sentence)
{
    rd_kafka_headers_t *headers =
        letter->headers ? rd_kafka_headers_copy(letter->headers) : rd_kafka_headers_new(8);

    dead_letter_clear(headers);
    add_header(headers, "haechi.reason", reason);
    add_header(headers, "haechi.error", sentence);
    add_header(headers, "haechi.service", service);
    if (letter->target)
        add_header(headers, "haechi.target", letter->target);
    add_header(headers, "haechi.topic", letter->topic);
    add_number(headers, "haechi.partition", letter->partition);
    add_number(headers, "haechi.offset", letter->offset);
    return headers;
}

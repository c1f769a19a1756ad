#include "cli/commands/letters.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"

enum { WAIT_MS = 200 };

struct letters {
    const struct letters_options *options;
    struct cluster cluster;
    enum follow_from from;
    int64_t from_ms, start_ms;
    GHashTable *replayed; /* ids */
};

int letter_id_parse(const char *word, struct letter_id *id, struct error *err)
{
    const struct text text = text_of(word);
    const size_t colon = text_find_byte(text, ':');
    int64_t partition;

    if (!text_to_integer(text_slice(text, 0, colon), &partition) || partition < 0 ||
        partition > INT32_MAX ||
        !text_to_integer(text_slice(text, colon + 1, text.size), &id->offset) || id->offset < 0)
        return error_set(
            err, -EINVAL,
            "'%.60s' is no dead letter; it must be partition and offset as 0:42, which "
            "haechi dead-letters list shows",
            word);
    id->partition = (int32_t)partition;
    return 0;
}

static struct text header(const rd_kafka_headers_t *headers, const char *name)
{
    struct text value = {NULL, 0};
    const void *bytes;

    if (headers &&
        rd_kafka_header_get_last(headers, name, &bytes, &value.size) == RD_KAFKA_RESP_ERR_NO_ERROR)
        value.bytes = bytes;
    return value;
}

static bool is_wanted(const struct text_list *list, struct text word)
{
    for (size_t i = 0; i < list->count; i++) {
        if (text_is(word, list->items[i]))
            return true;
    }
    return list->count == 0;
}

static struct letter letter_of(const struct letters *letters, const rd_kafka_message_t *message,
                               const rd_kafka_headers_t *headers)
{
    rd_kafka_timestamp_type_t type;
    struct letter letter = {
        .message = message,
        .at_ms = rd_kafka_message_timestamp(message, &type),
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
        .reason = header(headers, "haechi.reason"),
        .error = header(headers, "haechi.error"),
        .service = header(headers, "haechi.service"),
        .target = header(headers, "haechi.target"),
        .topic = header(headers, "haechi.topic"),
        .partition = header(headers, "haechi.partition"),
        .offset = header(headers, "haechi.offset"),
    };

    letter.place = (struct letter_id){message->partition, message->offset};
    snprintf(letter.id, sizeof(letter.id), "%" PRId32 ":%" PRId64, message->partition,
             message->offset);
    letter.is_replayed = g_hash_table_contains(letters->replayed, letter.id);
    return letter;
}

/* What is done with each record; false: no more. */
typedef bool look(struct letters *letters, const rd_kafka_message_t *message,
                  const rd_kafka_headers_t *headers, void *self);

static int read_topic(struct letters *letters, look *each, void *self, struct error *err)
{
    struct follow *follow = follow_open(&letters->cluster, letters_topic(letters), letters->from,
                                        letters->from_ms, true, err);
    enum follow_result result = follow ? FOLLOW_NOTHING : FOLLOW_FAILED;

    while (result == FOLLOW_NOTHING || result == FOLLOW_MESSAGE) {
        rd_kafka_message_t *message = NULL;
        rd_kafka_headers_t *headers = NULL;

        result = follow_next(follow, WAIT_MS, &message, err);
        if (result != FOLLOW_MESSAGE)
            continue;
        rd_kafka_message_headers(message, &headers);
        if (!each(letters, message, headers, self))
            result = FOLLOW_END;
        rd_kafka_message_destroy(message);
    }
    follow_close(follow);
    return result == FOLLOW_END ? 0 : -EIO;
}

static bool note_replayed(struct letters *letters, const rd_kafka_message_t *message,
                          const rd_kafka_headers_t *headers, void *self)
{
    const struct text id = header(headers, "haechi.replayed");

    (void)message;
    (void)self;
    /* A letter is no note, whatever headers came with it. */
    if (id.size > 0 && header(headers, "haechi.reason").size == 0)
        g_hash_table_add(letters->replayed, g_strndup(id.bytes, id.size));
    return true;
}

static int start(struct letters *letters, const struct cluster_options *cluster, struct error *err)
{
    const struct letters_options *options = letters->options;

    if (follow_parse_from("since", options->since, FOLLOW_EARLIEST, &letters->from,
                          &letters->from_ms, err) < 0)
        return -EINVAL;
    if (cluster_open(&letters->cluster, cluster, RD_KAFKA_CONSUMER, err) < 0)
        return -EINVAL;
    return read_topic(letters, note_replayed, NULL, err);
}

struct letters *letters_open(const struct cluster_options *cluster,
                             const struct letters_options *options, struct error *err)
{
    struct letters *letters = mem_zero(sizeof(*letters));

    letters->options = options;
    letters->start_ms = clock_now_ms();
    letters->replayed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (start(letters, cluster, err) == 0)
        return letters;
    letters_close(letters);
    return NULL;
}

void letters_close(struct letters *letters)
{
    if (!letters)
        return;
    g_hash_table_destroy(letters->replayed);
    cluster_close(&letters->cluster);
    free(letters);
}

struct taking {
    bool (*take)(void *self, const struct letter *letter);
    void *self;
};

static bool take_letter(struct letters *letters, const rd_kafka_message_t *message,
                        const rd_kafka_headers_t *headers, void *self)
{
    const struct letters_options *options = letters->options;
    const struct taking *taking = self;
    const struct letter letter = letter_of(letters, message, headers);

    /* A worker that refuses again what is being replayed must not keep us here for ever. */
    if (letter.reason.size == 0 || letter.at_ms > letters->start_ms ||
        !is_wanted(&options->reasons, letter.reason) ||
        !is_wanted(&options->services, letter.service) ||
        !is_wanted(&options->targets, letter.target))
        return true;
    return taking->take(taking->self, &letter);
}

int letters_each(struct letters *letters, bool (*take)(void *self, const struct letter *letter),
                 void *self, struct error *err)
{
    struct taking taking = {take, self};

    return read_topic(letters, take_letter, &taking, err);
}

struct cluster *letters_cluster(struct letters *letters)
{
    return &letters->cluster;
}

const char *letters_topic(const struct letters *letters)
{
    return letters->options->topic ? letters->options->topic
                                   : letters->cluster.shared.topics.dead_letters;
}

/* letters: the topic of dead letters, as its commands see it.
 *
 * A letter that was replayed is noted in the same topic by a record without a value whose header
 * `haechi.replayed` is the letter's own "<partition>:<offset>", so that nobody replays it twice.
 */
#pragma once

#include "cli/commands/cluster.h"
#include "cli/commands/follow.h"
#include "cli/options.h"

struct letters_options {
    const char *topic, *since;
    struct text_list reasons, services, targets;
};

/* Rows for them, @type being the command's config with a member `letters`. */
#define LETTERS_OPTIONS(type)                                                                   \
    OPTION_ROW(OPTION_TEXT, "topic", 't', type, letters.topic, "TOPIC",                         \
               "topic to read, instead of topics.dead_letters in the settings"),                \
        OPTION_ROW(OPTION_TEXT, "since", 0, type, letters.since, "WHERE",                       \
                   FOLLOW_FROM_HELP " (default: earliest)"),                                    \
        OPTION_ROW(                                                                             \
            OPTION_TEXTS, "reason", 0, type, letters.reasons, "REASON",                         \
            "only letters with this reason (target_refused, undecodable, …); may be repeated"), \
        OPTION_ROW(OPTION_TEXTS, "service", 0, type, letters.services, "SERVICE",               \
                   "only letters from this service; may be repeated"),                          \
        OPTION_ROW(OPTION_TEXTS, "target", 0, type, letters.targets, "TARGET",                  \
                   "only letters that this forwarder target refused; may be repeated")

/* Its place in the topic of dead letters, written "<partition>:<offset>". */
struct letter_id {
    int32_t partition;
    int64_t offset;
};

/* Reads LETTER as a user gave it. */
int letter_id_parse(const char *word, struct letter_id *id, struct error *err);

struct letter {
    const rd_kafka_message_t *message;
    struct letter_id place;
    char id[40]; /* the same in words */
    int64_t at_ms;
    struct text key, value;
    struct text reason, error, service, target; /* of its headers; empty: it has none such */
    struct text topic, partition, offset;       /* where it came from */
    bool is_replayed;
};

struct letters;

/* Reads what was replayed; NULL with @err. */
struct letters *letters_open(const struct cluster_options *cluster,
                             const struct letters_options *options, struct error *err);
void letters_close(struct letters *letters); /* NULL is fine */

/* Calls for each letter that the options want and that was there at the start, until the topic's
 * end or until @take returns false. */
int letters_each(struct letters *letters, bool (*take)(void *self, const struct letter *letter),
                 void *self, struct error *err);

struct cluster *letters_cluster(struct letters *letters);
const char *letters_topic(const struct letters *letters);

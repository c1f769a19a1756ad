/* letters: the topic of dead letters, as its commands see it.
 *
 * A letter that was replayed is noted in the same topic by a record without a value whose header
 * `haechi.replayed` is the letter's own "<partition>:<offset>", so that nobody replays it twice.
 */
#pragma once

#include "cli/commands/cluster.h"
#include "cli/options.h"

struct letters_options {
    const char *topic, *since;
    struct text_list reasons, services, targets;
};

/* Rows for them, @type being the command's config with a member `letters`. */
#define LETTERS_OPTIONS(type)                                                                      \
    {"topic",                                                                                      \
     't',                                                                                          \
     OPTION_TEXT,                                                                                  \
     offsetof(struct type, letters.topic),                                                         \
     "TOPIC",                                                                                      \
     "instead of topics.dead_letters of the settings",                                             \
     NULL,                                                                                         \
     0,                                                                                            \
     0},                                                                                           \
        {"since",                                                                                  \
         0,                                                                                        \
         OPTION_TEXT,                                                                              \
         offsetof(struct type, letters.since),                                                     \
         "WHEN",                                                                                   \
         "only those of a time (2026-01-31T13:55:36Z) or later, or of how long ago (15m, 2h, "     \
         "1d)",                                                                                    \
         NULL,                                                                                     \
         0,                                                                                        \
         0},                                                                                       \
        {"reason",                                                                                 \
         0,                                                                                        \
         OPTION_TEXTS,                                                                             \
         offsetof(struct type, letters.reasons),                                                   \
         "REASON",                                                                                 \
         "only those with this reason (target_refused, undecodable, …); may be given again",       \
         NULL,                                                                                     \
         0,                                                                                        \
         0},                                                                                       \
        {"service",                                                                                \
         0,                                                                                        \
         OPTION_TEXTS,                                                                             \
         offsetof(struct type, letters.services),                                                  \
         "SERVICE",                                                                                \
         "only those of this service; may be given again",                                         \
         NULL,                                                                                     \
         0,                                                                                        \
         0},                                                                                       \
    {                                                                                              \
        "target", 0, OPTION_TEXTS, offsetof(struct type, letters.targets), "TARGET",               \
            "only those that this target of the forwarder refused; may be given again", NULL, 0, 0 \
    }

struct letter {
    const rd_kafka_message_t *message;
    char id[40]; /* "<partition>:<offset>" in the topic of dead letters */
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

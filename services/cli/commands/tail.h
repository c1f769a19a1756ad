/* tail: a topic of records, shown as they come: what `haechi events tail` and `haechi alerts tail`
 * share. */
#pragma once

#include "base/buf.h"
#include "base/record.h"
#include "cli/commands/cluster.h"
#include "cli/commands/follow.h"
#include "cli/commands/output.h"
#include "cli/options.h"

struct tail_options {
    const char *topic;
    const char *from;
    int64_t count; /* 0: no limit */
    bool follow;
    int output;
};

/* Rows for them, @type being the command's config with a member `tail`; @setting names the topic,
 * @records what it holds. */
#define TAIL_OPTIONS(type, setting, records)                                            \
    OPTION_ROW(OPTION_TEXT, "topic", 't', type, tail.topic, "TOPIC",                    \
               "topic to read, instead of " setting " in the settings"),                \
        OPTION_ROW(OPTION_TEXT, "from", 0, type, tail.from, "WHERE",                    \
                   FOLLOW_FROM_HELP "; default: latest when following, else earliest"), \
        OPTION_ROW(OPTION_ON, "follow", 'f', type, tail.follow, NULL,                   \
                   "at the end of the topic, wait for more"),                           \
        OPTION_ROW(OPTION_OFF, "no-follow", 0, type, tail.follow, NULL,                 \
                   "stop at the end of the topic"),                                     \
        {"count",                                                                       \
         'n',                                                                           \
         OPTION_INTEGER,                                                                \
         offsetof(struct type, tail.count),                                             \
         "N",                                                                           \
         "stop after N " records,                                                       \
         NULL,                                                                          \
         1,                                                                             \
         INT64_MAX},                                                                    \
        OUTPUT_OPTION(type, tail.output)

/* What a topic holds and what becomes of it. */
struct tail_kind {
    const struct record_type *type;
    const char *records; /* "events" */
    const char *(*topic)(const struct topic_settings *topics);
    /* Writes @record, a struct of @type that is gone afterwards, if it is to be shown. Returns
     * whether it is. */
    bool (*add)(void *self, const void *record, struct buf *out);
    void (*end)(void *self, struct buf *out); /* when all was read; may be NULL */
};

/* Runs until the end, Ctrl-C or --count. Returns the exit status. */
int tail_run(const struct arguments *arguments, const struct cluster_options *cluster,
             const struct tail_options *options, const struct tail_kind *kind, void *self);

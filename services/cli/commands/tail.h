/* tail: a topic of records, shown as they come: what `haechi events tail` and `haechi alerts tail`
 * share. */
#pragma once

#include "base/buf.h"
#include "base/record.h"
#include "cli/commands/cluster.h"
#include "cli/options.h"

struct tail_options {
    const char *topic;
    const char *from;
    int64_t count; /* 0: no limit */
    bool follow;
};

/* Rows for them, @type being the command's config with a member `tail`; @setting names the topic,
 * @records what it holds. */
#define TAIL_OPTIONS(type, setting, records)                                                    \
    {"topic",                                                                                   \
     't',                                                                                       \
     OPTION_TEXT,                                                                               \
     offsetof(struct type, tail.topic),                                                         \
     "TOPIC",                                                                                   \
     "instead of " setting " of the settings",                                                  \
     NULL,                                                                                      \
     0,                                                                                         \
     0},                                                                                        \
        {"from",                                                                                \
         0,                                                                                     \
         OPTION_TEXT,                                                                           \
         offsetof(struct type, tail.from),                                                      \
         "WHERE",                                                                               \
         "earliest, latest, a time (2026-01-31T13:55:36Z) or how long ago (15m, 2h, 1d); else " \
         "latest, with --no-follow earliest",                                                   \
         NULL,                                                                                  \
         0,                                                                                     \
         0},                                                                                    \
        {"follow",  'f',                                                                        \
         OPTION_ON, offsetof(struct type, tail.follow),                                         \
         NULL,      "go on when all is shown, and wait for more (the default)",                 \
         NULL,      0,                                                                          \
         0},                                                                                    \
        {"no-follow",                                                                           \
         0,                                                                                     \
         OPTION_OFF,                                                                            \
         offsetof(struct type, tail.follow),                                                    \
         NULL,                                                                                  \
         "end when all that is there is shown",                                                 \
         NULL,                                                                                  \
         0,                                                                                     \
         0},                                                                                    \
    {                                                                                           \
        "count", 'n', OPTION_INTEGER, offsetof(struct type, tail.count), "N",                   \
            "end after so many " records " are shown", NULL, 1, INT64_MAX                       \
    }

/* A time as RFC 3339 has it, or how long ago: "15m", "2h", "1d". */
bool tail_parse_time(struct text t, int64_t *at_ms);

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

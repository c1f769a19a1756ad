/* watch: what detectors and correlators say to each other about logs that must keep coming
 * (`expect:`, docs/correlation-rules.md). Everything is in Redis:
 *
 *     haechi:expect   hash   "w<target>"        when a correlator last asked for it to be watched
 *                            "s<target>"        when a log of it was last seen
 *                            "a<rule><target>"  its alert (correlator/silence.h); the rule as
 *                                               "<length>:<id>"
 *                            "v"                changes whenever a target is added
 *                            "j"                until when logs were judged
 *     haechi:alive    hash   "<group> <worker>" the word of a detector
 *
 * All times are milliseconds since the epoch.
 */
#pragma once

#include "base/buf.h"

#define WATCH_EXPECT TEXT("haechi:expect")
#define WATCH_ALIVE TEXT("haechi:alive")

enum {
    WATCH_LIVES_MS = 10 * 1000,  /* a detector whose word is younger than this lives */
    WATCH_FORGET_MS = 90 * 1000, /* one whose word is older is gone, and its partitions are read by
                                    others: longer than Kafka takes to see that */
    WATCH_MARGIN_MS = 2 * 1000,  /* a log takes this long at most to be read where none waits */
};
/* A target that no correlator asked for so long is watched no more. */
#define WATCH_KEEP_MS (INT64_C(7) * 24 * 60 * 60 * 1000)
#define WATCH_NEVER INT64_MIN

/* The value of a field, in logs of a tenant. */
struct watch_target {
    struct text tenant;
    struct text field; /* as rules name it: host, topic, fields.<path>, … */
    struct text value;
};

/* Each part as its length in bytes, ':' and its bytes, behind what is in @out. */
void watch_target_write(const struct watch_target *target, struct buf *out);
/* False: @text is none. Borrowed. */
bool watch_target_read(struct text text, struct watch_target *target);

/* What a detector says of itself. */
struct watch_word {
    bool reads; /* it has partitions */
    int64_t
        until_ms; /* it has seen all logs of its partitions up to here; WATCH_NEVER: not known */
    int64_t since_ms; /* it has watched for all targets of the version from here on */
    int64_t at_ms;    /* when it said so */
    int64_t version;  /* the "v" that it goes by */
    bool leaves;      /* this is its last word: others read its partitions soon */
};
void watch_word_write(const struct watch_word *word, struct buf *out);
bool watch_word_read(struct text text, struct watch_word *word);

/* What all detectors say together; starts as WATCH_VIEW. */
struct watch_view {
    size_t living, reading;
    bool is_one_missing; /* one that lived until lately: nobody may read its partitions */
    bool is_one_behind;  /* in what is to be watched */
    int64_t until_ms, since_ms;
};
#define WATCH_VIEW ((struct watch_view){.until_ms = INT64_MAX, .since_ms = WATCH_NEVER})

/* False: the word is to be forgotten. */
bool watch_view_add(struct watch_view *view, const struct watch_word *word, int64_t now_ms,
                    int64_t version);
/* Whether until_ms counts. */
bool watch_view_is_whole(const struct watch_view *view);

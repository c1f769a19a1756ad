/* worker: the part every service has in common.
 *
 * worker_main() reads the settings, starts logging and the health and metrics endpoint, polls
 * Kafka, hands the service one batch at a time, and settles it: an offset is stored only when
 * everything that was made from its message is acknowledged. A service is what it does with one
 * batch. One thread runs all of a service's functions and owns the consumer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/metrics.h"
#include "base/settings.h"
#include "base/text.h"

struct worker;
struct topic_settings;

struct message {
    struct text value; /* borrowed, like all of it: valid until handle() returns */
    struct text key;
    struct text topic;
    int32_t partition;
    int64_t offset;
    int64_t at_ms; /* Kafka timestamp, milliseconds since the epoch; -1: none */
};

struct batch {
    struct message *messages;
    size_t count;
    struct arena *arena; /* memory of this batch, gone when handle() returns */
    struct text cluster; /* the Kafka cluster's id */
    int64_t now_ms;
    struct delivery *delivery; /* what is behind it (delivery.h) */
};

struct header {
    const char *name;
    struct text value;
};

/* A record to produce; everything is copied. */
struct output {
    struct worker_topic *topic; /* from worker_topic() */
    struct text key;
    struct text value;
    const struct header *headers;
    size_t header_count;
};

enum batch_outcome {
    BATCH_DONE,  /* everything produced from it has been handed to the producer */
    BATCH_RETRY, /* nothing is wrong with the messages; call again later, same batch */
};

/* One is made from message @i of the batch. Waits while the producer's queue is full. A record
 * that the broker refuses for good (too large) sends the message it was made from to dead letters;
 * other refusals (topic missing, no permission) are tried again for ever and shown in /readyz. */
void worker_produce(struct batch *batch, size_t i, const struct output *output);

/* Message @i, from which nothing was made, and all that follow it in its partition are not handled
 * with this batch: they come again after worker_let_go(), or by themselves if the partition is not
 * held (worker_standings()): it has been taken away meanwhile. Once for a partition, from handle(),
 * when it is sure to end with BATCH_DONE. */
void worker_put_back(struct batch *batch, size_t i);

/* Where the worker stands in a partition that it has. */
struct standing {
    struct text topic;
    int32_t partition;
    bool is_at_end; /* nothing is behind what it was handed last */
    bool is_held;   /* by worker_put_back() */
};
/* How many there are. Valid until handle() or tick() return, and as long as *@generation is the
 * same they are the same partitions in the same order. */
size_t worker_standings(struct worker *worker, const struct standing **standings,
                        uint64_t *generation);
/* False: no broker answers, so nobody knows whether more has come. */
bool worker_reaches_kafka(struct worker *worker);
/* The partition at place @i of the standings is read again. False: not yet, it stays held; to be
 * called again with the next tick. */
bool worker_let_go(struct worker *worker, size_t i);

/* Hears what became of a record that was made from no message. */
struct receipt {
    /* @is_safe: it is acknowledged, or its dead letter is; else the worker ends before that. */
    void (*settled)(void *self, uint64_t number, bool is_safe);
    void *self;
    uint64_t number; /* the caller's own */
};

/* For tick() and handle(): a record that is made from no message. Waits while the producer's queue
 * is full; false: the worker ends, and the record was not taken. @receipt hears once of a record
 * that was taken, on the worker's thread and never from inside handle() or tick() unless those wait
 * in another call of this or worker_produce(). One that the broker refuses for good goes to dead
 * letters itself. */
bool worker_send(struct worker *worker, const struct output *output, const struct receipt *receipt);

/* Message @i goes to dead letters, whole. @reason is a code of schemas/README.md (`invalid`,
 * `too_large`, …), @sentence what was wrong. */
void worker_reject(struct batch *batch, size_t i, const char *reason, const char *sentence);

/* Value of a header of message @i, empty if it has none of that name. */
struct text worker_header(const struct batch *batch, size_t i, const char *name);

/* A batch that waits to be filled: until it has so many messages or bytes of values, or until its
 * first message has waited so long. All 0: it waits for nothing. What else is there is taken too,
 * up to @most messages (0: batch.max_messages). */
struct worker_gather {
    size_t messages, bytes;
    int64_t wait_ms;
    size_t most;
};

/* A lane: a consumer group of its own, read by a thread of its own. */
struct worker_lane {
    const char *name;  /* these are borrowed from the settings */
    const char *group; /* NULL: <the worker's>-<name> */
    int start_at;      /* enum group_start */
    struct worker_gather gather;
};

struct worker_ops {
    const char *name;    /* log tag, metric prefix, default consumer group haechi-<name> */
    const char *summary; /* one line for --help */
    const struct setting *settings; /* the service's own section, which has its name */
    size_t config_size;             /* of the struct those settings fill */
    int default_port;               /* of /metrics */
    int default_batch;              /* of batch.max_messages; 0: 1000 */
    bool reads_in_turn;             /* partitions side by side, none far ahead of the others */

    /* Optional. Refuses settings that are valid one by one but not together; --check ends after it.
     */
    int (*check)(const void *config, struct error *err);

    /* Optional. What of the service's settings cannot be beside these topics is a line of @mistakes
     * (settings_mistake()). Wherever they are read. */
    void (*check_topics)(const struct settings *settings, const void *config,
                         const struct topic_settings *topics, struct buf *mistakes);

    /* Optional, of a worker that is several at once: all functions below are called for each lane,
     * with a state that open() makes for it, each lane's in its own thread. Fills @lanes in (NULL:
     * nothing) and returns how many there are. The program's option --<lane_word> NAME runs one
     * lane alone, and the metrics of a lane have the label <lane_word>. */
    size_t (*lanes)(const void *config, struct worker_lane *lanes);
    const char *lane_word;

    /* Returns the service's own state, or NULL with @err filled in. Subscribes with
     * worker_subscribe() and names its output topics with worker_topic(). */
    void *(*open)(struct worker *worker, const void *config, struct error *err);

    /* Messages refused one by one with worker_reject() go to dead letters; the outcome is about all
     * others. Must be safe to repeat. */
    enum batch_outcome (*handle)(void *self, struct batch *batch, struct error *err);

    int64_t tick_ms;                              /* 0: a second */
    void (*tick)(void *self, int64_t now_ms);     /* about every tick_ms; optional */
    int (*reload)(void *self, struct error *err); /* SIGHUP, between batches; optional */
    const char *reloads;                          /* what that reads again, for --help: "rules" */
    void (*close)(void *self);
};

/* Runs until SIGTERM or SIGINT and returns the exit status for main(): 0 stopped as asked, 1 failed
 * (port taken, a fatal error of Kafka's), 2 wrong usage or settings. A second SIGTERM, or the end
 * of shutdown.timeout, ends the process with 1; nothing is lost by it. */
int worker_main(int argc, char **argv, const struct worker_ops *ops);

/* For open(), once or more: topics by name, or regexes that start with ^. What this installation
 * writes is never matched by a regex. Texts are copied. */
void worker_subscribe(struct worker *worker, const char *const *topics, size_t count);

/* For open(): a topic to produce to; the same name gives the same topic. */
struct worker_topic *worker_topic(struct worker *worker, const char *name);

/* The consumer group. */
const char *worker_group(const struct worker *worker);

/* The name of the lane; NULL: there are none. */
const char *worker_lane(const struct worker *worker);

/* For handle() while it waits for something outside: call it at least every 100 ms. The group keeps
 * us, what is acknowledged is stored. False: no more time; handle() returns BATCH_RETRY, and the
 * batch is given back. */
bool worker_keep(struct worker *worker);

/* The service's own settings, read anew into @into, a struct like open()'s: for what may change
 * while it runs, as tokens in files. NULL with @err; settings_free() when its texts are done with.
 */
struct settings *worker_settings_again(const struct worker *worker, void *into, struct error *err);

/* After worker_keep() said that there is no more time: may what was begun still be finished? For a
 * third of shutdown.timeout, and 5 s, at most. */
bool worker_may_finish(const struct worker *worker);

/* As they were read at the start. */
const struct settings *worker_settings(const struct worker *worker);

struct metrics *worker_metrics(struct worker *worker);
const struct kafka_settings *worker_kafka(const struct worker *worker);
const struct topic_settings *worker_topics(const struct worker *worker);
const struct redis_settings *worker_redis(const struct worker *worker);
/* For codec_open() (codec.h), with the format of worker_topics(). */
const struct registry_settings *worker_registry(const struct worker *worker);

/* A named condition of readiness: @problem says what is wrong ("redis: connection refused"), NULL
 * that all is well. Shown in /readyz, logged when it changes. Any thread. */
void worker_condition(struct worker *worker, const char *name, const char *problem);

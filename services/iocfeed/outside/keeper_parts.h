/* keeper_parts: what the keeper's files share. */
#pragma once

#include "base/sieve.h"
#include "iocfeed/outside/keeper.h"

enum { KEEPER_KEY = 128 };
enum keeper_state { KEEPER_IDLE, KEEPER_BUILDING, KEEPER_KEEPING };

struct keeper {
    struct redis *redis;
    const struct lease *lease;
    const struct table *table;
    struct redis_script *publish;
    enum keeper_state state;
    char generation[32];
    int bits, edition;
    size_t at; /* of the table, while building */
    size_t count, cidrs, told_count;
    struct sieve *sieve;
    int64_t filter_ms;  /* when the sieve was made */
    size_t grown_count; /* keys in it when it last grew, */
    int64_t grown_ms;   /* and when that was */
    bool is_crowded;    /* the next generation needs more buckets */
    size_t stale;       /* keys in the sieve that were removed since it was made */
    size_t entries;     /* in the stream since then */
    size_t announced;   /* bytes of them */
    size_t noted;       /* commands in Redis' queue */
    bool cidr_noted;
    struct buf added, removed; /* keys, a line each, to be announced */
    struct buf brief;
    struct arena *arena; /* of one record */
    int64_t begun_ms;
    bool old_gone;
    struct {
        struct gauge *count, *bytes;
        struct counter *editions, *generations;
    } metrics;
};

/* Runs what is queued; an error reply is a failure. */
int keeper_run(struct keeper *keeper, redisReply *const **replies, struct error *err);
/* @prefix and the generation. */
void keeper_key(const struct keeper *keeper, const char *prefix, char key[KEEPER_KEY]);

/* Writes the sieve's filter as a new version and points the readers at it, if the lease is ours. */
int keeper_publish(struct keeper *keeper, struct error *err);
/* Removes all generations but this one. */
int keeper_remove_old(struct keeper *keeper, struct error *err);

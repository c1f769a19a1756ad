/* redis_store: the store of correlators (store.h) in Redis.
 *
 * One script call for each group, all calls of one function in one round trip, all keys of a call
 * in one Cluster slot ({bNN}, group_id.h).
 */
#pragma once

#include "base/metrics.h"
#include "correlator/store.h"
#include "io/redis.h"

enum {
    REDIS_STORE_TAGS = 256,   /* {b00} to {bff} */
    REDIS_STORE_RECENT = 128, /* newest events of an entity, for the detector */
};

struct redis_store_settings {
    int64_t wait_replicas; /* that must have a write before it counts; 0: none */
    int64_t wait_ms;       /* for those */
    bool allow_eviction;   /* of keys, by a server that is full */
};

struct redis_store;

/* @redis is borrowed. */
struct redis_store *redis_store_open(struct redis *redis,
                                     const struct redis_store_settings *settings);
void redis_store_close(struct redis_store *store); /* NULL is fine */

struct store *redis_store_interface(struct redis_store *store);

/* Asks whether the server is there and keeps what it is given: its maxmemory-policy must be
 * noeviction. Also done by itself before the first write and after failures. */
int redis_store_check(struct redis_store *store, struct error *err);

/* rounds: what is to be done to groups, until the store has it (store.h).
 *
 * Each round applies to every group what is to be done to it, offers all of them to the store at
 * once, and leaves those that somebody else has changed to the next round, as they are stored.
 */
#pragma once

#include "correlator/group_cache.h"
#include "correlator/group_state.h"
#include "correlator/store.h"

/* A share of the batch. */
struct visit_share {
    struct share share;
    size_t event; /* its place in the batch */
    struct share_result result;
    struct visit_share *next; /* of the same group */
};

/* Kafka has an alert. */
struct visit_receipt {
    struct group_receipt receipt;
    struct visit_receipt *next;
};

/* What is to be done to a group: in this order. All is borrowed. */
struct visit {
    struct cached *cached;
    bool fires;
    struct visit_receipt *receipts;
    struct visit_share *first, *last;
    /* Of the attempt at hand. */
    size_t state_at, state_size;
    int64_t expires_ms;
    size_t memory;
    bool is_addition;
    bool is_done; /* but for being written: what it was to be added to is gone */
    size_t recents_at, recent_count;
};

struct rounds_totals {
    uint64_t rounds, writes, additions, conflicts, unreadable_states, huge_states, state_bytes;
};

/* An alert that came of it, and at which event. */
struct rounds_alert {
    struct alert *alert; /* in life.alerts */
    size_t event;
    size_t visit; /* whose it is */
};

struct rounds {
    struct store *store;
    struct group_codec *codec;
    struct group_cache *cache;
    const struct group_limits *limits;
    int64_t types_window_ms;
    uint64_t seed; /* of versions */
    struct life life;
    struct visit *visits; /* owned */
    size_t count, capacity;
    struct rounds_alert *alerts; /* of what was written, in the order of events; owned */
    size_t alert_count;
    struct rounds_totals totals;
    /* Of the round at hand. */
    struct buf states;
    size_t *pending;
    struct store_write *writes;
    struct store_recent *recents;
    size_t recent_count, recent_capacity;
    struct made *made; /* beside life.alerts */
    size_t made_count, made_capacity;
    struct group_taken *taken; /* of one visit */
    size_t taken_count, taken_capacity;
    struct group_receipt *receipts; /* of one visit */
    size_t receipt_count, receipt_capacity;
};

void rounds_done(struct rounds *rounds);

/* Nothing is to be done, no alerts are there. */
void rounds_begin(struct rounds *rounds, int64_t now_ms);
/* The visit of a group, which is added if there is none since the beginning: @batch is another for
 * each. Valid until the next call. */
struct visit *rounds_visit(struct rounds *rounds, struct cached *cached, uint64_t batch);

/* On failure the visited groups are dropped from the cache: it is unknown what was written. */
int rounds_run(struct rounds *rounds, struct error *err);

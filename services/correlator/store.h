/* store: what keeps the states of groups for all correlators at once: Redis, or memory in tests.
 *
 * A state belongs to whoever writes it first: each write names the version that it began from, and
 * one that began from another version than the one that is stored changes nothing and gets the
 * stored state instead, to begin again from there; a write may also add to the stored state. So two
 * correlators may work on one group, and no event of either is lost. What the bytes of a state mean
 * is group_state.h's alone.
 *
 * Everything of one write is of one group, and happens as a whole or not at all:
 *
 *     haechi:{bNN}:<rest of id>   string: the version's 8 bytes, then the state
 *     haechi:{bNN}:due            sorted set: <id>, score: when its next timer is due
 *     haechi:{bNN}:recent:<id>    sorted set: event_ids, score: event_time
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/group_id.h"
#include "base/text.h"

/* An event for an entity's `recent`. */
struct store_recent {
    struct text event_id; /* borrowed */
    int64_t event_time;
};

#define STORE_NEVER INT64_MAX /* no timer */

enum store_result {
    STORE_WRITTEN,
    STORE_LOST, /* somebody else wrote since @base: see @found */
    STORE_GONE, /* an addition, and nothing is stored to add it to */
};

/* A group's write. All texts are borrowed until commit() returns. */
struct store_write {
    const char *id; /* group id: 32 hex digits and a NUL */
    /* The write is done if the stored version is @base, or if nothing is stored: so what Redis lost
     * is written anew from the memory of a correlator. 0: nothing is known, so only the latter. */
    uint64_t base;
    uint64_t version; /* of this write; no other write has it; not 0 */
    /* Empty: only @recents are to be added, whatever is stored: base, version, ttl and due are of
     * no meaning, and the result is STORE_WRITTEN. */
    struct text state;
    bool is_addition; /* @state goes behind what is stored; @base is not 0 */
    int64_t ttl_ms;   /* from now on; more than 0 */
    int64_t due_ms;   /* wall time; STORE_NEVER: the group has no timer (any more) */
    /* What is stored as @base has this due_ms, or (only of an addition) is kept long enough: these
     * need not be written, unless nothing is stored. */
    bool keeps_due, keeps_ttl;
    /* By time. Added only where the state is written. Adding one again changes nothing. */
    const struct store_recent *recents;
    size_t recent_count;

    /* Filled by commit(). */
    enum store_result result;
    uint64_t found_version;  /* STORE_LOST: what is stored, until the next call to the store; */
    struct text found_state; /* not empty */
};

/* What is stored of a group. */
struct store_read {
    const char *id; /* borrowed until load() returns */
    /* Filled by load(); until the next call to the store. */
    uint64_t version;  /* 0: nothing is stored */
    struct text state; /* empty: nothing is stored */
};

/* They return 0 unless they say otherwise, or -errno with @err (ERROR_RETRY: away, slow, full or
 * refusing; then it is unknown what of the call was done). Not thread-safe. */
struct store {
    /* All writes in one round trip; each @id at most once in a call. */
    int (*commit)(struct store *store, struct store_write *writes, size_t count, struct error *err);

    /* All reads in one round trip. */
    int (*load)(struct store *store, struct store_read *reads, size_t count, struct error *err);

    /* Takes up to @most groups whose timer is due, soonest first, and sets the timer to @now_ms +
     * @lease_ms: no other correlator takes them until then. The next write of the group sets its
     * timer anew. @ids has room for @most. */
    int (*claim)(struct store *store, int64_t now_ms, int64_t lease_ms, char (*ids)[GROUP_ID_SIZE],
                 size_t most, size_t *count, struct error *err);

    /* Takes the timers of groups away of which nothing is stored any more (a state's time had come,
     * or Redis was emptied). A group of which something is stored keeps its timer. */
    int (*forget)(struct store *store, const char *const *ids, size_t count, struct error *err);

    /* Optional. Takes the next @count of the writes that commit() is about to be called with, so
     * that the store works on them while the others are made. Returns how many it took, in order:
     * of these, all but the results is of no meaning any more. Until commit() nothing else is
     * called. */
    size_t (*begin)(struct store *store, const struct store_write *writes, size_t count);
};

/* attack_types: when one entity was seen attacking, by type of event: "several attack types". */
#pragma once

#include "base/text.h"
#include "correlator/times.h"

struct attack_type {
    struct text type; /* owned */
    struct times times;
};

/* Starts as {0}. */
struct attack_types {
    struct attack_type *items; /* owned */
    size_t count;
    size_t capacity;
    int64_t newest_ms;
    int64_t keep_ms; /* of the last attack_types_add() */
    size_t limit;
};

void attack_types_done(struct attack_types *types);

/* What is older than the newest by more than @keep_ms is forgotten, of each type also all but the
 * newest @limit. */
void attack_types_add(struct attack_types *types, struct text type, int64_t at_ms, int64_t keep_ms,
                      size_t limit);

/* What was read from a state. */
void attack_types_restore(struct attack_types *types, struct text type, int64_t at_ms);

/* Is there one of another type, both ends included? */
bool attack_types_other_within(const struct attack_types *types, struct text type, int64_t from_ms,
                               int64_t to_ms);

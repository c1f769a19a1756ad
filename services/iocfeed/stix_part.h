/* stix_part: what a part of a STIX pattern comes to, whatever the grammar that it was read by; for
 * stix_pattern.c. */
#pragma once

#include "iocfeed/stix_pattern.h"

struct stix_part {
    struct stix_atoms atoms;
    struct text ref;  /* "network-traffic:dst_ref": a test of its type, which says nothing alone */
    struct text of;   /* the reference that the atoms are the value of; empty: none, or several */
    struct text port; /* a test of a port */
};

/* One without atoms, for @reason. */
struct stix_part stix_part_without(enum stix_reason reason);

/* *@a becomes a OR b: either is enough. Of more than 10,000 atoms only a's stay, and it is partly.
 */
void stix_part_or(struct arena *arena, struct stix_part *a, const struct stix_part *b);
/* *@a becomes a AND b: neither is enough, unless one of them only says what the other is, or at
 * which port. */
void stix_part_and(struct stix_part *a, const struct stix_part *b);
/* Adds @atom to those that are enough. */
void stix_part_add(struct arena *arena, struct stix_part *part, struct stix_atom atom);

/* What the property at @path ("file:hashes.SHA-256") holds; UNSUPPORTED: nothing we look for. */
enum indicator_kind stix_part_kind(struct text path);
/* Of "network-traffic:dst_ref.type" and ".type" the object that is referred to; empty for anything
 * else. */
struct text stix_part_reference(struct text path, struct text property);

/* A hash must have its algorithm's length, as the reference validator wants it. */
bool stix_part_has_right_lengths(const struct stix_part *part);

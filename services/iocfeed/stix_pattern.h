/* stix_pattern: what a STIX pattern (STIX 2.1 §9; 2.0 part 5) asks for, as far as it can be looked
 * up alone.
 *
 * Such an atom is a test with "=" or IN, or ISSUBSET with a range, not negated, which makes the
 * whole pattern true by itself: it is reachable through OR alone. What only counts together with
 * something else (AND, FOLLOWEDBY, REPEATS, START…STOP) is not taken apart, with two exceptions
 * that producers write for one thing: a test of a reference's type beside its value, and a
 * port beside an address.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/indicator.h"

enum stix_reason {
    STIX_TAKEN,     /* at least one atom */
    STIX_SYNTAX,    /* no pattern */
    STIX_COMPOSITE, /* only together with something else */
    STIX_OPERATOR,  /* !=, <, LIKE, MATCHES, NOT …: not one value */
    STIX_QUALIFIER, /* how often, or when */
    STIX_PATH,      /* a property that is not looked for */
    STIX_REASONS,
};

struct stix_atom {
    enum indicator_kind kind;
    struct text value;
    struct text port; /* beside an address; empty: any */
};

struct stix_atoms {
    struct stix_atom *items; /* in the arena */
    size_t count;
    enum stix_reason reason; /* where there is no atom: why */
    bool partly;             /* there are atoms, and other ways to match that were left out */
};

/* False: @pattern is none; @atoms has the reason then too. */
bool stix_pattern_read(struct text pattern, struct arena *arena, struct stix_atoms *atoms);

const char *stix_pattern_code(enum stix_reason reason);
const char *stix_pattern_text(enum stix_reason reason);

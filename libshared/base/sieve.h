/* sieve: which observables of a log may be known indicators, without asking anybody.
 *
 * A filter over the indicators' types and values, and a table of address ranges. Of a thousand
 * clean observables about one is taken for a suspect; an indicator that was added always is. Names
 * are looked up with all names above them, URLs by their forms (indicator.h), and those only if
 * their host is one of a listed URL.
 *
 * Tenants are not told apart: who confirms a suspect does that.
 */
#pragma once

#include "base/arena.h"
#include "base/bloom.h"
#include "base/cidr_table.h"
#include "base/ioc.h"
#include "base/sieve_memory.h"

struct sieve;

/* @filter is taken over; bloom_new() or one that sieve_filter() was written from. */
struct sieve *sieve_new(struct bloom *filter);
void sieve_free(struct sieve *sieve); /* NULL is fine */
AUTO_FREE(sieve)

/* @value is canonical (indicator.h). Not for ranges. */
void sieve_add(struct sieve *sieve, enum ioc_type type, struct text value);
/* In place of the ranges before; copied. */
void sieve_set_ranges(struct sieve *sieve, const struct cidr *ranges, size_t count);
const struct bloom *sieve_filter(const struct sieve *sieve);

/* What may be an indicator. */
struct suspect {
    enum ioc_type type;
    struct text value; /* canonical; of a range: empty */
    struct text seen;  /* as it stands in the log */
    long range;        /* of a range: its position */
};

struct sieve_counts {
    uint64_t asked;    /* observables */
    uint64_t filtered; /* of which were certainly not indicators */
};

/* The suspects of @log, each once: in *@suspects, values in @arena, what was seen borrowed from
 * @log. Adds to @counts. @memory, in use for this sieve as it is now, spares work on what logs have
 * in common; NULL: none. */
size_t sieve_sift(const struct sieve *sieve, struct text log, struct sieve_memory *memory,
                  struct arena *arena, struct suspect **suspects, struct sieve_counts *counts);

/* Whether a canonical value may be one: for addresses, domains and hashes as they are. */
bool sieve_may_have(const struct sieve *sieve, enum ioc_type type, struct text value);
/* The next wider range around the suspect's @range; CIDR_TABLE_NONE. */
long sieve_wider(const struct sieve *sieve, long range);

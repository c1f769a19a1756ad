/* sieve_memory: parts of logs that were sifted before and named nothing suspicious.
 *
 * Most of what logs hold comes again and again: a browser's version, the path, the host, the
 * address of who asks most. Such a part is kept, byte by byte (a hash alone could be chosen to
 * collide) until others take its place. IPv4 addresses are also kept by their value, since some
 * always stand in new parts, as with a port behind them. About 200 KB, of which few lines are in
 * use at a time; for one thread.
 */
#pragma once

#include "base/address.h"
#include "base/mem.h"
#include "base/text.h"

struct sieve_memory;

struct sieve_memory *sieve_memory_new(void);
void sieve_memory_free(struct sieve_memory *memory); /* NULL is fine */
AUTO_FREE(sieve_memory)

/* Before a sieve is used: whoever changes it, or takes another, changes @edition too, and what was
 * found with the one before is forgotten. Editions begin with 1. */
void sieve_memory_use(struct sieve_memory *memory, uint64_t edition);

/* Whether @part is known to be clean, and then how many observables it has. */
bool sieve_memory_knows(const struct sieve_memory *memory, struct text part, unsigned *asked);
/* @part, not known yet, is clean and has @asked observables. */
void sieve_memory_learn(struct sieve_memory *memory, struct text part, unsigned asked);

/* The same of an IPv4 address, and no range has it. */
bool sieve_memory_knows_v4(const struct sieve_memory *memory, const struct address *address);
void sieve_memory_learn_v4(struct sieve_memory *memory, const struct address *address);

/* lookout: sees that logs of certain hosts, addresses, topics, … still come, for the correlators'
 * `expect:` rules (base/watch.h).
 *
 * Most logs are not looked at: a target that was seen is looked for again only with the next round,
 * and where few are left, only in logs that hold one's bytes. Never reads a clock.
 */
#pragma once

#include "base/watch.h"
#include "detector/source.h"

struct lookout;

struct lookout *lookout_new(void);
void lookout_free(struct lookout *lookout); /* NULL is fine */
AUTO_FREE(lookout)

/* Watches for these (watch_target_write()'s texts, copied; what is none is passed over) in the
 * place of others. */
void lookout_watch(struct lookout *lookout, const struct text *targets, size_t count);
size_t lookout_count(const struct lookout *lookout);

/* Begins a round: all are looked for again. */
void lookout_begin(struct lookout *lookout);
/* Whether there is still anything to look for in this round. */
bool lookout_is_looking(const struct lookout *lookout);

/* A log of @topic, which counts as of @at_ms. Its entry may be made whole. */
void lookout_see(struct lookout *lookout, const struct source *source, struct text topic,
                 struct entry *entry, int64_t at_ms, struct arena *arena);

/* What @other, which watches for the same, has seen counts as seen here. */
void lookout_merge(struct lookout *lookout, const struct lookout *other);

/* What was seen and is not yet told, one after the other: *@at begins with 0. */
bool lookout_next_news(const struct lookout *lookout, size_t *at, struct text *target,
                       int64_t *at_ms);
/* All of that is told. */
void lookout_told(struct lookout *lookout);

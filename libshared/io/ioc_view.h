/* ioc_view: the indicators as a reader sees them: a sieve and the ranges in memory, all else in
 * Redis (ioc_keys.h).
 *
 * ioc_view_refresh(), about once a second, takes in what changed; a new filter is put in place only
 * when all of it is there. While Redis is away the view stays as it was. Not thread-safe.
 */
#pragma once

#include "base/sieve.h"
#include "io/redis.h"

struct ioc_view;

/* @redis is borrowed; nothing may be queued in it when the view uses it. */
struct ioc_view *ioc_view_new(struct redis *redis);
void ioc_view_free(struct ioc_view *view); /* NULL is fine */

/* Called with each key that was removed; with an empty one when all may be different. */
void ioc_view_on_change(struct ioc_view *view, void (*changed)(void *self, struct text key),
                        void *self);

int ioc_view_refresh(struct ioc_view *view, struct error *err);
/* Redis was seen to have another set of indicators than the one loaded: ioc_view_ask() does not
 * answer before a refresh. */
bool ioc_view_is_outdated(const struct ioc_view *view);

/* NULL: there is nothing to look for. Good until the next refresh, as all below. */
const struct sieve *ioc_view_sieve(const struct ioc_view *view);
/* Another one whenever the sieve is another or has changed; for sieve_memory_use(). */
uint64_t ioc_view_edition(const struct ioc_view *view);
size_t ioc_view_count(const struct ioc_view *view); /* indicators, as the keeper counted them */
struct text ioc_view_version(const struct ioc_view *view);

/* Of a suspect's range: its key ("cidr:192.0.2.0/24") and brief. */
struct ioc_range {
    struct text key, brief;
};
struct ioc_range ioc_view_range(const struct ioc_view *view, long range);

/* Briefs of @keys: empty where there is none. In @arena. RETRY: Redis is away, or has another set
 * of indicators than the one loaded, or none; never refreshes. */
int ioc_view_ask(struct ioc_view *view, const struct text *keys, size_t count, struct text *briefs,
                 struct arena *arena, struct error *err);

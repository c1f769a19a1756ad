/* retro: were indicators that have just become known seen before they were?
 *
 * Detectors keep what each day's logs named, as bits in Redis (base/seen.h), while this asks them
 * to. What became known is looked for a little later, so that they have handed over the last of it.
 * A hit is an event threat_intel.retro_hit, the same for the same indicator and day; told once. One
 * that Kafka refuses is looked for again.
 *
 * Ranges are not looked for. At most MOST_WAITING indicators wait, others are passed over and
 * counted; what becomes known while no iocfeed lives is not looked for.
 */
#pragma once

#include "base/metrics.h"
#include "io/redis.h"
#include "iocfeed/iocfeed_settings.h"
#include "iocfeed/outside/publisher.h"
#include "iocfeed/table.h"

struct retro;

/* @settings are copied, all else is borrowed. */
struct retro *retro_new(const struct iocfeed_settings *settings, struct redis *redis,
                        const struct table *table, struct publisher *publisher,
                        struct metrics *metrics);
/* Other settings, from now on. */
void retro_use(struct retro *retro, const struct iocfeed_settings *settings);
void retro_free(struct retro *retro); /* NULL is fine */

/* What the topic says of @key, before (NULL: nothing) and now. */
void retro_note(struct retro *retro, struct text key, const struct ioc *before,
                const struct ioc *now, int64_t now_ms);
/* Does a little. @leads: false: another iocfeed does it. */
void retro_turn(struct retro *retro, bool leads, int64_t now_ms);

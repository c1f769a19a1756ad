/* retro_event: the event of an indicator that logs named before it was known (docs/feeds.md). */
#pragma once

#include "base/arena.h"
#include "base/event.h"
#include "base/ioc.h"

enum { RETRO_EVENT_DAY_MS = 24 * 60 * 60 * 1000 };

/* Fills @event: @ioc, which the topic has under @key, was named on @day, counted from 1970-01-01.
 * The same key and day give the same event_id. Texts are in @arena or borrowed from @ioc. */
void retro_event_fill(struct event *event, struct text key, const struct ioc *ioc, int64_t day,
                      int64_t now_ms, struct arena *arena);

/* "2026-01-31", in @arena. */
struct text retro_event_day(int64_t day, struct arena *arena);

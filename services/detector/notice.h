/* notice: the event that sums up what a rule's max_per_minute withheld. */
#pragma once

#include "base/arena.h"
#include "base/event.h"
#include "detector/detect.h"
#include "detector/quota.h"

/* Of type `notice.max_per_minute`, LOW, with the rule's id, tags and mode, and no address, host or
 * user. @origin is that of a log whose event was withheld: two workers withhold apart, and the same
 * log and minute give the same id. Texts are in @arena or borrowed from @rule. */
void notice_fill(struct event *event, const struct quota_notice *notice, const struct rule *rule,
                 const struct detect_origin *origin, struct arena *arena);

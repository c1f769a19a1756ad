/* desk_expiry: indicators whose time is over, or that of one of those who name them: the topic is
 * told, a part of the table at a time. */
#pragma once

#include "base/metrics.h"
#include "iocfeed/outside/publisher.h"
#include "iocfeed/table.h"

struct desk_expiry;

/* All borrowed. */
struct desk_expiry *desk_expiry_new(const struct table *table, struct metrics *metrics);
void desk_expiry_free(struct desk_expiry *expiry); /* NULL is fine */

/* Each indicator is looked at about once a minute. */
bool desk_expiry_is_due(const struct desk_expiry *expiry, int64_t now_ms);
/* Looks at the next part of the table. What cannot be published now is found again. */
void desk_expiry_sweep(struct desk_expiry *expiry, struct publisher *publisher, int64_t now_ms);

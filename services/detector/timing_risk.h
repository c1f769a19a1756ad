/* timing_risk: is this an hour, or a pace, at which people work?
 *
 * 2 tenths before 6 o'clock or after 22 (from 23:00) in the log's own zone, 1 on a weekend, 3 for
 * more than 10 events from the same address in the 5 minutes before.
 */
#pragma once

#include "base/moment.h"

/* In whole tenths: what the time of a log says by itself. */
int timing_risk_of_hour(struct moment moment);

/* In whole tenths: what @recent_events, RECORD_NULL if not known, add to that. */
int timing_risk_of_pace(int64_t recent_events);

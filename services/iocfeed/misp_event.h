/* misp_event: events and attributes of MISP's core format, handed to an intake.
 *
 * Taken are attributes that MISP itself would detect by (to_ids) of types that we look for, the
 * parts of composites ("domain|ip") each. Deleted ones take back what they said.
 */
#pragma once

#include <yyjson.h>

#include "iocfeed/harvest.h"

/* An event, with or without {"Event": …} around it: its attributes and those of its objects. */
void misp_event_take(struct harvest *harvest, yyjson_val *event);
/* A list of attributes. */
void misp_event_take_attributes(struct harvest *harvest, yyjson_val *attributes);
/* Whatever a file or a REST answer may be: an event, a list of them, a `response` of either.
 * False: none of these. */
bool misp_event_take_any(struct harvest *harvest, yyjson_val *root);

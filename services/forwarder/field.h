/* field: what the formats say of an alert, as texts.
 *
 * Each format has names of its own for these; how their values look is the same in all.
 */
#pragma once

#include "base/alert.h"
#include "base/buf.h"

/* The first event type: what kind of attack; "security_event" if there is none. Borrowed. */
struct text field_event_type(const struct alert *alert);

/* <alert_id>-<revision>, the identity of what is delivered: `_id`, `webhook-id`. */
void field_identity(const struct alert *alert, struct buf *out);

/* Joined by ", ". */
void field_list(const struct record_texts *list, struct buf *out);
/* name=value, joined by ", ". */
void field_map(const struct record_map *map, struct buf *out);

/* Severities of CEF and LEEF: LOW 3, MEDIUM 6, HIGH 8, CRITICAL 10. */
int field_severity(const struct alert *alert);

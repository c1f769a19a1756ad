/* template: titles and descriptions with {field} in them.
 *
 * A placeholder is a name in braces: what the rule groups by, a field that rules may look at, or
 * event_count, first_seen, last_seen. Anything else in braces is refused at load; a brace that is
 * not around a name is itself. What is filled in is what attackers wrote: it is cut, its control
 * characters become blanks, and it is never looked through for placeholders.
 */
#pragma once

#include "base/arena.h"
#include "correlator/reading.h"

enum {
    TEMPLATE_TITLE_CHARACTERS = 256,
    TEMPLATE_DESCRIPTION_CHARACTERS = 4096,
    TEMPLATE_VALUE_CHARACTERS = 200, /* of each placeholder */
};

/* The texts of the alert of a single event. */
#define TEMPLATE_SINGLE_TITLE "Security Event: {event_type}"
#define TEMPLATE_SINGLE_DESCRIPTION "Detected {event_type} from {source_ip}"

/* What placeholders stand for. */
struct template_facts {
    const struct event *event; /* the earliest */
    const struct text *names;  /* the group's, and its values: they come before the event's */
    const struct text *values;
    size_t count;
    int64_t event_count;
    int64_t first_seen;
    int64_t last_seen;
};

int template_check(const struct reading *reading, const struct node *node, const char *key,
                   const struct correlation *rule, struct error *err);

/* @template filled in, at most @limit characters. An absent value is "unknown", an absent source_ip
 * "an unknown source". In @arena. */
struct text template_fill(struct text template, const struct template_facts *facts, size_t limit,
                          struct arena *arena);

#include "correlator/assort.h"

#include <stdlib.h>

#include "base/digest.h"
#include "correlator/window_number.h"

enum { LONGEST_VALUE = 64 }; /* bytes; what is longer is counted by its digest */

/* A group that an event belongs to by some of a rule's selections, and what it brings there. */
struct found {
    void *place;
    struct offer offer;
    struct text nested_values[CORRELATION_MAX_SELECTIONS];
};

/* A group that the event at hand has been put into: most rules put it into the same few. */
struct known_place {
    const struct text *names;
    struct text values[CORRELATION_MAX_KEYS]; /* fields of the event */
    size_t count;
    void *place;
};

enum { KNOWN_PLACES = 4 };

struct assort {
    struct router *router;
    int min_level;
    const struct assort_ops *ops;
    void *self;
    struct arena *scratch;
    struct assort_totals totals;
    /* Of one event and rule: in as many groups as it has selections. */
    struct found found[CORRELATION_MAX_SELECTIONS * CORRELATION_MAX_SELECTIONS];
    size_t found_count;
    /* Of one event. */
    struct known_place known[KNOWN_PLACES];
    size_t known_count;
};

struct assort *assort_new(struct router *router, int min_level, const struct assort_ops *ops,
                          void *self)
{
    struct assort *assort = mem_zero(sizeof(*assort));

    assort->router = router;
    assort->min_level = min_level;
    assort->ops = ops;
    assort->self = self;
    return assort;
}

void assort_free(struct assort *assort)
{
    free(assort);
}

/* States keep every value, and values come from outside. */
static struct text shorten(struct text value, struct arena *scratch)
{
    unsigned char digest[DIGEST_SHA256_SIZE];

    if (value.size <= LONGEST_VALUE)
        return value;
    digest_sha256(value, digest);
    return arena_copy(scratch, (struct text){(const char *)digest, sizeof(digest)});
}

/* What the event has in the fields of a value_count; of several fields, one text that no other
 * values give. False: one is absent. */
static bool read_value(struct assort *assort, const struct correlation *rule,
                       const struct event *event, struct text *value)
{
    struct text values[CORRELATION_MAX_KEYS];
    AUTO_BUF joined = {0};

    for (size_t i = 0; i < rule->field_count; i++) {
        values[i] = correlation_value_of(&rule->fields[i], event);
        if (values[i].size == 0)
            return false;
    }
    if (rule->field_count == 1) {
        *value = shorten(values[0], assort->scratch);
        return true;
    }
    for (size_t i = 0; i < rule->field_count; i++)
        group_write_key(shorten(values[i], assort->scratch), NULL, NULL, 0, &joined);
    *value = shorten(buf_text(&joined), assort->scratch);
    if (value->bytes == joined.bytes)
        *value = arena_copy(assort->scratch, *value);
    return true;
}

/* Whether the event has what the rule, or the count that it names, looks into. */
static bool read_fields(struct assort *assort, const struct correlation *rule,
                        const struct event *event, struct text *value, int64_t *number)
{
    switch (rule->type) {
    case CORRELATION_VALUE_COUNT:
        return read_value(assort, rule, event, value);
    case CORRELATION_VALUE_SUM:
    case CORRELATION_VALUE_AVG:
    case CORRELATION_VALUE_PERCENTILE:
        return window_number_parse(correlation_value_of(&rule->fields[0], event), number);
    case CORRELATION_EVENT_COUNT:
    case CORRELATION_TEMPORAL:
    case CORRELATION_TEMPORAL_ORDERED:
    case CORRELATION_SILENCE:
        break;
    }
    return true;
}

/* Values of one event are the same if they stand in the same place. */
static bool is_place(const struct known_place *known, const struct text *names,
                     const struct text *values, size_t count)
{
    bool is_same = known->count == count;

    for (size_t i = 0; is_same && i < count; i++)
        is_same = known->values[i].bytes == values[i].bytes &&
                  known->values[i].size == values[i].size && text_equal(known->names[i], names[i]);
    return is_same;
}

static void *find_place(struct assort *assort, const struct event *event, const struct text *names,
                        const struct text *values, size_t count)
{
    for (size_t i = 0; i < assort->known_count; i++) {
        if (is_place(&assort->known[i], names, values, count))
            return assort->known[i].place;
    }
    void *place = assort->ops->find(assort->self, event->tenant, names, values, count);

    if (assort->known_count == KNOWN_PLACES)
        return place;
    struct known_place *known = &assort->known[assort->known_count++];

    *known = (struct known_place){.names = names, .count = count, .place = place};
    for (size_t i = 0; i < count; i++)
        known->values[i] = values[i];
    return place;
}

/* The group that a selection puts the event into; NULL: the event lacks one of the fields. */
static void *place_by(struct assort *assort, const struct correlation *rule,
                      const struct correlation_selection *selection, const struct event *event)
{
    struct text values[CORRELATION_MAX_KEYS];

    for (size_t i = 0; i < rule->group_count; i++) {
        values[i] = correlation_value_of(&selection->keys[i], event);
        if (values[i].size == 0)
            return NULL;
    }
    return find_place(assort, event, rule->group_by, values, rule->group_count);
}

static struct found *found_for(struct assort *assort, void *place)
{
    for (size_t i = 0; i < assort->found_count; i++) {
        if (assort->found[i].place == place)
            return &assort->found[i];
    }
    struct found *found = &assort->found[assort->found_count++];

    found->place = place;
    found->offer = (struct offer){.nested_values = found->nested_values};
    return found;
}

/* Returns whether the event lacks a field of the group-by. */
static bool gather(struct assort *assort, const struct plan *plan, const struct plan_entry *entry,
                   const struct event *event)
{
    struct text value = {0};
    int64_t number = 0;

    if (!correlation_selects(entry->selection, event) ||
        !read_fields(assort, entry->counted, event, &value, &number))
        return false;
    void *place = place_by(assort, plan->rule, entry->selection, event);

    if (!place)
        return true;
    struct found *found = found_for(assort, place);

    if (entry->nested >= 0) {
        found->offer.nested |= UINT32_C(1) << entry->nested;
        found->nested_values[entry->nested] = value;
        return false;
    }
    found->offer.selections |= UINT32_C(1) << entry->bit;
    found->offer.value = value;
    found->offer.number = number;
    return false;
}

/* The event's copy is made when the first rule wants it. */
static struct sighting *kept(struct sighting **sighting, const struct event *event)
{
    if (!*sighting)
        *sighting = sighting_new(event);
    return *sighting;
}

static void give(struct assort *assort, struct plan *plan, void *place, const struct offer *offer)
{
    const struct share share = {.plan = plan, .offer = *offer};

    assort->ops->take(assort->self, place, &share);
}

/* One rule's entries of @route from place @from on. Returns where the next rule's begin. */
static size_t feed_rule(struct assort *assort, const struct route *route, size_t from,
                        const struct event *event, struct sighting **sighting)
{
    struct plan *plan = route->plans[from];
    bool is_missing = false;
    size_t i = from;

    assort->found_count = 0;
    for (; i < route->count && route->plans[i] == plan; i++)
        is_missing |= gather(assort, plan, route->entries[i], event);
    if (assort->found_count == 0 && is_missing)
        assort->ops->miss(assort->self, plan);
    for (size_t k = 0; k < assort->found_count; k++) {
        assort->found[k].offer.event = kept(sighting, event);
        give(assort, plan, assort->found[k].place, &assort->found[k].offer);
    }
    return i;
}

static bool is_withheld(const struct route *route, const struct event *event)
{
    for (size_t i = 0; i < route->withheld_count; i++) {
        if (correlation_selects(route->withheld[i], event))
            return true;
    }
    return false;
}

static void *place_of_entity(struct assort *assort, const struct event *event, bool *is_lasting)
{
    static const struct text kinds[] = {
        {"source_ip", 9}, {"host", 4}, {"user", 4}, {"event_id", 8}};
    const struct text values[] = {event->source_ip, event->host, event->user, event->event_id};
    size_t i = 0;

    while (values[i].size == 0)
        i++;
    *is_lasting = i + 1 < COUNT_OF(values);
    return find_place(assort, event, &kinds[i], &values[i], 1);
}

static void note_type(struct assort *assort, void *place, const struct event *event)
{
    const struct share share = {
        .type = event->event_type, .at_ms = event->event_time, .event_id = event->event_id};

    assort->ops->take(assort->self, place, &share);
}

/* The event by itself: an alert, or one of several types of attack. */
static void feed_single(struct assort *assort, const struct route *route, const struct event *event,
                        struct sighting **sighting)
{
    bool is_alert = event->threat_level >= assort->min_level && !is_withheld(route, event);
    bool is_lasting;

    if (event->threat_level < LEVEL_MEDIUM && !is_alert)
        return;
    void *place = place_of_entity(assort, event, &is_lasting);

    if (event->threat_level >= LEVEL_MEDIUM && is_lasting)
        note_type(assort, place, event);
    if (is_alert) {
        struct offer alone = {.event = kept(sighting, event)};

        give(assort, route->single, place, &alone);
    }
}

void assort_event(struct assort *assort, const struct event *event, struct arena *scratch)
{
    struct sighting *sighting = NULL;

    assort->totals.events++;
    if (event->mode != MODE_ALERT) {
        assort->totals.shadow++;
        return;
    }
    if (event->event_id.size == 0 || event->event_time < ASSORT_EARLIEST_MS ||
        event->event_time > ASSORT_LATEST_MS) {
        assort->totals.refused++;
        return;
    }
    const struct route *route = router_find(assort->router, event);

    assort->scratch = scratch;
    assort->known_count = 0;
    for (size_t i = 0; i < route->count;)
        i = feed_rule(assort, route, i, event, &sighting);
    feed_single(assort, route, event, &sighting);
    sighting_leave(sighting);
}

struct assort_totals assort_totals(const struct assort *assort)
{
    return assort->totals;
}

void assort_take_back(struct assort *assort, struct assort_totals totals)
{
    assort->totals = totals;
}

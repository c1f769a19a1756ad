#include "forwarder/filter.h"

static bool matches(struct text pattern, struct text value)
{
    if (text_ends(pattern, TEXT("*")))
        return text_starts(value, text_slice(pattern, 0, pattern.size - 1));
    return text_equal(pattern, value);
}

static bool has(const struct text_list *patterns, struct text value)
{
    for (size_t i = 0; i < patterns->count; i++) {
        if (matches(text_of(patterns->items[i]), value))
            return true;
    }
    return patterns->count == 0;
}

static bool has_any(const struct text_list *patterns, const struct record_texts *values)
{
    for (size_t i = 0; i < values->count; i++) {
        if (has(patterns, values->items[i]))
            return true;
    }
    return patterns->count == 0;
}

static bool has_revision(int revisions, const struct alert *alert)
{
    if (revisions == FILTER_NEW)
        return alert->status == ALERT_NEW;
    return revisions == FILTER_ALL || alert->status == ALERT_RESOLVED;
}

bool filter_passes(const struct filter *filter, const struct alert *alert)
{
    return alert->mode == MODE_ALERT && alert->severity >= filter->min_severity &&
           has(&filter->tenants, alert->tenant) &&
           has_any(&filter->event_types, &alert->event_types) &&
           has_any(&filter->tags, &alert->tags) && has_revision(filter->revisions, alert);
}

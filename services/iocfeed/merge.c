#include "iocfeed/merge.h"

#include "iocfeed/text_union.h"

void merge_start(struct ioc *ioc, struct text tenant, enum ioc_type type, struct text value)
{
    record_set_defaults(&ioc_record, ioc);
    ioc->tenant = tenant;
    ioc->ioc_type = (int)type;
    ioc->value = value;
}

static bool holds(const struct ioc_source *source, int64_t now_ms)
{
    return source->valid_until == RECORD_NULL || source->valid_until > now_ms;
}

static void add_times(struct ioc *ioc, const struct ioc_source *source, bool first)
{
    if (first || source->first_seen < ioc->first_seen)
        ioc->first_seen = source->first_seen;
    if (first || source->last_seen > ioc->last_seen)
        ioc->last_seen = source->last_seen;
    if (first || source->valid_until == RECORD_NULL ||
        (ioc->valid_until != RECORD_NULL && source->valid_until > ioc->valid_until))
        ioc->valid_until = source->valid_until;
}

static void judge(struct ioc *ioc, int64_t now_ms, struct arena *arena)
{
    const struct ioc_source *sources = ioc->sources.items, *best = NULL;
    bool any_port = false;

    ioc->tags = ioc->ports = (struct record_texts){0};
    ioc->is_active = false;
    for (size_t i = 0; i < ioc->sources.count; i++) {
        const struct ioc_source *source = &sources[i];
        bool is_better =
            !best || (holds(source, now_ms) && !holds(best, now_ms)) ||
            (holds(source, now_ms) == holds(best, now_ms) && source->confidence > best->confidence);

        add_times(ioc, source, i == 0);
        text_union_add(&ioc->tags, &source->tags, arena);
        ioc->is_active = ioc->is_active || holds(source, now_ms);
        if (is_better)
            best = source;
        if (holds(source, now_ms)) {
            any_port = any_port || source->ports.count == 0;
            text_union_add(&ioc->ports, &source->ports, arena);
        }
    }
    if (any_port)
        ioc->ports = (struct record_texts){0};
    if (!best)
        return;
    ioc->confidence = best->confidence;
    ioc->reputation = 1 - best->confidence;
    ioc->threat_type = best->threat_type;
    ioc->description = best->description;
}

static bool is_over(const struct ioc *ioc, int64_t now_ms)
{
    const struct ioc_source *sources = ioc->sources.items;

    if (ioc->is_active && ioc->valid_until != RECORD_NULL && ioc->valid_until <= now_ms)
        return true;
    for (size_t i = 0; i < ioc->sources.count; i++) {
        if (!holds(&sources[i], now_ms))
            return true;
    }
    return false;
}

static bool same_texts(const struct record_texts *a, const struct record_texts *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!text_equal(a->items[i], b->items[i]))
            return false;
    }
    return true;
}

bool merge_expire(struct ioc *ioc, int64_t now_ms, struct arena *arena)
{
    const struct ioc before = *ioc;

    if (!is_over(ioc, now_ms))
        return false;
    judge(ioc, now_ms, arena);
    return ioc->is_active != before.is_active || ioc->confidence != before.confidence ||
           ioc->valid_until != before.valid_until ||
           !text_equal(ioc->threat_type, before.threat_type) ||
           !text_equal(ioc->description, before.description) ||
           !same_texts(&ioc->ports, &before.ports);
}

static struct ioc_source *find(struct ioc *ioc, struct text name)
{
    struct ioc_source *sources = ioc->sources.items;

    for (size_t i = 0; i < ioc->sources.count; i++) {
        if (text_equal(sources[i].name, name))
            return &sources[i];
    }
    return NULL;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void merge_add(struct ioc *ioc, const struct ioc_source *source, int64_t now_ms,
               struct arena *arena)
{
    const struct ioc_source *before = find(ioc, source->name);
    size_t count = ioc->sources.count + !before;
    struct ioc_source *sources = arena_take(arena, count * sizeof(*sources));
    struct ioc_source now = *source;

    if (now.first_seen == RECORD_NULL)
        now.first_seen = now_ms;
    if (now.last_seen == RECORD_NULL)
        now.last_seen = now_ms;
    now.first_seen = earlier(now.first_seen, now.last_seen);
    if (before) {
        now.first_seen = earlier(now.first_seen, before->first_seen);
        now.last_seen = later(now.last_seen, before->last_seen);
    }
    if (ioc->sources.count)
        memcpy(sources, ioc->sources.items, ioc->sources.count * sizeof(*sources));
    sources[before ? before - (const struct ioc_source *)ioc->sources.items
                   : (ptrdiff_t)ioc->sources.count] = now;
    ioc->sources = (struct record_list){sources, count};
    judge(ioc, now_ms, arena);
}

bool merge_remove(struct ioc *ioc, struct text name, int64_t now_ms, struct arena *arena)
{
    const struct ioc_source *gone = find(ioc, name), *sources = ioc->sources.items;
    struct ioc_source *left;
    size_t count = 0;

    if (gone && ioc->sources.count == 1)
        return false;
    if (!gone)
        return ioc->sources.count > 0;
    left = arena_take(arena, (ioc->sources.count - 1) * sizeof(*left));
    for (size_t i = 0; i < ioc->sources.count; i++) {
        if (&sources[i] != gone)
            left[count++] = sources[i];
    }
    ioc->sources = (struct record_list){left, count};
    judge(ioc, now_ms, arena);
    return true;
}

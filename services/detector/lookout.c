#define _GNU_SOURCE /* memmem() */
#include "detector/lookout.h"

#include <stdlib.h>

#include "base/address.h"
#include "base/ascii.h"
#include "base/keyed.h"

enum { FEW = 8 }; /* so many are searched for in a log's bytes rather than reading its fields */

struct target {
    struct buf key;            /* as watch_target_write() has it */
    struct watch_target parts; /* in @key */
    size_t field;              /* its place in lookout.fields */
    bool is_in_logs;           /* wherever it is in a log, it is there byte by byte */
    size_t place;              /* in lookout.wanted; SIZE_MAX: seen in this round */
    int64_t seen_ms, told_ms;  /* WATCH_NEVER: not yet */
};

enum field_kind { FROM_LOG, FROM_ADDRESS, FROM_TOPIC, FROM_LOGSOURCE };

struct field {
    enum field_kind kind;
    struct text name; /* borrowed from a target: what rules call it, */
    struct text path; /* and what entry_get() or the logsource does */
};

struct lookout {
    struct target *targets;
    size_t count;
    struct field *fields;
    size_t field_count;
    size_t *wanted; /* places of targets that are still to be seen in this round */
    size_t wanted_count;
    struct keyed *places; /* key -> place of the target */
    struct buf key;
};

struct lookout *lookout_new(void)
{
    struct lookout *lookout = mem_zero(sizeof(*lookout));

    lookout->places = keyed_new();
    return lookout;
}

static void forget(struct lookout *lookout)
{
    for (size_t i = 0; i < lookout->count; i++)
        buf_done(&lookout->targets[i].key);
    free(lookout->targets);
    free(lookout->fields);
    free(lookout->wanted);
    keyed_free(lookout->places);
    lookout->targets = NULL;
    lookout->fields = NULL;
    lookout->wanted = NULL;
    lookout->count = lookout->field_count = lookout->wanted_count = 0;
}

void lookout_free(struct lookout *lookout)
{
    if (!lookout)
        return;
    forget(lookout);
    buf_done(&lookout->key);
    free(lookout);
}

/* What is watched for. */

static struct text behind(struct text name, struct text start)
{
    return text_starts(name, start) ? text_slice(name, start.size, name.size) : name;
}

static struct field field_of(struct text name)
{
    if (text_is(name, "topic"))
        return (struct field){FROM_TOPIC, name, name};
    if (text_starts(name, TEXT("logsource.")))
        return (struct field){FROM_LOGSOURCE, name, behind(name, TEXT("logsource."))};
    if (text_is(name, "source_ip") || text_is(name, "target_ip"))
        return (struct field){FROM_ADDRESS, name, name};
    return (struct field){FROM_LOG, name, behind(name, TEXT("fields."))};
}

static size_t field_place(struct lookout *lookout, struct text name)
{
    for (size_t i = 0; i < lookout->field_count; i++) {
        if (text_equal(lookout->fields[i].name, name))
            return i;
    }
    lookout->fields[lookout->field_count] = field_of(name);
    return lookout->field_count++;
}

/* Formats write these as they are: JSON escapes none of them, an IPv6 address has many forms. */
static bool is_plain(struct text value)
{
    for (size_t i = 0; i < value.size; i++) {
        char c = value.bytes[i];

        if (!ascii_is_alnum(c) && c != '.' && c != '-' && c != '_')
            return false;
    }
    return true;
}

static void add(struct lookout *lookout, struct text key)
{
    struct target *target = &lookout->targets[lookout->count];
    struct text place = {(const char *)&lookout->count, sizeof(lookout->count)}, known;

    *target = (struct target){.seen_ms = WATCH_NEVER, .told_ms = WATCH_NEVER};
    buf_add(&target->key, key);
    if (!watch_target_read(buf_text(&target->key), &target->parts) ||
        keyed_find(lookout->places, key, &known)) {
        buf_done(&target->key);
        return;
    }
    target->field = field_place(lookout, target->parts.field);
    enum field_kind kind = lookout->fields[target->field].kind;

    target->is_in_logs =
        (kind == FROM_LOG || kind == FROM_ADDRESS) && is_plain(target->parts.value);
    keyed_set(lookout->places, key, place);
    lookout->count++;
}

void lookout_watch(struct lookout *lookout, const struct text *targets, size_t count)
{
    forget(lookout);
    lookout->places = keyed_new();
    lookout->targets = mem_zero((count + 1) * sizeof(*lookout->targets));
    lookout->fields = mem_zero((count + 1) * sizeof(*lookout->fields));
    lookout->wanted = mem_zero((count + 1) * sizeof(*lookout->wanted));
    for (size_t i = 0; i < count; i++)
        add(lookout, targets[i]);
    lookout_begin(lookout);
}

size_t lookout_count(const struct lookout *lookout)
{
    return lookout->count;
}

void lookout_begin(struct lookout *lookout)
{
    for (size_t i = 0; i < lookout->count; i++)
        lookout->targets[i].place = lookout->wanted[i] = i;
    lookout->wanted_count = lookout->count;
}

bool lookout_is_looking(const struct lookout *lookout)
{
    return lookout->wanted_count > 0;
}

/* Seeing. */

static bool may_hold_one(const struct lookout *lookout, struct text log)
{
    if (lookout->wanted_count > FEW)
        return true;
    for (size_t i = 0; i < lookout->wanted_count; i++) {
        const struct target *target = &lookout->targets[lookout->wanted[i]];
        struct text value = target->parts.value;

        if (!target->is_in_logs || memmem(log.bytes, log.size, value.bytes, value.size))
            return true;
    }
    return false;
}

static void found(struct lookout *lookout, struct target *target, int64_t at_ms)
{
    size_t last = lookout->wanted[--lookout->wanted_count];

    lookout->wanted[target->place] = last;
    lookout->targets[last].place = target->place;
    target->place = SIZE_MAX;
    if (at_ms > target->seen_ms)
        target->seen_ms = at_ms;
}

static void look_up(struct lookout *lookout, struct text tenant, const struct field *field,
                    struct text value, int64_t at_ms)
{
    struct text place;
    size_t i;

    if (value.size == 0)
        return;
    buf_reset(&lookout->key);
    watch_target_write(&(struct watch_target){tenant, field->name, value}, &lookout->key);
    if (!keyed_find(lookout->places, buf_text(&lookout->key), &place))
        return;
    memcpy(&i, place.bytes, sizeof(i));
    if (lookout->targets[i].place != SIZE_MAX)
        found(lookout, &lookout->targets[i], at_ms);
}

static struct text in_logsource(const struct text_map *logsource, struct text name)
{
    for (size_t i = 0; i < logsource->count; i++) {
        if (text_is(name, logsource->names[i]))
            return text_of(logsource->values[i]);
    }
    return (struct text){NULL, 0};
}

static struct text canonical(struct text text, struct arena *arena)
{
    AUTO_BUF written = {0};
    struct address address;

    if (!address_parse_endpoint(text, &address))
        return text;
    address_write(&address, &written);
    return arena_copy(arena, buf_text(&written));
}

static struct text value_of(const struct field *field, const struct source *source,
                            struct text topic, const struct entry *entry, struct arena *arena)
{
    switch (field->kind) {
    case FROM_TOPIC:
        return topic;
    case FROM_LOGSOURCE:
        return in_logsource(&source_of(source)->logsource, field->path);
    case FROM_ADDRESS:
        return canonical(entry_get(entry, field->path, arena), arena);
    case FROM_LOG:
    default:
        return entry_get(entry, field->path, arena);
    }
}

void lookout_see(struct lookout *lookout, const struct source *source, struct text topic,
                 struct entry *entry, int64_t at_ms, struct arena *arena)
{
    if (!may_hold_one(lookout, entry->raw))
        return;
    source_parse_rest(source, arena, entry); /* the tenant may be in a field, too */
    for (size_t i = 0; i < lookout->field_count && lookout->wanted_count > 0; i++) {
        const struct field *field = &lookout->fields[i];

        look_up(lookout, entry->tenant, field, value_of(field, source, topic, entry, arena), at_ms);
    }
}

/* Telling. */

void lookout_merge(struct lookout *lookout, const struct lookout *other)
{
    for (size_t i = 0; i < lookout->count && i < other->count; i++) {
        if (other->targets[i].seen_ms > lookout->targets[i].seen_ms)
            lookout->targets[i].seen_ms = other->targets[i].seen_ms;
    }
}

bool lookout_next_news(const struct lookout *lookout, size_t *at, struct text *target,
                       int64_t *at_ms)
{
    for (; *at < lookout->count; ++*at) {
        const struct target *seen = &lookout->targets[*at];

        if (seen->seen_ms <= seen->told_ms)
            continue;
        *target = buf_text(&seen->key);
        *at_ms = seen->seen_ms;
        ++*at;
        return true;
    }
    return false;
}

void lookout_told(struct lookout *lookout)
{
    for (size_t i = 0; i < lookout->count; i++)
        lookout->targets[i].told_ms = lookout->targets[i].seen_ms;
}

#include "iocfeed/intake.h"

#include <math.h>
#include <stdlib.h>

#include "base/number.h"
#include "iocfeed/decay.h"
#include "iocfeed/warning_lists.h"

enum { ARENA_KEEP = 256 * 1024, DESCRIPTION_MAX = 512 };

struct intake {
    const struct profile *profile;
    const struct warning_lists *lists;
    const struct intake_sink *sink;
    struct indicator_rules rules;
    struct arena *arena; /* of one row */
    struct arena *names; /* the reasons' */
    int64_t now_ms;
    int64_t content_ms; /* what the content says */
    int64_t newest_ms;  /* of the rows */
    int64_t declared;
    struct intake_counts counts;
    struct intake_count *reasons; /* owned */
    size_t capacity;
};

struct intake *intake_new(const struct profile *profile, const struct warning_lists *lists,
                          int64_t now_ms, const struct intake_sink *sink)
{
    struct intake *intake = mem_zero(sizeof(*intake));

    *intake = (struct intake){
        .profile = profile,
        .lists = lists,
        .sink = sink,
        .rules = {.allow_bogons = profile->allow_private,
                  .floor_v4 = (int)profile->floor_v4,
                  .floor_v6 = (int)profile->floor_v6},
        .arena = arena_new(16 * 1024),
        .names = arena_new(1024),
        .now_ms = now_ms,
        .content_ms = RECORD_NULL,
        .newest_ms = RECORD_NULL,
        .declared = -1,
    };
    return intake;
}

void intake_free(struct intake *intake)
{
    if (!intake)
        return;
    free(intake->reasons);
    arena_free(intake->arena);
    arena_free(intake->names);
    free(intake);
}

struct arena *intake_arena(struct intake *intake)
{
    return intake->arena;
}

static void count(struct intake *intake, enum intake_class class, const char *code)
{
    struct intake_counts *counts = &intake->counts;
    uint64_t *sums[] = {&counts->left_out, &counts->held_back, &counts->bad};
    size_t i = 0;

    ++*sums[class];
    while (i < counts->reason_count &&
           (intake->reasons[i].class != class || strcmp(intake->reasons[i].code, code) != 0))
        i++;
    if (i == counts->reason_count) {
        intake->reasons = mem_grow(intake->reasons, counts->reason_count, &intake->capacity,
                                   sizeof(*intake->reasons));
        intake->reasons[counts->reason_count++] =
            (struct intake_count){class, arena_textf(intake->names, "%s", code).bytes, 0};
    }
    intake->reasons[i].rows++;
}

static void refuse(struct intake *intake, const struct refusal *refusal)
{
    count(intake, refusal->class, refusal->code);
    if (intake->sink->refused)
        intake->sink->refused(intake->sink->self, refusal);
}

void intake_refuse(struct intake *intake, enum intake_class class, const char *code,
                   const char *text, struct text value, uint64_t line)
{
    intake->counts.rows++;
    intake->counts.entries++;
    refuse(intake, &(struct refusal){class, code, text, value, line});
    arena_reset(intake->arena, ARENA_KEEP);
}

/* A feed full of bogons is a feed for other readers; a feed full of what is nothing at all is none.
 */
static enum intake_class class_of(enum indicator_reason reason)
{
    switch (reason) {
    case INDICATOR_NOT_LOOKED_FOR:
    case INDICATOR_BOGON:
    case INDICATOR_TOO_WIDE:
    case INDICATOR_PUBLIC_SUFFIX:
    case INDICATOR_UNKNOWN_TLD:
    case INDICATOR_SINGLE_LABEL:
    case INDICATOR_ZERO_HASH:
    case INDICATOR_EMPTY_FILE:
    case INDICATOR_HASH_LENGTH:
    case INDICATOR_NO_HOST:
    case INDICATOR_BAD_MAILBOX:
        return INTAKE_LEFT_OUT;
    default:
        return INTAKE_BAD;
    }
}

static void add_port(struct intake *intake, int port, struct record_texts *ports)
{
    char digits[NUMBER_DIGITS];

    if (port == 0)
        return;
    ports->items = arena_take(intake->arena, sizeof(*ports->items));
    ports->items[0] = arena_copy(intake->arena, number_digits(port, digits));
    ports->count = 1;
}

static void fill_source(struct intake *intake, const struct row *row, struct ioc_source *source)
{
    const struct profile *profile = intake->profile;
    struct text threat = row->threat_type.size ? row->threat_type : text_of(profile->threat_type);
    struct row tagged = *row;

    for (size_t i = 0; i < profile->tags.count; i++)
        row_add_tag(&tagged, text_of(profile->tags.items[i]), intake->arena);
    *source = (struct ioc_source){
        .name = text_of(profile->name),
        .first_seen = row->first_seen,
        .last_seen = row->last_seen,
        .confidence = !isnan(row->confidence)   ? row->confidence
                      : profile->confidence > 0 ? profile->confidence
                                                : 0.5,
        .threat_type = threat.size ? row_threat_name(threat, intake->arena) : TEXT("unknown"),
        .valid_until = row->valid_until,
        .tags = tagged.tags,
        .description = text_cut(row->description, DESCRIPTION_MAX),
    };
    /* A feed's clock that runs ahead must not keep its rows alive, or make them all "new". */
    if (source->first_seen > intake->now_ms)
        source->first_seen = intake->now_ms;
    if (source->last_seen > intake->now_ms)
        source->last_seen = intake->now_ms;
}

/* From when on the feed's word no longer counts: what the row says, or the settings' time after it
 * was last seen, or when its confidence has decayed, whichever comes first. */
static void limit_validity(const struct intake *intake, struct ioc_source *source)
{
    const struct profile *profile = intake->profile;
    int64_t seen = source->last_seen != RECORD_NULL ? source->last_seen : intake->now_ms;
    const struct decay decay = {profile->decay_lifetime,
                                profile->decay_speed > 0 ? profile->decay_speed : 1,
                                profile->decay_threshold};

    if (source->valid_until == RECORD_NULL && profile->ttl_ms > 0)
        source->valid_until = seen + profile->ttl_ms;
    if (profile->decay_lifetime > 0) {
        int64_t end = decay_end(&decay, source->confidence, seen);

        if (source->valid_until == RECORD_NULL || end < source->valid_until)
            source->valid_until = end;
    }
}

static bool is_held_back(struct intake *intake, const struct row *row,
                         const struct indicator *found)
{
    struct warning_hit hit;

    if (!intake->lists || !warning_lists_find(intake->lists, found, row->misp_type, &hit))
        return false;
    refuse(intake, &(struct refusal){INTAKE_HELD_BACK, hit.list,
                                     "is on a list of what is harmless or shared by many",
                                     row->value, row->line});
    return true;
}

static const struct row_reason expired = {"expired", "counted until a time that has passed"};

static void refuse_row(struct intake *intake, const struct row *row,
                       const struct row_reason *reason)
{
    refuse(intake,
           &(struct refusal){INTAKE_LEFT_OUT, reason->code, reason->text, row->value, row->line});
}

/* The feed names it, but it does not count (any more): it is not lost, and goes also where the feed
 * says only what changed. */
static void take_back(struct intake *intake, const struct row *row, const struct indicator *found)
{
    struct sighting sighting = {.type = found->type, .value = found->value, .withdrawn = true};

    fill_source(intake, row, &sighting.source);
    intake->sink->sighting(intake->sink->self, &sighting);
}

/* What only the settings refuse may have been taken before they did. */
static void take_back_refused(struct intake *intake, const struct row *row, struct text value,
                              enum indicator_kind kind)
{
    struct indicator_rules rules = intake->rules;
    struct indicator found;

    rules.looking_up = true;
    if (indicator_read(value, kind, &rules, intake->arena, &found) == INDICATOR_GOOD)
        take_back(intake, row, &found);
}

static void refuse_value(struct intake *intake, const struct row *row, struct text value,
                         enum indicator_kind kind, enum indicator_reason reason)
{
    refuse(intake, &(struct refusal){class_of(reason), indicator_reason_code(reason),
                                     indicator_reason_text(reason), row->value, row->line});
    if (reason == INDICATOR_TOO_WIDE || reason == INDICATOR_BOGON)
        take_back_refused(intake, row, value, kind);
}

static void emit(struct intake *intake, const struct row *row, const struct indicator *found)
{
    struct sighting sighting = {
        .type = found->type, .value = found->value, .withdrawn = row->withdrawn};

    /* It may have been taken before the list was there. */
    if (!row->withdrawn && is_held_back(intake, row, found)) {
        take_back(intake, row, found);
        return;
    }
    fill_source(intake, row, &sighting.source);
    limit_validity(intake, &sighting.source);
    if (!row->withdrawn && sighting.source.valid_until != RECORD_NULL &&
        sighting.source.valid_until <= intake->now_ms) {
        refuse_row(intake, row, &expired);
        take_back(intake, row, found);
        return;
    }
    add_port(intake, found->port, &sighting.source.ports);
    if (row->withdrawn)
        intake->counts.withdrawn++;
    else
        intake->counts.good++;
    intake->counts.cleared += found->cleared && !row->withdrawn;
    intake->sink->sighting(intake->sink->self, &sighting);
}

/* The kind that is read as: what the row says, else the profile. */
static enum indicator_kind kind_of(const struct intake *intake, const struct row *row)
{
    enum indicator_kind kind = row->kind;

    if (kind == INDICATOR_ANY && intake->profile->type &&
        !row_kind_parse(text_of(intake->profile->type), &kind))
        return INDICATOR_UNSUPPORTED;
    return kind;
}

static void write_range(const struct cidr *cidr, struct buf *out)
{
    address_write(&cidr->first, out);
    buf_addf(out, "/%d", address_is_v4(&cidr->first) ? cidr->prefix - 96 : cidr->prefix);
}

/* Is a part of [@first, @last] wider than may be listed? */
static bool is_wide(const struct intake *intake, struct address first, const struct address *last)
{
    bool more = true, is_wide = false;

    while (more && !is_wide) {
        struct cidr cidr;
        struct indicator found;
        AUTO_BUF text = {0};

        more = indicator_span_next(&first, last, &cidr);
        write_range(&cidr, &text);
        is_wide = indicator_read(buf_text(&text), INDICATOR_ADDRESS, &intake->rules, intake->arena,
                                 &found) == INDICATOR_TOO_WIDE;
    }
    return is_wide;
}

/* All of it, or nothing where it is too wide: half a range is not what the feed says. */
static bool take_span(struct intake *intake, const struct row *row, enum indicator_kind kind)
{
    struct address first, last;
    struct cidr cidr;
    bool more = true;

    if ((kind != INDICATOR_ANY && kind != INDICATOR_ADDRESS) ||
        !indicator_span(text_trim(row->value), &first, &last))
        return false;
    if (is_wide(intake, first, &last)) {
        refuse_value(intake, row, row->value, kind, INDICATOR_TOO_WIDE);
        return true;
    }
    while (more) {
        struct indicator found;
        AUTO_BUF text = {0};

        more = indicator_span_next(&first, &last, &cidr);
        write_range(&cidr, &text);
        enum indicator_reason reason = indicator_read(buf_text(&text), INDICATOR_ADDRESS,
                                                      &intake->rules, intake->arena, &found);

        if (reason == INDICATOR_GOOD)
            emit(intake, row, &found);
        else
            refuse_value(intake, row, buf_text(&text), INDICATOR_ADDRESS, reason);
        intake->counts.rows += more; /* each range is a row of its own in the counts */
    }
    return true;
}

static enum indicator_reason read_value(struct intake *intake, const struct row *row,
                                        enum indicator_kind kind, struct indicator *found)
{
    intake->rules.refang = !row->is_fanged;
    return indicator_read(row->value, kind, &intake->rules, intake->arena, found);
}

static void leave_out(struct intake *intake, const struct row *row, const struct row_reason *reason)
{
    struct indicator found;

    refuse_row(intake, row, reason);
    if (read_value(intake, row, kind_of(intake, row), &found) == INDICATOR_GOOD)
        take_back(intake, row, &found);
}

static void take_value(struct intake *intake, const struct row *row)
{
    enum indicator_kind kind = kind_of(intake, row);
    struct indicator found;

    if (take_span(intake, row, kind))
        return;
    enum indicator_reason reason = read_value(intake, row, kind, &found);

    if (reason == INDICATOR_GOOD && row->port.size && found.port == 0) {
        found.port = indicator_port(row->port);
        if (found.port == 0)
            reason = INDICATOR_BAD_PORT;
    }
    if (reason != INDICATOR_GOOD)
        refuse_value(intake, row, row->value, kind, reason);
    else
        emit(intake, row, &found);
}

static void note_times(struct intake *intake, const struct row *row)
{
    const int64_t times[] = {row->first_seen, row->last_seen};

    for (size_t i = 0; i < COUNT_OF(times); i++) {
        if (times[i] > intake->newest_ms && times[i] <= intake->now_ms)
            intake->newest_ms = times[i];
    }
}

static void take_one(struct intake *intake, const struct row *row)
{
    intake->counts.rows++;
    intake->counts.entries += !row->goes_on;
    note_times(intake, row);
    if (row->left_out)
        leave_out(intake, row, row->left_out);
    else if (row->bad_type)
        refuse(intake, &(struct refusal){INTAKE_BAD, "unknown_type",
                                         "has a type whose name is not known; ip, domain, url, "
                                         "md5, sha1, sha256 and email are",
                                         row->value, row->line});
    else if (!row->withdrawn && row->valid_until != RECORD_NULL &&
             row->valid_until <= intake->now_ms)
        leave_out(intake, row, &expired);
    else
        take_value(intake, row);
}

void intake_row(struct intake *intake, const struct row *row)
{
    struct row parts[2];
    size_t count = row->composite.size ? row_composite_split(row, parts) : 0;

    if (count == 0)
        take_one(intake, row);
    for (size_t i = 0; i < count; i++)
        take_one(intake, &parts[i]);
    arena_reset(intake->arena, ARENA_KEEP);
}

void intake_set_content_time(struct intake *intake, int64_t ms)
{
    if (ms > intake->content_ms)
        intake->content_ms = ms;
}

void intake_set_declared(struct intake *intake, int64_t rows)
{
    intake->declared = rows;
}

struct intake_counts intake_counts(const struct intake *intake)
{
    struct intake_counts counts = intake->counts;

    counts.reasons = intake->reasons;
    return counts;
}

int64_t intake_content_time(const struct intake *intake)
{
    return intake->content_ms != RECORD_NULL ? intake->content_ms : intake->newest_ms;
}

int64_t intake_declared(const struct intake *intake)
{
    return intake->declared;
}

int64_t intake_now(const struct intake *intake)
{
    return intake->now_ms;
}

#include "correlator/silence.h"

#include <inttypes.h>

#include "base/group_id.h"
#include "base/moment.h"
#include "correlator/template.h"

/* Records: "<phase> <since> <back> <at> <cause>" */

static const char phases[] = {
    [SILENCE_OPENING] = 'n', [SILENCE_OPEN] = 'o', [SILENCE_ENDING] = 'r'};
static const char causes[] = {
    [SILENCE_CAUSE_NONE] = '-', [SILENCE_CAUSE_NOBODY] = 'd', [SILENCE_CAUSE_BEHIND] = 'l'};

void silence_write(const struct silence_record *record, struct buf *out)
{
    if (record->phase == SILENCE_NONE)
        return;
    buf_addf(out, "%c %" PRId64 " %" PRId64 " %" PRId64 " %c", phases[record->phase],
             record->since_ms, record->back_ms, record->at_ms, causes[record->cause]);
}

static bool read_letter(struct text word, const char *letters, size_t count, size_t *place)
{
    for (size_t i = 0; i < count; i++) {
        if (word.size == 1 && letters[i] != '\0' && word.bytes[0] == letters[i]) {
            *place = i;
            return true;
        }
    }
    return false;
}

bool silence_read(struct text text, struct silence_record *record)
{
    struct text phase, since, back, at;
    size_t phase_place, cause_place;

    *record = (struct silence_record){.phase = SILENCE_NONE};
    if (text.size == 0)
        return true;
    struct silence_record found;

    if (!text_split(&text, ' ', &phase) || !text_split(&text, ' ', &since) ||
        !text_split(&text, ' ', &back) || !text_split(&text, ' ', &at) ||
        !read_letter(phase, phases, sizeof(phases), &phase_place) ||
        !read_letter(text, causes, sizeof(causes), &cause_place) ||
        !text_to_integer(since, &found.since_ms) || !text_to_integer(back, &found.back_ms) ||
        !text_to_integer(at, &found.at_ms))
        return false;
    found.phase = (enum silence_phase)phase_place;
    found.cause = (enum silence_cause)cause_place;
    *record = found;
    return true;
}

/* Steps. */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool is_silent(const struct silence_facts *facts, int64_t within_ms)
{
    if (facts->until_ms == WATCH_NEVER)
        return false;
    return facts->until_ms - later(facts->seen_ms, facts->since_ms) > within_ms;
}

static bool claim(const struct silence_record *record, int64_t now_ms, struct silence_record *next)
{
    *next = *record;
    next->at_ms = now_ms;
    return true;
}

bool silence_step(const struct silence_record *record, const struct silence_facts *facts,
                  int64_t within_ms, int64_t lease_ms, struct silence_record *next)
{
    switch (record->phase) {
    case SILENCE_NONE:
        *next = (struct silence_record){SILENCE_OPENING, facts->seen_ms, 0, facts->now_ms,
                                        facts->cause};
        return is_silent(facts, within_ms);
    case SILENCE_OPEN:
        *next = (struct silence_record){SILENCE_ENDING, record->since_ms, facts->seen_ms,
                                        facts->now_ms, record->cause};
        return facts->seen_ms > record->since_ms;
    case SILENCE_OPENING:
    case SILENCE_ENDING:
    default:
        return facts->now_ms - record->at_ms > lease_ms && claim(record, facts->now_ms, next);
    }
}

struct silence_record silence_confirmed(const struct silence_record *claim)
{
    if (claim->phase == SILENCE_ENDING)
        return (struct silence_record){.phase = SILENCE_NONE};
    struct silence_record open = *claim;

    open.phase = SILENCE_OPEN;
    return open;
}

/* Alerts. */

static struct record_texts list_of(const struct text *items, size_t count, struct arena *arena)
{
    struct record_texts list = {arena_take(arena, (count + 1) * sizeof(struct text)), count};

    for (size_t i = 0; i < count; i++)
        list.items[i] = items[i];
    return list;
}

static void write_group(const struct silence_case *of, struct arena *arena, struct alert *alert)
{
    const struct correlation_expect *expect = &of->rule->expect;
    size_t count = of->value.size > 0 ? 1 : 0;
    char id[GROUP_ID_SIZE];

    group_id_write(expect->tenant, &expect->field.name, &of->value, count, id);
    alert->tenant = expect->tenant;
    alert->group_key = arena_textf(arena, "%s", id);
    alert->group = (struct record_map){list_of(&expect->field.name, count, arena).items,
                                       list_of(&of->value, count, arena).items, count};
    if (expect->field.id == CORRELATION_FIELD_HOST)
        alert->host = of->value;
    else if (expect->field.id == CORRELATION_FIELD_USER)
        alert->user = of->value;
    else if (expect->field.id == CORRELATION_FIELD_SOURCE_IP)
        alert->source_ip = of->value;
    else if (expect->field.id == CORRELATION_FIELD_TARGET_IP)
        alert->target_ip = of->value;
}

static struct text moment_of(int64_t ms, struct arena *arena)
{
    AUTO_BUF written = {0};

    moment_write(ms, &written);
    return arena_copy(arena, buf_text(&written));
}

/* Of whether logs are judged at all. */
static void write_unjudged(const struct silence_case *of, struct arena *arena, struct alert *alert)
{
    const struct correlation_expect *expect = &of->rule->expect;
    struct text since = moment_of(of->record.since_ms, arena);

    alert->title = arena_textf(arena, "Silence cannot be judged: %.*s", TEXT_ARG(of->rule->id));
    alert->description = arena_textf(
        arena,
        "Since %.*s nobody can say whether logs of %zu expected values of %.*s still come: %s",
        TEXT_ARG(since), expect->count, TEXT_ARG(expect->field.name),
        of->record.cause == SILENCE_CAUSE_NOBODY
            ? "no detector lives that reads logs"
            : "a detector has not read all logs that there are, or went away without a word");
}

static void write_texts(const struct silence_case *of, struct arena *arena, struct alert *alert)
{
    const struct correlation *rule = of->rule;
    const struct template_facts facts = {.names = &rule->expect.field.name,
                                         .values = &of->value,
                                         .count = 1,
                                         .first_seen = alert->first_seen,
                                         .last_seen = alert->last_seen};

    if (of->value.size == 0) {
        write_unjudged(of, arena, alert);
        return;
    }
    struct text description = rule->description;

    if (description.size == 0)
        description =
            arena_textf(arena, "No log of %.*s {%.*s} came since {first_seen}",
                        TEXT_ARG(rule->expect.field.name), TEXT_ARG(rule->expect.field.name));
    alert->title = template_fill(rule->title, &facts, TEMPLATE_TITLE_CHARACTERS, arena);
    alert->description = template_fill(description, &facts, TEMPLATE_DESCRIPTION_CHARACTERS, arena);
}

void silence_alert(const struct silence_case *of, struct arena *arena, struct alert *alert)
{
    const struct correlation *rule = of->rule;
    const struct silence_record *record = &of->record;
    bool is_over = record->phase == SILENCE_ENDING;

    record_set_defaults(&alert_type, alert);
    write_group(of, arena, alert);
    alert->alert_id =
        alert_make_id(alert->tenant, rule->id, alert->group_key, record->since_ms, arena);
    alert->revision = is_over ? 1 : 0;
    alert->status = is_over ? ALERT_RESOLVED : ALERT_NEW;
    alert->first_seen = alert->timestamp = record->since_ms;
    alert->last_seen = is_over ? record->back_ms : record->since_ms;
    if (!is_over && of->value.size > 0)
        alert->last_seen += rule->expect.within_ms;
    alert->emitted_at = of->now_ms;
    alert->severity = (int)rule->level;
    alert->mode = (int)rule->mode;
    alert->confidence = 1;
    alert->count_exact = true;
    alert->rule_id = alert->correlation_id = rule->id;
    alert->tags = list_of(rule->tags, rule->tag_count, arena);
    write_texts(of, arena, alert);
    alert->recommended_actions =
        actions_of(of->actions, of->language, rule, alert->severity, TEXT("silence"), arena);
}

#include "detector/engine_judge.h"

#include <stdlib.h>

enum {
    FORMS_BLOCK = 64 * 1024,
    FORMS_KEPT = 256 * 1024, /* a huge log's forms are given back */
    NOWHERE = -1,
};

void engine_judge_init(struct engine_judge *judge, const struct engine_plan *plan)
{
    *judge = (struct engine_judge){.plan = plan, .matcher = pattern_matcher_new()};
    judge->forms = arena_new(FORMS_BLOCK);
    judge->texts = mem_zero(ENGINE_MAX_TEXTS * sizeof(*judge->texts));
    judge->limit_hits = mem_zero((plan->rule_count + 1) * sizeof(*judge->limit_hits));
}

void engine_judge_done(struct engine_judge *judge)
{
    pattern_matcher_free(judge->matcher);
    arena_free(judge->forms);
    free(judge->texts);
    free(judge->limit_hits);
}

static void add_text(struct engine_judge *judge, uint32_t field, unsigned decode, struct text text)
{
    if (text.size > 0)
        judge->texts[judge->text_count++] = (struct engine_text){text, field, decode};
}

static void read_field(struct engine_judge *judge, uint32_t number, struct text value)
{
    const struct engine_field *field = &judge->plan->fields[number];
    struct text forms[DECODE_MAX_FORMS];

    add_text(judge, number, 0, value);
    /* Bit 0 stands for the text as it came. */
    for (unsigned left = field->decodings & ~1u; left != 0; left &= left - 1) {
        unsigned decode = (unsigned)__builtin_ctz(left);
        size_t count = decode_forms(value, decode, judge->forms, forms);

        for (size_t i = 0; i < count; i++)
            add_text(judge, number, decode, forms[i]);
    }
}

void engine_judge_read(struct engine_judge *judge, const struct entry *entry, struct arena *arena)
{
    arena_reset(judge->forms, FORMS_KEPT);
    judge->text_count = 0;
    for (uint32_t i = 0; i < judge->plan->field_count; i++) {
        const struct engine_field *field = &judge->plan->fields[i];
        struct text value =
            field->known >= 0 ? entry->fields[field->known] : entry_get(entry, field->name, arena);

        if (value.size > 0)
            read_field(judge, i, value);
    }
}

static bool may_match(const struct engine_judge *judge, uint32_t pattern, size_t text)
{
    return !judge->candidates || judge->candidates[pattern] >> text % 64 & 1;
}

/* Is @pattern there where PCRE2 gave up? Who can make it give up must not hide from the rules by
 * that, nor from one by what keeps it from firing. Beyond 64 texts a candidate may mean another. */
static bool is_there_anyway(const struct engine_judge *judge, uint32_t pattern)
{
    const struct engine_pattern *known = &judge->plan->patterns[pattern];

    return judge->candidates && judge->text_count <= 64 && known->is_exact && known->is_positive;
}

/* The first text with @pattern in it, by the rule's order of fields, each as it came and then
 * decoded; one where that is confirmed comes before all where it is not. */
static int locate(struct engine_judge *judge, uint32_t pattern)
{
    const struct rule *rule = judge->rule->rule;
    int unconfirmed = NOWHERE;

    judge->is_unconfirmed = false;
    for (size_t f = 0; f < rule->field_count; f++) {
        for (size_t i = 0; i < judge->text_count; i++) {
            const struct engine_text *text = &judge->texts[i];

            if (text->field != judge->rule->fields[f] ||
                (text->decode != 0 && text->decode != rule->decode) ||
                !may_match(judge, pattern, i))
                continue;
            enum pattern_result result =
                pattern_find(judge->plan->patterns[pattern].pattern, judge->matcher, text->text);

            if (result == PATTERN_FOUND)
                return (int)i;
            if (result == PATTERN_LIMIT) {
                judge->hit_limit = true;
                if (unconfirmed == NOWHERE && is_there_anyway(judge, pattern))
                    unconfirmed = (int)i;
            }
        }
    }
    judge->is_unconfirmed = unconfirmed != NOWHERE;
    return unconfirmed;
}

static bool finds(void *self, uint32_t pattern)
{
    return locate(self, pattern) != NOWHERE;
}

static const char *value_of(const struct text_map *map, const char *name)
{
    for (size_t i = 0; map && i < map->count; i++) {
        if (strcmp(map->names[i], name) == 0)
            return map->values[i];
    }
    return "";
}

static bool is_from(const struct text_map *logsource, const struct text_map *wanted)
{
    for (size_t i = 0; i < wanted->count; i++) {
        if (strcmp(value_of(logsource, wanted->names[i]), wanted->values[i]) != 0)
            return false;
    }
    return true;
}

/* The field that text number @at is of, as it came: the first of its texts. */
static struct text payload_of(const struct engine_judge *judge, size_t at)
{
    size_t i = 0;

    while (judge->texts[i].field != judge->texts[at].field)
        i++;
    return judge->texts[i].text;
}

static void describe(struct engine_judge *judge, uint32_t because, struct arena *arena,
                     struct engine_hit *hit)
{
    const struct pattern *pattern = judge->plan->patterns[because].pattern;
    int at = locate(judge, because); /* again: other patterns were looked for since */

    if (at == NOWHERE)
        return;
    const struct engine_text *text = &judge->texts[at];

    hit->pattern = pattern_source(pattern);
    hit->field = judge->plan->fields[text->field].name;
    hit->payload = payload_of(judge, (size_t)at);
    hit->is_unconfirmed = judge->is_unconfirmed;
    if (hit->is_unconfirmed)
        return;
    hit->capture_count = pattern_captures(pattern, judge->matcher, text->text, hit->captures);
    for (size_t i = 0; i < hit->capture_count && text->decode != 0; i++)
        hit->captures[i].value = arena_copy(arena, hit->captures[i].value);
}

bool engine_judge_fires(struct engine_judge *judge, size_t rule, const struct text_map *logsource,
                        struct arena *arena, struct engine_hit *hit)
{
    uint32_t because;

    judge->rule = &judge->plan->rules[rule];
    judge->hit_limit = false;
    if (!judge->rule->condition || !is_from(logsource, &judge->rule->rule->where_logsource))
        return false;
    bool fires = condition_holds(judge->rule->condition, finds, judge, &because);

    judge->limit_hits[rule] += judge->hit_limit;
    if (!fires)
        return false;
    *hit = (struct engine_hit){.rule = judge->rule->rule};
    if (because != CONDITION_NO_PATTERN)
        describe(judge, because, arena, hit);
    return true;
}

#include <errno.h>

#include "base/document.h"
#include "cli/commands/input.h"
#include "cli/commands/logsource.h"
#include "cli/commands/rules.h"
#include "cli/commands/rules_options.h"
#include "cli/paint.h"
#include "cli/printable.h"
#include "detector/engine_judge.h"
#include "detector/source.h"

enum { MAX_LOG_BYTES = 1024 * 1024 };

struct explanation {
    const struct rules_options *options;
    struct terminal terminal;
    struct arena *arena;
    struct engine_plan *plan;
    size_t number; /* of the rule */
    const struct rule *rule;
    struct buf out;
};

static void add_line(struct explanation *e, const char *title, struct text text)
{
    buf_addf(&e->out, "  %-12s", title);
    printable_add(&e->out, text, SIZE_MAX);
    buf_add_byte(&e->out, '\n');
}

static void add_patterns(struct explanation *e)
{
    if (e->rule->prefix.size > 0)
        add_line(e, "prefix", e->rule->prefix);
    for (size_t i = 0; i < e->rule->pattern_count; i++)
        add_line(e, arena_textf(e->arena, "pattern %zu", i + 1).bytes, e->rule->patterns[i]);
    if (e->rule->unless_prefix.size > 0)
        add_line(e, "unless behind", e->rule->unless_prefix);
    for (size_t i = 0; i < e->rule->unless_count; i++)
        add_line(e, arena_textf(e->arena, "unless %zu", i + 1).bytes, e->rule->unless[i]);
}

static void add_where(struct explanation *e)
{
    const struct text_map *where = &e->rule->where_logsource;

    for (size_t i = 0; i < where->count; i++)
        add_line(e, "where", arena_textf(e->arena, "%s is %s", where->names[i], where->values[i]));
}

static void describe(struct explanation *e)
{
    const struct rule *rule = e->rule;
    AUTO_BUF fields = {0};
    AUTO_BUF decode = {0};

    for (size_t i = 0; i < rule->field_count; i++)
        buf_addf(&fields, "%s%.*s", i ? ", " : "", TEXT_ARG(rule->fields[i]));
    rule_files_write_decode(rule->decode, &decode);
    paint_start(&e->out, PAINT_BOLD, e->terminal.colour);
    printable_add(&e->out, rule->rule_id, SIZE_MAX);
    paint_end(&e->out, PAINT_BOLD, e->terminal.colour);
    buf_add_string(&e->out, ": ");
    printable_add(&e->out, rule->title, SIZE_MAX);
    buf_add_byte(&e->out, '\n');
    add_line(e, "event type", rule->event_type);
    add_line(e, "level",
             arena_textf(e->arena, "%s, confidence %g, mode %s", event_levels[rule->level],
                         rule->confidence, rule_files_modes[rule->mode]));
    add_line(e, "file", arena_textf(e->arena, "%s:%d", rule->file, rule->line));
    add_line(e, "looks at", buf_text(&fields));
    add_line(e, "decodes", decode.size ? buf_text(&decode) : TEXT("nothing"));
    add_where(e);
    add_patterns(e);
}

/* Of the rule's patterns and exceptions, which are found in @text. */
static void add_found(struct explanation *e, const struct engine_judge *judge, struct text text)
{
    const struct engine_rule *rule = &e->plan->rules[e->number];
    size_t count = e->rule->pattern_count;

    for (size_t i = 0; i < count + e->rule->unless_count; i++) {
        const char *kind = i < count ? "pattern" : "unless";
        size_t shown = i < count ? i + 1 : i - count + 1;

        buf_addf(&e->out, "    %s %zu: ", kind, shown);
        switch (pattern_find(e->plan->patterns[rule->first_pattern + i].pattern, judge->matcher,
                             text)) {
        case PATTERN_FOUND:
            paint_add(&e->out, i < count ? PAINT_GOOD : PAINT_BAD, e->terminal.colour, "found");
            break;
        case PATTERN_ABSENT:
            paint_add(&e->out, PAINT_DIM, e->terminal.colour, "not found");
            break;
        case PATTERN_LIMIT:
            paint_add(&e->out, PAINT_BAD, e->terminal.colour,
                      "given up: too many steps, which counts as not found");
            break;
        }
        buf_add_byte(&e->out, '\n');
    }
}

static bool is_rules_text(const struct explanation *e, const struct engine_text *text)
{
    return engine_plan_looks_at(&e->plan->rules[e->number], text->field) &&
           (text->decode == 0 || text->decode == e->rule->decode);
}

static void add_texts(struct explanation *e, const struct engine_judge *judge)
{
    size_t form = 0, shown = 0;

    for (size_t i = 0; i < judge->text_count; i++) {
        const struct engine_text *text = &judge->texts[i];

        if (!is_rules_text(e, text))
            continue;
        shown++;
        form = text->decode ? form + 1 : 0;
        buf_add_byte(&e->out, '\n');
        printable_add(&e->out, e->plan->fields[text->field].name, SIZE_MAX);
        buf_add_string(&e->out, ", ");
        if (form)
            buf_addf(&e->out, "decoded, form %zu:\n    ", form);
        else
            buf_add_string(&e->out, "as it came:\n    ");
        printable_add(&e->out, text_cut(text->text, 4096), SIZE_MAX);
        buf_add_byte(&e->out, '\n');
        add_found(e, judge, text->text);
    }
    if (shown == 0)
        buf_add_string(&e->out, "\nThe log has none of the fields that the rule looks at.\n");
}

static const char *value_of(const struct text_map *map, const char *name)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->names[i], name) == 0)
            return map->values[i];
    }
    return NULL;
}

static void add_wish(struct explanation *e, const char *name, const char *value, const char *is)
{
    AUTO_BUF words = {0};

    buf_addf(&words,
             "It wants logs whose %s is %s; of this one it is %s (--logsource %s=%s says so).",
             name, value, is ? is : "not said", name, value);
    printable_add(&e->out, buf_text(&words), SIZE_MAX);
    buf_add_byte(&e->out, '\n');
}

static void add_verdict(struct explanation *e, bool fires, const struct engine_hit *hit,
                        const struct text_map *logsource)
{
    const struct text_map *where = &e->rule->where_logsource;

    buf_add_byte(&e->out, '\n');
    for (size_t i = 0; i < where->count; i++) {
        const char *is = value_of(logsource, where->names[i]);

        if (!is || strcmp(is, where->values[i]) != 0)
            add_wish(e, where->names[i], where->values[i], is);
    }
    if (e->rule->mode == RULE_OFF)
        buf_add_string(&e->out, "Its mode is off.\n");
    paint_start(&e->out, fires ? PAINT_GOOD : PAINT_BAD, e->terminal.colour);
    buf_add_string(&e->out, fires ? "It fires" : "It does not fire.");
    paint_end(&e->out, fires ? PAINT_GOOD : PAINT_BAD, e->terminal.colour);
    if (fires) {
        buf_add_string(&e->out, ": ");
        printable_add(&e->out, hit->field, SIZE_MAX);
        buf_add_string(&e->out, " matches ");
        printable_add(&e->out, hit->pattern, SIZE_MAX);
    }
    for (size_t i = 0; fires && i < hit->capture_count; i++) {
        buf_add_string(&e->out, "; ");
        printable_add(&e->out, hit->captures[i].name, SIZE_MAX);
        buf_add_string(&e->out, " is ");
        printable_add(&e->out, hit->captures[i].value, SIZE_MAX);
    }
    buf_add_byte(&e->out, '\n');
}

/* 0 it fires, 1 it does not, less than 0 the log cannot be read. */
static int explain_log(struct explanation *e, struct text log, struct error *err)
{
    struct source_settings settings = {.format = e->options->format};
    struct engine_judge judge;
    struct engine_hit hit = {0};
    struct entry entry;

    if (logsource_parse(&e->options->logsource, e->arena, &settings.logsource, err) < 0)
        return -EINVAL;
    AUTO(source) source = source_new(&settings, err);

    if (!source || source_parse(source, log, -1, e->arena, &entry, err) < 0)
        return -EBADMSG;
    engine_judge_init(&judge, e->plan);
    engine_judge_read(&judge, &entry, e->arena);
    bool fires = e->rule->mode != RULE_OFF &&
                 engine_judge_fires(&judge, e->number, &settings.logsource, e->arena, &hit);

    if (e->rule->mode != RULE_OFF)
        add_texts(e, &judge);
    add_verdict(e, fires, &hit, &settings.logsource);
    engine_judge_done(&judge);
    return fires ? 0 : 1;
}

/* The operand, or the first line of stdin. */
static int read_log(struct explanation *e, const char *operand, struct text *log, struct error *err)
{
    struct text line = {0};

    *log = text_of(operand);
    if (strcmp(operand, "-") != 0)
        return 0;
    struct input *input = input_open("-", MAX_LOG_BYTES, NULL, NULL, err);
    enum input_result result = input ? input_line(input, &line, err) : INPUT_FAILED;

    *log = arena_copy(e->arena, line);
    input_close(input);
    if (result == INPUT_TOO_LONG || result == INPUT_END)
        error_set(err, -EBADMSG, "stdin: %s",
                  result == INPUT_END ? "holds no log" : "the log is over 1 MiB");
    return result == INPUT_LINE ? 0 : -EBADMSG;
}

static bool find_rule(struct explanation *e, const struct ruleset *ruleset, const char *name,
                      struct error *err)
{
    for (size_t i = 0; i < ruleset_count(ruleset); i++) {
        if (text_is(ruleset_rule(ruleset, i)->rule_id, name)) {
            e->number = i;
            e->rule = ruleset_rule(ruleset, i);
            return true;
        }
    }
    const char **names = arena_zero(e->arena, (ruleset_count(ruleset) + 1) * sizeof(*names));

    for (size_t i = 0; i < ruleset_count(ruleset); i++)
        names[i] = arena_textf(e->arena, "%.*s", TEXT_ARG(ruleset_rule(ruleset, i)->rule_id)).bytes;
    const char *nearest = document_nearest(text_of(name), names, ruleset_count(ruleset));

    error_set(err, -ENOENT, "there is no rule '%.100s'%s%s%s (haechi rules list shows all)", name,
              nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
    return false;
}

static int explain(struct explanation *e, const struct arguments *arguments, struct error *err)
{
    AUTO(ruleset) ruleset = rule_files_load(&e->options->rules, err);

    if (!ruleset || !find_rule(e, ruleset, arguments->operands[0], err))
        return -1;
    AUTO(engine_plan) plan = engine_plan_new(ruleset, err);
    struct text log;

    if (!plan)
        return -1;
    e->plan = plan;
    describe(e);
    if (arguments->count < 2)
        return 0;
    if (read_log(e, arguments->operands[1], &log, err) < 0)
        return -1;
    return explain_log(e, log, err);
}

int rules_explain(const struct arguments *arguments)
{
    AUTO(arena) arena = arena_new(65536);
    struct explanation e = {.options = arguments->config, .arena = arena};
    struct error err = {0};
    int status;

    e.terminal = terminal_of(stdout);
    status = explain(&e, arguments, &err);
    if (!terminal_print(arguments, buf_text(&e.out)))
        status = 1;
    if (status < 0)
        status = terminal_complain(arguments, &err);
    buf_done(&e.out);
    return status;
}

#include <stdlib.h>

#include "base/document.h"
#include "cli/commands/correlation_words.h"
#include "cli/commands/correlations.h"
#include "cli/commands/correlations_options.h"
#include "cli/paint.h"
#include "cli/printable.h"

enum { LABEL = 12 };

struct explanation {
    const struct correlations *set;
    const struct correlation *rule;
    struct terminal terminal;
    struct buf out;
};

static void add_line(struct explanation *e, const char *title, struct text text)
{
    buf_addf(&e->out, "  %-*s", LABEL, title);
    printable_add(&e->out, text, SIZE_MAX);
    buf_add_byte(&e->out, '\n');
}

static void add_joined(struct buf *out, const char *before, const struct text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_addf(out, "%s%.*s", i ? ", " : before, TEXT_ARG(texts[i]));
}

static void add_filters(struct buf *out, const char *word, const struct correlation_filter *filters,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "; %s %.*s is ", word, TEXT_ARG(filters[i].field.name));
        for (size_t k = 0; k < filters[i].count; k++)
            buf_addf(out, "%s%.*s", k ? " or " : "", TEXT_ARG(filters[i].values[k].text));
    }
}

static void add_selection(struct explanation *e, const struct correlation_selection *selection,
                          const char *title)
{
    AUTO_BUF words = {0};

    if (selection->correlation) {
        buf_addf(&words, "%.*s holds: ", TEXT_ARG(selection->correlation->id));
        correlation_words_condition(selection->correlation, &words);
        buf_add_string(&words, " events within ");
        correlation_words_span(selection->correlation->timespan_ms, &words);
    } else {
        bool is_any = selection->type_count == 1 && text_is(selection->types[0], "*");

        if (is_any)
            buf_add_string(&words, "any event");
        else
            add_joined(&words, "events of ", selection->types, selection->type_count);
        if (selection->min_level > LEVEL_LOW)
            buf_addf(&words, "; %s or above", event_levels[selection->min_level]);
        add_filters(&words, "where", selection->where, selection->where_count);
        add_filters(&words, "unless", selection->unless, selection->unless_count);
    }
    add_line(e, title, buf_text(&words));
}

static const char *meaning(const struct correlation *rule)
{
    static const char *const meanings[] = {
        [CORRELATION_EVENT_COUNT] = "the number of events",
        [CORRELATION_VALUE_COUNT] = "the number of different values",
        [CORRELATION_VALUE_SUM] = "the sum of the values",
        [CORRELATION_VALUE_AVG] = "the average of the values",
        [CORRELATION_VALUE_PERCENTILE] = "a percentile of the values",
        [CORRELATION_TEMPORAL] = "how many of the named rules have an event, in any order",
        [CORRELATION_TEMPORAL_ORDERED] = "each of the named rules has an event, in this order",
        [CORRELATION_SILENCE] = "whether logs still come",
    };

    return meanings[rule->type];
}

/* The window ends at each event and reaches back by the timespan, both ends included. */
static void add_drawing(struct explanation *e)
{
    AUTO_BUF span = {0};

    correlation_words_span(e->rule->timespan_ms, &span);
    buf_addf(&e->out,
             "\n"
             "      the window of an event: %s, both ends included\n"
             "    |<----------------------------------->|\n"
             "  --x-----x--------x---x------------x-----x------> time\n"
             "    oldest that counts              the event\n\n",
             buf_string(&span));
}

/* Where each named rule's events have the value of a group that no field is called. */
static void add_aliases(struct explanation *e)
{
    const struct correlation *rule = e->rule;

    for (size_t g = 0; g < rule->group_count; g++) {
        AUTO_BUF words = {0};

        for (size_t i = 0; i < rule->selection_count; i++) {
            const struct correlation_selection *selection = &rule->selections[i];

            if (selection->keys && !text_equal(selection->keys[g].name, rule->group_by[g]))
                buf_addf(&words, "%s%.*s of %.*s", words.size ? ", " : " is ",
                         TEXT_ARG(selection->keys[g].name), TEXT_ARG(selection->name));
        }
        if (words.size == 0)
            continue;
        AUTO_BUF line = {0};

        buf_add(&line, rule->group_by[g]);
        buf_add(&line, buf_text(&words));
        add_line(e, "where", buf_text(&line));
    }
}

/* Rules that write the alerts of this one in their own. */
static void add_stand_ins(struct explanation *e)
{
    for (size_t i = 0; i < correlations_count(e->set); i++) {
        const struct correlation *other = correlations_rule(e->set, i);

        for (size_t k = 0; correlation_withholds(other) && k < other->selection_count; k++) {
            AUTO_BUF words = {0};

            if (other->selections[k].correlation != e->rule)
                continue;
            buf_addf(&words, "none of its own: %.*s names it and says generate: false",
                     TEXT_ARG(other->id));
            add_line(e, "alerts", buf_text(&words));
        }
    }
}

static void add_texts(struct explanation *e)
{
    const struct correlation *rule = e->rule;
    AUTO_BUF tags = {0};
    AUTO_BUF where = {0};
    AUTO_BUF slot = {0};

    correlation_words_span(rule->suppress_ms, &slot);
    buf_add_string(&slot, rule->suppress_ms ? " of event time and group have one alert"
                                            : ": each event at which it holds is an alert");
    if (rule->type != CORRELATION_SILENCE)
        add_line(e, "slots", buf_text(&slot));
    add_stand_ins(e);
    if (!rule->generate)
        add_line(e, "generate", TEXT("false: its events are not alerts by themselves"));
    add_line(e, "title", rule->title);
    if (rule->description.size > 0)
        add_line(e, "description", rule->description);
    add_joined(&tags, "", rule->tags, rule->tag_count);
    if (tags.size > 0)
        add_line(e, "tags", buf_text(&tags));
    buf_addf(&where, "%s:%d", rule->file, rule->line);
    add_line(e, "file", buf_text(&where));
}

static void describe(struct explanation *e)
{
    const struct correlation *rule = e->rule;
    AUTO_BUF condition = {0};
    AUTO_BUF groups = {0};

    paint_start(&e->out, PAINT_BOLD, e->terminal.colour);
    printable_add(&e->out, rule->id, SIZE_MAX);
    paint_end(&e->out, PAINT_BOLD, e->terminal.colour);
    buf_add_string(&e->out, ": ");
    paint_add(&e->out, paint_of_level((int)rule->level), e->terminal.colour,
              event_levels[rule->level]);
    buf_addf(&e->out, ", %s, mode %s\n", correlation_types[rule->type],
             correlation_words_mode(rule));
    for (size_t i = 0; i < rule->selection_count; i++)
        add_selection(e, &rule->selections[i],
                      i == 0                                       ? "looks at"
                      : rule->type == CORRELATION_TEMPORAL_ORDERED ? "then at"
                                                                   : "and at");
    correlation_words_groups(rule, &groups);
    if (rule->type != CORRELATION_SILENCE)
        add_line(e, "for each", rule->group_count ? buf_text(&groups) : TEXT("tenant"));
    add_aliases(e);
    buf_addf(&condition, "%s", meaning(rule));
    buf_add_string(&condition, ": ");
    correlation_words_condition(rule, &condition);
    if (rule->type == CORRELATION_SILENCE) {
        buf_add_string(&condition, " within ");
        correlation_words_span(rule->expect.within_ms, &condition);
    }
    add_line(e, "asks for", buf_text(&condition));
    if (rule->type != CORRELATION_SILENCE)
        add_drawing(e);
    add_texts(e);
}

static int refuse(const struct arguments *arguments, const struct correlations *set)
{
    const char *name = arguments->operands[0];
    const char **ids = mem_zero((correlations_count(set) + 1) * sizeof(*ids));
    struct error err;

    for (size_t i = 0; i < correlations_count(set); i++)
        ids[i] = correlations_rule(set, i)->id.bytes;
    const char *nearest = document_nearest(text_of(name), ids, correlations_count(set));

    if (nearest)
        error_set(&err, -1, "there is no correlation %.80s; did you mean %s?", name, nearest);
    else
        error_set(&err, -1, "there is no correlation %.80s; haechi correlations list shows all",
                  name);
    free(ids);
    return terminal_complain(arguments, &err);
}

int correlations_explain(const struct arguments *arguments)
{
    const struct correlations_options *options = arguments->config;
    struct explanation e = {.terminal = terminal_of(stdout)};
    struct error err = {0};
    AUTO(correlations)
    set = correlation_files_load(&options->correlations, CORRELATION_LIMITS_DEFAULT, NULL, 0, &err);

    if (!set)
        return terminal_complain(arguments, &err);
    e.set = set;
    e.rule = correlations_find(set, text_of(arguments->operands[0]));
    if (!e.rule)
        return refuse(arguments, set);
    describe(&e);
    bool is_written = terminal_print(arguments, buf_text(&e.out));

    buf_done(&e.out);
    return is_written ? 0 : 1;
}

#include "cli/commands/correlation_words.h"
#include "cli/commands/correlations.h"
#include "cli/commands/correlations_options.h"
#include "cli/json_line.h"
#include "cli/table.h"

enum { COLUMNS = 7 };

static void add_json(const struct correlation *rule, struct buf *out)
{
    AUTO_BUF condition = {0};

    correlation_words_condition(rule, &condition);
    buf_add_string(out, "{\"id\":");
    buf_add_json(out, rule->id);
    json_line_text(out, "title", rule->title);
    json_line_text(out, "description", rule->description);
    buf_addf(out, ",\"threat_level\":\"%s\",\"mode\":\"%s\",\"type\":\"%s\"",
             event_levels[rule->level], correlation_words_mode(rule),
             correlation_types[rule->type]);
    buf_add_string(out, ",\"rules\":[");
    for (size_t i = 0; i < rule->selection_count; i++) {
        buf_add_string(out, i ? "," : "");
        buf_add_json(out, rule->selections[i].name);
    }
    buf_add_byte(out, ']');
    json_line_texts(out, "group_by", rule->group_by, rule->group_count);
    buf_addf(out, ",\"timespan_ms\":%lld", (long long)rule->timespan_ms);
    json_line_text(out, "condition", buf_text(&condition));
    buf_addf(out, ",\"generate\":%s,\"suppress_ms\":%lld", rule->generate ? "true" : "false",
             (long long)rule->suppress_ms);
    json_line_texts(out, "tags", rule->tags, rule->tag_count);
    buf_addf(out, ",\"tests\":%zu", rule->test_count);
    json_line_text(out, "file", text_of(rule->file));
    buf_addf(out, ",\"line\":%d}\n", rule->line);
}

static void make_row(const struct correlation *rule, struct arena *arena, struct cell row[COLUMNS])
{
    AUTO_BUF condition = {0};
    AUTO_BUF span = {0};
    AUTO_BUF groups = {0};

    correlation_words_condition(rule, &condition);
    correlation_words_groups(rule, &groups);
    correlation_words_span(
        rule->type == CORRELATION_SILENCE ? rule->expect.within_ms : rule->timespan_ms, &span);
    row[0] = (struct cell){rule->id, PAINT_BOLD};
    row[1] = (struct cell){text_of(event_levels[rule->level]), paint_of_level((int)rule->level)};
    row[2] = (struct cell){text_of(correlation_words_mode(rule)), PAINT_NONE};
    row[3] = (struct cell){text_of(correlation_types[rule->type]), PAINT_NONE};
    row[4] = (struct cell){arena_copy(arena, buf_text(&groups)), PAINT_NONE};
    row[5] = (struct cell){arena_copy(arena, buf_text(&span)), PAINT_NONE};
    row[6] = (struct cell){arena_copy(arena, buf_text(&condition)), PAINT_NONE};
}

static void add_table(const struct correlations *set, const struct terminal *terminal,
                      struct buf *out)
{
    AUTO(arena) arena = arena_new(16384);
    struct table table = {
        .columns = {{.title = "CORRELATION", .least = TABLE_WHOLE},
                    {.title = "LEVEL", .least = TABLE_WHOLE},
                    {.title = "MODE", .drop = 1},
                    {.title = "TYPE", .drop = 3},
                    {.title = "GROUP BY", .drop = 4},
                    {.title = "IN", .right = true, .least = TABLE_WHOLE, .drop = 2},
                    {.title = "CONDITION"}},
        .count = COLUMNS,
        .colour = terminal->colour};
    size_t count = correlations_count(set);
    struct cell(*rows)[COLUMNS] = arena_take(arena, (count + 1) * sizeof(*rows));

    for (size_t i = 0; i < count; i++)
        make_row(correlations_rule(set, i), arena, rows[i]);
    table_write(&table, rows[0], count, terminal->width, out);
}

int correlations_list(const struct arguments *arguments)
{
    const struct correlations_options *options = arguments->config;
    struct terminal terminal = terminal_of(stdout);
    const enum output output = output_of(options->output, &terminal);
    struct error err = {0};
    AUTO_BUF out = {0};
    AUTO(correlations)
    set = correlation_files_load(&options->correlations, CORRELATION_LIMITS_DEFAULT, NULL, 0, &err);

    if (!set)
        return terminal_complain(arguments, &err);
    if (output == OUTPUT_TABLE) {
        add_table(set, &terminal, &out);
    } else {
        for (size_t i = 0; i < correlations_count(set); i++)
            add_json(correlations_rule(set, i), &out);
    }
    return output_print(arguments, output, buf_text(&out)) ? 0 : 1;
}

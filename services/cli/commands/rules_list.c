#include "cli/commands/rules.h"
#include "cli/commands/rules_options.h"
#include "cli/json_line.h"
#include "cli/table.h"

enum { COLUMNS = 7 };

static void add_json(const struct rule *rule, struct buf *out)
{
    AUTO_BUF decode = {0};

    rule_files_write_decode(rule->decode, &decode);
    buf_add_string(out, "{\"rule_id\":");
    buf_add_json(out, rule->rule_id);
    json_line_text(out, "title", rule->title);
    json_line_text(out, "event_type", rule->event_type);
    buf_addf(out, ",\"threat_level\":\"%s\",\"confidence\":%g,\"mode\":\"%s\"",
             event_levels[rule->level], rule->confidence, rule_files_modes[rule->mode]);
    json_line_texts(out, "fields", rule->fields, rule->field_count);
    json_line_text(out, "decode", buf_text(&decode));
    json_line_text(out, "prefix", rule->prefix);
    json_line_texts(out, "patterns", rule->patterns, rule->pattern_count);
    json_line_text(out, "unless_prefix", rule->unless_prefix);
    json_line_texts(out, "unless", rule->unless, rule->unless_count);
    json_line_texts(out, "tags", rule->tags, rule->tag_count);
    buf_addf(out, ",\"tests\":%zu", rule->test_count);
    json_line_text(out, "file", text_of(rule->file));
    buf_addf(out, ",\"line\":%d}\n", rule->line);
}

static void make_row(const struct rule *rule, struct arena *arena, struct cell row[COLUMNS])
{
    AUTO_BUF decode = {0};

    rule_files_write_decode(rule->decode, &decode);
    row[0] = (struct cell){rule->rule_id, PAINT_BOLD};
    row[1] = (struct cell){text_of(event_levels[rule->level]), paint_of_level((int)rule->level)};
    row[2] = (struct cell){arena_textf(arena, "%g", rule->confidence), PAINT_NONE};
    row[3] = (struct cell){text_of(rule_files_modes[rule->mode]), PAINT_NONE};
    row[4] = (struct cell){arena_textf(arena, "%zu", rule->pattern_count), PAINT_NONE};
    row[5] = (struct cell){arena_copy(arena, buf_text(&decode)), PAINT_NONE};
    row[6] = (struct cell){rule->title, PAINT_NONE};
}

static void add_table(const struct ruleset *ruleset, const struct terminal *terminal,
                      struct buf *out)
{
    AUTO(arena) arena = arena_new(16384);
    struct table table = {
        .columns = {{.title = "RULE", .least = TABLE_WHOLE},
                    {.title = "LEVEL", .least = TABLE_WHOLE},
                    {.title = "CONFIDENCE", .right = true, .least = TABLE_WHOLE, .drop = 4},
                    {.title = "MODE", .drop = 1},
                    {.title = "PATTERNS", .right = true, .drop = 3},
                    {.title = "DECODE", .drop = 2},
                    {.title = "TITLE"}},
        .count = COLUMNS,
        .colour = terminal->colour};
    size_t count = ruleset_count(ruleset);
    struct cell(*rows)[COLUMNS] = arena_take(arena, (count + 1) * sizeof(*rows));

    for (size_t i = 0; i < count; i++)
        make_row(ruleset_rule(ruleset, i), arena, rows[i]);
    table_write(&table, rows[0], count, terminal->width, out);
}

int rules_list(const struct arguments *arguments)
{
    const struct rules_options *options = arguments->config;
    struct terminal terminal = terminal_of(stdout);
    const enum output output = output_of(options->output, &terminal);
    struct error err = {0};
    AUTO_BUF out = {0};
    AUTO(ruleset) ruleset = rule_files_load(&options->rules, &err);

    if (!ruleset)
        return terminal_complain(arguments, &err);
    if (output == OUTPUT_TABLE) {
        add_table(ruleset, &terminal, &out);
    } else {
        for (size_t i = 0; i < ruleset_count(ruleset); i++)
            add_json(ruleset_rule(ruleset, i), &out);
    }
    return output_print(arguments, output, buf_text(&out)) ? 0 : 1;
}

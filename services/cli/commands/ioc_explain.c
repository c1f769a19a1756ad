/* `haechi ioc explain`: what becomes of a value, and why. */
#include <inttypes.h>

#include "cli/commands/ioc.h"
#include "cli/commands/output.h"
#include "cli/commands/warning_options.h"
#include "cli/paint.h"
#include "cli/printable.h"
#include "iocfeed/row.h"

struct explain_options {
    struct warning_options warnings;
    const char *type;
    bool allow_private;
    int output;
};

struct verdict {
    struct text raw;
    enum indicator_reason reason;
    struct indicator found;
    struct text forms[INDICATOR_URL_FORMS]; /* under which a listed URL would match it */
    size_t form_count;
    bool is_held;
    struct warning_hit hit;
};

static void judge(const struct explain_options *options, const struct warning_lists *lists,
                  enum indicator_kind kind, struct arena *arena, struct verdict *verdict)
{
    const struct indicator_rules rules = {.refang = true, .allow_bogons = options->allow_private};

    verdict->reason = indicator_read(verdict->raw, kind, &rules, arena, &verdict->found);
    if (verdict->reason != INDICATOR_GOOD)
        return;
    verdict->is_held = warning_lists_find(lists, &verdict->found, (struct text){0}, &verdict->hit);
    if (verdict->found.type == IOC_URL)
        verdict->form_count = indicator_url_forms(verdict->found.value, verdict->forms);
}

static void write_json(const struct verdict *verdict, struct buf *out)
{
    buf_add_string(out, "{\"input\":");
    buf_add_json(out, verdict->raw);
    if (verdict->reason != INDICATOR_GOOD) {
        buf_addf(out, ",\"status\":\"refused\",\"reason\":\"%s\",\"text\":",
                 indicator_reason_code(verdict->reason));
        buf_add_json(out, text_of(indicator_reason_text(verdict->reason)));
    } else {
        buf_addf(out, ",\"status\":\"%s\",\"type\":\"%s\",\"value\":",
                 verdict->is_held ? "held_back" : "good", ioc_types[verdict->found.type]);
        buf_add_json(out, verdict->found.value);
        if (verdict->found.port)
            buf_addf(out, ",\"port\":%d", verdict->found.port);
        if (verdict->is_held) {
            buf_add_string(out, ",\"list\":");
            buf_add_json(out, text_of(verdict->hit.list));
        }
        for (size_t i = 0; i < verdict->form_count; i++) {
            buf_add_string(out, i ? "," : ",\"forms\":[");
            buf_add_json(out, verdict->forms[i]);
        }
        if (verdict->form_count)
            buf_add_byte(out, ']');
    }
    buf_add_string(out, "}\n");
}

static void add_line(const char *title, struct text text, struct buf *out)
{
    buf_addf(out, "  %-10s", title);
    printable_add(out, text, SIZE_MAX);
    buf_add_byte(out, '\n');
}

static void write_words(const struct verdict *verdict, const struct terminal *terminal,
                        struct buf *out)
{
    printable_add(out, verdict->raw, SIZE_MAX);
    buf_add_byte(out, '\n');
    if (verdict->reason != INDICATOR_GOOD) {
        buf_add_string(out, "  ");
        paint_add(out, PAINT_BAD, terminal->colour, "refused");
        buf_addf(out, "   it %s (%s)\n", indicator_reason_text(verdict->reason),
                 indicator_reason_code(verdict->reason));
        return;
    }
    add_line("type", text_of(ioc_types[verdict->found.type]), out);
    add_line("value", verdict->found.value, out);
    if (verdict->found.port)
        buf_addf(out, "  %-10s%d: with another port a match is a weak one\n", "port",
                 verdict->found.port);
    if (verdict->found.cleared)
        add_line("note", TEXT("bits behind the prefix were cleared"), out);
    for (size_t i = 1; i < verdict->form_count; i++)
        add_line(i == 1 ? "also as" : "", verdict->forms[i], out);
    if (verdict->is_held) {
        buf_add_string(out, "  ");
        paint_add(out, PAINT_MEDIUM, terminal->colour, "held back");
        buf_add_string(out, " by the list '");
        printable_add(out, text_of(verdict->hit.list), SIZE_MAX);
        buf_add_byte(out, '\'');
        if (verdict->hit.entry.size) {
            buf_add_string(out, ", entry ");
            printable_add(out, verdict->hit.entry, SIZE_MAX);
        }
        buf_add_byte(out, '\n');
    }
}

static int run_explain(const struct arguments *arguments)
{
    const struct explain_options *options = arguments->config;
    struct terminal terminal = terminal_of(stdout);
    const enum output output = output_of(options->output, &terminal);
    bool all_good = true;
    enum indicator_kind kind = INDICATOR_ANY;
    struct error err = {0};
    AUTO_BUF out = {0};
    AUTO(arena) arena = arena_new(4096);
    AUTO(warning_lists)
    lists = lists_read(&options->warnings.lists, &options->warnings.allow, &err);

    if (!lists)
        return terminal_complain(arguments, &err);
    if (options->type && !row_kind_parse(text_of(options->type), &kind))
        kind = INDICATOR_UNSUPPORTED;
    for (size_t i = 0; i < arguments->count; i++) {
        struct verdict verdict = {.raw = text_of(arguments->operands[i])};

        judge(options, lists, kind, arena, &verdict);
        if (output == OUTPUT_JSON)
            write_json(&verdict, &out);
        else
            write_words(&verdict, &terminal, &out);
        all_good = all_good && verdict.reason == INDICATOR_GOOD && !verdict.is_held;
    }
    return output_print(arguments, output, buf_text(&out)) && all_good ? 0 : 1;
}

static const struct option_row rows[] = {
    {"type", 0, OPTION_TEXT, offsetof(struct explain_options, type), "TYPE",
     "type that a feed gives it: ip, domain, url, hash, email, md5_hash, …", NULL, 0, 0},
    {"allow-private", 0, OPTION_ON, offsetof(struct explain_options, allow_private), NULL,
     "judge it as for a feed that may name private addresses", NULL, 0, 0},
    WARNING_OPTIONS(explain_options),
    OUTPUT_OPTION(explain_options, output),
    {0},
};

static const struct example examples[] = {
    {"haechi ioc explain 'hxxp://evil[.]example/a?b=1'", "what is this to Haechi?"},
    {"haechi ioc explain --warning-lists lists/ 8.8.8.8", "would a list hold it back?"},
    {0},
};

const struct command ioc_explain_command = {
    .name = "explain",
    .summary = "Explain whether a value would become an indicator, and why",
    .operands = "VALUE…",
    .least = 1,
    .most = SIZE_MAX,
    .about = "Shows the canonical form of each value, the forms of a URL that match it, the "
             "warning list that holds it back, or why it is refused. Exit status 1: a value would "
             "not become an IOC.",
    .examples = examples,
    .options = rows,
    .config_size = sizeof(struct explain_options),
    .run = run_explain};

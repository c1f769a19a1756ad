/* What was refused, and why: all of it in rows, or one letter whole. */
#include <errno.h>
#include <inttypes.h>

#include "base/moment.h"
#include "cli/commands/dead_letters.h"
#include "cli/commands/letters.h"
#include "cli/commands/output.h"
#include "cli/table.h"

enum { NARROW_TERMINAL = 100 };

struct list_options {
    struct cluster_options cluster;
    struct letters_options letters;
    int output;
    bool open, value;
};

struct list {
    const struct arguments *arguments;
    const struct list_options *options;
    enum output output;
    struct table table;
    bool has_head;
    bool is_narrow;          /* then: no year */
    struct letter_id wanted; /* the one that is to be shown whole */
    size_t shown;
    bool is_broken; /* the output */
};

static void add_member(struct buf *out, const char *name, struct text value)
{
    buf_addf(out, ",\"%s\":", name);
    if (value.size > 0)
        buf_add_json(out, value);
    else
        buf_add_string(out, "null");
}

static void add_json(const struct letter *letter, bool whole, struct buf *out)
{
    buf_addf(out, "{\"letter\":\"%s\",\"time\":\"", letter->id);
    moment_write(letter->at_ms, out);
    buf_add_byte(out, '"');
    add_member(out, "reason", letter->reason);
    add_member(out, "error", letter->error);
    add_member(out, "service", letter->service);
    add_member(out, "target", letter->target);
    add_member(out, "topic", letter->topic);
    add_member(out, "partition", letter->partition);
    add_member(out, "offset", letter->offset);
    buf_addf(out, ",\"bytes\":%zu,\"replayed\":%s", letter->value.size,
             letter->is_replayed ? "true" : "false");
    if (whole) {
        add_member(out, "key", letter->key);
        add_member(out, "value", letter->value);
    }
    buf_add_string(out, "}\n");
}

static void add_row(struct list *list, const struct letter *letter, struct buf *out)
{
    AUTO_BUF time = {0};
    const struct cell row[] = {
        {table_time(letter->at_ms, !list->is_narrow, &time), PAINT_NONE},
        {text_of(letter->id), PAINT_BOLD},
        {letter->is_replayed ? TEXT("replayed") : TEXT("open"), PAINT_NONE},
        {letter->reason, PAINT_NONE},
        {letter->service, PAINT_NONE},
        {letter->target.size ? letter->target : TEXT("-"), PAINT_NONE},
        {letter->topic, PAINT_NONE},
        {letter->error, PAINT_NONE},
    };

    if (!list->has_head)
        table_head(&list->table, out);
    list->has_head = true;
    table_row(&list->table, row, out);
}

static bool show(void *self, const struct letter *letter)
{
    struct list *list = self;
    AUTO_BUF out = {0};

    if (list->options->open && letter->is_replayed)
        return true;
    if (list->output == OUTPUT_TABLE)
        add_row(list, letter, &out);
    else
        add_json(letter, false, &out);
    list->shown++;
    list->is_broken = !output_print(list->arguments, list->output, buf_text(&out));
    return !list->is_broken;
}

static void start(struct list *list, const struct arguments *arguments)
{
    const struct terminal terminal = terminal_of(stdout);

    list->arguments = arguments;
    list->options = arguments->config;
    list->output = output_of(list->options->output, &terminal);
    list->is_narrow = terminal.width && terminal.width < NARROW_TERMINAL;
    list->table =
        (struct table){.columns = {{.title = "TIME (UTC)",
                                    .width = list->is_narrow ? 14 : 19,
                                    .least = TABLE_WHOLE},
                                   {.title = "LETTER", .width = 6, .least = TABLE_WHOLE},
                                   {.title = "STATUS", .width = 8, .least = TABLE_WHOLE, .drop = 5},
                                   {.title = "REASON", .width = 14, .least = 14},
                                   {.title = "SERVICE", .width = 10, .drop = 1},
                                   {.title = "TARGET", .width = 10, .drop = 3},
                                   {.title = "TOPIC", .width = 17, .drop = 2},
                                   {.title = "ERROR"}},
                       .count = 8,
                       .colour = terminal.colour};
    table_layout(&list->table, terminal.width);
}

static int read_letters(struct list *list, bool (*take)(void *self, const struct letter *letter))
{
    struct error err = {0};
    struct letters *letters = letters_open(&list->options->cluster, &list->options->letters, &err);
    int result = letters ? letters_each(letters, take, list, &err) : -1;

    letters_close(letters);
    if (result < 0)
        terminal_complain(list->arguments, &err);
    return result == 0 && !list->is_broken ? 0 : err.code == -EINVAL ? 2 : 1;
}

static int run_list(const struct arguments *arguments)
{
    struct list list = {0};

    start(&list, arguments);
    return read_letters(&list, show);
}

static bool show_whole(void *self, const struct letter *letter)
{
    struct list *list = self;
    AUTO_BUF out = {0};

    if (letter->place.partition != list->wanted.partition ||
        letter->place.offset != list->wanted.offset)
        return true;
    add_json(letter, true, &out);
    list->shown++;
    list->is_broken = list->options->value ? !terminal_print_raw(list->arguments, letter->value)
                                           : !terminal_print_json(list->arguments, buf_text(&out));
    return false;
}

static int run_show(const struct arguments *arguments)
{
    struct list list = {0};
    struct error err = {0};

    if (letter_id_parse(arguments->operands[0], &list.wanted, &err) < 0) {
        terminal_complain(arguments, &err);
        return 2;
    }
    start(&list, arguments);
    int status = read_letters(&list, show_whole);

    if (status != 0 || list.shown > 0)
        return status;
    error_set(
        &err, -ENOENT,
        "there is no dead letter %.60s that the options choose; haechi dead-letters list shows "
        "them",
        arguments->operands[0]);
    return terminal_complain(arguments, &err);
}

static const struct option_row list_rows[] = {
    CLUSTER_OPTIONS(list_options),
    LETTERS_OPTIONS(list_options),
    {"open", 0, OPTION_ON, offsetof(struct list_options, open), NULL,
     "leave out letters that have been replayed", NULL, 0, 0},
    OUTPUT_OPTION(list_options, output),
    {0},
};

static const struct example list_examples[] = {
    {"haechi dead-letters list --since 1d --open", "what was refused since yesterday?"},
    {"haechi dead-letters list --target splunk -o json | jq -r .error | sort | uniq -c",
     "why does that target refuse alerts?"},
    {0},
};

const struct command dead_letters_list_command = {
    .name = "list",
    .summary = "List what was refused, and why",
    .about =
        "Reads the topic of dead letters from its start, or from --since, to its end. A letter "
        "is identified by its partition and offset in that topic, as 0:42.",
    .examples = list_examples,
    .options = list_rows,
    .config_size = sizeof(struct list_options),
    .run = run_list,
};

static const struct option_row show_rows[] = {
    CLUSTER_OPTIONS(list_options),
    LETTERS_OPTIONS(list_options),
    {"value", 0, OPTION_ON, offsetof(struct list_options, value), NULL,
     "write only the refused bytes; unchanged, except for a terminal", NULL, 0, 0},
    {0},
};

static const struct example show_examples[] = {
    {"haechi dead-letters show 0:42", "all that is known of one"},
    {"haechi dead-letters show 0:42 --value > refused.bin", "the bytes that were refused"},
    {0},
};

const struct command dead_letters_show_command = {
    .name = "show",
    .summary = "Show one dead letter in full",
    .operands = "LETTER",
    .least = 1,
    .most = 1,
    .about =
        "LETTER is what list shows: partition and offset, as 0:42. Written as JSON, where "
        "bytes that are not UTF-8 appear as U+FFFD; --value writes them unchanged into a file or "
        "pipe, and made printable for a terminal.",
    .examples = show_examples,
    .options = show_rows,
    .config_size = sizeof(struct list_options),
    .run = run_show,
};

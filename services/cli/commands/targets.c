#include "cli/commands/targets.h"

#include <errno.h>
#include <glib.h>

#include "cli/commands/output.h"
#include "cli/commands/settings_file.h"
#include "cli/commands/target_settings.h"
#include "cli/commands/unpack.h"
#include "cli/printable.h"
#include "cli/table.h"
#include "forwarder/outside/carrier.h"
#include "io/clock.h"

enum { COLUMNS = 3, REPLY_SHOWN = 1000 };

struct targets_options {
    const char *config;
    int output;
};

/* list */

/* How it travels, as people would say it. */
static const char *way_of(const struct target_settings *target)
{
    static const char *const names[] = {
        [TARGET_BY_HTTP] = "HTTP",    [TARGET_BY_UDP] = "UDP",     [TARGET_BY_TCP] = "TCP",
        [TARGET_BY_TLS] = "TLS",      [TARGET_BY_KAFKA] = "Kafka", [TARGET_BY_FILE] = "a file",
        [TARGET_BY_STDOUT] = "stdout"};

    return names[forwarder_target_way(target)];
}

static void add_json(const struct target_settings *target, struct buf *out)
{
    buf_add_string(out, "{\"name\":");
    buf_add_json(out, text_of(target->name));
    buf_add_string(out, ",\"type\":");
    buf_add_json(out, text_of(target->type));
    buf_add_string(out, ",\"by\":");
    buf_add_json(out, text_of(way_of(target)));
    buf_addf(out, ",\"max_events\":%lld}\n", (long long)target->max_events);
}

static void add_table(const struct target_file *file, const struct terminal *terminal,
                      struct buf *out)
{
    AUTO(arena) arena = arena_new(4096);
    struct table table = {
        .columns = {{.title = "NAME", .least = TABLE_WHOLE}, {.title = "TYPE"}, {.title = "BY"}},
        .count = COLUMNS,
        .colour = terminal->colour};

    size_t count = file->forwarder.targets.count;
    struct cell(*rows)[COLUMNS] = arena_take(arena, (count + 1) * sizeof(*rows));

    for (size_t i = 0; i < count; i++) {
        const struct target_settings *target = forwarder_target(&file->forwarder, i);

        rows[i][0] = (struct cell){text_of(target->name), PAINT_BOLD};
        rows[i][1] = (struct cell){text_of(target->type), PAINT_NONE};
        rows[i][2] = (struct cell){text_of(way_of(target)), PAINT_NONE};
    }
    table_write(&table, rows[0], count, terminal->width, out);
}

static int run_list(const struct arguments *arguments)
{
    const struct targets_options *options = arguments->config;
    const struct terminal terminal = terminal_of(stdout);
    struct target_file file;
    struct error err = {0};
    AUTO_BUF out = {0};
    int status = 2;

    if (target_settings_read(&file, options->config, &err) < 0) {
        terminal_complain(arguments, &err);
    } else {
        const enum output output = output_of(options->output, &terminal);

        if (output == OUTPUT_TABLE)
            add_table(&file, &terminal, &out);
        for (size_t i = 0; output == OUTPUT_JSON && i < file.forwarder.targets.count; i++)
            add_json(forwarder_target(&file.forwarder, i), &out);
        status = output_print(arguments, output, buf_text(&out)) ? 0 : 1;
    }
    target_settings_done(&file);
    return status;
}

/* test */

static bool keep_on(void *self)
{
    (void)self;
    return true;
}

/* One that nobody takes for real, and that is never the same twice. */
static struct alert make_alert(char id[64])
{
    gchar *uuid = g_uuid_string_random();
    size_t size = 4;

    memcpy(id, "SEC-", size);
    for (const char *c = uuid; *c; c++) {
        if (*c != '-')
            id[size++] = *c;
    }
    id[size] = '\0';
    g_free(uuid);
    const int64_t now_ms = clock_now_ms();

    return (struct alert){.alert_id = {id, size},
                          .timestamp = now_ms,
                          .severity = LEVEL_LOW,
                          .title = TEXT("Haechi test alert"),
                          .description = TEXT("Sent by `haechi targets test`. Nothing happened."),
                          .confidence = 1,
                          .rule_id = TEXT("haechi_test"),
                          .event_count = 1,
                          .count_exact = true,
                          .first_seen = now_ms,
                          .last_seen = now_ms,
                          .status = ALERT_NEW,
                          .tenant = TEXT("default"),
                          .group_key = {id, size},
                          .emitted_at = now_ms};
}

static void add_lines(struct text text, const char *sign, struct buf *out)
{
    struct text line;

    text = text_trim(text);
    while (text_split(&text, '\n', &line)) {
        buf_add_string(out, sign);
        printable_add(out, text_trim(line), SIZE_MAX);
        buf_add_byte(out, '\n');
    }
}

/* Where a record goes. A request says so itself. */
static void add_place(const struct target_settings *target, struct buf *out)
{
    struct target_place place = {0};
    AUTO_BUF words = {0};

    target_find(target->type)->way(target->options, &place);
    buf_addf(&words, "by %s", way_of(target));
    if (place.host)
        buf_addf(&words, " to %s, port %lld", place.host, (long long)place.port);
    else if (place.path || place.topic)
        buf_addf(&words, ": %s", place.path ? place.path : place.topic);
    add_lines(buf_text(&words), "> ", out);
}

/* @request, which sends it packed, with its body as it was before. */
static void unpack_body(struct request *request)
{
    struct text packed = buf_text(&request->body);
    struct unpack *unpack = request->rendered > 0 ? unpack_new(packed) : NULL;
    struct buf body = {0};
    size_t size = request->rendered;

    if (!unpack)
        return;
    if (unpack_next(unpack, &packed, buf_reserve(&body, size), &size, NULL) == 0)
        body.size = size;
    unpack_free(unpack);
    buf_done(&request->body);
    request->body = body;
    request->rendered = 0;
}

/* What is sent, secrets as ***. A token that has to be asked for is not there yet. @request is
 * filled where it is one. */
static void show_request(const struct target_settings *target, const struct alert *alert,
                         struct request *request, struct buf *out)
{
    const struct target_ops *ops = target_find(target->type);
    const struct target_context context = {.host = TEXT("this-host"),
                                           .now_ms = clock_now_ms(),
                                           .token = TEXT("***"),
                                           .unique = TEXT("00000000-0000-0000-0000-000000000000")};
    const struct parcel parcel = {&alert, 1};
    AUTO_BUF shown = {0};

    if (forwarder_target_way(target) == TARGET_BY_HTTP) {
        ops->render(target->options, &context, &parcel, request);
        unpack_body(request);
        request_show(request, &shown);
    } else {
        add_place(target, out);
        ops->write(target->options, &context, alert, &shown);
    }
    add_lines(buf_text(&shown), "> ", out);
}

/* The start of what the target says. Of a refusal that is part of the reason. */
static void show_reply(const struct carrier *carrier, const struct request *request,
                       struct buf *out)
{
    AUTO_BUF shown = {0};

    request_show_text(request, text_cut(carrier_reply(carrier).body, REPLY_SHOWN), &shown);
    add_lines(buf_text(&shown), "< ", out);
}

static bool attempt(const struct target_file *file, const struct target_settings *target,
                    const struct alert *alert, struct buf *out)
{
    const struct keeper keeper = {keep_on, NULL};
    enum verdict verdict = VERDICT_RETRY;
    struct attempt attempt = {.each = &verdict};
    struct tail tail = {0};
    struct carrier *carrier = carrier_open(target, &file->shared.kafka, &keeper, &tail);
    AUTO_REQUEST request = {0};

    show_request(target, alert, &request, out);
    const int64_t begin_us = clock_monotonic_us();

    carrier_attempt(carrier, &alert, 1, &attempt);
    buf_addf(out, "< after %lld ms: %s", (long long)(clock_monotonic_us() - begin_us) / 1000,
             verdict_name(verdict));
    if (attempt.http_status > 0)
        buf_addf(out, ", HTTP %d", attempt.http_status);
    if (attempt.reason.size > 0) {
        buf_add_string(out, ": ");
        printable_add(out, buf_text(&attempt.reason), SIZE_MAX);
    }
    buf_add_byte(out, '\n');
    if (verdict == VERDICT_DELIVERED && attempt.http_status > 0)
        show_reply(carrier, &request, out);
    carrier_close(carrier);
    tail_done(&tail);
    buf_done(&attempt.reason);
    return verdict == VERDICT_DELIVERED;
}

static int run_test(const struct arguments *arguments)
{
    const struct targets_options *options = arguments->config;
    const struct target_settings *target = NULL;
    struct target_file file;
    struct error err = {0};
    char id[64];
    struct alert alert = make_alert(id);
    AUTO_BUF out = {0};
    bool is_delivered = false;

    if (target_settings_read(&file, options->config, &err) == 0)
        target = target_settings_find(&file, arguments->operands[0], &err);
    if (target) {
        is_delivered = attempt(&file, target, &alert, &out);
        buf_addf(&out, "%s: alert %s %s\n", target->name, id,
                 is_delivered ? "is delivered" : "is not delivered");
        is_delivered &= terminal_print(arguments, buf_text(&out));
    } else {
        terminal_complain(arguments, &err);
    }
    target_settings_done(&file);
    return !target ? 2 : is_delivered ? 0 : 1;
}

#define CONFIG_ROW \
    OPTION_ROW(OPTION_TEXT, "config", 'c', targets_options, config, "FILE", CONFIG_HELP)

static const struct option_row list_rows[] = {
    CONFIG_ROW,
    OUTPUT_OPTION(targets_options, output),
    {0},
};

static const struct option_row test_rows[] = {
    CONFIG_ROW,
    {0},
};

static const struct example list_examples[] = {
    {"haechi targets list", "where do alerts go?"},
    {0},
};

static const struct example test_examples[] = {
    {"haechi targets test splunk", "does that target take alerts, and what does it say?"},
    {0},
};

static const struct command list_command = {
    .name = "list",
    .summary = "List the targets in the settings",
    .examples = list_examples,
    .options = list_rows,
    .config_size = sizeof(struct targets_options),
    .run = run_list,
};

static const struct command test_command = {
    .name = "test",
    .summary = "Send one marked alert to a target, and show the exchange",
    .operands = "NAME",
    .least = 1,
    .most = 1,
    .about =
        "Makes an alert with the title \"Haechi test alert\" and rule haechi_test, of severity "
        "LOW, sends it once, bypassing filter and redact, and shows the request (unpacked, where "
        "gzip "
        "packs it), the verdict and the start of the reply; secrets appear as ***. Exit status 0: "
        "the target has accepted it; 1: it has not.",
    .examples = test_examples,
    .options = test_rows,
    .config_size = sizeof(struct targets_options),
    .run = run_test,
};

static const struct command *const commands[] = {&list_command, &test_command, NULL};

static const struct example group_examples[] = {
    {"haechi targets list", "where do alerts go?"},
    {"haechi targets test splunk", "does that target take alerts, and what does it say?"},
    {0},
};

const struct command targets_command = {.name = "targets",
                                        .summary =
                                            "List and test the places that alerts are sent to",
                                        .examples = group_examples,
                                        .commands = commands};

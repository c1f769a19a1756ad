#include "cli/commands/deliveries.h"
#include "cli/json_line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/record_json.h"
#include "base/siem_delivery.h"
#include "cli/commands/alert_name.h"
#include "cli/commands/output.h"
#include "cli/commands/tail.h"
#include "cli/printable.h"
#include "cli/table.h"

enum { NARROW_TERMINAL = 120 };

struct deliveries_options {
    struct cluster_options cluster;
    struct tail_options tail;
    struct text_list targets;
    bool dead;
};

struct deliveries {
    const struct arguments *arguments;
    const struct deliveries_options *options;
    enum output output;
    struct table table;
    bool has_head;
    bool is_narrow; /* then: no year, the first digits of ids */
    int64_t shown;
    struct alert_name *names; /* one for each operand */
};

/* The options' targets; all, if they name none. */
static bool is_target(const struct deliveries_options *options, struct text target)
{
    for (size_t i = 0; i < options->targets.count; i++) {
        if (text_is(target, options->targets.items[i]))
            return true;
    }
    return options->targets.count == 0;
}

/* Notes whose receipt it is: what --dead leaves out has arrived all the same. */
static bool is_alert(struct deliveries *deliveries, struct text id)
{
    bool is_alert = deliveries->arguments->count == 0;

    for (size_t i = 0; i < deliveries->arguments->count; i++)
        is_alert |= alert_name_is(&deliveries->names[i], id);
    return is_alert;
}

static void add_row(struct deliveries *deliveries, const struct siem_delivery *receipt,
                    struct buf *out)
{
    AUTO_BUF time = {0}, revision = {0}, attempts = {0}, latency = {0};
    const bool is_dead = receipt->status == SIEM_DEAD;

    buf_addf(&revision, "%" PRId64, receipt->revision);
    buf_addf(&attempts, "%" PRId64, receipt->attempts);
    buf_addf(&latency, "%" PRId64 " ms", receipt->latency_ms);
    const struct cell row[] = {
        {table_time(receipt->delivered_at, !deliveries->is_narrow, &time), PAINT_NONE},
        {deliveries->is_narrow ? alert_name_short(receipt->alert_id) : receipt->alert_id,
         PAINT_BOLD},
        {buf_text(&revision), PAINT_NONE},
        {receipt->target, PAINT_NONE},
        {is_dead ? TEXT("dead") : TEXT("delivered"), is_dead ? PAINT_BAD : PAINT_NONE},
        {buf_text(&attempts), PAINT_NONE},
        {buf_text(&latency), PAINT_NONE},
        {receipt->reason, PAINT_NONE},
    };

    if (!deliveries->has_head)
        table_head(&deliveries->table, out);
    deliveries->has_head = true;
    table_row(&deliveries->table, row, out);
}

static bool add(void *self, const void *record, struct buf *out)
{
    struct deliveries *deliveries = self;
    const struct siem_delivery *receipt = record;

    if (!is_target(deliveries->options, receipt->target) ||
        !is_alert(deliveries, receipt->alert_id) ||
        (deliveries->options->dead && receipt->status != SIEM_DEAD))
        return false;
    deliveries->shown++;
    if (deliveries->output == OUTPUT_TABLE)
        add_row(deliveries, record, out);
    else
        json_line_record(&siem_delivery_type, record, out);
    return true;
}

static const char *topic(const struct topic_settings *topics)
{
    return topics->siem_deliveries;
}

static const struct tail_kind kind = {
    .type = &siem_delivery_type, .records = "receipts", .topic = topic, .add = add};

static void start(struct deliveries *deliveries, const struct arguments *arguments)
{
    const struct terminal terminal = terminal_of(stdout);
    const bool is_narrow = terminal.width && terminal.width < NARROW_TERMINAL;

    *deliveries = (struct deliveries){
        .arguments = arguments,
        .options = arguments->config,
        .is_narrow = is_narrow,
        .names = mem_zero((arguments->count + 1) * sizeof(*deliveries->names)),
        .table = {.columns = {{.title = "TIME (UTC)",
                               .width = is_narrow ? 14 : 19,
                               .least = TABLE_WHOLE},
                              {.title = "ALERT", .width = is_narrow ? 8 : 36, .least = TABLE_WHOLE},
                              {.title = "REVISION", .width = 8, .right = true, .drop = 3},
                              {.title = "TARGET", .width = 12},
                              {.title = "STATUS", .width = 9, .least = TABLE_WHOLE},
                              {.title = "ATTEMPTS", .width = 8, .right = true, .drop = 1},
                              {.title = "LATENCY", .width = 10, .right = true, .drop = 2},
                              {.title = "REASON"}},
                  .count = 8,
                  .colour = terminal.colour},
    };
    deliveries->output = output_of(deliveries->options->tail.output, &terminal);
    for (size_t i = 0; i < arguments->count; i++)
        deliveries->names[i].word = arguments->operands[i];
    table_layout(&deliveries->table, terminal.width);
}

/* Names what was asked for and is not there, or is not clear; how many. */
static size_t complain(const struct deliveries *deliveries)
{
    const int64_t most = deliveries->options->tail.count;
    size_t count = 0;

    for (size_t i = 0; i < deliveries->arguments->count; i++) {
        const struct alert_name *name = &deliveries->names[i];
        struct error err = {0};

        /* What --count left unread may have it. */
        if (name->id.size == 0 && (most == 0 || deliveries->shown < most))
            error_set(
                &err, -ENOENT,
                "%.60s: no such receipt: the alert is still on its way (the forwarder's "
                "/readyz says what holds a target), or a filter held it back, or no alert has "
                "that id",
                name->word);
        else
            alert_name_check(name, &err);
        if (err.code == 0)
            continue;
        terminal_complain(deliveries->arguments, &err);
        count++;
    }
    return count;
}

static int run(const struct arguments *arguments)
{
    const struct deliveries_options *options = arguments->config;
    struct deliveries deliveries;

    start(&deliveries, arguments);
    int status = tail_run(arguments, &options->cluster, &options->tail, &kind, &deliveries);

    if (status == 0 && complain(&deliveries) > 0)
        status = 1;
    for (size_t i = 0; i < arguments->count; i++)
        alert_name_done(&deliveries.names[i]);
    free(deliveries.names);
    return status;
}

static const struct option_row rows[] = {
    CLUSTER_OPTIONS(deliveries_options),
    TAIL_OPTIONS(deliveries_options, "topics.siem_deliveries", "receipts"),
    {"target", 0, OPTION_TEXTS, offsetof(struct deliveries_options, targets), "TARGET",
     "show only receipts of this target; may be repeated", NULL, 0, 0},
    {"dead", 0, OPTION_ON, offsetof(struct deliveries_options, dead), NULL,
     "show only alerts that a target refused", NULL, 0, 0},
    {0},
};

static const struct example examples[] = {
    {"haechi deliveries SEC-0123456789abcdef0123456789abcdef", "where did that alert arrive?"},
    {"haechi deliveries --from 1h --dead", "what did the SIEMs refuse in the last hour?"},
    {0},
};

const struct command deliveries_command = {
    .name = "deliveries",
    .summary = "Show which targets have received an alert",
    .operands = "[ALERT_ID…]",
    .least = 0,
    .most = 1000,
    .about = "Reads the receipts that the forwarder writes: one for each revision of an alert and "
             "each target, once it has been delivered or refused for good. Where there is none, "
             "the alert is still on its way, or a filter held it back. Reads from the start of the "
             "topic and stops at its end, unless told otherwise. ALERT_ID is the alert's id or its "
             "first digits, at least 8 of them, as haechi alerts tail shows them. Exit status 1: "
             "one of them has no receipt, of the targets asked for, or may be several alerts.",
    .examples = examples,
    .options = rows,
    .config_size = sizeof(struct deliveries_options),
    .run = run,
};

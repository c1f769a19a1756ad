#include "cli/commands/deliveries.h"
#include "cli/json_line.h"

#include <errno.h>
#include <inttypes.h>

#include "base/record_json.h"
#include "base/siem_delivery.h"
#include "cli/commands/output.h"
#include "cli/commands/tail.h"
#include "cli/printable.h"
#include "cli/table.h"

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
    bool is_found; /* any */
};

static bool is_wanted(const struct deliveries *deliveries, const struct siem_delivery *receipt)
{
    const struct deliveries_options *options = deliveries->options;
    bool is_alert = deliveries->arguments->count == 0, is_target = options->targets.count == 0;

    for (size_t i = 0; i < deliveries->arguments->count; i++)
        is_alert |= text_is(receipt->alert_id, deliveries->arguments->operands[i]);
    for (size_t i = 0; i < options->targets.count; i++)
        is_target |= text_is(receipt->target, options->targets.items[i]);
    return is_alert && is_target && (!options->dead || receipt->status == SIEM_DEAD);
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
        {table_time(receipt->delivered_at, true, &time), PAINT_NONE},
        {receipt->alert_id, PAINT_BOLD},
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

    if (!is_wanted(deliveries, record))
        return false;
    deliveries->is_found = true;
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

static int run(const struct arguments *arguments)
{
    const struct deliveries_options *options = arguments->config;
    const struct terminal terminal = terminal_of(stdout);
    struct deliveries deliveries = {
        .arguments = arguments,
        .options = options,
        .output = output_of(options->tail.output, &terminal),
        .table = {.columns = {{"TIME (UTC)", 19, false},
                              {"ALERT", 36, false},
                              {"REVISION", 8, true},
                              {"TARGET", 12, false},
                              {"STATUS", 9, false},
                              {"ATTEMPTS", 8, true},
                              {"LATENCY", 10, true},
                              {"REASON", 0, false}},
                  .count = 8,
                  .colour = terminal.colour},
    };

    table_layout(&deliveries.table, terminal.width);
    int status = tail_run(arguments, &options->cluster, &options->tail, &kind, &deliveries);
    struct error err = {0};

    if (status == 0 && arguments->count > 0 && !deliveries.is_found) {
        error_set(&err, -ENOENT,
                  "no such receipt: the alert is still on its way (the forwarder's /readyz says "
                  "what holds a target), or a filter held it back, or no alert has that id");
        terminal_complain(arguments, &err);
        status = 1;
    }
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
             "topic and stops at its end, unless told otherwise. Exit status 1: an ALERT_ID was "
             "given and has no receipt.",
    .examples = examples,
    .options = rows,
    .config_size = sizeof(struct deliveries_options),
    .run = run,
};

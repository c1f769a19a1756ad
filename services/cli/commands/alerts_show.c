#include "cli/commands/alerts_show.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>

#include "base/alert.h"
#include "base/moment.h"
#include "base/record_json.h"
#include "cli/commands/alert_name.h"
#include "cli/commands/event_show.h"
#include "cli/commands/tail.h"
#include "cli/printable.h"

struct show_options {
    struct cluster_options cluster;
    int output;
};

/* The search. */
struct search {
    struct alert_name name;
    int64_t revision; /* of what was found; -1: nothing yet */
    struct buf json;  /* the alert */
    struct arena *arena;
    struct alert alert;
    struct event_show events;
    size_t event_count;
    GHashTable *seen; /* event ids that were shown */
};

static bool find_alert(void *self, const void *record, struct buf *out)
{
    struct search *search = self;
    const struct alert *alert = record;

    (void)out;
    if (!alert_name_is(&search->name, alert->alert_id) || alert->revision < search->revision)
        return false;
    search->revision = alert->revision;
    buf_reset(&search->json);
    record_json_write(&alert_type, alert, &search->json);
    return false;
}

static bool is_of_alert(const struct search *search, struct text event_id)
{
    for (size_t i = 0; i < search->alert.event_ids.count; i++) {
        if (text_equal(search->alert.event_ids.items[i], event_id))
            return true;
    }
    return false;
}

/* A redelivery may have written an event twice. */
static bool find_event(void *self, const void *record, struct buf *out)
{
    struct search *search = self;
    const struct event *event = record;

    if (!is_of_alert(search, event->event_id))
        return false;
    char *id = g_strndup(event->event_id.bytes, event->event_id.size);

    if (!g_hash_table_add(search->seen, id))
        return false;
    search->event_count++;
    event_show_add(&search->events, event, out);
    return true;
}

static const char *alerts_topic(const struct topic_settings *topics)
{
    return topics->correlated_alerts;
}

static const char *events_topic(const struct topic_settings *topics)
{
    return topics->detected_events;
}

static const struct tail_kind alerts_kind = {
    .type = &alert_type, .records = "alerts", .topic = alerts_topic, .add = find_alert};
static const struct tail_kind events_kind = {
    .type = &event_type, .records = "events", .topic = events_topic, .add = find_event};

static void add_line(struct buf *out, const char *name, struct text value)
{
    if (value.size == 0)
        return;
    buf_addf(out, "%-12s ", name);
    printable_add(out, value, SIZE_MAX);
    buf_add_byte(out, '\n');
}

static void add_list(struct buf *out, const char *name, const struct record_texts *list)
{
    for (size_t i = 0; i < list->count; i++)
        add_line(out, i == 0 ? name : "", list->items[i]);
}

static void add_words(const struct alert *alert, struct buf *out)
{
    printable_add(out, alert->title, SIZE_MAX);
    buf_add_string(out, "\n\n");
    add_line(out, "alert", alert->alert_id);
    buf_addf(out, "%-12s %s, %s, revision %" PRId64 "\n", "severity", event_levels[alert->severity],
             alert_statuses[alert->status], alert->revision);
    add_line(out, "rule", alert->rule_id);
    add_line(out, "tenant", alert->tenant);
    for (size_t i = 0; i < alert->group.count; i++) {
        buf_addf(out, "%-12s ", i == 0 ? "group" : "");
        printable_add(out, alert->group.names[i], SIZE_MAX);
        buf_add_byte(out, ' ');
        printable_add(out, alert->group.values[i], SIZE_MAX);
        buf_add_byte(out, '\n');
    }
    buf_addf(out, "%-12s ", "from");
    moment_write(alert->first_seen, out);
    buf_addf(out, "\n%-12s ", "to");
    moment_write(alert->last_seen, out);
    buf_addf(out, "\n%-12s %" PRId64 "%s\n", "events", alert->event_count,
             alert->count_exact ? "" : " or more");
    add_line(out, "continues", alert->continues);
    add_line(out, "description", alert->description);
    add_list(out, "indicators", &alert->indicators);
    add_list(out, "actions", &alert->recommended_actions);
    add_line(out, "log", alert->raw_payload);
    buf_add_byte(out, '\n');
}

static int show(const struct arguments *arguments, struct search *search)
{
    const struct show_options *options = arguments->config;
    const struct tail_options all = {.from = "earliest", .output = options->output};
    struct error err = {0};
    AUTO_BUF out = {0};

    if (tail_run(arguments, &options->cluster, &all, &alerts_kind, search) != 0)
        return 1;
    if (search->revision < 0) {
        error_set(&err, -ENOENT, "no alert '%.60s' in the topic of alerts", search->name.word);
        return terminal_complain(arguments, &err);
    }
    if (alert_name_check(&search->name, &err) < 0)
        return terminal_complain(arguments, &err);
    if (record_json_read(&alert_type, buf_text(&search->json), search->arena, &search->alert,
                         &err) < 0)
        return terminal_complain(arguments, &err);
    if (search->events.output == OUTPUT_JSON) {
        buf_add(&out, buf_text(&search->json));
        buf_add_byte(&out, '\n');
    } else {
        add_words(&search->alert, &out);
    }
    if (!output_print(arguments, search->events.output, buf_text(&out)))
        return 1;
    return tail_run(arguments, &options->cluster, &all, &events_kind, search);
}

static int run(const struct arguments *arguments)
{
    const struct show_options *options = arguments->config;
    struct search search = {.name = {.word = arguments->operands[0]},
                            .revision = -1,
                            .arena = arena_new(65536),
                            .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};

    event_show_init(&search.events, options->output, false);
    int status = show(arguments, &search);

    g_hash_table_destroy(search.seen);
    arena_free(search.arena);
    buf_done(&search.json);
    alert_name_done(&search.name);
    return status;
}

static const struct option_row rows[] = {
    CLUSTER_OPTIONS(show_options),
    OUTPUT_OPTION(show_options, output),
    {0},
};

static const struct example examples[] = {
    {"haechi alerts show SEC-0011ba71462f1c69e242f26b0fd1db01", "what is behind this alert?"},
    {0},
};

static const struct show_options defaults = {0};

const struct command alerts_show_command = {
    .name = "show",
    .summary = "Show an alert with its events",
    .operands = "ID",
    .least = 1,
    .most = 1,
    .about =
        "Searches the topic of alerts for the last revision of the alert, and the topic of events "
        "for the events that it names (the earliest 100), as far as the topics still hold them. ID "
        "is the alert's id or its first digits, at least 8 of them, as haechi alerts tail shows "
        "them. As JSON: the alert on the first line, one event on each line that follows.",
    .examples = examples,
    .options = rows,
    .defaults = &defaults,
    .config_size = sizeof(struct show_options),
    .run = run,
};

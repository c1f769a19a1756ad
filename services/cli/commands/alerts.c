#include "cli/commands/alerts.h"

#include <glib.h>
#include <stdlib.h>

#include "base/record_json.h"
#include "cli/commands/alert_show.h"
#include "cli/commands/alerts_show.h"
#include "cli/commands/levels.h"
#include "cli/commands/tail.h"

struct alerts_options {
    struct cluster_options cluster;
    struct tail_options tail;
    struct text_list rules;
    struct text_list tenants;
    int min_level;
    bool latest;
};

/* The newest revision of an alert that was read. */
struct newest {
    int64_t revision;
    int64_t first_seen;
    bool is_wanted;
    struct buf json;
};

struct alerts {
    const struct alerts_options *options;
    struct alert_show show;
    GHashTable *by_id; /* alert_id -> struct newest */
    GPtrArray *order;  /* the same */
};

static bool is_among(const struct text_list *list, struct text word)
{
    for (size_t i = 0; i < list->count; i++) {
        if (text_is(word, list->items[i]))
            return true;
    }
    return list->count == 0;
}

/* A single event's alert goes by event:<type>, or the type alone. */
static bool is_wanted(const struct alerts_options *options, const struct alert *alert)
{
    struct text type = text_starts(alert->rule_id, TEXT("event:"))
                           ? text_slice(alert->rule_id, 6, alert->rule_id.size)
                           : alert->rule_id;

    return alert->severity >= options->min_level && is_among(&options->tenants, alert->tenant) &&
           (is_among(&options->rules, alert->rule_id) || is_among(&options->rules, type));
}

static bool show(struct alerts *alerts, const struct alert *alert, struct buf *out)
{
    if (!is_wanted(alerts->options, alert))
        return false;
    alert_show_add(&alerts->show, alert, out);
    return true;
}

static void drop(void *newest)
{
    buf_done(&((struct newest *)newest)->json);
    free(newest);
}

/* Keeps the revision that is the newest, and at its last the newest that came. */
static void fold(struct alerts *alerts, const struct alert *alert)
{
    char *id = g_strndup(alert->alert_id.size ? alert->alert_id.bytes : "", alert->alert_id.size);
    struct newest *newest = g_hash_table_lookup(alerts->by_id, id);

    if (newest) {
        g_free(id);
    } else {
        newest = mem_zero(sizeof(*newest));
        newest->revision = INT64_MIN;
        g_hash_table_insert(alerts->by_id, id, newest);
        g_ptr_array_add(alerts->order, newest);
    }
    if (alert->revision < newest->revision)
        return;
    newest->revision = alert->revision;
    newest->first_seen = alert->first_seen;
    newest->is_wanted = is_wanted(alerts->options, alert);
    buf_reset(&newest->json);
    record_json_write(&alert_type, alert, &newest->json);
}

static bool add(void *self, const void *record, struct buf *out)
{
    struct alerts *alerts = self;

    if (!alerts->options->latest)
        return show(alerts, record, out);
    fold(alerts, record);
    return false;
}

static int compare(const void *a, const void *b)
{
    const struct newest *left = *(void *const *)a, *right = *(void *const *)b;

    return (left->first_seen > right->first_seen) - (left->first_seen < right->first_seen);
}

/* Where the last @most that are wanted begin; 0: all. */
static guint find_last(const struct alerts *alerts, int64_t most)
{
    guint i = alerts->order->len;

    if (most == 0)
        return 0;
    while (i > 0 && most > 0) {
        const struct newest *newest = alerts->order->pdata[--i];

        most -= newest->is_wanted;
    }
    return i;
}

static void end(void *self, struct buf *out)
{
    struct alerts *alerts = self;
    AUTO(arena) arena = arena_new(65536);

    g_ptr_array_sort(alerts->order, compare);
    for (guint i = find_last(alerts, alerts->options->tail.count); i < alerts->order->len; i++) {
        struct newest *newest = alerts->order->pdata[i];
        struct alert alert;

        arena_reset(arena, 65536);
        if (record_json_read(&alert_type, buf_text(&newest->json), arena, &alert, NULL) == 0)
            show(alerts, &alert, out);
    }
}

static const char *topic(const struct topic_settings *topics)
{
    return topics->correlated_alerts;
}

static const struct tail_kind kind = {
    .type = &alert_type, .records = "alerts", .topic = topic, .add = add, .end = end};

static int run(const struct arguments *arguments)
{
    const struct alerts_options *options = arguments->config;
    struct tail_options tail = options->tail;
    struct alerts alerts = {
        .options = options,
        .by_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drop),
        .order = g_ptr_array_new(),
    };

    if (options->latest)
        tail.follow = false;
    alert_show_init(&alerts.show, options->tail.output, true, true);
    int status = tail_run(arguments, &options->cluster, &tail, &kind, &alerts);

    g_ptr_array_free(alerts.order, TRUE);
    g_hash_table_destroy(alerts.by_id);
    return status;
}

static const struct option_row tail_rows[] = {
    CLUSTER_OPTIONS(alerts_options),
    TAIL_OPTIONS(alerts_options, "topics.correlated_alerts", "alerts"),
    {"latest", 'L', OPTION_ON, offsetof(struct alerts_options, latest), NULL,
     "show each alert once, in its last revision, and stop; with --count N the newest N", NULL, 0,
     0},
    {"rule", 'r', OPTION_TEXTS, offsetof(struct alerts_options, rules), "RULE",
     "show only alerts of this correlation or event type; may be repeated", NULL, 0, 0},
    MIN_LEVEL_OPTION("severity", alerts_options, "alerts"),
    {"tenant", 0, OPTION_TEXTS, offsetof(struct alerts_options, tenants), "TENANT",
     "show only alerts of this tenant; may be repeated", NULL, 0, 0},
    {0},
};

static const struct example tail_examples[] = {
    {"haechi alerts tail", "watch alerts from now on"},
    {"haechi alerts tail --latest --from 1d --severity high",
     "how the alerts of the last day ended"},
    {"haechi alerts tail --no-follow --rule brute_force --output json | jq .source_ip",
     "everything that the topic holds of one correlation, for a program"},
    {0},
};

static const struct alerts_options tail_defaults = {.tail = {.follow = true}};

static const struct command tail_command = {
    .name = "tail",
    .summary = "Show alerts as they come",
    .about =
        "Reads the topic of alerts, in JSON or Avro, without a consumer group: watching affects no "
        "other reader. One line per revision: an alert first appears as new, may appear again as "
        "update when it has counted more events, and as resolved when its time is over; --latest "
        "shows the last revision of each. It waits for more until Ctrl-C, which ends it with "
        "status 0, or stops at the end of the topic with --no-follow.",
    .examples = tail_examples,
    .options = tail_rows,
    .defaults = &tail_defaults,
    .config_size = sizeof(struct alerts_options),
    .run = run,
};

static const struct command *const commands[] = {&tail_command, &alerts_show_command, NULL};

static const struct example group_examples[] = {
    {"haechi alerts tail", "watch alerts from now on"},
    {"haechi alerts show SEC-0f1e2d3c4b5a69788796a5b4c3d2e1f0", "one of them, with its events"},
    {0},
};

const struct command alerts_command = {.name = "alerts",
                                       .summary = "Watch alerts, and look into them",
                                       .examples = group_examples,
                                       .commands = commands};

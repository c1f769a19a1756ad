#include "cli/commands/events.h"

#include "cli/commands/event_show.h"
#include "cli/commands/levels.h"
#include "cli/commands/tail.h"

struct events_options {
    struct cluster_options cluster;
    struct tail_options tail;
    struct text_list rules;
    int min_level;
};

struct events {
    const struct events_options *options;
    struct event_show show;
};

static bool is_wanted(const struct events_options *options, const struct event *event)
{
    bool is_named = options->rules.count == 0;

    for (size_t i = 0; i < options->rules.count && !is_named; i++)
        is_named = text_is(event->rule_id, options->rules.items[i]);
    return is_named && event->threat_level >= options->min_level;
}

static bool add(void *self, const void *record, struct buf *out)
{
    struct events *events = self;

    if (!is_wanted(events->options, record))
        return false;
    event_show_add(&events->show, record, out);
    return true;
}

static const char *topic(const struct topic_settings *topics)
{
    return topics->detected_events;
}

static const struct tail_kind kind = {
    .type = &event_type, .records = "events", .topic = topic, .add = add};

static int run(const struct arguments *arguments)
{
    const struct events_options *options = arguments->config;
    struct events events = {.options = options};

    event_show_init(&events.show, options->tail.output, false);
    return tail_run(arguments, &options->cluster, &options->tail, &kind, &events);
}

static const struct option_row tail_rows[] = {
    CLUSTER_OPTIONS(events_options),
    TAIL_OPTIONS(events_options, "topics.detected_events", "events"),
    {"rule", 'r', OPTION_TEXTS, offsetof(struct events_options, rules), "RULE",
     "show only events of this rule, as web_attacks.xss; may be repeated", NULL, 0, 0},
    MIN_LEVEL_OPTION("level", events_options, "events"),
    {0},
};

static const struct example tail_examples[] = {
    {"haechi events tail", "watch detections from now on"},
    {"haechi events tail --from 1h --level high", "the worst of the last hour, and what follows"},
    {"haechi events tail --no-follow --rule web_attacks.xss --output json | jq .source_ip",
     "everything that the topic holds of one rule, for a program"},
    {0},
};

static const struct events_options tail_defaults = {.tail = {.follow = true}};

static const struct command tail_command = {
    .name = "tail",
    .summary = "Show detected events as they come",
    .about =
        "Reads the topic of detected events, in JSON or Avro, without a consumer group: watching "
        "affects no other reader. One line per event. It waits for more until Ctrl-C, which ends "
        "it with status 0, or stops at the end of the topic with --no-follow.",
    .examples = tail_examples,
    .options = tail_rows,
    .defaults = &tail_defaults,
    .config_size = sizeof(struct events_options),
    .run = run,
};

static const struct command *const commands[] = {&tail_command, NULL};

static const struct example group_examples[] = {
    {"haechi events tail --from 1h --level high", "the worst of the last hour, and what follows"},
    {0},
};

const struct command events_command = {.name = "events",
                                       .summary = "Watch detected events",
                                       .examples = group_examples,
                                       .commands = commands};

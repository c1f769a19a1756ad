#include "correlator/trials.h"

#include <errno.h>
#include <stdio.h>

#include "correlator/field.h"
#include "correlator/trial_logs.h"

#define AN_EVENT "an event of a test"

static int set_field(struct event *event, const struct correlation_field *field, struct text value,
                     const struct reading *reading, int line, struct error *err)
{
    enum threat_level level;

    switch (field->id) {
    case CORRELATION_FIELD_EVENT_ID:
        event->event_id = value;
        return 0;
    case CORRELATION_FIELD_FINGERPRINT:
        event->fingerprint = value;
        return 0;
    case CORRELATION_FIELD_EVENT_TYPE:
        event->event_type = value;
        return 0;
    case CORRELATION_FIELD_RULE_ID:
        event->rule_id = value;
        return 0;
    case CORRELATION_FIELD_RULE_TITLE:
        event->rule_title = value;
        return 0;
    case CORRELATION_FIELD_THREAT_LEVEL:
        if (!event_level_parse(value, &level))
            return reading_refuse(
                reading, line, err,
                "threat_level is '%.*s'; it must be LOW, MEDIUM, HIGH or CRITICAL",
                TEXT_ARG(text_cut(value, 60)));
        event->threat_level = (int)level;
        return 0;
    case CORRELATION_FIELD_SOURCE_IP:
        event->source_ip = value;
        return 0;
    case CORRELATION_FIELD_TARGET_IP:
        event->target_ip = value;
        return 0;
    case CORRELATION_FIELD_USER_AGENT:
        event->user_agent = value;
        return 0;
    case CORRELATION_FIELD_USER:
        event->user = value;
        return 0;
    case CORRELATION_FIELD_HOST:
        event->host = value;
        return 0;
    case CORRELATION_FIELD_PAYLOAD:
        event->payload = value;
        return 0;
    case CORRELATION_FIELD_TENANT:
        event->tenant = value;
        return 0;
    case CORRELATION_FIELD_RAW_LOG:
        event->raw_log = value;
        return 0;
    case CORRELATION_FIELD_OF_SOURCE: /* field_find() finds none */
    case CORRELATION_FIELD_OF_LOG:
        event->fields.names[event->fields.count] = field->path;
        event->fields.values[event->fields.count++] = value;
        return 0;
    }
    return 0;
}

/* @value with "{n}" replaced by the number of the repeat, from 1. */
static struct text number_in(const struct reading *reading, struct text value, int64_t n)
{
    size_t at = text_find(value, TEXT("{n}"));

    if (at == value.size)
        return value;
    return arena_textf(reading->arena, "%.*s%lld%.*s", TEXT_ARG(text_slice(value, 0, at)),
                       (long long)n, TEXT_ARG(text_slice(value, at + 3, value.size)));
}

static bool is_timing(struct text key)
{
    return text_is(key, "at") || text_is(key, "repeat") || text_is(key, "every");
}

/* The @n-th event that @node stands for. */
static int make_event(const struct reading *reading, const struct node *node, int64_t n,
                      int64_t offset_ms, size_t index, struct event *event, struct error *err)
{
    struct correlation_field field;

    *event = (struct event){
        .timestamp = CORRELATION_TEST_START + offset_ms,
        .event_time = CORRELATION_TEST_START + offset_ms,
        .detected_at = CORRELATION_TEST_START + offset_ms,
        .threat_level = LEVEL_MEDIUM,
        .confidence_score = 0.5,
        .tenant = TEXT("default"),
        .event_id = arena_textf(reading->arena, "%032zx", index + 1),
        .origin = {.topic = TEXT("test"), .offset = (int64_t)index},
    };
    event->fields.names = arena_zero(reading->arena, (node->count + 1) * sizeof(struct text));
    event->fields.values = arena_zero(reading->arena, (node->count + 1) * sizeof(struct text));
    for (size_t i = 0; i < node->count; i++) {
        const struct node_pair *pair = &node->pairs[i];
        const struct node key = {.kind = NODE_SCALAR, .line = pair->line, .text = pair->key};

        if (is_timing(pair->key))
            continue;
        if (reading_field(reading, &key, AN_EVENT, &field, err) < 0)
            return -EINVAL;
        if (pair->value.kind != NODE_SCALAR)
            return reading_refuse_value(reading, &pair->value, pair->key.bytes, "a text", err);
        if (set_field(event, &field, number_in(reading, pair->value.text, n), reading, pair->line,
                      err) < 0)
            return -EINVAL;
    }
    if (event->event_type.size == 0)
        event->event_type = event->rule_id;
    if (event->rule_id.size == 0)
        event->rule_id = event->event_type;
    if (event->event_type.size == 0)
        return reading_refuse(reading, node->line, err, "an event of a test has no event_type");
    return 0;
}

static int read_events(const struct reading *reading, const struct node *events,
                       struct correlation_test *test, struct error *err)
{
    struct trial_times times;
    size_t total = 0;

    if (!events || events->kind != NODE_LIST)
        return reading_refuse(reading, test->line, err, "a test has no list of events");
    for (size_t i = 0; i < events->count; i++) {
        if (trial_times_read(reading, &events->items[i], AN_EVENT, &times, err) < 0 ||
            trial_times_count(reading, &events->items[i], &times, &total, err) < 0)
            return -EINVAL;
    }
    struct event *into = arena_zero(reading->arena, (total + 1) * sizeof(*into));

    for (size_t i = 0; i < events->count; i++) {
        trial_times_read(reading, &events->items[i], AN_EVENT, &times, err); /* which went well */
        for (int64_t n = 0; n < times.times; n++) {
            if (make_event(reading, &events->items[i], n + 1, times.at_ms + n * times.every_ms,
                           test->event_count, &into[test->event_count], err) < 0)
                return -EINVAL;
            test->event_count++;
        }
    }
    test->events = into;
    return 0;
}

static int read_group(const struct reading *reading, const struct node *group,
                      const struct correlation *rule, struct correlation_expected *alert,
                      struct error *err)
{
    struct text *values = arena_zero(reading->arena, (rule->group_count + 1) * sizeof(*values));

    if (group->kind != NODE_MAP || group->count != rule->group_count)
        return reading_refuse(reading, group->line, err,
                              "group must be a map of the rule's %zu group-by fields",
                              rule->group_count);
    for (size_t i = 0; i < rule->group_count; i++) {
        const struct node *value = document_get(group, rule->group_by[i].bytes);

        if (!value || value->kind != NODE_SCALAR)
            return reading_refuse(reading, group->line, err, "group has no value of '%.*s'",
                                  TEXT_ARG(rule->group_by[i]));
        values[i] = value->text;
    }
    alert->group = values;
    return 0;
}

static int read_alert(const struct reading *reading, const struct node *node,
                      const struct correlation *rule, struct correlation_expected *alert,
                      struct error *err)
{
    static const struct reading_key allowed[] = {{"first", NULL},
                                                 {"last", NULL},
                                                 {"count", NULL},
                                                 {"group", NULL},
                                                 {"severity", NULL},
                                                 {"title", NULL},
                                                 {0}};
    const struct node *first = document_get(node, "first"), *last = document_get(node, "last"),
                      *count = document_get(node, "count"), *group = document_get(node, "group"),
                      *severity = document_get(node, "severity"),
                      *title = document_get(node, "title");
    enum threat_level level;

    *alert = (struct correlation_expected){NULL, RECORD_NULL, RECORD_NULL, -1, -1, {0}, node->line};
    if (reading_keys(reading, node, "an alert of a test", allowed, err) < 0 ||
        (first && reading_duration(reading, first, "first", 0, &alert->first_seen, err) < 0) ||
        (last && reading_duration(reading, last, "last", 0, &alert->last_seen, err) < 0) ||
        (count && reading_whole(reading, count, "count", 1, INT64_C(1000000), &alert->event_count,
                                err) < 0) ||
        (title && reading_text(reading, title, "title", 4096, &alert->title, err) < 0) ||
        (group && read_group(reading, group, rule, alert, err) < 0))
        return -EINVAL;
    if (severity && (severity->kind != NODE_SCALAR || !event_level_parse(severity->text, &level)))
        return reading_refuse_value(reading, severity, "severity", "LOW, MEDIUM, HIGH or CRITICAL",
                                    err);
    if (severity)
        alert->severity = (int)level;
    return 0;
}

static int read_alerts(const struct reading *reading, const struct node *alerts,
                       const struct correlation *rule, struct correlation_test *test,
                       struct error *err)
{
    if (!alerts || alerts->kind != NODE_LIST || alerts->count > CORRELATION_MAX_ITEMS)
        return reading_refuse(reading, test->line, err,
                              "a test has no list of alerts ([] where none may come)");
    struct correlation_expected *into =
        arena_zero(reading->arena, (alerts->count + 1) * sizeof(*into));

    for (size_t i = 0; i < alerts->count; i++) {
        if (read_alert(reading, &alerts->items[i], rule, &into[i], err) < 0)
            return -EINVAL;
    }
    test->alerts = into;
    test->alert_count = alerts->count;
    return 0;
}

static int read_test(const struct reading *reading, const struct node *node,
                     const struct correlation *rule, struct correlation_test *test,
                     struct error *err)
{
    static const struct reading_key of_events[] = {
        {"name", NULL}, {"events", NULL}, {"alerts", NULL}, {0}};
    static const struct reading_key of_logs[] = {
        {"name", NULL}, {"logs", NULL}, {"until", NULL}, {"alerts", NULL}, {0}};
    bool is_of_logs = rule->type == CORRELATION_SILENCE;
    const struct node *name = document_get(node, "name");

    test->file = reading->file;
    test->line = node->line;
    if (reading_keys(reading, node, "a test", is_of_logs ? of_logs : of_events, err) < 0 ||
        (name && reading_text(reading, name, "name", 256, &test->name, err) < 0))
        return -EINVAL;
    int result = is_of_logs ? trial_logs_read(reading, node, rule, test, err)
                            : read_events(reading, document_get(node, "events"), test, err);

    if (result < 0)
        return result;
    return read_alerts(reading, document_get(node, "alerts"), rule, test, err);
}

int trials_read(struct reading *reading, const struct node *node, struct draft *draft,
                struct error *err)
{
    struct correlation *rule = &draft->rule;

    if (node->kind != NODE_LIST || node->count > CORRELATION_MAX_ITEMS)
        return reading_refuse_value(reading, node, "tests", "a list of at most 1000 tests", err);
    struct correlation_test *tests = arena_zero(reading->arena, (node->count + 1) * sizeof(*tests));

    for (size_t i = 0; i < node->count; i++) {
        if (read_test(reading, &node->items[i], rule, &tests[i], err) < 0)
            return -EINVAL;
    }
    rule->tests = tests;
    rule->test_count = node->count;
    return 0;
}

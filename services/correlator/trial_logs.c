#include "correlator/trial_logs.h"

#include <errno.h>

#include "base/address.h"

#define A_LOG "a log of a test"

int trial_times_read(const struct reading *reading, const struct node *node, const char *what,
                     struct trial_times *times, struct error *err)
{
    const struct node *at = document_get(node, "at"), *every = document_get(node, "every"),
                      *repeat = document_get(node, "repeat");

    *times = (struct trial_times){0, 0, 1};
    if (node->kind != NODE_MAP)
        return reading_refuse_value(reading, node, what, "a map", err);
    if (!at)
        return reading_refuse(reading, node->line, err, "%s has no 'at', as 0 or 90s", what);
    if (reading_duration(reading, at, "at", 0, &times->at_ms, err) < 0 ||
        (every && reading_duration(reading, every, "every", 0, &times->every_ms, err) < 0) ||
        (repeat && reading_whole(reading, repeat, "repeat", 1, CORRELATION_MAX_TEST_EVENTS,
                                 &times->times, err) < 0))
        return -EINVAL;
    return 0;
}

int trial_times_count(const struct reading *reading, const struct node *node,
                      const struct trial_times *times, size_t *total, struct error *err)
{
    *total += (size_t)times->times;
    *reading->test_events += (size_t)times->times;
    if (*reading->test_events > CORRELATION_MAX_TEST_EVENTS)
        return reading_refuse(reading, node->line, err,
                              "the tests of all rules have more than %d events",
                              CORRELATION_MAX_TEST_EVENTS);
    return 0;
}

/* Which of the expected values @text is; addresses are written in many ways. */
static bool find_value(const struct correlation_expect *expect, struct text text, size_t *place)
{
    enum correlation_field_id id = expect->field.id;
    AUTO_BUF written = {0};
    struct address address;

    if ((id == CORRELATION_FIELD_SOURCE_IP || id == CORRELATION_FIELD_TARGET_IP) &&
        address_parse(text, &address)) {
        address_write(&address, &written);
        text = buf_text(&written);
    }
    for (*place = 0; *place < expect->count; (*place)++) {
        if (text_equal(expect->values[*place], text))
            return true;
    }
    return false;
}

/* `{at: 0, host: gate-1}`: whose log it is. */
static int read_whose(const struct reading *reading, const struct node *node,
                      const struct correlation_expect *expect, size_t *value, struct error *err)
{
    struct text name = expect->field.name;
    const struct node *found = document_get(node, name.bytes);
    const struct reading_key allowed[] = {
        {"at", NULL}, {"every", NULL}, {"repeat", NULL}, {name.bytes, NULL}, {0}};

    if (reading_keys(reading, node, A_LOG, allowed, err) < 0)
        return -EINVAL;
    if (!found)
        return reading_refuse(reading, node->line, err, A_LOG " has no '%.*s'", TEXT_ARG(name));
    if (found->kind != NODE_SCALAR)
        return reading_refuse_value(reading, found, name.bytes, "a text", err);
    if (!find_value(expect, found->text, value))
        return reading_refuse(reading, found->line, err,
                              "%.*s is '%.*s', which is none of the values that the rule expects",
                              TEXT_ARG(name), TEXT_ARG(text_cut(found->text, 80)));
    return 0;
}

/* What a list of logs stands for: into @logs, or only counted where that is NULL. */
static int read_logs(const struct reading *reading, const struct node *list,
                     const struct correlation *rule, struct correlation_log *logs, size_t *count,
                     struct error *err)
{
    *count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct node *node = &list->items[i];
        struct trial_times times;
        size_t value;

        if (trial_times_read(reading, node, A_LOG, &times, err) < 0 ||
            read_whose(reading, node, &rule->expect, &value, err) < 0)
            return -EINVAL;
        if (!logs) {
            if (trial_times_count(reading, node, &times, count, err) < 0)
                return -EINVAL;
            continue;
        }
        for (int64_t n = 0; n < times.times; n++)
            logs[(*count)++] = (struct correlation_log){times.at_ms + n * times.every_ms, value};
    }
    return 0;
}

int trial_logs_read(const struct reading *reading, const struct node *test_node,
                    const struct correlation *rule, struct correlation_test *test,
                    struct error *err)
{
    const struct node *list = document_get(test_node, "logs"),
                      *until = document_get(test_node, "until");
    size_t count;

    if (!list || list->kind != NODE_LIST)
        return reading_refuse(reading, test->line, err,
                              "a test of an expect rule has no list of logs ([] where none comes)");
    if (!until)
        return reading_refuse(
            reading, test->line, err,
            "a test of an expect rule has no 'until', as 2h: how long it goes on");
    if (reading_duration(reading, until, "until", 1000, &test->until_ms, err) < 0 ||
        read_logs(reading, list, rule, NULL, &count, err) < 0)
        return -EINVAL;
    struct correlation_log *logs = arena_zero(reading->arena, (count + 1) * sizeof(*logs));

    if (read_logs(reading, list, rule, logs, &count, err) < 0)
        return -EINVAL;
    test->logs = logs;
    test->log_count = count;
    return 0;
}

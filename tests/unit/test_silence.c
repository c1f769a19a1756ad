#include "unit.h"

#include "correlator/correlations.h"
#include "correlator/silence.h"

enum { WITHIN = 100, LEASE = 30, NOW = 10000 };

#define NONE                                      \
    {                                             \
        SILENCE_NONE, 0, 0, 0, SILENCE_CAUSE_NONE \
    }
#define OPENING(since, at)                                    \
    {                                                         \
        SILENCE_OPENING, (since), 0, (at), SILENCE_CAUSE_NONE \
    }
#define OPEN(since)                                      \
    {                                                    \
        SILENCE_OPEN, (since), 0, 50, SILENCE_CAUSE_NONE \
    }
#define ENDING(since, back, at)                                   \
    {                                                             \
        SILENCE_ENDING, (since), (back), (at), SILENCE_CAUSE_NONE \
    }

struct row {
    const char *label;
    struct silence_record record;
    int64_t seen, until, since; /* of the facts */
    const char *next;           /* as it is written; NULL: nothing is to be done */
};

static const struct row rows[] = {
    {"seen lately", NONE, 9000, 9099, WATCH_NEVER, NULL},
    {"seen exactly within ago", NONE, 9000, 9100, WATCH_NEVER, NULL},
    {"seen longer ago", NONE, 9000, 9101, WATCH_NEVER, "n 9000 0 10000 -"},
    {"nobody knows", NONE, 1, WATCH_NEVER, WATCH_NEVER, NULL},
    {"nobody has looked for so long", NONE, 1, 9101, 9001, NULL},
    {"somebody has", NONE, 1, 9101, 9000, "n 1 0 10000 -"},
    {"a claim that another works on", OPENING(1, NOW - LEASE), 1, 9101, WATCH_NEVER, NULL},
    {"a claim that nobody works on", OPENING(1, NOW - LEASE - 1), 1, 9101, WATCH_NEVER,
     "n 1 0 10000 -"},
    {"such a claim after its host came back", OPENING(1, NOW - LEASE - 1), 9000, 9101, WATCH_NEVER,
     "n 1 0 10000 -"},
    {"open, and still silent", OPEN(1), 1, 9101, WATCH_NEVER, NULL},
    {"open, and nobody knows", OPEN(1), 1, WATCH_NEVER, WATCH_NEVER, NULL},
    {"open, and seen again", OPEN(1), 2, WATCH_NEVER, WATCH_NEVER, "r 1 2 10000 -"},
    {"an end that another works on", ENDING(1, 2, NOW), 5, 9101, WATCH_NEVER, NULL},
    {"an end that nobody works on says the same", ENDING(1, 2, 5), 7, 9101, WATCH_NEVER,
     "r 1 2 10000 -"},
};

static void a_record_goes_on_when_it_must(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        const struct silence_facts facts = {
            .seen_ms = row->seen, .until_ms = row->until, .since_ms = row->since, .now_ms = NOW};
        struct silence_record next, read;
        AUTO_BUF written = {0};

        if (silence_step(&row->record, &facts, WITHIN, LEASE, &next) != (row->next != NULL))
            fail_msg("%s: whether anything is to be done", row->label);
        if (!row->next)
            continue;
        silence_write(&next, &written);
        unit_text(row->label, buf_text(&written), row->next);
        assert_true(silence_read(buf_text(&written), &read));
        assert_true(read.phase == next.phase && read.since_ms == next.since_ms &&
                    read.back_ms == next.back_ms && read.at_ms == next.at_ms);
    }
}

static void what_is_no_record_is_refused(void **state)
{
    static const char *const wrong[] = {"x",           "n 1 0 1",    "x 1 0 1 -", "n a 0 1 -",
                                        "n 1 0 1 - 2", "nn 1 0 1 -", "n 1 0 1 x", "n 1 0 1 "};
    struct silence_record read;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (silence_read(text_of(wrong[i]), &read))
            fail_msg("'%s' was read", wrong[i]);
    }
    assert_true(silence_read(TEXT(""), &read) && read.phase == SILENCE_NONE);
}

static void what_kafka_has_is_open_or_over(void **state)
{
    const struct silence_record opening = OPENING(1, 2), ending = ENDING(1, 2, 3);

    (void)state;
    assert_int_equal(silence_confirmed(&opening).phase, SILENCE_OPEN);
    assert_int_equal(silence_confirmed(&opening).since_ms, 1);
    assert_int_equal(silence_confirmed(&ending).phase, SILENCE_NONE);
}

/* Two correlators and a host that comes and goes: whoever comes first with a claim sends, one that
 * dies with it is followed by the other, and each silence has one revision 0 and one 1. */
static void each_silence_is_told_once_whoever_judges(void **state)
{
    struct silence_record record = NONE;
    int64_t seen = 0;
    int opened = 0, ended = 0, said_twice = 0;

    (void)state;
    for (int64_t now = 0; now < 5000; now++) {
        struct silence_record known = record; /* of both */
        int won = 0;

        if (now % 1000 < 500)
            seen = now;
        for (int correlator = 0; correlator < 2; correlator++) {
            const struct silence_facts facts = {seen, now, WATCH_NEVER, SILENCE_CAUSE_NONE, now};
            struct silence_record next;
            AUTO_BUF before = {0};
            AUTO_BUF stored = {0};

            if (!silence_step(&known, &facts, WITHIN, LEASE, &next))
                continue;
            silence_write(&known, &before);
            silence_write(&record, &stored);
            if (!text_equal(buf_text(&before), buf_text(&stored)))
                continue; /* the other was faster */
            bool is_repeat = known.phase == next.phase;

            won++;
            record = next;
            said_twice += is_repeat;
            opened += next.phase == SILENCE_OPENING && !is_repeat;
            ended += next.phase == SILENCE_ENDING && !is_repeat;
            if (now % 3 == 0 || is_repeat) /* else it dies before Kafka has it */
                record = silence_confirmed(&next);
        }
        assert_true(won <= 1);
    }
    assert_int_equal(opened, 5);
    assert_int_equal(ended, 4);
    assert_true(said_twice > 0);
}

static struct correlations *rules_of(const char *expect)
{
    struct correlations *rules = correlations_new(CORRELATION_LIMITS_DEFAULT);
    struct error err = {0};
    AUTO_BUF file = {0};

    buf_addf(&file,
             "id: gate\ntitle: 'No logs from {%s}'\nthreat_level: CRITICAL\ntags: [ops]\n"
             "expect: {field: %s, values: [%s], within: 15m}\n",
             expect, expect, strcmp(expect, "source_ip") == 0 ? "'10.0.0.1'" : "gate-1");
    if (correlations_add_bytes(rules, "f.yaml", buf_text(&file), &err) < 0 ||
        correlations_link(rules, &err) < 0)
        fail_msg("%s", err.text);
    return rules;
}

static struct alert alert_of(const struct correlations *rules, struct text value,
                             struct silence_record record, struct arena *arena)
{
    const struct silence_case of = {
        .rule = correlations_rule(rules, 0), .value = value, .record = record, .now_ms = NOW};
    struct alert alert;

    silence_alert(&of, arena, &alert);
    return alert;
}

static void an_alert_says_whose_logs_do_not_come(void **state)
{
    AUTO(arena) arena = arena_new(1024);
    AUTO(correlations) rules = rules_of("host");
    const struct silence_record opening = OPENING(1000, 9), ending = ENDING(1000, 5000, 9);
    struct alert alert = alert_of(rules, TEXT("gate-1"), opening, arena);
    struct alert last = alert_of(rules, TEXT("gate-1"), ending, arena);

    (void)state;
    unit_text("title", alert.title, "No logs from gate-1");
    unit_text("description", alert.description,
              "No log of host gate-1 came since 1970-01-01T00:00:01.000Z");
    unit_text("host", alert.host, "gate-1");
    unit_text("tenant", alert.tenant, "default");
    assert_int_equal(alert.severity, LEVEL_CRITICAL);
    assert_int_equal(alert.status, ALERT_NEW);
    assert_int_equal(alert.first_seen, 1000);
    assert_int_equal(alert.last_seen, 1000 + 15 * 60 * 1000);
    assert_true(text_equal(alert.alert_id, last.alert_id));
    assert_int_equal(last.revision, 1);
    assert_int_equal(last.status, ALERT_RESOLVED);
    assert_int_equal(last.last_seen, 5000);
}

static void another_silence_of_the_same_host_is_another_alert(void **state)
{
    AUTO(arena) arena = arena_new(1024);
    AUTO(correlations) rules = rules_of("source_ip");
    const struct silence_record first = OPENING(1000, 9), second = OPENING(2000, 9);
    struct alert a = alert_of(rules, TEXT("10.0.0.1"), first, arena);
    struct alert b = alert_of(rules, TEXT("10.0.0.1"), second, arena);

    (void)state;
    unit_text("address", a.source_ip, "10.0.0.1");
    assert_false(text_equal(a.alert_id, b.alert_id));
    assert_true(text_equal(a.group_key, b.group_key));
}

static void that_nobody_looks_is_said_with_the_reason(void **state)
{
    static const struct {
        enum silence_cause cause;
        const char *description;
    } causes[] = {
        {SILENCE_CAUSE_NOBODY,
         "Since 1970-01-01T00:00:01.000Z nobody can say whether logs of 1 expected values of topic "
         "still come: no detector lives that reads logs"},
        {SILENCE_CAUSE_BEHIND,
         "Since 1970-01-01T00:00:01.000Z nobody can say whether logs of 1 expected values of topic "
         "still come: a detector has not read all logs that there are, or went away without a "
         "word"},
    };
    AUTO(arena) arena = arena_new(1024);
    AUTO(correlations) rules = rules_of("topic");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(causes); i++) {
        const struct silence_record record = {SILENCE_OPENING, 1000, 0, 9, causes[i].cause};
        struct alert alert = alert_of(rules, (struct text){NULL, 0}, record, arena);

        unit_text("title", alert.title, "Silence cannot be judged: gate");
        unit_text("description", alert.description, causes[i].description);
        assert_int_equal(alert.group.count, 0);
        assert_int_equal(alert.last_seen, 1000);
    }
}

UNIT_MAIN(cmocka_unit_test(a_record_goes_on_when_it_must),
          cmocka_unit_test(what_is_no_record_is_refused),
          cmocka_unit_test(what_kafka_has_is_open_or_over),
          cmocka_unit_test(each_silence_is_told_once_whoever_judges),
          cmocka_unit_test(an_alert_says_whose_logs_do_not_come),
          cmocka_unit_test(another_silence_of_the_same_host_is_another_alert),
          cmocka_unit_test(that_nobody_looks_is_said_with_the_reason))

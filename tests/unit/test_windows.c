#include "unit.h"

#include "correlator/windows.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
#define START CORRELATION_TEST_START

/* One event in a row of a table: what is not given is as usual. */
struct given {
    int64_t at_ms; /* from START */
    const char *id;
    const char *type;   /* "auth.failed" */
    const char *source; /* "10.0.0.1"; "": none */
    const char *user;
    int level; /* of enum threat_level, LOW if not given */
    enum event_mode mode;
};

enum { MOST = 12 };

struct expected {
    const char *rule;
    int64_t first_ms, last_ms; /* from START */
    int64_t count;
    const char *ids; /* joined by blanks; NULL: not asked */
    enum alert_status status;
    bool continues;
};

static struct event event_of(const struct given *given, struct arena *arena, size_t n)
{
    struct event event;

    record_set_defaults(&event_type, &event);
    event.event_time = event.timestamp = START + given->at_ms;
    event.event_id = given->id ? text_of(given->id) : arena_textf(arena, "e%zu", n);
    event.event_type = text_of(given->type ? given->type : "auth.failed");
    event.rule_id = event.event_type;
    event.source_ip = text_of(given->source ? given->source : "10.0.0.1");
    event.user = text_of(given->user);
    event.tenant = TEXT("default");
    event.threat_level = given->level;
    event.confidence_score = 0.5;
    event.mode = (int)given->mode;
    return event;
}

static struct correlations *load(const char *name, const char *rules)
{
    struct correlations *set = correlations_new(CORRELATION_LIMITS_DEFAULT);
    struct error err = {0};

    if (correlations_add_bytes(set, name, text_of(rules), &err) < 0 ||
        correlations_link(set, &err) < 0)
        fail_msg("%s: %s", name, err.text);
    return set;
}

static size_t feed(struct windows *windows, const struct given *given, size_t count,
                   struct arena *arena)
{
    size_t fed = 0;

    for (; fed < count && (given[fed].at_ms || given[fed].id || fed == 0); fed++) {
        struct event event = event_of(&given[fed], arena, fed);

        windows_feed(windows, &event, 1, event.event_time);
    }
    return fed;
}

static void compare(const char *name, const struct alert *got, const struct expected *want)
{
    AUTO_BUF ids = {0};

    for (size_t i = 0; i < got->event_ids.count; i++) {
        buf_add_string(&ids, i ? " " : "");
        buf_add(&ids, got->event_ids.items[i]);
    }
    if (!text_is(got->rule_id, want->rule) || got->first_seen != START + want->first_ms ||
        got->last_seen != START + want->last_ms || got->event_count != want->count ||
        (want->ids && !text_is(buf_text(&ids), want->ids)) || got->status != (int)want->status ||
        (got->continues.size > 0) != want->continues)
        fail_msg("%s: got %.*s [%lld, %lld] of %lld (%s) %s%s\n  want %s [%lld, %lld] of %lld (%s) "
                 "%s%s",
                 name, TEXT_ARG(got->rule_id), (long long)(got->first_seen - START),
                 (long long)(got->last_seen - START), (long long)got->event_count, buf_string(&ids),
                 alert_statuses[got->status], got->continues.size ? " continues" : "", want->rule,
                 (long long)want->first_ms, (long long)want->last_ms, (long long)want->count,
                 want->ids ? want->ids : "any", alert_statuses[want->status],
                 want->continues ? " continues" : "");
}

#define RULE(type, rules, more)                                                               \
    "{id: r, title: T, suppress: {for: 1h}, correlation: {type: " type ", rules: " rules ", " \
    "group-by: [source_ip], timespan: 60s" more "}}"
#define THREE RULE("event_count", "[auth.failed]", ", condition: {gte: 3}")

static const struct {
    const char *name, *rules;
    struct given events[MOST];
    struct expected alerts[4];
} final_cases[] = {
    {"both ends of a window count",
     THREE,
     {{.at_ms = 0, .id = "a"},
      {.at_ms = 30 * SECOND, .id = "b"},
      {.at_ms = 60 * SECOND, .id = "c"}},
     {{"r", 0, 60 * SECOND, 3, "a b c", ALERT_RESOLVED, false}}},
    {"a millisecond more is too long",
     THREE,
     {{.at_ms = 0, .id = "a"},
      {.at_ms = 30 * SECOND, .id = "b"},
      {.at_ms = 60 * SECOND + 1, .id = "c"}},
     {{.rule = NULL}}},
    {"events of one moment are in one window",
     THREE,
     {{.at_ms = 5, .id = "a"}, {.at_ms = 5, .id = "b"}, {.at_ms = 5, .id = "c"}},
     {{"r", 5, 5, 3, "a b c", ALERT_RESOLVED, false}}},
    {"an event that comes again is no new one",
     THREE,
     {{.at_ms = 1, .id = "a"},
      {.at_ms = 2, .id = "b"},
      {.at_ms = 2, .id = "b"},
      {.at_ms = 1, .id = "a"}},
     {{.rule = NULL}}},
    {"what lies between two times at which the rule holds counts",
     THREE,
     {{.at_ms = 0, .id = "a"},
      {.at_ms = 1, .id = "b"},
      {.at_ms = 2, .id = "c"},
      {.at_ms = 20 * MINUTE, .id = "d"},
      {.at_ms = 40 * MINUTE, .id = "e"},
      {.at_ms = 40 * MINUTE, .id = "f"},
      {.at_ms = 40 * MINUTE, .id = "g"},
      {.at_ms = 45 * MINUTE, .id = "h"}},
     {{"r", 0, 40 * MINUTE, 7, "a b c d e f g", ALERT_RESOLVED, false}}},
    {"what was forgotten counts when the rule holds again",
     THREE,
     {{.at_ms = 0, .id = "a"},
      {.at_ms = 1, .id = "b"},
      {.at_ms = 2, .id = "c"},
      {.at_ms = 5 * MINUTE, .id = "d"},
      {.at_ms = 30 * MINUTE, .id = "e"},
      {.at_ms = 55 * MINUTE, .id = "f"},
      {.at_ms = 55 * MINUTE, .id = "g"},
      {.at_ms = 55 * MINUTE, .id = "h"}},
     {{"r", 0, 55 * MINUTE, 8, "a b c d e f g h", ALERT_RESOLVED, false}}},
    {"an alert may begin before its slot, and the next continues it",
     THREE,
     {{.at_ms = HOUR - 4, .id = "a"},
      {.at_ms = HOUR - 3, .id = "b"},
      {.at_ms = HOUR - 2, .id = "c"},
      {.at_ms = HOUR, .id = "d"},
      {.at_ms = 2 * HOUR, .id = "e"}},
     {{"r", HOUR - 4, HOUR - 2, 3, "a b c", ALERT_UPDATE, false},
      {"r", HOUR - 4, HOUR, 4, "a b c d", ALERT_RESOLVED, true}}},
    {"an earlier event moves the first hold back",
     THREE,
     {{.at_ms = 10 * SECOND, .id = "c"},
      {.at_ms = 11 * SECOND, .id = "d"},
      {.at_ms = 12 * SECOND, .id = "e"},
      {.at_ms = 2 * SECOND, .id = "b"},
      {.at_ms = 1, .id = "a"}},
     {{"r", 1, 12 * SECOND, 5, "a b c d e", ALERT_RESOLVED, false}}},
    {"an absent field of the group is no group",
     THREE,
     {{.at_ms = 1, .id = "a", .source = ""},
      {.at_ms = 2, .id = "b", .source = ""},
      {.at_ms = 3, .id = "c", .source = ""}},
     {{.rule = NULL}}},
    {"shadow events feed nothing",
     THREE,
     {{.at_ms = 1, .id = "a"},
      {.at_ms = 2, .id = "b"},
      {.at_ms = 3, .id = "c", .mode = MODE_SHADOW}},
     {{.rule = NULL}}},
    {"distinct values are counted once",
     RULE("value_count", "[auth.failed]", ", condition: {gte: 2, field: user}"),
     {{.at_ms = 1, .id = "a", .user = "x"},
      {.at_ms = 2, .id = "b", .user = "x"},
      {.at_ms = 3, .id = "c"},
      {.at_ms = 4, .id = "d", .user = "y"}},
     {{"r", 1, 4, 3, "a b d", ALERT_RESOLVED, false}}},
    {"in their order, and as long as both are in the window",
     RULE("temporal_ordered", "[auth.failed, auth.accepted]", ""),
     {{.at_ms = 10, .id = "b", .type = "auth.accepted"},
      {.at_ms = 20, .id = "c"},
      {.at_ms = 5, .id = "a"}},
     {{"r", 5, 20, 3, "a b c", ALERT_RESOLVED, false}}},
    {"of one moment is in order",
     RULE("temporal_ordered", "[auth.failed, auth.accepted]", ""),
     {{.at_ms = 10, .id = "b", .type = "auth.accepted"}, {.at_ms = 10, .id = "a"}},
     {{"r", 10, 10, 2, "a b", ALERT_RESOLVED, false}}},
    {"the wrong order is none",
     RULE("temporal_ordered", "[auth.failed, auth.accepted]", ""),
     {{.at_ms = 10, .id = "b", .type = "auth.accepted"}, {.at_ms = 11, .id = "a"}},
     {{.rule = NULL}}},
    {"any order will do where none is asked for",
     RULE("temporal", "[auth.failed, auth.accepted]", ""),
     {{.at_ms = 10, .id = "b", .type = "auth.accepted"}, {.at_ms = 11, .id = "a"}},
     {{"r", 10, 11, 2, "b a", ALERT_RESOLVED, false}}},
    {"a condition that events can undo is judged when they are all there",
     RULE("event_count", "[auth.failed]", ", condition: {lt: 2}"),
     {{.at_ms = MINUTE, .id = "b"},
      {.at_ms = MINUTE + 1, .id = "c"},
      {.at_ms = 5 * MINUTE, .id = "d"},
      {.at_ms = 30 * SECOND, .id = "a"}},
     {{"r", 30 * SECOND, 5 * MINUTE, 4, "a b c d", ALERT_RESOLVED, false}}},
    {"high ones are alerts by themselves, of one slot one alert",
     "[]",
     {{.at_ms = 1, .id = "a", .level = LEVEL_HIGH},
      {.at_ms = 2, .id = "b", .level = LEVEL_CRITICAL},
      {.at_ms = 3, .id = "c", .level = LEVEL_MEDIUM},
      {.at_ms = HOUR, .id = "d", .level = LEVEL_HIGH}},
     {{"event:auth.failed", 1, 2, 2, "a b", ALERT_UPDATE, false},
      {"event:auth.failed", HOUR, HOUR, 1, "d", ALERT_RESOLVED, true}}},
    {"a late event that is an alert by itself still opens its slot",
     "[]",
     {{.at_ms = 5 * HOUR, .id = "b", .level = LEVEL_HIGH},
      {.at_ms = 1, .id = "a", .level = LEVEL_HIGH},
      {.at_ms = 2, .id = "c", .level = LEVEL_HIGH}},
     {{"event:auth.failed", 1, 1, 1, "a", ALERT_RESOLVED, false},
      {"event:auth.failed", 5 * HOUR, 5 * HOUR, 1, "b", ALERT_RESOLVED, false}}},
};

static void final_alerts_are_what_the_rules_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(final_cases); i++) {
        const char *name = final_cases[i].name;
        AUTO(correlations) rules = load(name, final_cases[i].rules);
        AUTO(arena) arena = arena_new(4096);
        struct windows_settings settings = WINDOWS_DEFAULTS;
        struct alert *alerts;
        size_t want = 0;

        settings.only_last = true;
        AUTO(windows) windows = windows_new(rules, &settings);

        feed(windows, final_cases[i].events, MOST, arena);
        assert_int_equal(windows_take(windows, &alerts), 0);
        windows_finish(windows, START + HOUR);
        while (want < 4 && final_cases[i].alerts[want].rule)
            want++;
        size_t got = windows_take(windows, &alerts);

        if (got != want)
            fail_msg("%s: got %zu alerts, want %zu", name, got, want);
        for (size_t k = 0; k < got; k++)
            compare(name, &alerts[k], &final_cases[i].alerts[k]);
    }
}

/* What was sent since the last time: "new 1, update 3": status and events of each alert. */
static void sent(struct windows *windows, const char *want)
{
    AUTO_BUF got = {0};
    struct alert *alerts;
    size_t count = windows_take(windows, &alerts);

    for (size_t i = 0; i < count; i++)
        buf_addf(&got, "%s%s %lld", i ? ", " : "", alert_statuses[alerts[i].status],
                 (long long)alerts[i].event_count);
    unit_text("sent", buf_text(&got), want);
}

static void one(struct windows *windows, int64_t at_ms, const char *id, int64_t now_ms)
{
    AUTO(arena) arena = arena_new(1024);
    const struct given given = {.at_ms = at_ms, .id = id, .level = LEVEL_HIGH};
    struct event event = event_of(&given, arena, 0);

    windows_feed(windows, &event, 1, START + now_ms);
}

static void advance(struct windows *windows, int64_t now_ms)
{
    windows_advance(windows, START + now_ms);
}

static void an_alert_is_sent_at_once_then_every_five_minutes_then_resolved(void **state)
{
    const struct windows_settings settings = WINDOWS_DEFAULTS;
    AUTO(windows) windows = windows_new(NULL, &settings);

    (void)state;
    one(windows, 0, "a", 0);
    sent(windows, "new 1");
    one(windows, MINUTE, "b", MINUTE);
    one(windows, 2 * MINUTE, "c", 2 * MINUTE);
    sent(windows, "");
    advance(windows, 5 * MINUTE - 1);
    sent(windows, "");
    advance(windows, 5 * MINUTE);
    sent(windows, "update 3");
    advance(windows, 50 * MINUTE); /* nothing changed */
    sent(windows, "");
    advance(windows, HOUR + 2 * MINUTE - 1);
    sent(windows, "");
    advance(windows, HOUR + 2 * MINUTE);
    sent(windows, "resolved 3");
    advance(windows, 3 * HOUR);
    windows_finish(windows, START + 3 * HOUR);
    sent(windows, "");
}

static void what_changes_after_the_end_is_said_once_more(void **state)
{
    const struct windows_settings settings = WINDOWS_DEFAULTS;
    AUTO(windows) windows = windows_new(NULL, &settings);

    (void)state;
    one(windows, 59 * MINUTE, "a", 59 * MINUTE);
    sent(windows, "new 1");
    advance(windows, HOUR + 2 * MINUTE);
    sent(windows, "resolved 1");
    one(windows, 58 * MINUTE, "b", HOUR + 3 * MINUTE);
    sent(windows, "");
    advance(windows, HOUR + 5 * MINUTE);
    sent(windows, "resolved 2");
    one(windows, HOUR, "c", HOUR + 6 * MINUTE); /* the next slot's: now it goes on */
    sent(windows, "new 1");
    advance(windows, HOUR + 8 * MINUTE);
    sent(windows, "update 2");
    windows_finish(windows, START + 3 * HOUR);
    sent(windows, "resolved 1");
}

static void an_old_slot_is_settled_soon_after_it_opens(void **state)
{
    const struct windows_settings settings = WINDOWS_DEFAULTS;
    AUTO(windows) windows = windows_new(NULL, &settings);

    (void)state;
    one(windows, 0, "a", 100 * HOUR);
    sent(windows, "new 1");
    advance(windows, 100 * HOUR + 2 * MINUTE);
    sent(windows, "resolved 1");
}

static void another_type_nearby_raises_the_confidence(void **state)
{
    static const struct {
        const char *name;
        struct given events[4];
        bool want; /* of the first one's alert */
    } cases[] = {
        {"alone",
         {{.at_ms = 0, .id = "a", .level = LEVEL_HIGH},
          {.at_ms = 1, .id = "b", .level = LEVEL_HIGH}},
         false},
        {"five minutes later",
         {{.at_ms = 0, .id = "a", .level = LEVEL_HIGH},
          {.at_ms = 5 * MINUTE, .id = "b", .type = "web.xss", .level = LEVEL_MEDIUM}},
         true},
        {"five minutes before, and later to come",
         {{.at_ms = 10 * MINUTE, .id = "a", .level = LEVEL_HIGH},
          {.at_ms = 5 * MINUTE, .id = "b", .type = "web.xss", .level = 1}},
         true},
        {"more than five minutes",
         {{.at_ms = 0, .id = "a", .level = LEVEL_HIGH},
          {.at_ms = 5 * MINUTE + 1, .id = "b", .type = "web.xss", .level = LEVEL_MEDIUM}},
         false},
        {"a low one",
         {{.at_ms = 0, .id = "a", .level = LEVEL_HIGH},
          {.at_ms = 1, .id = "b", .type = "web.xss", .level = LEVEL_LOW}},
         false},
        {"from elsewhere",
         {{.at_ms = 0, .id = "a", .level = LEVEL_HIGH},
          {.at_ms = 1, .id = "b", .type = "web.xss", .source = "10.0.0.2", .level = LEVEL_HIGH}},
         false},
        {"a shadow",
         {{.at_ms = 0, .id = "a", .level = LEVEL_HIGH},
          {.at_ms = 1, .id = "b", .type = "web.xss", .level = 2, .mode = MODE_SHADOW}},
         false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(1024);
        struct windows_settings settings = WINDOWS_DEFAULTS;
        struct alert *alerts;

        settings.only_last = true;
        AUTO(windows) windows = windows_new(NULL, &settings);

        feed(windows, cases[i].events, 4, arena);
        windows_finish(windows, START);
        size_t count = windows_take(windows, &alerts), k = 0;

        while (k + 1 < count && !text_is(alerts[k].rule_id, "event:auth.failed"))
            k++;
        assert_true(count > 0);
        if ((alerts[k].confidence > 0.6) != cases[i].want ||
            (alerts[k].indicators.count == 1) != cases[i].want)
            fail_msg("%s: confidence %.1f, %zu indicators", cases[i].name, alerts[k].confidence,
                     alerts[k].indicators.count);
    }
}

static void each_event_may_be_an_alert_of_its_own(void **state)
{
    struct windows_settings settings = WINDOWS_DEFAULTS;
    struct alert *alerts;

    (void)state;
    settings.suppress_ms = 0;
    AUTO(windows) windows = windows_new(NULL, &settings);

    one(windows, 0, "a", 0);
    one(windows, 1, "b", 0);
    one(windows, 1, "b", 0);
    assert_int_equal(windows_take(windows, &alerts), 2);
    unit_text("id", alerts[0].alert_id, "SEC-a");
    unit_text("id", alerts[1].alert_id, "SEC-b");
    assert_int_equal(alerts[1].event_count, 1);
}

static void a_rule_may_keep_its_events_to_itself(void **state)
{
    static const struct {
        const char *name, *rules;
        size_t want;
    } cases[] = {
        {"it does not",
         "{id: r, title: T, correlation: {type: event_count, rules: [auth.failed], timespan: 1m, "
         "condition: {gte: 9}}}",
         1},
        {"it does",
         "{id: r, title: T, generate: false, correlation: {type: event_count, rules: "
         "[auth.failed], timespan: 1m, condition: {gte: 9}}}",
         0},
        {"others'",
         "{id: r, title: T, generate: false, correlation: {type: event_count, rules: "
         "[auth.accepted], timespan: 1m, condition: {gte: 9}}}",
         1},
        {"on trial",
         "{id: r, title: T, mode: shadow, generate: false, correlation: {type: event_count, "
         "rules: [auth.failed], timespan: 1m, condition: {gte: 9}}}",
         1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct windows_settings settings = WINDOWS_DEFAULTS;
        AUTO(correlations) rules = load(cases[i].name, cases[i].rules);
        AUTO(windows) windows = windows_new(rules, &settings);
        struct alert *alerts;

        one(windows, 0, "a", 0);
        if (windows_take(windows, &alerts) != cases[i].want)
            fail_msg("%s: want %zu alerts", cases[i].name, cases[i].want);
    }
}

static void every_event_is_counted_once_for_each_rule(void **state)
{
    static const struct given events[] = {
        {.at_ms = 0, .id = "a"},
        {.at_ms = 1, .id = "b"},
        {.at_ms = 1, .id = "b"},
        {.at_ms = 2, .id = "c"},
        {.at_ms = 3, .id = "d"},
        {.at_ms = 4, .id = "e", .source = ""},
        {.at_ms = 5, .id = "f", .type = "web.xss"},
        {.at_ms = 3 * HOUR, .id = "g"},
        {.at_ms = HOUR, .id = "h"},
    };
    const struct windows_settings settings = WINDOWS_DEFAULTS;
    AUTO(correlations) rules = load("counts", THREE);
    AUTO(windows) windows = windows_new(rules, &settings);
    AUTO(arena) arena = arena_new(1024);

    (void)state;
    assert_int_equal(feed(windows, events, COUNT_OF(events), arena), COUNT_OF(events));
    const struct plan_counts *counts = &windows_rule(windows, 0)->counts;

    assert_int_equal(counts->selected, 8);
    assert_int_equal(counts->waiting, 3); /* a b g */
    assert_int_equal(counts->opened, 1);  /* c */
    assert_int_equal(counts->counted, 1); /* d */
    assert_int_equal(counts->repeated, 1);
    assert_int_equal(counts->missing, 1);
    assert_int_equal(counts->late, 1);
}

static void a_crowded_group_says_so_and_still_alerts(void **state)
{
    struct windows_settings settings = WINDOWS_DEFAULTS;
    AUTO(correlations) rules = load("crowded", THREE);
    struct alert *alerts;

    (void)state;
    settings.members = 100;
    settings.only_last = true;
    AUTO(windows) windows = windows_new(rules, &settings);

    for (int i = 0; i < 1000; i++) {
        AUTO(arena) arena = arena_new(256);
        const struct given given = {.at_ms = 10 * i};
        struct event event = event_of(&given, arena, (size_t)i);

        windows_feed(windows, &event, 1, START);
    }
    windows_finish(windows, START);
    assert_int_equal(windows_take(windows, &alerts), 1);
    assert_false(alerts[0].count_exact);
    assert_int_equal(alerts[0].event_count, 1000);
    assert_int_equal(alerts[0].event_ids.count, ALERT_MAX_EVENT_IDS);
    assert_int_equal(windows_rule(windows, 0)->counts.crowded, 1);
}

#define EACH                                                                         \
    "{id: r, title: T, suppress: {for: 0}, correlation: {type: event_count, rules: " \
    "[auth.failed], group-by: [source_ip], timespan: 2s, condition: {gte: 1}}}"

/* Once no window reaches back to what is gone, counts are exact again: of later alerts. */
static void a_crowded_group_is_so_no_more_when_its_windows_are_past(void **state)
{
    struct windows_settings settings = WINDOWS_DEFAULTS;
    AUTO(correlations) rules = load("crowded", THREE);
    AUTO(arena) arena = arena_new(1024);
    struct alert *alerts;

    (void)state;
    settings.members = 100;
    settings.only_last = true;
    AUTO(windows) windows = windows_new(rules, &settings);

    for (int i = 0; i < 330; i++) {
        const struct given given = {.at_ms = 10 * i + (i < 320 ? 0 : i < 325 ? HOUR : 2 * HOUR)};
        struct event event = event_of(&given, arena, (size_t)i);

        windows_feed(windows, &event, 1, START);
    }
    windows_finish(windows, START);
    assert_int_equal(windows_take(windows, &alerts), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(alerts[i].count_exact, i > 0);
}

/* Each event is one. Those that make room say their last then; no alert says it twice. */
static void alerts_of_a_group_make_room_for_newer_ones(void **state)
{
    enum { EVENTS = 50000, REMEMBERED = 5000 };
    struct windows_settings settings = WINDOWS_DEFAULTS;
    AUTO(correlations) rules = load("each", EACH);
    size_t said = 0, most = 0, events = 0;
    struct alert *alerts;

    (void)state;
    settings.members = REMEMBERED;
    settings.only_last = true;
    AUTO(windows) windows = windows_new(rules, &settings);

    for (int i = 0; i <= EVENTS; i++) {
        AUTO(arena) arena = arena_new(256);
        const struct given given = {.at_ms = (int64_t)1000 * i, .level = LEVEL_LOW};
        struct event event = event_of(&given, arena, (size_t)i);

        if (i < EVENTS)
            windows_feed(windows, &event, 1, START);
        else
            windows_finish(windows, START);
        size_t count = windows_take(windows, &alerts);

        for (size_t k = 0; k < count; k++)
            events += (size_t)alerts[k].event_count;
        said += count;
        most = i < EVENTS && count > most ? count : most;
    }
    assert_int_equal(said, EVENTS);
    assert_int_equal(events, 3 * EVENTS - 3); /* those of two seconds, both ends included */
    assert_int_equal(most, REMEMBERED / 16 + 1);
    assert_in_range(windows_rule(windows, 0)->counts.forgotten, EVENTS - REMEMBERED,
                    EVENTS - REMEMBERED / 2);
}

static void times_outside_our_own_are_refused(void **state)
{
    static const int64_t times[] = {INT64_MIN, WINDOWS_EARLIEST_MS - 1, WINDOWS_LATEST_MS + 1,
                                    INT64_MAX};
    const struct windows_settings settings = WINDOWS_DEFAULTS;
    AUTO(windows) windows = windows_new(NULL, &settings);
    struct alert *alerts;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        struct event event = {.event_id = TEXT("a"), .threat_level = LEVEL_HIGH};

        event.event_time = times[i];
        windows_feed(windows, &event, 1, 0);
    }
    assert_int_equal(windows_take(windows, &alerts), 0);
    assert_int_equal(windows_totals(windows).refused, COUNT_OF(times));
}

UNIT_MAIN(cmocka_unit_test(final_alerts_are_what_the_rules_say),
          cmocka_unit_test(an_alert_is_sent_at_once_then_every_five_minutes_then_resolved),
          cmocka_unit_test(what_changes_after_the_end_is_said_once_more),
          cmocka_unit_test(an_old_slot_is_settled_soon_after_it_opens),
          cmocka_unit_test(another_type_nearby_raises_the_confidence),
          cmocka_unit_test(each_event_may_be_an_alert_of_its_own),
          cmocka_unit_test(a_rule_may_keep_its_events_to_itself),
          cmocka_unit_test(every_event_is_counted_once_for_each_rule),
          cmocka_unit_test(a_crowded_group_says_so_and_still_alerts),
          cmocka_unit_test(a_crowded_group_is_so_no_more_when_its_windows_are_past),
          cmocka_unit_test(alerts_of_a_group_make_room_for_newer_ones),
          cmocka_unit_test(times_outside_our_own_are_refused))

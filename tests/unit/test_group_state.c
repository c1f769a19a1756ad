#include "unit.h"

#include "correlator/shared_windows.h"
#include "memory_store.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
#define START CORRELATION_TEST_START
#define SOURCE TEXT("10.0.0.1")

#define THREE(more, condition)                                                         \
    "{id: r, title: T, suppress: {for: 1h}" more ", correlation: {type: event_count, " \
    "rules: [auth.failed], group-by: [source_ip], timespan: 60s, condition: {" condition "}}}"

/* A correlator or two, over one store: the first adds to states, the second writes them anew. */
struct desk {
    struct memory_store memory;
    struct shared_windows *windows[2];
    struct correlations *rules[2];
    struct text said[20]; /* "<revision> <status> <count>", of all alerts in order */
    size_t said_count;
    struct shared_receipt receipts[20];
    struct arena *arena;
    int64_t now_ms, read_ms;
};

static struct correlations *load(const char *rules)
{
    struct correlations *set = correlations_new(CORRELATION_LIMITS_DEFAULT);
    struct error err = {0};

    if (correlations_add_bytes(set, "test.yaml", text_of(rules), &err) < 0 ||
        correlations_link(set, &err) < 0)
        fail_msg("%s", err.text);
    return set;
}

static void open_desk(struct desk *desk, const char *first, const char *second)
{
    struct shared_windows_settings settings = SHARED_DEFAULTS;
    const char *const rules[] = {first, second ? second : first};

    *desk = (struct desk){.now_ms = START, .read_ms = INT64_MAX};
    memory_store_init(&desk->memory);
    desk->arena = arena_new(65536);
    for (uint64_t i = 0; i < 2; i++) {
        desk->rules[i] = load(rules[i]);
        settings.add_from = i == 0 ? 1 : SIZE_MAX;
        desk->windows[i] =
            shared_windows_new(desk->rules[i], &settings, &desk->memory.store, i << 32);
    }
}

static void close_desk(struct desk *desk)
{
    for (size_t i = 0; i < 2; i++) {
        shared_windows_free(desk->windows[i]);
        correlations_free(desk->rules[i]);
    }
    memory_store_done(&desk->memory);
    arena_free(desk->arena);
}

static void hear(struct desk *desk, size_t who)
{
    const struct shared_alert *alerts;
    size_t count = shared_windows_take(desk->windows[who], &alerts);

    desk->said_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct alert *alert = alerts[i].alert;

        desk->said[i] = arena_textf(desk->arena, "%d %s %d", (int)alert->revision,
                                    alert_statuses[alert->status], (int)alert->event_count);
        memcpy(desk->receipts[i].group_id, alert->group_key.bytes, GROUP_ID_SIZE - 1);
        desk->receipts[i].alert_id = arena_copy(desk->arena, alert->alert_id);
        desk->receipts[i].revision = alert->revision;
    }
}

static void feed(struct desk *desk, size_t who, int64_t at_ms, const char *id)
{
    struct event event;

    record_set_defaults(&event_type, &event);
    event.event_time = event.timestamp = START + at_ms;
    event.event_id = text_of(id);
    event.event_type = event.rule_id = TEXT("auth.failed");
    event.source_ip = SOURCE;
    event.tenant = TEXT("default");
    assert_int_equal(
        shared_windows_feed(desk->windows[who], &event, 1, desk->now_ms = START + at_ms, NULL), 0);
    hear(desk, who);
}

static size_t fire(struct desk *desk, size_t who, int64_t at_ms)
{
    size_t count;

    assert_int_equal(shared_windows_fire(desk->windows[who], desk->now_ms = START + at_ms,
                                         desk->read_ms, 100, &count, NULL),
                     0);
    hear(desk, who);
    return count;
}

static void confirm(struct desk *desk, size_t who)
{
    assert_int_equal(shared_windows_confirm(desk->windows[who], desk->receipts, desk->said_count,
                                            desk->now_ms, NULL),
                     0);
}

#define assert_said(desk, what)                           \
    do {                                                  \
        assert_int_equal((desk)->said_count, 1);          \
        assert_string_equal((desk)->said[0].bytes, what); \
    } while (0)
#define assert_silent(desk) assert_int_equal((desk)->said_count, 0)

/* a and b to one correlator, c to the other: the alert. */
static void open_alert(struct desk *desk)
{
    feed(desk, 0, 0, "a");
    feed(desk, 0, SECOND, "b");
    assert_silent(desk);
    feed(desk, 1, 2 * SECOND, "c");
    assert_said(desk, "0 new 3");
}

static void what_opened_an_alert_opens_it_again_when_it_comes_again(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk, THREE("", "gte: 3"), NULL);
    open_alert(&desk);
    feed(&desk, 0, 2 * SECOND, "c");
    assert_said(&desk, "0 new 3");
    feed(&desk, 1, 3 * SECOND, "d");
    assert_silent(&desk);
    feed(&desk, 0, SECOND, "b"); /* which opened nothing */
    assert_silent(&desk);
    /* Long after its members are gone. */
    feed(&desk, 1, 30 * MINUTE, "e");
    feed(&desk, 0, 2 * SECOND, "c");
    assert_said(&desk, "0 new 4");
    close_desk(&desk);
}

static void what_a_timer_sends_is_sent_again_as_the_next_revision_until_confirmed(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk, THREE("", "gte: 3"), NULL);
    open_alert(&desk);
    feed(&desk, 0, 3 * SECOND, "d");
    assert_int_equal(fire(&desk, 0, 4 * MINUTE), 0);
    assert_int_equal(fire(&desk, 0, 6 * MINUTE), 1);
    assert_said(&desk, "1 update 4");
    /* It died: another takes it up once the lease is over, not before. */
    assert_int_equal(fire(&desk, 1, 6 * MINUTE + SECOND), 0);
    assert_int_equal(fire(&desk, 1, 7 * MINUTE), 1);
    assert_said(&desk, "2 update 4");
    confirm(&desk, 1);
    assert_int_equal(fire(&desk, 0, 59 * MINUTE), 0);
    assert_int_equal(fire(&desk, 0, HOUR + 3 * MINUTE), 1);
    assert_said(&desk, "3 resolved 4");
    confirm(&desk, 0);
    assert_int_equal(fire(&desk, 1, 5 * HOUR), 0);
    assert_int_equal(g_hash_table_size(desk.memory.due), 0);
    close_desk(&desk);
}

static void an_old_confirmation_confirms_nothing(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk, THREE("", "gte: 3"), NULL);
    open_alert(&desk);
    feed(&desk, 0, 3 * SECOND, "d");
    fire(&desk, 0, 6 * MINUTE);
    struct shared_receipt old = desk.receipts[0];

    fire(&desk, 1, 7 * MINUTE);
    shared_windows_confirm(desk.windows[0], &old, 1, START + 7 * MINUTE, NULL);
    assert_int_equal(fire(&desk, 1, 8 * MINUTE), 1);
    assert_said(&desk, "3 update 4");
    close_desk(&desk);
}

#define EACH                                                                         \
    "{id: r, title: T, suppress: {for: 0}, correlation: {type: event_count, rules: " \
    "[auth.failed], group-by: [source_ip], timespan: 2s, condition: {gte: 1}}}"

enum { FLOOD = 50000, FLOOD_BATCH = 1000, FLOOD_HELD = 15 };

struct flood {
    struct desk desk;
    struct event events[FLOOD_BATCH];
    struct shared_receipt *receipts;
    size_t opened, resolved, counted;
};

/* The next thousand, a second apart. */
static void feed_flood(struct flood *flood, size_t batch)
{
    const struct shared_alert *alerts;

    arena_reset(flood->desk.arena, SIZE_MAX);
    for (size_t i = 0; i < FLOOD_BATCH; i++) {
        struct event *event = &flood->events[i];
        size_t n = batch * FLOOD_BATCH + i;

        record_set_defaults(&event_type, event);
        event->event_time = event->timestamp = START + (int64_t)n * SECOND;
        event->event_id = arena_textf(flood->desk.arena, "%zu", n);
        event->event_type = event->rule_id = TEXT("auth.failed");
        event->source_ip = SOURCE;
        event->tenant = TEXT("default");
    }
    flood->desk.now_ms = flood->events[FLOOD_BATCH - 1].event_time;
    assert_int_equal(shared_windows_feed(flood->desk.windows[0], flood->events, FLOOD_BATCH,
                                         flood->desk.now_ms, NULL),
                     0);
    flood->opened += shared_windows_take(flood->desk.windows[0], &alerts);
}

/* What is due is sent and confirmed. Returns how much that was. */
static size_t fire_flood(struct flood *flood)
{
    const struct shared_alert *alerts;
    size_t groups;

    assert_int_equal(shared_windows_fire(flood->desk.windows[0], flood->desk.now_ms, INT64_MAX, 100,
                                         &groups, NULL),
                     0);
    size_t count = shared_windows_take(flood->desk.windows[0], &alerts);

    flood->receipts = mem_resize(flood->receipts, (count + 1) * sizeof(*flood->receipts));
    for (size_t i = 0; i < count; i++) {
        const struct alert *alert = alerts[i].alert;
        struct shared_receipt *receipt = &flood->receipts[i];

        *receipt = (struct shared_receipt){.revision = alert->revision};
        memcpy(receipt->group_id, alert->group_key.bytes, GROUP_ID_SIZE - 1);
        receipt->alert_id = arena_copy(flood->desk.arena, alert->alert_id);
        assert_int_equal(alert->status, ALERT_RESOLVED);
        assert_int_equal(alert->revision, 1);
        flood->counted += (size_t)alert->event_count;
    }
    assert_int_equal(shared_windows_confirm(flood->desk.windows[0], flood->receipts, count,
                                            flood->desk.now_ms, NULL),
                     0);
    flood->resolved += count;
    return count;
}

/* An alert for each event: of the latest as many are remembered as a group may have members, and
 * timers say no more of them at once than fits into memory. */
static void a_flood_of_alerts_is_bounded_and_each_says_its_last(void **state)
{
    struct flood *flood = mem_zero(sizeof(*flood));

    (void)state;
    open_desk(&flood->desk, EACH, NULL);
    for (size_t i = 0; i < FLOOD_HELD; i++)
        feed_flood(flood, i);
    flood->desk.now_ms += HOUR;
    assert_int_equal(fire_flood(flood), 10000);
    assert_int_equal(fire_flood(flood), FLOOD_HELD * FLOOD_BATCH - 10000);
    for (size_t i = FLOOD_HELD; i < FLOOD / FLOOD_BATCH; i++) {
        feed_flood(flood, i);
        fire_flood(flood);
    }
    flood->desk.now_ms += HOUR;
    fire_flood(flood);
    assert_int_equal(flood->opened, FLOOD);
    assert_int_equal(flood->resolved, FLOOD);
    assert_int_equal(flood->counted, 3 * FLOOD - 3);
    assert_in_range(shared_windows_rule(flood->desk.windows[0], 0)->counts.forgotten, FLOOD - 20000,
                    FLOOD - 18000);
    assert_int_equal(g_hash_table_size(flood->desk.memory.due), 0);
    close_desk(&flood->desk);
    free(flood->receipts);
    free(flood);
}

#define VALUES                                                                            \
    "{id: r, title: T, correlation: {type: value_count, rules: [auth.failed], group-by: " \
    "[source_ip], timespan: 1h, condition: {field: [fields.url, fields.n], gte: 3}}}"

enum { MEBIBYTE = 1024 * 1024 };

/* Bytes of all states that are stored. */
static size_t stored(const struct desk *desk)
{
    size_t size = 0;
    GHashTableIter iter;
    void *state;

    g_hash_table_iter_init(&iter, desk->memory.states);
    while (g_hash_table_iter_next(&iter, NULL, &state))
        size += ((struct memory_state *)state)->size;
    return size;
}

/* With letters that cannot be compressed by much. */
static void fill(char *bytes, size_t size)
{
    uint64_t random = 1;

    for (size_t i = 0; i < size; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bytes[i] = (char)('a' + (random >> 40) % 26);
    }
}

/* They differ in their last byte; the fourth is the third again. */
static void long_values_are_told_apart_and_take_little_room(void **state)
{
    struct text names[] = {TEXT("url"), TEXT("n")}, values[] = {{NULL, MEBIBYTE}, TEXT("1")};
    char *bytes = mem_zero(MEBIBYTE), id[] = "a";
    struct desk desk;
    struct event event;

    (void)state;
    open_desk(&desk, VALUES, NULL);
    fill(bytes, MEBIBYTE);
    values[0].bytes = bytes;
    for (size_t i = 0; i < 4; i++) {
        bytes[MEBIBYTE - 1] = (char)('a' + (i < 2 ? i : 2));
        id[0] = (char)('a' + i);
        record_set_defaults(&event_type, &event);
        event.event_time = event.timestamp = START + (int64_t)i;
        event.event_id = text_of(id);
        event.event_type = event.rule_id = TEXT("auth.failed");
        event.source_ip = SOURCE;
        event.tenant = TEXT("default");
        event.fields = (struct record_map){names, values, COUNT_OF(names)};
        assert_int_equal(shared_windows_feed(desk.windows[i % 2], &event, 1, START, NULL), 0);
        hear(&desk, i % 2);
        if (i == 2)
            assert_said(&desk, "0 new 3");
        else
            assert_silent(&desk);
    }
    assert_in_range(stored(&desk), 1, 2000);
    free(bytes);
    close_desk(&desk);
}

/* Each event has a MiB in texts that no other has. */
static void a_state_that_is_too_large_loses_its_oldest_events(void **state)
{
    enum { TEXTS = MEBIBYTE / SIGHTING_TEXT_BYTES, EVENTS = 35 };
    struct text *texts = mem_zero(EVENTS * TEXTS * sizeof(*texts));
    struct event *events = mem_zero(EVENTS * sizeof(*events));
    char *bytes = mem_zero(2 * MEBIBYTE);
    struct desk desk;

    (void)state;
    open_desk(&desk, THREE("", "gte: 1000"), NULL);
    fill(bytes, 2 * MEBIBYTE);
    for (size_t n = 0; n < 3 * EVENTS; n++) {
        struct event *event = &events[n % EVENTS];
        struct text *own = &texts[n % EVENTS * TEXTS];

        for (size_t i = 0; i < TEXTS; i++)
            own[i] = (struct text){bytes + n + i * SIGHTING_TEXT_BYTES, SIGHTING_TEXT_BYTES};
        record_set_defaults(&event_type, event);
        event->event_time = event->timestamp = START + (int64_t)n;
        event->event_id = arena_textf(desk.arena, "%zu", n);
        event->event_type = event->rule_id = TEXT("auth.failed");
        event->source_ip = SOURCE;
        event->tenant = TEXT("default");
        event->indicators = (struct record_texts){own, TEXTS};
        if ((n + 1) % EVENTS == 0)
            assert_int_equal(shared_windows_feed(desk.windows[0], events, EVENTS, START, NULL), 0);
    }
    assert_int_equal(shared_windows_totals(desk.windows[0]).huge_states, 1);
    feed(&desk, 1, 1000, "z");
    assert_int_equal(shared_windows_totals(desk.windows[1]).unreadable_states, 0);
    free(texts);
    free(events);
    free(bytes);
    close_desk(&desk);
}

/* "Exactly two", where a third may lie unread: silence says nothing before that is known. */
static void a_rule_that_waits_is_judged_when_all_is_read(void **state)
{
    static const struct {
        const char *name;
        int64_t read_ms;
        bool is_judged;
    } cases[] = {
        {"nobody knows", INT64_MIN, false},
        {"less is read", START, false},
        {"as much as may still come", START + SECOND + 10 * MINUTE, false},
        {"more", START + SECOND + 10 * MINUTE + 1, true},
        {"all", INT64_MAX, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct desk desk;

        open_desk(&desk, THREE("", "eq: 2"), NULL);
        feed(&desk, 0, SECOND, "a");
        feed(&desk, 1, SECOND, "b");
        desk.read_ms = cases[i].read_ms;
        fire(&desk, i % 2, 20 * MINUTE);
        if (desk.said_count != cases[i].is_judged)
            fail_msg("%s: %zu alerts", cases[i].name, desk.said_count);
        if (!cases[i].is_judged) {
            desk.read_ms = INT64_MAX;
            feed(&desk, 0, SECOND, "c");
            fire(&desk, 1, 40 * MINUTE);
            assert_silent(&desk);
        }
        close_desk(&desk);
    }
}

static void an_emptied_store_is_filled_again_from_memory(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk, THREE("", "gte: 3"), NULL);
    feed(&desk, 0, 0, "a");
    feed(&desk, 0, SECOND, "b");
    g_hash_table_remove_all(desk.memory.states);
    g_hash_table_remove_all(desk.memory.due);
    feed(&desk, 0, 2 * SECOND, "c");
    assert_said(&desk, "0 new 3");
    feed(&desk, 1, 3 * SECOND, "d");
    assert_int_equal(fire(&desk, 1, 6 * MINUTE), 1);
    assert_said(&desk, "1 update 4");
    close_desk(&desk);
}

static void a_timer_whose_state_is_gone_is_forgotten(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk, THREE("", "gte: 3"), NULL);
    open_alert(&desk);
    g_hash_table_remove_all(desk.memory.states);
    shared_windows_change_rules(desk.windows[0], desk.rules[0], &WINDOWS_DEFAULTS);
    assert_int_equal(fire(&desk, 0, 2 * HOUR), 1);
    assert_silent(&desk);
    assert_int_equal(g_hash_table_size(desk.memory.due), 0);
    close_desk(&desk);
}

static void bytes_that_are_no_state_are_begun_anew_and_counted(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk, THREE("", "gte: 3"), NULL);
    feed(&desk, 0, 0, "a");
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, desk.memory.states);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        ((struct memory_state *)value)->bytes[0] = 77;
    feed(&desk, 1, SECOND, "b");
    feed(&desk, 1, 2 * SECOND, "c");
    assert_silent(&desk);
    feed(&desk, 1, 3 * SECOND, "d");
    assert_said(&desk, "0 new 3");
    assert_int_equal(shared_windows_totals(desk.windows[1]).unreadable_states, 1);
    close_desk(&desk);
}

static void one_correlator_needs_one_round_a_batch(void **state)
{
    struct desk desk;

    (void)state;
    open_desk(&desk, THREE("", "gte: 3"), NULL);
    for (int i = 0; i < 50; i++) {
        char id[] = {(char)('A' + i), '\0'};

        feed(&desk, 0, i * SECOND, id);
    }
    struct shared_totals totals = shared_windows_totals(desk.windows[0]);

    assert_int_equal(totals.batches, 50);
    assert_int_equal(totals.rounds, 50);
    assert_int_equal(totals.conflicts, 0);
    assert_true(totals.additions > 0 && totals.additions < totals.writes);
    assert_int_equal(totals.cache_misses, 1);
    close_desk(&desk);
}

static const struct {
    const char *name, *first, *second;
    bool goes_on; /* what one has begun */
} edits[] = {
    {"nothing", THREE("", "gte: 3"), THREE("", "gte: 3"), true},
    {"threshold", THREE("", "gte: 9"), THREE("", "gte: 3"), true},
    {"title", THREE(", description: x", "gte: 3"), THREE("", "gte: 3"), true},
    {"level", THREE(", threat_level: LOW", "gte: 3"), THREE("", "gte: 3"), true},
    {"mode", THREE(", mode: shadow", "gte: 3"), THREE("", "gte: 3"), true},
    {"timespan",
     "{id: r, title: T, correlation: {type: event_count, rules: [auth.failed], group-by: "
     "[source_ip], timespan: 61s, condition: {gte: 3}}}",
     THREE("", "gte: 3"), false},
    {"selection",
     "{id: r, title: T, correlation: {type: event_count, rules: [auth.*], group-by: [source_ip], "
     "timespan: 60s, condition: {gte: 3}}}",
     THREE("", "gte: 3"), false},
    {"slots",
     "{id: r, title: T, suppress: {for: 30m}, correlation: {type: event_count, rules: "
     "[auth.failed], group-by: [source_ip], timespan: 60s, condition: {gte: 3}}}",
     THREE("", "gte: 3"), false},
    {"type",
     "{id: r, title: T, correlation: {type: value_count, rules: [auth.failed], group-by: "
     "[source_ip], timespan: 60s, condition: {field: user, gte: 3}}}",
     THREE("", "gte: 3"), false},
    {"filter",
     "{id: r, title: T, correlation: {type: event_count, rules: [s], selections: {s: {rules: "
     "[auth.failed], unless: {user: root}}}, group-by: [source_ip], timespan: 60s, condition: "
     "{gte: 3}}}",
     THREE("", "gte: 3"), false},
    {"id",
     "{id: other, title: T, correlation: {type: event_count, rules: [auth.failed], group-by: "
     "[source_ip], timespan: 60s, condition: {gte: 3}}}",
     THREE("", "gte: 3"), false},
};

/* Two versions of the rules run side by side: each goes on with its own windows, and none takes
 * the other's for its own. */
static void an_edited_rule_goes_on_or_begins_anew(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct desk desk;

        open_desk(&desk, edits[i].first, edits[i].second);
        feed(&desk, 0, 0, "a");
        feed(&desk, 0, 1, "b");
        feed(&desk, 1, 2, "c");
        if (desk.said_count != edits[i].goes_on)
            fail_msg("%s: it %s", edits[i].name, edits[i].goes_on ? "begins anew" : "goes on");
        feed(&desk, 1, 3, "d");
        feed(&desk, 0, 4, "e");
        feed(&desk, 1, 5, "f");
        if (!edits[i].goes_on) /* its own third, with the first's state carried in between */
            assert_said(&desk, "0 new 3");
        close_desk(&desk);
    }
}

UNIT_MAIN(cmocka_unit_test(what_opened_an_alert_opens_it_again_when_it_comes_again),
          cmocka_unit_test(what_a_timer_sends_is_sent_again_as_the_next_revision_until_confirmed),
          cmocka_unit_test(an_old_confirmation_confirms_nothing),
          cmocka_unit_test(a_flood_of_alerts_is_bounded_and_each_says_its_last),
          cmocka_unit_test(long_values_are_told_apart_and_take_little_room),
          cmocka_unit_test(a_state_that_is_too_large_loses_its_oldest_events),
          cmocka_unit_test(a_rule_that_waits_is_judged_when_all_is_read),
          cmocka_unit_test(an_emptied_store_is_filled_again_from_memory),
          cmocka_unit_test(a_timer_whose_state_is_gone_is_forgotten),
          cmocka_unit_test(bytes_that_are_no_state_are_begun_anew_and_counted),
          cmocka_unit_test(one_correlator_needs_one_round_a_batch),
          cmocka_unit_test(an_edited_rule_goes_on_or_begins_anew))

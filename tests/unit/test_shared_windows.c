#include "unit.h"

#include "correlator/shared_windows.h"
#include "memory_store.h"
#include "windows_random.h"

enum { ROUNDS = 180, CORRELATORS = 3 };

/* Shows both from a little before where they part. */
static void fail_differing(const char *what, int round, struct text got, struct text want)
{
    size_t at = 0;

    while (at < got.size && at < want.size && got.bytes[at] == want.bytes[at])
        at++;
    size_t from = at > 60 ? at - 60 : 0;
    struct text a = text_slice(got, from, at + 200), b = text_slice(want, from, at + 200);

    fail_msg("%s, round %d: %.*s\n  … %.*s\n  … %.*s", what, round, 60, got.size ? got.bytes : "",
             TEXT_ARG(a), TEXT_ARG(b));
}

/* How the events of a round come to the correlators. */
struct course {
    const char *name;
    size_t correlators;
    size_t cache_bytes;
    unsigned fail_every; /* one of so many calls of the store is lost; 0: none */
    bool confirms;       /* what timers sent is confirmed: mostly */
    size_t add_from;     /* states of so many bytes are added to */
};

struct shared_run {
    const struct course *course;
    struct choices *choices;
    struct memory_store memory;
    struct shared_windows *windows[CORRELATORS];
    struct arena *arena;
    struct random_result *result;
};

/* The last revision of each alert is kept, and none may say two things. */
static void keep(struct shared_run *run, struct shared_windows *windows, bool fired)
{
    const struct shared_alert *alerts;
    size_t count = shared_windows_take(windows, &alerts);
    struct shared_receipt *receipts = mem_zero((count + 1) * sizeof(*receipts));
    size_t confirmed = 0;

    for (size_t i = 0; i < count; i++) {
        struct alert *alert = alerts[i].alert;

        memcpy(receipts[confirmed].group_id, alert->group_key.bytes, GROUP_ID_SIZE - 1);
        receipts[confirmed].alert_id = arena_copy(run->arena, alert->alert_id);
        receipts[confirmed].revision = alert->revision;
        confirmed += !run->course->confirms || choose(run->choices, 4);
        random_keep_alert(alert, run->arena, run->result);
    }
    if (fired && run->course->confirms)
        shared_windows_confirm(windows, receipts, confirmed, run->result->now_ms, NULL);
    free(receipts);
}

static void maybe_fail(struct shared_run *run)
{
    unsigned every = run->course->fail_every;

    if (!every || choose(run->choices, every))
        return;
    run->memory.fail_at = run->memory.calls + 1 + choose(run->choices, 2);
    run->memory.fails_first = choose(run->choices, 2);
}

/* A batch that failed comes again, to whichever correlator. */
static void feed(struct shared_run *run, const struct event *batch, size_t count)
{
    for (;;) {
        struct shared_windows *windows =
            run->windows[choose(run->choices, run->course->correlators)];

        maybe_fail(run);
        if (shared_windows_feed(windows, batch, count, run->result->now_ms, NULL) < 0)
            continue;
        keep(run, windows, false);
        return;
    }
}

static void fire(struct shared_run *run, struct shared_windows *windows)
{
    size_t count = 8;

    while (count == 8) {
        maybe_fail(run);
        if (shared_windows_fire(windows, run->result->now_ms, INT64_MAX, 8, &count, NULL) < 0)
            return;
        keep(run, windows, true);
    }
}

/* Until nothing is due any more; where nobody confirms, that is never. */
static void finish(struct shared_run *run)
{
    int64_t due_ms, end_ms = run->result->now_ms + INT64_C(3) * 60 * 60 * 1000;

    while (memory_first(&run->memory, &due_ms) && run->result->now_ms < end_ms) {
        run->result->now_ms += 60000;
        if (due_ms > run->result->now_ms)
            run->result->now_ms = due_ms;
        fire(run, run->windows[choose(run->choices, run->course->correlators)]);
    }
    assert_true(!run->course->confirms || !memory_first(&run->memory, &due_ms));
}

/* selected = opened + counted + waiting + repeated + late + missing, and each event is selected
 * once, whatever attempts were lost: as many as in memory. */
static void check_counts(struct shared_run *run, const struct windows *plain)
{
    uint64_t events = 0;

    for (size_t k = 0; k < CORRELATORS; k++)
        events += shared_windows_totals(run->windows[k]).windows.events;
    assert_int_equal(events, windows_totals(plain).events);
    for (size_t i = 0; i < windows_rules(plain); i++) {
        const struct plan *want = windows_rule(plain, i);
        uint64_t selected = 0, sum = 0;

        for (size_t k = 0; k < CORRELATORS; k++) {
            for (size_t n = 0; n < shared_windows_rules(run->windows[k]); n++) {
                const struct plan *plan = shared_windows_rule(run->windows[k], n);
                const struct plan_counts *counts = &plan->counts;

                if (!text_equal(plan->id, want->id))
                    continue;
                selected += counts->selected;
                sum += counts->opened + counts->counted + counts->waiting + counts->repeated +
                       counts->late + counts->missing;
            }
        }
        if (selected != sum || selected != want->counts.selected)
            fail_msg("%s: %.*s: %llu selected, %llu in all, want %llu", run->course->name,
                     TEXT_ARG(want->id), (unsigned long long)selected, (unsigned long long)sum,
                     (unsigned long long)want->counts.selected);
    }
}

/* @plain has had the same events. */
static void run_shared(struct shared_run *run, const struct correlations *rules,
                       const struct random_arrival *order, size_t size, const struct windows *plain)
{
    struct shared_windows_settings settings = SHARED_DEFAULTS;
    struct event batch[RANDOM_BATCH];
    size_t count;

    settings.windows = random_settings();
    settings.cache_bytes = run->course->cache_bytes;
    settings.lease_ms = 10000;
    settings.add_from = run->course->add_from;
    memory_store_init(&run->memory);
    for (size_t i = 0; i < CORRELATORS; i++)
        run->windows[i] = shared_windows_new(rules, &settings, &run->memory.store, i << 32);
    run->result->count = 0;
    for (size_t i = 0; i < size; i += count) {
        count = random_batch(run->choices, order + i, size - i, batch);
        run->result->now_ms = order[i + count - 1].at_ms;
        feed(run, batch, count);
        fire(run, run->windows[choose(run->choices, run->course->correlators)]);
    }
    finish(run);
    check_counts(run, plain);
    for (size_t i = 0; i < CORRELATORS; i++)
        shared_windows_free(run->windows[i]);
    memory_store_done(&run->memory);
}

static const struct course courses[] = {
    {"one correlator", 1, 1 << 30, 0, true, 4096},
    {"one that adds", 1, 1 << 30, 0, true, 1},
    {"one that remembers nothing between batches", 1, 0, 0, true, 4096},
    {"one that adds and remembers nothing", 1, 0, 0, true, 1},
    {"three", 3, 1 << 30, 0, true, 4096},
    {"three that add", 3, 1 << 30, 0, true, 200},
    {"three that remember little", 3, 20000, 0, true, 200},
    {"three, nobody confirms", 3, 1 << 30, 0, false, 200},
    {"three, and a store that goes away", 3, 40000, 5, true, 1},
};

/* The promise: the final alerts are those of windows in memory. */
static void shared_windows_say_what_windows_in_memory_say(void **state)
{
    struct choices choices = {.state = 20261124};
    AUTO(correlations) rules = random_rules_of_each_kind();
    AUTO(arena) arena = arena_new(1 << 20);
    struct random_arrival *order = mem_zero(2 * RANDOM_EVENTS * sizeof(*order));
    struct random_result *results = mem_zero(2 * sizeof(*results));
    size_t alerts = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        const struct course *course = &courses[(size_t)round % COUNT_OF(courses)];
        struct shared_run run = {course, &choices, .arena = arena, .result = &results[0]};
        struct event events[RANDOM_EVENTS];
        struct text got, want;
        size_t count = 1 + choose(&choices, RANDOM_EVENTS), size;

        arena_reset(arena, 1 << 20);
        for (size_t i = 0; i < count; i++)
            events[i] = random_event(&choices, arena, i);
        size = random_order(&choices, events, count, order);
        AUTO(windows) plain = random_run(&choices, rules, order, size, arena, &results[1]);

        run_shared(&run, rules, order, size, plain);
        if (!random_same(&results[0], &results[1], &got, &want) ||
            !random_same(&results[1], &results[0], &got, &want))
            fail_differing(course->name, round, got, want);
        alerts += results[0].count;
    }
    /* Worth something only while there are many. */
    assert_true(alerts > 10 * ROUNDS);
    free(order);
    free(results);
}

/* All that is sent, in order. */
static void write_all(struct shared_windows *windows, struct buf *into)
{
    const struct shared_alert *alerts;
    size_t count = shared_windows_take(windows, &alerts);

    for (size_t i = 0; i < count; i++) {
        record_json_write(&alert_type, alerts[i].alert, into);
        buf_add_byte(into, '\n');
    }
}

/* One correlator, whose choices are the same whatever its cache is. */
static void run_hostile(const struct correlations *rules, size_t cache_bytes, size_t add_from,
                        uint64_t state, struct buf *into)
{
    struct choices choices = {.state = state};
    struct shared_windows_settings settings = SHARED_DEFAULTS;
    struct memory_store memory;
    AUTO(arena) arena = arena_new(1 << 16);
    int64_t now_ms = CORRELATION_TEST_START;

    memory_store_init(&memory);
    settings.windows = random_settings();
    settings.windows.members = 8 + choose(&choices, 40);
    settings.windows.max_lateness_ms = 1000 + (int64_t)choose(&choices, 40) * 1000;
    settings.windows.suppress_ms = (int64_t)choose(&choices, 3) * 60000;
    settings.cache_bytes = cache_bytes;
    settings.decision_ttl_ms = 60000;
    settings.add_from = add_from;
    AUTO(shared_windows) windows = shared_windows_new(rules, &settings, &memory.store, 0);

    for (size_t i = 0; i < 200; i++) {
        struct event event = random_event(&choices, arena, choose(&choices, 4) ? i : i / 2);
        size_t count;

        now_ms += (int64_t)choose(&choices, 5) * 1000;
        assert_int_equal(shared_windows_feed(windows, &event, 1, now_ms, NULL), 0);
        write_all(windows, into);
        assert_int_equal(shared_windows_fire(windows, now_ms, INT64_MAX, 1000, &count, NULL), 0);
        write_all(windows, into);
    }
    memory_store_done(&memory);
}

/* Also outside the promise: too late, too many. */
static void a_state_keeps_everything(void **state)
{
    static const struct {
        const char *name;
        size_t cache_bytes, add_from;
    } ways[] = {{"read, written anew", 0, SIZE_MAX},
                {"read, added to", 0, 1},
                {"remembered or read, added to", 3000, 300}};
    AUTO(correlations) rules = random_rules_of_each_kind();

    (void)state;
    for (int round = 0; round < ROUNDS / 3; round++) {
        AUTO_BUF remembered = {0};

        run_hostile(rules, 1 << 30, SIZE_MAX, (uint64_t)round, &remembered);
        for (size_t i = 0; i < COUNT_OF(ways); i++) {
            AUTO_BUF read = {0};

            run_hostile(rules, ways[i].cache_bytes, ways[i].add_from, (uint64_t)round, &read);
            if (!text_equal(buf_text(&remembered), buf_text(&read)))
                fail_differing(ways[i].name, round, buf_text(&read), buf_text(&remembered));
        }
    }
}

UNIT_MAIN(cmocka_unit_test(shared_windows_say_what_windows_in_memory_say),
          cmocka_unit_test(a_state_keeps_everything))

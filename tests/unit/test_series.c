#include "unit.h"

#include "base/arena.h"
#include "correlator/series.h"

enum { ROUNDS = 300, MOST = 60, TIMESPAN = 20 };

struct random {
    uint64_t state;
};

static unsigned below(struct random *random, unsigned limit)
{
    random->state = random->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random->state >> 33) % limit;
}

static void ignore(void *self, const struct member *member)
{
    (void)self;
    (void)member;
}

/* What a window counts, by looking at every member. */
static int64_t count(const struct series *series, bool is_distinct, int64_t at_ms)
{
    bool seen[256] = {false};
    int64_t events = 0, distinct = 0;

    for (size_t i = 0; i < series->count; i++) {
        const struct member *member = series_at(series, i);

        if (member->at_ms < at_ms - TIMESPAN || member->at_ms > at_ms)
            continue;
        unsigned char value = (unsigned char)member->event->event.user.bytes[0];

        events++;
        distinct += !seen[value];
        seen[value] = true;
    }
    return is_distinct ? distinct : events;
}

static void check(const struct series *series, bool is_distinct, unsigned round)
{
    for (size_t i = 0; i < series->count; i++) {
        const struct member *member = series_at(series, i);
        int64_t want = count(series, is_distinct, member->at_ms);

        if (i > 0 && sighting_compare(series_at(series, i - 1)->event, member->at_ms,
                                      member->event->event.event_id) >= 0)
            fail_msg("round %u: member %zu is out of order", round, i);
        /* Windows that reach behind what is kept are not asked for. */
        if (member->at_ms - TIMESPAN >= series->kept_from_ms && member->held != want)
            fail_msg("round %u: window at %lld counts %lld, want %lld", round,
                     (long long)member->at_ms, (long long)member->held, (long long)want);
    }
}

/* Adds up to MOST events within @spread, drops old ones now and then. */
static void try_random(struct random *random, unsigned round)
{
    static const char letters[] = "abcdefgh";
    AUTO(arena) arena = arena_new(4096);
    struct series series;
    unsigned spread = 1 + below(random, 200);

    series_init(&series, SERIES_VALUES, TIMESPAN);
    for (unsigned i = 0; i < MOST; i++) {
        struct event event = {.event_time = 1000 + below(random, spread) + i / 2};
        struct text value = {&letters[below(random, 8)], 1};

        event.event_id = arena_textf(arena, "%u", below(random, 1000000));
        event.user = value;
        if (event.event_time < series.kept_from_ms ||
            series_has(&series, event.event_time, event.event_id))
            continue;
        struct sighting *sighting = sighting_new(&event);

        series_add(&series, sighting, value);
        sighting_leave(sighting);
        if (below(random, 10) == 0)
            series_drop_before(&series, series_at(&series, series.count - 1)->at_ms - 60, ignore,
                               NULL);
        if (below(random, 20) == 0)
            series_crowd(&series, 1 + below(random, MOST), ignore, NULL);
        check(&series, true, round);
    }
    series_done(&series);
}

static void windows_count_what_a_look_at_all_members_counts(void **state)
{
    struct random random = {1};

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++)
        try_random(&random, round);
}

static void events_are_counted_likewise(void **state)
{
    struct random random = {2};
    AUTO(arena) arena = arena_new(4096);
    struct series series;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        series_init(&series, SERIES_EVENTS, TIMESPAN);
        for (unsigned i = 0; i < MOST; i++) {
            struct event event = {.event_time = below(&random, 100), .user = TEXT("a")};

            event.event_id = arena_textf(arena, "%u", i);
            struct sighting *sighting = sighting_new(&event);

            series_add(&series, sighting, (struct text){0});
            sighting_leave(sighting);
            check(&series, false, round);
        }
        series_done(&series);
    }
}

static void what_makes_room_is_first_what_comes_again(void **state)
{
    static const struct {
        const char *name, *values; /* one event a millisecond */
        size_t keep;
        const char *want;
        int64_t gone_ms;
    } cases[] = {
        {"repeats go first", "abacb", 3, "acb", 1},
        {"then the oldest", "abcd", 2, "cd", 1},
        {"both", "aabcd", 3, "bcd", 1},
        {"none need go", "ab", 2, "ab", INT64_MIN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct series series;
        char got[8] = {0};

        series_init(&series, SERIES_VALUES, TIMESPAN);
        for (size_t k = 0; cases[i].values[k]; k++) {
            struct event event = {.event_time = (int64_t)k, .event_id = TEXT("x")};
            struct sighting *sighting = NULL;

            event.user = (struct text){&cases[i].values[k], 1};
            sighting = sighting_new(&event);
            series_add(&series, sighting, event.user);
            sighting_leave(sighting);
        }
        int64_t gone_ms = series_crowd(&series, cases[i].keep, ignore, NULL);

        for (size_t k = 0; k < series.count; k++)
            got[k] = series_at(&series, k)->event->event.user.bytes[0];
        unit_text(cases[i].name, text_of(got), cases[i].want);
        if (gone_ms != cases[i].gone_ms)
            fail_msg("%s: newest gone is %lld", cases[i].name, (long long)gone_ms);
        series_done(&series);
    }
}

UNIT_MAIN(cmocka_unit_test(windows_count_what_a_look_at_all_members_counts),
          cmocka_unit_test(events_are_counted_likewise),
          cmocka_unit_test(what_makes_room_is_first_what_comes_again))

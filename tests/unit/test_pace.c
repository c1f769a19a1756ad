#include "unit.h"

#include "correlator/pace.h"

enum { MOST = 3, ITEMS = 8, AHEAD = 10, NOW = 1000 };

/* is_at_end, is_held, reached_ms, head_ms */
#define NEW                           \
    {                                 \
        false, false, PACE_UNKNOWN, 0 \
    }
#define AT_END                       \
    {                                \
        true, false, PACE_UNKNOWN, 0 \
    }
#define REACHED(at)           \
    {                         \
        false, false, (at), 0 \
    }
#define HELD(at)             \
    {                        \
        false, true, 0, (at) \
    }

struct row {
    const char *label;
    struct pace_partition partitions[MOST];
    int64_t others_ms;
    size_t count;
    struct pace_item items[ITEMS];
    const char *order; /* places of what may go on */
    const char *waits; /* of each partition, '-': nothing waits */
};

static const struct row rows[] = {
    {"alone, whatever it is",
     {AT_END, AT_END, AT_END},
     PACE_NOBODY,
     3,
     {{0, 5}, {0, 500}, {0, 90}},
     "012",
     "---"},
    {"all at their ends: by time",
     {AT_END, AT_END, AT_END},
     PACE_NOBODY,
     4,
     {{0, 50}, {1, 5}, {0, 500}, {1, 700}},
     "1023",
     "---"},
    {"the faster waits for the slower, which has more",
     {REACHED(0), REACHED(0), AT_END},
     PACE_NOBODY,
     4,
     {{0, 50}, {0, 60}, {1, 5}, {1, 15}},
     "23",
     "0--"},
    {"what is near goes on",
     {REACHED(0), REACHED(0), AT_END},
     PACE_NOBODY,
     4,
     {{0, 25}, {0, 26}, {1, 5}, {1, 15}},
     "230",
     "1--"},
    {"nobody goes on before all are known",
     {NEW, NEW, AT_END},
     PACE_NOBODY,
     2,
     {{0, 5}, {0, 6}},
     "",
     "0--"},
    {"nor before other workers are",
     {NEW, AT_END, AT_END},
     PACE_UNKNOWN,
     2,
     {{0, 5}, {0, 6}},
     "",
     "0--"},
    {"a slow worker is waited for",
     {NEW, AT_END, AT_END},
     100,
     2,
     {{0, 110}, {0, 111}},
     "0",
     "1--"},
    {"who is held counts by what it waits with",
     {NEW, HELD(40), AT_END},
     PACE_NOBODY,
     3,
     {{0, 45}, {0, 50}, {0, 51}},
     "01",
     "2--"},
    {"an old event among new ones changes nothing",
     {REACHED(100), REACHED(100), AT_END},
     PACE_NOBODY,
     3,
     {{0, 3}, {1, 105}, {0, 4}},
     "021",
     "---"},
    {"a clock that is ahead holds up nobody",
     {REACHED(NOW - 5), REACHED(NOW - 5), AT_END},
     PACE_NOBODY,
     2,
     {{0, 999999}, {1, NOW}},
     "01",
     "---"},
    {"what follows one that waits waits too",
     {REACHED(0), REACHED(0), AT_END},
     PACE_NOBODY,
     3,
     {{0, 50}, {0, 2}, {1, 1}},
     "2",
     "0--"},
    {"a message without a time is no matter",
     {REACHED(0), REACHED(0), AT_END},
     PACE_NOBODY,
     2,
     {{0, PACE_UNKNOWN}, {1, 1}},
     "01",
     "---"},
};

static void what_is_too_far_ahead_waits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pace_partition partitions[MOST];
        struct pace pace = {partitions, MOST, rows[i].others_ms, AHEAD};
        size_t order[ITEMS], waits[MOST];
        char got_order[ITEMS + 1] = "", got_waits[MOST + 1] = "";

        memcpy(partitions, rows[i].partitions, sizeof(partitions));
        size_t done = pace_plan(&pace, rows[i].items, rows[i].count, NOW, order, waits);

        for (size_t k = 0; k < done; k++)
            got_order[k] = (char)('0' + order[k]);
        for (size_t p = 0; p < MOST; p++)
            got_waits[p] = waits[p] == rows[i].count ? '-' : (char)('0' + waits[p]);
        unit_text(rows[i].label, text_of(got_order), rows[i].order);
        unit_text(rows[i].label, text_of(got_waits), rows[i].waits);
    }
}

/* Partitions hours apart, one message of each in a batch: nothing waits for ever, and nothing is
 * read further ahead than allowed of what comes later. */
static void all_are_read_and_none_too_early(void **state)
{
    static const int64_t times[MOST][4] = {
        {0, 40, 41, 900}, {500, 505, 800, 900}, {5, 600, 700, 710}};
    struct pace_partition partitions[MOST] = {NEW, NEW, NEW};
    struct pace pace = {partitions, MOST, PACE_NOBODY, AHEAD};
    size_t at[MOST] = {0}, dealt = 0;
    int64_t newest = 0;

    (void)state;
    for (int rounds = 0; dealt < 12 && rounds < 100; rounds++) {
        struct pace_item items[MOST];
        size_t count = 0, order[MOST], waits[MOST];

        for (size_t p = 0; p < MOST; p++) {
            if (partitions[p].is_held && pace_may_go(&pace, p))
                partitions[p].is_held = false;
            if (!partitions[p].is_held && at[p] < 4)
                items[count++] = (struct pace_item){p, times[p][at[p]]};
            partitions[p].is_at_end = at[p] == 4;
        }
        size_t done = pace_plan(&pace, items, count, NOW, order, waits);

        for (size_t k = 0; k < done; k++) {
            int64_t time = items[order[k]].at_ms;

            assert_true(time >= newest - AHEAD);
            newest = time > newest ? time : newest;
            at[items[order[k]].partition]++;
        }
        dealt += done;
        pace_note(&pace, items, count, NOW, waits);
    }
    assert_int_equal(dealt, 12);
}

UNIT_MAIN(cmocka_unit_test(what_is_too_far_ahead_waits),
          cmocka_unit_test(all_are_read_and_none_too_early))

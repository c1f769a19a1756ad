#include "unit.h"

#include "base/watch.h"

enum { NOW = 1000 * 1000, VERSION = 7 };

static void targets_are_kept_apart_whatever_bytes_they_hold(void **state)
{
    const struct watch_target rows[] = {
        {TEXT("default"), TEXT("host"), TEXT("gate-1")},
        {TEXT("a:b"), TEXT("fields.x"), TEXT("1:2 3")},
        {TEXT("default"), TEXT("topic"), TEXT("a\0b")},
        {TEXT("default"), TEXT("user"), TEXT("가나다")},
        {TEXT(""), TEXT("host"), TEXT("")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO_BUF written = {0};
        struct watch_target read;

        watch_target_write(&rows[i], &written);
        assert_true(watch_target_read(buf_text(&written), &read));
        assert_true(text_equal(read.tenant, rows[i].tenant));
        assert_true(text_equal(read.field, rows[i].field));
        assert_true(text_equal(read.value, rows[i].value));
    }
}

static void what_is_no_target_is_refused(void **state)
{
    static const char *const rows[] = {
        "",           "7",      "7:default", "9:default4:host1:x",    "-1:a", "1:a1:b", "1:a1:b2:c",
        "1:a1:b1:cd", "x:a1:b", "1:a1:b:1c", "99999999999999999999:a"};
    struct watch_target read;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (watch_target_read(text_of(rows[i]), &read))
            fail_msg("'%s' was read", rows[i]);
    }
}

static void words_are_read_as_they_were_written(void **state)
{
    static const struct watch_word rows[] = {
        {true, 5, 3, 9, 1, false},
        {true, WATCH_NEVER, WATCH_NEVER, 9, 0, true},
        {false, WATCH_NEVER, 4, 9, 12, false},
    };
    struct watch_word read;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO_BUF written = {0};

        watch_word_write(&rows[i], &written);
        assert_true(watch_word_read(buf_text(&written), &read));
        assert_true(read.reads == rows[i].reads && read.until_ms == rows[i].until_ms &&
                    read.since_ms == rows[i].since_ms && read.at_ms == rows[i].at_ms &&
                    read.version == rows[i].version && read.leaves == rows[i].leaves);
    }
    assert_false(watch_word_read(TEXT("none always 9"), &read));
    assert_false(watch_word_read(TEXT("x always 9 1 stays"), &read));
    assert_false(watch_word_read(TEXT("1 x 9 1 stays"), &read));
}

/* Ages are seconds before NOW, times are NOW's seconds. */
#define WORD(until, age, version, leaves)                                            \
    {                                                                                \
        true, NOW + (until)*1000, WATCH_NEVER, NOW - (age)*1000, (version), (leaves) \
    }
#define STANDBY                                              \
    {                                                        \
        false, WATCH_NEVER, WATCH_NEVER, NOW, VERSION, false \
    }

struct row {
    const char *label;
    struct watch_word words[3];
    size_t count;
    const char *kept; /* of each word: '+' kept, '-' to be forgotten */
    int64_t until;    /* seconds from NOW; 99: it cannot be judged */
};

static const struct row rows[] = {
    {"nobody", {WORD(0, 0, VERSION, false)}, 0, "", 99},
    {"one that has read everything", {WORD(-2, 0, VERSION, false)}, 1, "+", -2},
    {"the slowest counts",
     {WORD(-2, 0, VERSION, false), WORD(-60, 1, VERSION, false)},
     2,
     "++",
     -60},
    {"who has no partitions does not count", {WORD(-2, 0, VERSION, false), STANDBY}, 2, "++", -2},
    {"but alone says nothing", {STANDBY}, 1, "+", 99},
    {"one that has been quiet for 10 s lives",
     {WORD(-2, 0, VERSION, false), WORD(-12, 10, VERSION, false)},
     2,
     "++",
     -12},
    {"for longer: its partitions are nobody's",
     {WORD(-2, 0, VERSION, false), WORD(-13, 11, VERSION, false)},
     2,
     "++",
     99},
    {"for so long that others have them",
     {WORD(-2, 0, VERSION, false), WORD(-93, 91, VERSION, false)},
     2,
     "+-",
     -2},
    {"who left counts until others have its partitions",
     {WORD(-2, 0, VERSION, false), WORD(-9, 9, VERSION, true)},
     2,
     "++",
     -9},
    {"and no longer", {WORD(-2, 0, VERSION, false), WORD(-11, 11, VERSION, true)}, 2, "+-", -2},
    {"one that watches for something else",
     {WORD(-2, 0, VERSION, false), WORD(-2, 0, VERSION - 1, false)},
     2,
     "++",
     99},
};

static void the_view_of_all_is_that_of_the_slowest(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        struct watch_view view = WATCH_VIEW;
        char kept[4] = "";

        for (size_t k = 0; k < row->count; k++)
            kept[k] = watch_view_add(&view, &row->words[k], NOW, VERSION) ? '+' : '-';
        unit_text(row->label, text_of(kept), row->kept);
        if (watch_view_is_whole(&view) != (row->until != 99))
            fail_msg("%s: is whole", row->label);
        if (row->until != 99 && view.until_ms != NOW + row->until * 1000)
            fail_msg("%s: until %lld", row->label, (long long)view.until_ms - NOW);
    }
}

static void who_began_to_watch_last_counts(void **state)
{
    const struct watch_word early = {true, NOW, 5, NOW, VERSION, false},
                            late = {true, NOW, 9, NOW, VERSION, false},
                            never = {true, WATCH_NEVER, 9, NOW, VERSION, false};
    struct watch_view view = WATCH_VIEW;

    (void)state;
    watch_view_add(&view, &late, NOW, VERSION);
    watch_view_add(&view, &early, NOW, VERSION);
    assert_int_equal(view.since_ms, 9);
    assert_true(watch_view_is_whole(&view));
    watch_view_add(&view, &never, NOW, VERSION);
    assert_false(watch_view_is_whole(&view));
}

UNIT_MAIN(cmocka_unit_test(targets_are_kept_apart_whatever_bytes_they_hold),
          cmocka_unit_test(what_is_no_target_is_refused),
          cmocka_unit_test(words_are_read_as_they_were_written),
          cmocka_unit_test(the_view_of_all_is_that_of_the_slowest),
          cmocka_unit_test(who_began_to_watch_last_counts))

#include "unit.h"

#include "cli/printable.h"

static void nothing_that_a_terminal_obeys_comes_through(void **state)
{
    static const struct {
        const char *name, *in, *out;
        size_t columns;
    } cases[] = {
        {"plain", "GET /index.html", "GET /index.html", 15},
        {"empty", "", "", 0},
        {"escape sequence", "\033]0;owned\007x", "\\x1b]0;owned\\x07x", 17},
        {"line ends and tabs", "a\r\nb\tc", "a\\r\\nb\\tc", 9},
        {"delete", "\x7f", "\\x7f", 4},
        {"C1 as UTF-8",
         "\xC2\x9B"
         "31m",
         "\\u009b31m", 9},
        {"C1 alone",
         "\x9B"
         "31m",
         "\\x9b31m", 7},
        {"not UTF-8", "\xFFz\xC3", "\\xffz\\xc3", 9},
        {"text turned around", "\xE2\x80\xAEtxt.exe", "\\u202etxt.exe", 13},
        {"invisible",
         "a\xE2\x80\x8B"
         "b",
         "a\\u200bb", 8},
        {"line separator", "\xE2\x80\xA8", "\\u2028", 6},
        {"tag characters", "\xF3\xA0\x81\x81", "\\U000e0041", 10},
        {"Hangul is two wide", "한국", "한국", 4},
        {"accents are one", "é", "é", 1},
        {"combining marks are none", "e\xCC\x81", "e\xCC\x81", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};
        size_t columns = printable_add(&out, text_of(cases[i].in), SIZE_MAX);

        unit_text(cases[i].name, buf_text(&out), cases[i].out);
        if (columns != cases[i].columns || printable_columns(text_of(cases[i].in)) != columns)
            fail_msg("%s: %zu columns, want %zu", cases[i].name, columns, cases[i].columns);
    }
}

static void what_does_not_fit_is_cut_with_an_ellipsis(void **state)
{
    static const struct {
        const char *in, *out;
        size_t limit, columns;
    } cases[] = {
        {"abcdef", "abcdef", 6, 6}, {"abcdef", "abcd…", 5, 5}, {"abcdef", "…", 1, 1},
        {"abcdef", "", 0, 0},       {"한국어", "한…", 4, 3},   {"한국어", "한국…", 5, 5},
        {"ab\033cd", "ab…", 5, 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};
        size_t columns = printable_add(&out, text_of(cases[i].in), cases[i].limit);

        unit_text(cases[i].in, buf_text(&out), cases[i].out);
        assert_int_equal(columns, cases[i].columns);
    }
}

static void json_stays_the_same_to_a_reader(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{\"a\":\"b \\u001b 한\"}", "{\"a\":\"b \\u001b 한\"}"},
        {"\"\x7f\xC2\x9B\"", "\"\\u007f\\u009b\""},
        {"\"\xE2\x80\xAE\"", "\"\\u202e\""},
        {"\"\xF3\xA0\x81\x81\"", "\"\\udb40\\udc41\""},
        {"\"\xFF\"", "\"\\ufffd\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};

        printable_add_json(&out, text_of(cases[i].in));
        unit_text(cases[i].in, buf_text(&out), cases[i].out);
    }
}

UNIT_MAIN(cmocka_unit_test(json_stays_the_same_to_a_reader),
          cmocka_unit_test(nothing_that_a_terminal_obeys_comes_through),
          cmocka_unit_test(what_does_not_fit_is_cut_with_an_ellipsis))

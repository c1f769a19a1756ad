#include "unit.h"

#include "base/buf.h"

static void cutting_never_halves_a_character(void **state)
{
    static const struct {
        const char *name, *text;
        size_t limit;
        const char *want;
    } cases[] = {
        {"short enough", "abc", 3, "abc"},
        {"ascii", "abcd", 3, "abc"},
        {"in the middle of two bytes", "ab\xC3\xA9", 3, "ab"},
        {"behind two bytes", "a\xC3\xA9z", 3, "a\xC3\xA9"},
        {"in the middle of four bytes", "\xF0\x9F\x98\x80z", 3, ""},
        {"nothing allowed", "abc", 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        unit_text(cases[i].name, text_cut(text_of(cases[i].text), cases[i].limit), cases[i].want);
}

static void utf8_is_what_rfc_3629_says(void **state)
{
    static const struct {
        const char *name, *text;
        bool want;
    } cases[] = {
        {"ascii", "abc", true},
        {"two bytes", "\xC3\xA9", true},
        {"overlong slash", "\xC0\xAF", false},
        {"surrogate", "\xED\xA0\x80", false},
        {"above U+10FFFF", "\xF4\x90\x80\x80", false},
        {"cut off", "\xE2\x82", false},
        {"lone continuation", "\x80", false},
        {"highest", "\xF4\x8F\xBF\xBF", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (text_is_utf8(text_of(cases[i].text)) != cases[i].want)
            fail_msg("%s: got %d", cases[i].name, !cases[i].want);
    }
}

static void a_character_is_written_as_it_is_read(void **state)
{
    static const struct {
        uint32_t code;
        const char *want;
    } rows[] = {{'a', "a"},
                {0x7F, "\x7F"},
                {0x80, "\xC2\x80"},
                {0x7FF, "\xDF\xBF"},
                {0x800, "\xE0\xA0\x80"},
                {0xFFFF, "\xEF\xBF\xBF"},
                {0x10000, "\xF0\x90\x80\x80"},
                {0x10FFFF, "\xF4\x8F\xBF\xBF"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char bytes[4];
        struct text written = {bytes, text_write_character(rows[i].code, bytes)};

        unit_text(rows[i].want, written, rows[i].want);
        assert_int_equal(text_character(written), written.size);
    }
}

static void splitting_gives_empty_parts_too(void **state)
{
    struct text rest = TEXT("a,,b"), part;
    const char *want[] = {"a", "", "b"};
    size_t count = 0;

    (void)state;
    while (text_split(&rest, ',', &part))
        unit_text("part", part, want[count++]);
    assert_int_equal(count, 3);
}

static void integers_outside_the_range_are_refused(void **state)
{
    int64_t value = -1;

    (void)state;
    assert_true(text_to_integer(TEXT("9223372036854775807"), &value));
    assert_true(value == INT64_MAX);
    assert_false(text_to_integer(TEXT("9223372036854775808"), &value));
    assert_false(text_to_integer(TEXT(""), &value));
    assert_false(text_to_integer(TEXT("1a"), &value));
    assert_false(text_to_integer(TEXT("-1"), &value));
}

static void finding_looks_at_the_end_too(void **state)
{
    (void)state;
    assert_int_equal(text_find(TEXT("abcabd"), TEXT("abd")), 3);
    assert_int_equal(text_find(TEXT("abcab"), TEXT("abd")), 5);
    assert_int_equal(text_find(TEXT("aab"), TEXT("ab")), 1);
    assert_int_equal(text_find(TEXT("a"), TEXT("ab")), 1);
}

static void json_strings_are_always_valid(void **state)
{
    static const struct {
        const char *name;
        struct text text;
        const char *want;
    } cases[] = {
        {"plain", {"abc", 3}, "\"abc\""},
        {"quotes", {"a\"b\\c", 5}, "\"a\\\"b\\\\c\""},
        {"controls", {"\b\t\n\v\f\r\x01", 7}, "\"\\b\\t\\n\\u000b\\f\\r\\u0001\""},
        {"nul", {"a\0b", 3}, "\"a\\u0000b\""},
        {"not utf-8", {"a\xFFz", 3}, "\"a\xEF\xBF\xBDz\""},
        {"cut off at the end", {"a\xE2\x82", 3}, "\"a\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"utf-8 stays", {"\xC3\xA9", 2}, "\"\xC3\xA9\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};

        buf_add_json(&out, cases[i].text);
        unit_text(cases[i].name, buf_text(&out), cases[i].want);
    }
}

/* Plain bytes are passed over in blocks: what stands at their edges must be seen too. */
static void json_is_escaped_wherever_it_must(void **state)
{
    const struct {
        struct text byte;
        const char *want;
    } cases[] = {
        {TEXT("\""), "\\\""},    {TEXT("\\"), "\\\\"},      {TEXT("\n"), "\\n"},
        {TEXT("\0"), "\\u0000"}, {TEXT("\x1f"), "\\u001f"}, {TEXT("\x80"), "\xEF\xBF\xBD"},
        {TEXT("\x7f"), "\x7f"},  {TEXT(" "), " "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t at = 0; at < 40; at++) {
            AUTO_BUF in = {0}, out = {0}, want = {0};

            buf_addf(&in, "%0*d", (int)at, 0);
            in.size = at;
            buf_addf(&want, "\"%.*s%s012345678901234567\"", (int)at, buf_string(&in),
                     cases[i].want);
            buf_add(&in, cases[i].byte);
            buf_add_string(&in, "012345678901234567");
            buf_add_json(&out, buf_text(&in));
            unit_text(cases[i].want, buf_text(&out), buf_string(&want));
        }
    }
}

UNIT_MAIN(cmocka_unit_test(cutting_never_halves_a_character),
          cmocka_unit_test(utf8_is_what_rfc_3629_says),
          cmocka_unit_test(a_character_is_written_as_it_is_read),
          cmocka_unit_test(splitting_gives_empty_parts_too),
          cmocka_unit_test(integers_outside_the_range_are_refused),
          cmocka_unit_test(finding_looks_at_the_end_too),
          cmocka_unit_test(json_strings_are_always_valid),
          cmocka_unit_test(json_is_escaped_wherever_it_must))

#include "unit.h"

#include "forwarder/line.h"

static void controls_become_what_no_parser_obeys(void **state)
{
    (void)state;
    const struct {
        const char *name;
        struct text from;
        const char *want;
    } cases[] = {
        {"plain", TEXT("GET /?q=1"), "GET /?q=1"},
        {"Korean", TEXT("\xED\x95\x9C\xEA\xB8\x80"), "\xED\x95\x9C\xEA\xB8\x80"},
        {"a NUL", TEXT("a\0b"),
         "a\xE2\x90\x80"
         "b"},
        {"a line end", TEXT("a\r\nb"),
         "a\xE2\x90\x8D\xE2\x90\x8A"
         "b"},
        {"a TAB", TEXT("\t"), "\xE2\x90\x89"},
        {"an escape sequence", TEXT("\x1B[31m"), "\xE2\x90\x9B[31m"},
        {"the last of C0", TEXT("\x1F"), "\xE2\x90\x9F"},
        {"DEL", TEXT("\x7F"), "\xE2\x90\xA1"},
        {"NEL, a line end of C1", TEXT("\xC2\x85"), "\xEF\xBF\xBD"},
        {"the first that is no C1", TEXT("\xC2\xA0"), "\xC2\xA0"},
        {"U+2028", TEXT("\xE2\x80\xA8"), "\xEF\xBF\xBD"},
        {"U+2029", TEXT("\xE2\x80\xA9"), "\xEF\xBF\xBD"},
        {"U+2027", TEXT("\xE2\x80\xA7"), "\xE2\x80\xA7"},
        {"a byte alone", TEXT("\xFFz"), "\xEF\xBF\xBDz"},
        {"a lone surrogate", TEXT("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"an overlong slash", TEXT("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"the delimiter", TEXT("a^b"),
         "a\xEF\xBC\xBE"
         "b"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};

        assert_true(line_fill(&out, cases[i].from, line_plain, '^', SIZE_MAX));
        unit_text(cases[i].name, buf_text(&out), cases[i].want);
    }
}

static void every_mark_has_a_full_width_form(void **state)
{
    (void)state;
    for (int mark = '!'; mark <= '~'; mark++) {
        const char byte = (char)mark;
        struct text rest = {&byte, 1};
        const struct line_glyph glyph = line_plain(&rest, byte);
        const unsigned char *b = (const unsigned char *)glyph.bytes;

        assert_int_equal(glyph.size, 3);
        assert_int_equal((b[0] & 15) << 12 | (b[1] & 63) << 6 | (b[2] & 63), 0xFF01 + mark - '!');
    }
}

static void what_does_not_fit_is_left_off_by_whole_characters(void **state)
{
    (void)state;
    const struct {
        const char *name;
        size_t end;
        const char *want;
        bool whole;
    } cases[] = {
        {"no room", 0, "", false},
        {"room for half a character", 3, "a", false},
        {"room for the first two", 4, "a\xED\x95\x9C", false},
        {"room for half a stand-in", 6, "a\xED\x95\x9C", false},
        {"just enough", 7, "a\xED\x95\x9C\xE2\x90\x80", true},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};

        assert_int_equal(line_fill(&out, TEXT("a\xED\x95\x9C\0"), line_plain, '\0', cases[i].end),
                         cases[i].whole);
        unit_text(cases[i].name, buf_text(&out), cases[i].want);
    }
}

UNIT_MAIN(cmocka_unit_test(controls_become_what_no_parser_obeys),
          cmocka_unit_test(every_mark_has_a_full_width_form),
          cmocka_unit_test(what_does_not_fit_is_left_off_by_whole_characters))

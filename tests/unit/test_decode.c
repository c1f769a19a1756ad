#include "unit.h"

#include <stdlib.h>

#include "detector/decode.h"

/* The forms of a text, one behind another, each in brackets. */
static const char *forms_of(struct text text, unsigned steps, char *into, size_t size)
{
    AUTO(arena) arena = arena_new(4096);
    struct text forms[DECODE_MAX_FORMS];
    size_t count = decode_forms(text, steps, arena, forms), used = 0;

    into[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(into + used, size - used, "[%.*s]", TEXT_ARG(forms[i]));
    return into;
}

static const struct {
    const char *name;
    const char *text;
    const char *want;
} cases[] = {
    {"plain text has no other form", "GET /index.html HTTP/1.1 200", ""},
    {"a percent sign that begins nothing", "100% of 5%g0 %u12 %", ""},
    {"percent", "a%20b%2Fc", "[a b/c]"},
    {"percent twice", "%2527", "[%27][']"},
    {"percent three times", "%252527", "[%2527][%27][']"},
    {"never a fourth time", "%25252527", "[%252527][%2527][%27]"},
    {"percent u", "%u003cb%U003E", "[<b>]"},
    {"percent u beyond ASCII is UTF-8", "%uAC00", "[가]"},
    {"plus is a blank", "q=union+select", "[q=union select]"},
    {"a zone's plus is none", "12:00:00+09:00 [10/Oct/2000:13:55:36 +0900]", ""},
    {"a plus behind a blank adds nothing", "a + b", ""},
    {"plus before more digits than a zone has", "1+12345", "[1 12345]"},
    {"HTML by name", "&lt;b&gt; &amp;&quot;", "[<b> &\"]"},
    {"HTML by number", "&#60;&#x3C;&#X3c&#60", "[<<<<]"},
    {"HTML that is none", "a=1&b=2&lt=3&#;&#x;&#1114112;", ""},
    {"HTML's names of punctuation", "alert&lpar;1&rpar;", "[alert(1)]"},
    {"backslash x", "\\x3cscript\\x3e", "[<script>]"},
    {"backslash u", "\\u003cscript\\u003E", "[<script>]"},
    {"backslash and octal digits", "\\74b\\076", "[<b>]"},
    {"backslash and letter", "a\\\"b\\/c\\\\d", "[a\"b/c\\d]"},
    {"a Windows path", "C:\\Windows\\System32", ""},
    {"octal no larger than a byte", "\\777", "[?7]"},
    {"white space runs", "union \t\n select", "[union select]"},
    {"one tab", "a\tb", "[a b]"},
    {"the day of a syslog time", "<13>Feb  3 10:11:12 web app: x", ""},
    {"such a day and another run", "Feb  3 10:11:12 a  b", "[Feb  3 10:11:12 a b]"},
    {"two blanks that pad no day", "x  3 10 ", "[x 3 10 ]"},
    {"three blanks before a day", "Feb   3 10:11:12", "[Feb 3 10:11:12]"},
    {"a C0 control is nothing",
     "sel\x01"
     "ect",
     "[select]"},
    {"an SQL comment is a blank", "UNION/**/SELECT/* x */1", "[UNION SELECT 1]"},
    {"comments and blanks are one blank", "a /**/ /*b*/ c", "[a c]"},
    {"a comment without an end", "a/*b c*", ""},
    {"a comment ends once", "a/*b */*", "[a *]"},
    {"what MySQL runs is kept", "/*!50000UNION*/SELECT", "[ UNION SELECT]"},
    {"a slash and a star alone", "Accept: */*", ""},
    {"the time of a cron job", "*/5 * * * *", ""},
    {"full width", "\xEF\xBC\x9Cscript\xEF\xBC\x9E \xEF\xBD\x81", "[<script> a]"},
    {"Hangul stays", "\xEA\xB0\x80 \xEF\xBF\xBD", ""},
    {"percent, then white space", "a%09%0Ab", "[a\t\nb][a b]"},
    {"percent, then a full-width letter", "%EF%BC%9C", "[\xEF\xBC\x9C][<]"},
    {"all at once", "%26lt%3B\\x41%2F**/b", "[&lt;\\x41/**/b][<\\x41/**/b][<A/**/b][<A b]"},
};

static void each_way_of_writing_is_undone(void **state)
{
    char got[1024];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        forms_of(text_of(cases[i].text), DECODE_ALL, got, sizeof(got));
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: got '%s', want '%s'", cases[i].name, got, cases[i].want);
    }
}

static void nul_bytes_go(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    struct text forms[DECODE_MAX_FORMS];

    (void)state;
    assert_int_equal(decode_forms(TEXT("<scr\0ipt>"), DECODE_ALL, arena, forms), 1);
    unit_text("a NUL", forms[0], "<script>");
    assert_int_equal(decode_forms(TEXT("<scr%00ipt>"), DECODE_ALL, arena, forms), 2);
    unit_text("a NUL that was written", forms[1], "<script>");
}

static void only_what_is_asked_for_is_undone(void **state)
{
    static const struct {
        const char *name;
        unsigned steps;
        const char *want;
    } rows[] = {
        {"nothing", 0, ""},
        {"url", DECODE_URL, "[A&#65;\\x41  ][A&#65;\\x41 ]"},
        {"html", DECODE_HTML, "[%41A\\x41  ][%41A\\x41 ]"},
        {"escapes", DECODE_ESCAPES, "[%41&#65;A  ][%41&#65;A ]"},
    };
    char got[256];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        forms_of(TEXT("%41&#65;\\x41  "), rows[i].steps, got, sizeof(got));
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("%s: got '%s', want '%s'", rows[i].name, got, rows[i].want);
    }
}

/* Looking over a text is done in blocks: what stands at their edges must be seen too. */
static void sign_is_seen_at(const char *sign, size_t at, struct arena *arena)
{
    struct text forms[DECODE_MAX_FORMS];
    char bytes[400];
    size_t size = strlen(sign);

    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes + at, sign, size);
    for (size_t tail = 0; tail < 100; tail += 33) {
        struct text text = {bytes, at + size + tail};

        if (decode_forms(text, DECODE_ALL, arena, forms) != 1)
            fail_msg("'%s' is not seen at %zu of %zu", sign, at, text.size);
    }
}

static void a_sign_is_seen_wherever_it_stands(void **state)
{
    static const char *const signs[] = {"%41", "a+b",  "&lt;", "\\x41",
                                        "  ",  "/**/", "\t",   "\xEF\xBC\x81"};
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        for (size_t at = 0; at < 200; at++)
            sign_is_seen_at(signs[i], at, arena);
    }
}

/* A comment that never ends must not be looked for again and again. */
static void hostile_texts_take_linear_time(void **state)
{
    enum { SIZE = 1 << 20 };
    static const char *const units[] = {"/*", "/*!", "*/", "%25", "&#", "\\", "/**/", " \t"};
    AUTO(arena) arena = arena_new(1 << 20);
    char *bytes = mem_zero(SIZE);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        struct text forms[DECODE_MAX_FORMS];
        size_t size = strlen(units[i]);

        for (size_t at = 0; at + size <= SIZE; at += size)
            memcpy(bytes + at, units[i], size);
        size_t count = decode_forms((struct text){bytes, SIZE}, DECODE_ALL, arena, forms);

        for (size_t k = 0; k < count; k++)
            assert_true(forms[k].size <= SIZE);
        arena_reset(arena, 0);
    }
    free(bytes);
}

UNIT_MAIN(cmocka_unit_test(each_way_of_writing_is_undone), cmocka_unit_test(nul_bytes_go),
          cmocka_unit_test(only_what_is_asked_for_is_undone),
          cmocka_unit_test(a_sign_is_seen_wherever_it_stands),
          cmocka_unit_test(hostile_texts_take_linear_time))

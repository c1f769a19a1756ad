#include "unit.h"

#include <stdio.h>

#include "cli/lines.h"

enum { LIMIT = 8 };

/* What the lines of @in are, fed @step bytes at a time: "[one][two]", a line over the limit is "!".
 */
static void cut(struct text in, size_t step, char *out, size_t size)
{
    AUTO(lines) lines = lines_new(LIMIT, 4);
    size_t used = 0;

    for (;;) {
        struct text line = {0};
        enum lines_result result = lines_next(lines, &line);

        if (result == LINES_END)
            break;
        if (result == LINES_MORE) {
            size_t room = 0;
            char *into = lines_room(lines, &room);
            struct text part = text_slice(in, 0, step < room ? step : room);

            assert_true(room >= 4);
            if (part.size)
                memcpy(into, part.bytes, part.size);
            in = text_slice(in, part.size, in.size);
            lines_fed(lines, part.size);
            continue;
        }
        used += (size_t)(result == LINES_TOO_LONG
                             ? snprintf(out + used, size - used, "!")
                             : snprintf(out + used, size - used, "[%.*s]", TEXT_ARG(line)));
    }
    out[used] = '\0';
}

static void lines_are_the_same_however_they_are_fed(void **state)
{
    static const struct {
        const char *in, *lines;
    } cases[] = {
        {"", ""},
        {"a", "[a]"},
        {"a\n", "[a]"},
        {"a\nb", "[a][b]"},
        {"\n\n", "[][]"},
        {"a\r\nb\r\n", "[a][b]"},
        {"a\rb\n", "[a\rb]"},
        {"12345678\n", "[12345678]"},
        {"12345678\r\nx\n", "[12345678][x]"},
        {"123456789\nx\n", "!"
                           "[x]"},
        {"x\n123456789", "[x]!"},
        {"1234567890123456789012345678901234567890\nx\n", "![x]"},
        {"1234567890123456789012345678901234567890", "!"},
        {"12345678901234567890\n12345678901234567890\n\n", "!![]"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t step = 1; step < 50; step++) {
            char got[256];

            cut(text_of(cases[i].in), step, got, sizeof(got));
            if (strcmp(got, cases[i].lines) != 0)
                fail_msg("'%s' by %zu: got %s, want %s", cases[i].in, step, got, cases[i].lines);
        }
    }
}

static void lines_over_the_limit_are_counted_too(void **state)
{
    AUTO(lines) lines = lines_new(LIMIT, 64);
    size_t room = 0;
    struct text line;

    (void)state;
    memcpy(lines_room(lines, &room), "a\n123456789\nb\n", 14);
    lines_fed(lines, 14);
    assert_int_equal(lines_next(lines, &line), LINES_LINE);
    assert_int_equal(lines_next(lines, &line), LINES_TOO_LONG);
    assert_int_equal(lines_count(lines), 2);
    assert_int_equal(lines_next(lines, &line), LINES_LINE);
    unit_text("third", line, "b");
    assert_int_equal(lines_count(lines), 3);
}

UNIT_MAIN(cmocka_unit_test(lines_are_the_same_however_they_are_fed),
          cmocka_unit_test(lines_over_the_limit_are_counted_too))

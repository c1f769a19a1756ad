#include "unit.h"

#include "cli/printable.h"
#include "cli/progress.h"

static void the_line_says_how_far_how_fast_and_how_long(void **state)
{
    const struct {
        const char *name;
        struct progress progress;
        size_t width;
        const char *line;
    } cases[] = {
        {"half way",
         {TEXT("access.log"), 500, 1000, 2400000, 2000000},
         80,
         "access.log  ━━━━━━━━━━━━━━━╸───────────────   50 %  1,200,000 lines/s  0:02 left"},
        {"at the start", {TEXT("a"), 0, 1000, 0, 0}, 30, "a  ╸─────────────────    0 %  "},
        {"done",
         {TEXT("a"), 1000, 1000, 10, 1000000},
         50,
         "a  ━━━━━━━━━━━━━━━━━  100 %  10 lines/s  0:00 left"},
        {"a file that grew",
         {TEXT("a"), 3000, 1000, 10, 1000000},
         50,
         "a  ━━━━━━━━━━━━━━━━━  100 %  10 lines/s  0:00 left"},
        {"a pipe", {TEXT("-"), 2500000, 0, 1000, 1000000}, 80, "-  2.5 MB  1,000 lines/s"},
        {"hours", {TEXT("a"), 1, 8000, 1, 1000000}, 36, "a    0 %  1 lines/s  2:13:19 left"},
        {"a narrow terminal",
         {TEXT("access.log"), 500, 1000, 2400000, 2000000},
         24,
         "access.…   50 %  1,200,…"},
        {"a hostile name", {TEXT("\033[2J"), 0, 0, 0, 0}, 80, "\\x1b[2J  0.0 MB  "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};

        progress_write(&cases[i].progress, cases[i].width, &out);
        unit_text(cases[i].name, buf_text(&out), cases[i].line);
        if (printable_columns(buf_text(&out)) > cases[i].width)
            fail_msg("%s: wider than the terminal", cases[i].name);
    }
}

static void counts_are_grouped_by_thousands(void **state)
{
    static const struct {
        uint64_t count;
        const char *text;
    } cases[] = {{0, "0"},
                 {999, "999"},
                 {1000, "1,000"},
                 {1002003, "1,002,003"},
                 {UINT64_MAX, "18,446,744,073,709,551,615"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF out = {0};

        progress_add_count(&out, cases[i].count);
        unit_text(cases[i].text, buf_text(&out), cases[i].text);
    }
}

UNIT_MAIN(cmocka_unit_test(the_line_says_how_far_how_fast_and_how_long),
          cmocka_unit_test(counts_are_grouped_by_thousands))

#include "unit.h"

#include "cli/printable.h"
#include "cli/table.h"

static const struct table two_of_three = {.columns = {{.title = "LEVEL", .width = 8},
                                                      {.title = "COUNT", .width = 5, .right = true},
                                                      {.title = "LOG"}},
                                          .count = 3};

static void row(const struct table *table, struct buf *out, const char *a, const char *b,
                const char *c, enum paint paint)
{
    struct cell cells[] = {{text_of(a), paint}, {text_of(b), PAINT_NONE}, {text_of(c), PAINT_NONE}};

    table_row(table, cells, out);
}

static void columns_line_up_whatever_stands_in_them(void **state)
{
    struct table table = two_of_three;
    AUTO_BUF out = {0};

    (void)state;
    table_layout(&table, 40);
    table_head(&table, &out);
    row(&table, &out, "높음", "7", "GET /한국어", PAINT_NONE);
    row(&table, &out, "CRITICAL!", "123456", "\033[2Jabcdefghijklmnopqrstuvwxyz", PAINT_NONE);
    assert_string_equal(buf_string(&out), "LEVEL     COUNT  LOG\n"
                                          "높음          7  GET /한국어\n"
                                          "CRITICA…  1234…  \\x1b[2Jabcdefghijklmno…\n");
}

static void the_last_column_takes_what_is_left_but_at_least_20(void **state)
{
    static const struct {
        size_t width, first, last;
    } cases[] = {{100, 40, 51}, {70, 40, 21}, {60, 31, 20}, {30, 8, 20}, {0, 40, SIZE_MAX}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct table table = two_of_three;

        table.columns[0].width = 40;
        table_layout(&table, cases[i].width);
        assert_int_equal(table.columns[0].width, cases[i].first);
        assert_int_equal(table.columns[1].width, 5);
        assert_int_equal(table.columns[2].width, cases[i].last);
    }
}

static void what_has_no_room_is_left_out_before_anything_is_cut(void **state)
{
    static const struct {
        size_t width;
        const char *head;
    } cases[] = {{0, "ID            KIND      MODE   LOG\n"},
                 {60, "ID            KIND      MODE   LOG\n"},
                 {48, "ID            KIND      LOG\n"},
                 {40, "ID            LOG\n"},
                 {20, "ID            LOG\n"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct table table = {.columns = {{.title = "ID", .width = 12, .least = TABLE_WHOLE},
                                          {.title = "KIND", .width = 8, .drop = 2},
                                          {.title = "MODE", .width = 5, .drop = 1},
                                          {.title = "LOG"}},
                              .count = 4};
        AUTO_BUF out = {0};

        table_layout(&table, cases[i].width);
        table_head(&table, &out);
        assert_string_equal(buf_string(&out), cases[i].head);
    }
}

static void what_is_to_be_whole_is_not_cut_and_the_last_column_pays(void **state)
{
    struct table table = {
        .columns = {{.title = "ADDRESS", .width = 9, .least = TABLE_WHOLE}, {.title = "LOG"}},
        .count = 2};
    AUTO_BUF out = {0};
    char name[100];

    (void)state;
    memset(name, 'n', sizeof(name));
    table_layout(&table, 31);
    table_row(&table,
              (struct cell[]){{TEXT("2001:db8::1"), 0}, {TEXT("abcdefghijklmnopqrstuvwxyz"), 0}},
              &out);
    assert_string_equal(buf_string(&out), "2001:db8::1  abcdefghijklmnopq…\n");
    buf_reset(&out);
    table_row(&table, (struct cell[]){{{name, sizeof(name)}, 0}, {TEXT("abcdefghij"), 0}}, &out);
    assert_int_equal(printable_columns(buf_text(&out)), 46 + 2 + 8 + 2); /* "\n" is shown as 2 */
}

static void fitting_widens_to_title_and_content(void **state)
{
    struct table table = {.columns = {{.title = "NAME"}, {.title = "N"}}, .count = 2};
    const struct cell rows[][2] = {{{TEXT("한국어"), PAINT_NONE}, {TEXT("x"), 0}},
                                   {{TEXT("a"), 0}, {TEXT("12"), 0}}};

    (void)state;
    table_fit(&table, rows[0]);
    table_fit(&table, rows[1]);
    assert_int_equal(table.columns[0].width, 6);
    assert_int_equal(table.columns[1].width, 2);
}

static void colour_is_only_where_it_is_wanted(void **state)
{
    struct table table = two_of_three;
    AUTO_BUF plain = {0};
    AUTO_BUF coloured = {0};

    (void)state;
    table_layout(&table, 0);
    row(&table, &plain, "HIGH", "1", "x", PAINT_HIGH);
    assert_string_equal(buf_string(&plain), "HIGH          1  x\n");
    table.colour = true;
    row(&table, &coloured, "HIGH", "1", "x", PAINT_HIGH);
    assert_string_equal(buf_string(&coloured), "\033[31mHIGH\033[0m          1  x\n");
}

UNIT_MAIN(cmocka_unit_test(columns_line_up_whatever_stands_in_them),
          cmocka_unit_test(the_last_column_takes_what_is_left_but_at_least_20),
          cmocka_unit_test(what_has_no_room_is_left_out_before_anything_is_cut),
          cmocka_unit_test(what_is_to_be_whole_is_not_cut_and_the_last_column_pays),
          cmocka_unit_test(fitting_widens_to_title_and_content),
          cmocka_unit_test(colour_is_only_where_it_is_wanted))

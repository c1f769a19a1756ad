#include "unit.h"

#include "correlator/window_number.h"

static void decimal_numbers_become_thousandths(void **state)
{
    static const struct {
        const char *text;
        bool is_number;
        int64_t want;
    } cases[] = {
        {"0", true, 0},
        {"12", true, 12000},
        {"-0.5", true, -500},
        {"+.25", true, 250},
        {"7.", true, 7000},
        {" 3 ", true, 3000},
        {"1e3", true, 1000000},
        {"1.5E-2", true, 15},
        {"0.0004", true, 0},
        {"0.0005", true, 1},
        {"-0.0005", true, -1},
        {"0.00049999999999999999999999999", true, 0},
        {"1.0015", true, 1002},
        {"000012", true, 12000},
        {"0.00000000000000000000000000000000000000000000000000000000000000000000005e68", true, 5},
        {"1e-999999999999999999", true, 0},
        {"0e999999999999999999", true, 0},
        {"9000000000000000", true, 9000000000000000000},
        {"-9e15", true, -9000000000000000000},
        {"9000000000000000.001", false, 0},
        {"1e16", false, 0},
        {"1e400", false, 0},
        {"1e999999999999999999", false, 0},
        {"", false, 0},
        {".", false, 0},
        {"-", false, 0},
        {"e5", false, 0},
        {"1e", false, 0},
        {"1e+", false, 0},
        {"1.2.3", false, 0},
        {"12 kB", false, 0},
        {"0x10", false, 0},
        {"1,5", false, 0},
        {"inf", false, 0},
        {"nan", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t got = 0;
        bool is_number = window_number_parse(text_of(cases[i].text), &got);

        if (is_number != cases[i].is_number || (is_number && got != cases[i].want))
            fail_msg("'%s': got %s %lld, want %s %lld", cases[i].text, is_number ? "yes" : "no",
                     (long long)got, cases[i].is_number ? "yes" : "no", (long long)cases[i].want);
    }
}

static void sums_averages_and_percentiles_are_exact(void **state)
{
    static const struct {
        const char *name;
        enum correlation_type type;
        int percentile;
        int64_t numbers[5]; /* ended by -1 */
        enum correlation_operator operator;
        int64_t bound;
        bool want;
    } cases[] = {
        {"sum", CORRELATION_VALUE_SUM, 0, {1, 2, 3, -1, 0}, CORRELATION_EQ, 6, true},
        {"a third above", CORRELATION_VALUE_AVG, 0, {1, 1, 2, -1, 0}, CORRELATION_GT, 1, true},
        {"no rounding up", CORRELATION_VALUE_AVG, 0, {1, 2, 2, -1, 0}, CORRELATION_GTE, 2, false},
        {"sum beyond 64 bits",
         CORRELATION_VALUE_SUM,
         0,
         {9000000000000000000, 9000000000000000000, 9000000000000000000, -1, 0},
         CORRELATION_GT,
         1,
         true},
        {"median of even",
         CORRELATION_VALUE_PERCENTILE,
         50,
         {4, 1, 2, 3, -1},
         CORRELATION_EQ,
         2,
         true},
        {"lowest", CORRELATION_VALUE_PERCENTILE, 1, {4, 1, 2, 3, -1}, CORRELATION_EQ, 1, true},
        {"highest", CORRELATION_VALUE_PERCENTILE, 99, {4, 1, 2, 3, -1}, CORRELATION_EQ, 4, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct correlation_bound bound = {cases[i].operator, cases[i].bound };
        const struct correlation rule = {.type = cases[i].type,
                                         .percentile = cases[i].percentile,
                                         .timespan_ms = 10,
                                         .bounds = &bound,
                                         .bound_count = 1};
        struct series series;

        series_init(&series, SERIES_PLAIN, 10);
        for (size_t k = 0; cases[i].numbers[k] >= 0; k++) {
            struct event event = {.event_time = (int64_t)k};
            struct sighting *sighting = sighting_new(&event);

            series_add(&series, sighting, (struct text){0})->number = cases[i].numbers[k];
            sighting_leave(sighting);
        }
        if (window_number_holds(&rule, &series, 4) != cases[i].want)
            fail_msg("%s: want %d", cases[i].name, cases[i].want);
        series_done(&series);
    }
}

UNIT_MAIN(cmocka_unit_test(decimal_numbers_become_thousandths),
          cmocka_unit_test(sums_averages_and_percentiles_are_exact))

#include "unit.h"

#include <stdlib.h>

#include "base/keyed.h"

enum { KEYS = 500, STEPS = 50000 };

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Whatever is set and dropped in whatever order, it holds what a plain array would. */
static void it_agrees_with_an_array(void **state)
{
    AUTO(keyed) keyed = keyed_new();
    int held[KEYS] = {0};
    uint64_t random = 20261124;

    (void)state;
    for (int step = 1; step <= STEPS; step++) {
        size_t i = next(&random) % KEYS;
        char key[32], value[32];
        struct text found;

        snprintf(key, sizeof(key), "key-%zu", i);
        snprintf(value, sizeof(value), "%d", held[i]);
        bool is_there = keyed_find(keyed, text_of(key), &found);

        assert_int_equal(is_there, held[i] != 0);
        if (is_there)
            unit_text(key, found, value);
        if (next(&random) % 2) {
            assert_int_equal(keyed_drop(keyed, text_of(key)), is_there);
            held[i] = 0;
        } else {
            snprintf(value, sizeof(value), "%d", step);
            keyed_set(keyed, text_of(key), text_of(value));
            held[i] = step;
        }
    }
}

static void all_are_visited_once(void **state)
{
    AUTO(keyed) keyed = keyed_new();
    bool seen[KEYS] = {0};
    struct text key, value;
    size_t at = 0, count = 0;

    (void)state;
    for (int i = 0; i < KEYS; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%d", i);
        keyed_set(keyed, text_of(name), (struct text){0});
    }
    while (keyed_next(keyed, &at, &key, &value)) {
        int64_t i;

        assert_true(text_to_integer(key, &i) && !seen[i]);
        assert_int_equal(value.size, 0);
        seen[i] = true;
        count++;
    }
    assert_int_equal(count, KEYS);
    assert_int_equal(keyed_count(keyed), KEYS);
}

UNIT_MAIN(cmocka_unit_test(it_agrees_with_an_array), cmocka_unit_test(all_are_visited_once))

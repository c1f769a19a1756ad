#include "unit.h"

#include "base/arena.h"

static void everything_taken_is_apart_and_aligned(void **state)
{
    AUTO(arena) arena = arena_new(64);
    char *taken[100];

    (void)state;
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT_OF(taken); i++) {
            taken[i] = arena_take(arena, i * 3 + 1);
            assert_int_equal((uintptr_t)taken[i] % _Alignof(max_align_t), 0);
            memset(taken[i], (int)i, i * 3 + 1);
        }
        for (size_t i = 0; i < COUNT_OF(taken); i++) {
            for (size_t k = 0; k <= i * 3; k++)
                assert_int_equal(taken[i][k], (char)i);
        }
        arena_reset(arena, round * 1000);
    }
}

static void a_formatted_text_has_its_size(void **state)
{
    AUTO(arena) arena = arena_new(8);

    (void)state;
    unit_text("format", arena_textf(arena, "%s:%d", "abcdefghij", 42), "abcdefghij:42");
}

static void what_was_taken_after_a_mark_goes_back_alone(void **state)
{
    AUTO(arena) arena = arena_new(64);
    struct text kept = arena_copy(arena, TEXT("kept"));
    struct arena_mark mark = arena_mark(arena);

    (void)state;
    char *first = arena_take(arena, 16);

    for (int i = 0; i < 10; i++)
        memset(arena_take(arena, 100), 'x', 100);
    arena_rewind(arena, mark);
    assert_ptr_equal(arena_take(arena, 16), first);
    unit_text("kept", kept, "kept");
}

UNIT_MAIN(cmocka_unit_test(everything_taken_is_apart_and_aligned),
          cmocka_unit_test(a_formatted_text_has_its_size),
          cmocka_unit_test(what_was_taken_after_a_mark_goes_back_alone))

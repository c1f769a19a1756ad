#include "unit.h"

#include <stdatomic.h>

#include "io/crew.h"

enum { MEMBERS = 4, COUNT = 1000, SLICE = 7, TURNS = 500 };

struct work {
    int done[COUNT]; /* how often; written by whoever has the item */
    size_t last[MEMBERS];
    atomic_bool busy[MEMBERS];
    atomic_bool is_wrong;
    size_t lone_calls;
};

static void deal_with(void *self, size_t member, size_t begin, size_t end)
{
    struct work *work = self;

    if (member >= MEMBERS || atomic_exchange(&work->busy[member], true) || end - begin > SLICE ||
        begin >= end || begin < work->last[member])
        atomic_store(&work->is_wrong, true);
    for (size_t i = begin; i < end; i++)
        work->done[i]++;
    work->last[member] = end;
    atomic_store(&work->busy[member], false);
}

static void each_item_is_dealt_with_once(void **state)
{
    static const size_t counts[] = {0, 1, SLICE, SLICE + 1, 2 * SLICE * MEMBERS, COUNT};
    AUTO(crew) crew = crew_new(MEMBERS);

    (void)state;
    assert_int_equal(crew_members(crew), MEMBERS);
    for (size_t turn = 0; turn < TURNS; turn++) {
        size_t count = counts[turn % COUNT_OF(counts)];
        struct work work = {0};

        crew_run(crew, count, SLICE, deal_with, &work);
        assert_false(work.is_wrong);
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(work.done[i], i < count);
    }
}

/* It works only if two are inside at the same time. */
static void meet(void *self, size_t member, size_t begin, size_t end)
{
    atomic_size_t *inside = self;

    (void)member;
    (void)begin;
    (void)end;
    atomic_fetch_add(inside, 1);
    while (atomic_load(inside) < 2)
        ;
}

static void members_work_at_the_same_time(void **state)
{
    AUTO(crew) crew = crew_new(2);

    (void)state;
    for (int turn = 0; turn < 20; turn++) {
        atomic_size_t inside = 0;

        crew_run(crew, 4, 1, meet, &inside);
        assert_int_equal(inside, 4);
    }
}

static void count_alone(void *self, size_t member, size_t begin, size_t end)
{
    struct work *work = self;

    (void)begin;
    (void)end;
    assert_int_equal(member, 0);
    work->lone_calls++;
}

static void little_work_is_done_by_the_caller_alone(void **state)
{
    AUTO(crew) crew = crew_new(MEMBERS);
    struct work work = {0};

    (void)state;
    crew_run(crew, 2 * MEMBERS * SLICE - 1, SLICE, count_alone, &work);
    assert_int_equal(work.lone_calls, 2 * MEMBERS);
}

static void a_crew_of_one_needs_no_thread(void **state)
{
    AUTO(crew) crew = crew_new(1);
    struct work work = {0};

    (void)state;
    assert_int_equal(crew_members(crew), 1);
    crew_run(crew, COUNT, SLICE, count_alone, &work);
    assert_int_equal(work.lone_calls, (COUNT + SLICE - 1) / SLICE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_is_dealt_with_once),
        cmocka_unit_test(members_work_at_the_same_time),
        cmocka_unit_test(little_work_is_done_by_the_caller_alone),
        cmocka_unit_test(a_crew_of_one_needs_no_thread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "unit.h"

#include "base/topic_pattern.h"

static void a_pattern_matches_its_name_alone(void **state)
{
    AUTO_BUF list = {0};

    (void)state;
    topic_pattern_add(&list, "detected-events");
    unit_text("one", buf_text(&list), "^detected-events$");
    topic_pattern_add(&list, "acme.dead_letters");
    unit_text("two", buf_text(&list), "^detected-events$,^acme\\.dead_letters$");
}

static void what_is_excepted_is_left_out(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    const char *items[] = {"^b", "b"};
    AUTO_BUF list = {0};

    (void)state;
    topic_pattern_add_all(&list, names, COUNT_OF(names), &(struct text_list){items, 2});
    unit_text("all but b", buf_text(&list), "^a$,^c$");
}

UNIT_MAIN(cmocka_unit_test(a_pattern_matches_its_name_alone),
          cmocka_unit_test(what_is_excepted_is_left_out))

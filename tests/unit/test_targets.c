#include "unit.h"

#include "target_unit.h"

static void every_target_is_found_by_its_name_and_is_whole(void **state)
{
    size_t count = 0;

    (void)state;
    for (const struct target_ops *const *t = target_list(); *t; t++, count++) {
        const struct target_ops *ops = *t;

        if (target_find(ops->name) != ops)
            fail_msg("%s: another has its name", ops->name);
        if (!ops->settings || ops->config_size == 0)
            fail_msg("%s: without settings", ops->name);
        if (!(ops->render && ops->judge) && !(ops->way && ops->write))
            fail_msg("%s: neither of HTTP nor of records", ops->name);
        if ((ops->ask != NULL) != (ops->hear != NULL) ||
            (ops->greet != NULL) != (ops->welcome != NULL) ||
            (ops->authorize != NULL) != (ops->grant != NULL))
            fail_msg("%s: asks without hearing, or the other way round", ops->name);
    }
    assert_int_equal(count, 13);
    assert_null(target_find("chronicle"));
}

static void statuses_are_judged_by_what_can_be_done(void **state)
{
    static const struct {
        int status;
        enum verdict want;
    } cases[] = {
        {0, VERDICT_RETRY},    {200, VERDICT_DELIVERED}, {204, VERDICT_DELIVERED},
        {301, VERDICT_CONFIG}, {307, VERDICT_CONFIG},    {400, VERDICT_POISON},
        {401, VERDICT_CONFIG}, {403, VERDICT_CONFIG},    {404, VERDICT_CONFIG},
        {405, VERDICT_CONFIG}, {407, VERDICT_CONFIG},    {408, VERDICT_RETRY},
        {410, VERDICT_CONFIG}, {413, VERDICT_TOO_LARGE}, {415, VERDICT_CONFIG},
        {422, VERDICT_POISON}, {425, VERDICT_RETRY},     {429, VERDICT_RETRY},
        {500, VERDICT_RETRY},  {502, VERDICT_RETRY},     {503, VERDICT_RETRY},
        {504, VERDICT_RETRY},  {100, VERDICT_RETRY},     {402, VERDICT_CONFIG},
        {406, VERDICT_CONFIG}, {409, VERDICT_POISON},    {411, VERDICT_CONFIG},
        {421, VERDICT_CONFIG}, {426, VERDICT_CONFIG},    {451, VERDICT_CONFIG},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (verdict_of_http(cases[i].status) != cases[i].want)
            fail_msg("%d: got %s", cases[i].status, verdict_name(verdict_of_http(cases[i].status)));
    }
}

static void a_reason_is_one_short_line(void **state)
{
    char page[1000];
    struct judgement judgement = {0};
    const struct reply reply = {502, {page, sizeof(page)}};

    (void)state;
    memset(page, '\n', sizeof(page));
    memcpy(page, "<html>\x1B[2J", 10);
    memset(page + 500, 'x', 500);
    target_add_reason(&reply, &judgement);
    assert_true(text_starts(buf_text(&judgement.reason), TEXT("HTTP 502: <html>\xE2\x90\x9B[2J")));
    assert_true(judgement.reason.size < 700);
    assert_int_equal(text_find_byte(buf_text(&judgement.reason), '\n'), judgement.reason.size);
    buf_done(&judgement.reason);
}

UNIT_MAIN(cmocka_unit_test(every_target_is_found_by_its_name_and_is_whole),
          cmocka_unit_test(statuses_are_judged_by_what_can_be_done),
          cmocka_unit_test(a_reason_is_one_short_line))

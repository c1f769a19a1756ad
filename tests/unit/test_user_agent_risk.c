#include "unit.h"

#include "detector/user_agent_risk.h"

static void risk_adds_up_in_tenths(void **state)
{
    static const struct {
        const char *name, *agent;
        int want;
    } cases[] = {
        {"a browser", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", 0},
        {"a crawler", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
         3},
        {"a tool with its version", "sqlmap/1.7.2#stable (https://sqlmap.org)", 3},
        {"two groups", "python-requests/2.31 bot", 6},
        {"all groups", "curl/7.88 nikto spider", 9},
        {"all groups, no version: capped", "curl nikto spider tool", 10},
        {"capital letters", "NIKTO/2.5 (Evasions:None)", 3},
        {"words of one group count once", "curl/7.1 wget/1.2 python/3.4", 3},
        {"short", "curl/8.1", 5},
        {"nine characters", "Browser 7", 3},
        {"ten characters", "Browser 70", 1},
        {"characters, not bytes", "\xED\x95\x9C\xED\x95\x9C\xED\x95\x9C\xED\x95\x9C 1.0", 2},
        {"no version", "Mozilla (Windows; like Gecko)", 1},
        {"a version needs digits on both sides", "Mozilla .5 6. and so on", 1},
        {"broken UTF-8 counts by bytes", "\xFF\xFE\xFD\xFC\xFB\xFA 1.0", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int got = user_agent_risk(text_of(cases[i].agent));

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].name, got, cases[i].want);
    }
}

static void five_hundred_characters_are_not_too_long(void **state)
{
    char agent[502];

    (void)state;
    memset(agent, 'a', sizeof(agent));
    agent[0] = agent[2] = '1';
    agent[1] = '.';
    assert_int_equal(user_agent_risk((struct text){agent, 500}), 0);
    assert_int_equal(user_agent_risk((struct text){agent, 501}), 2);
}

UNIT_MAIN(cmocka_unit_test(risk_adds_up_in_tenths),
          cmocka_unit_test(five_hundred_characters_are_not_too_long))

#include "unit.h"

#include "base/buf.h"
#include "correlator/actions.h"

static void the_shipped_table_says_what_to_do(void **state)
{
    static const struct {
        const char *name;
        int severity;
        const char *event_type, *want;
    } cases[] = {
        {"neither", LEVEL_HIGH, "web_attacks.xss", ""},
        {"critical", LEVEL_CRITICAL, "web_attacks.command_injection",
         "즉시 해당 IP 차단|보안팀 긴급 대응|"},
        {"critical SQL injection", LEVEL_CRITICAL, "web_attacks.sql_injection",
         "즉시 해당 IP 차단|보안팀 긴급 대응|웹 애플리케이션 방화벽 규칙 업데이트|"
         "데이터베이스 접근 로그 점검|SQL 인젝션 방어 패치 적용|"},
        {"brute force", LEVEL_HIGH, "network_attacks.brute_force",
         "계정 잠금 정책 확인|다단계 인증 강화|로그인 시도 제한 강화|"},
    };
    struct error err = {0};
    AUTO(actions) actions = actions_new();
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    if (actions_add(actions, HAECHI_SOURCE "/deploy/actions.yaml", &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF joined = {0};
        struct text type = text_of(cases[i].event_type);
        struct record_texts ko =
            actions_of(actions, ACTIONS_KO, NULL, cases[i].severity, type, arena);
        struct record_texts en =
            actions_of(actions, ACTIONS_EN, NULL, cases[i].severity, type, arena);

        for (size_t k = 0; k < ko.count; k++) {
            buf_add(&joined, ko.items[k]);
            buf_add_byte(&joined, '|');
        }
        unit_text(cases[i].name, buf_text(&joined), cases[i].want);
        assert_int_equal(en.count, ko.count);
    }
}

static void a_rules_own_words_come_instead(void **state)
{
    const struct text own[] = {TEXT("Call Mary")};
    const struct correlation rule = {.actions_en = {own, 1}};
    struct error err = {0};
    AUTO(actions) actions = actions_new();
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    assert_int_equal(
        actions_add_bytes(actions, "f", TEXT("severity: {HIGH: {en: [a, b], ko: [c]}}"), &err), 0);
    struct record_texts en = actions_of(actions, ACTIONS_EN, &rule, LEVEL_HIGH, TEXT("a.b"), arena);
    struct record_texts ko = actions_of(actions, ACTIONS_KO, &rule, LEVEL_HIGH, TEXT("a.b"), arena);

    assert_int_equal(en.count, 1);
    unit_text("its own", en.items[0], "Call Mary");
    assert_int_equal(ko.count, 1); /* it says nothing in Korean */
    unit_text("the table's", ko.items[0], "c");
    assert_int_equal(actions_of(NULL, ACTIONS_EN, NULL, LEVEL_HIGH, TEXT("a.b"), arena).count, 0);
}

static void mistakes_are_told_with_their_line(void **state)
{
    static const struct {
        const char *name, *bytes, *want;
    } cases[] = {
        {"a list", "[a]", "f:1: a table of actions is a list; it must be a map"},
        {"key", "severty: {}",
         "f:1: a table of actions has no key 'severty'; did you mean "
         "'severity'?"},
        {"severity", "severity:\n  HUGE: {en: [a]}",
         "f:2: severity has 'HUGE'; it may be LOW, MEDIUM, HIGH or CRITICAL"},
        {"language", "event_type:\n  xss: {fr: [a]}", "f:2: a row of actions has no key 'fr'"},
        {"no text", "event_type:\n  xss: {en: [[a]]}",
         "f:2: en is a list; it must be a list of texts, none of them empty"},
        {"row", "event_type: xss",
         "f:1: event_type is 'xss'; it must be a map of at most 1000 "
         "rows"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        AUTO(actions) actions = actions_new();

        if (actions_add_bytes(actions, "f", text_of(cases[i].bytes), &err) == 0)
            fail_msg("%s: was read", cases[i].name);
        unit_text(cases[i].name, text_of(err.text), cases[i].want);
    }
}

UNIT_MAIN(cmocka_unit_test(the_shipped_table_says_what_to_do),
          cmocka_unit_test(a_rules_own_words_come_instead),
          cmocka_unit_test(mistakes_are_told_with_their_line))

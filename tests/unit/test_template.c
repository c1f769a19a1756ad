#include "unit.h"

#include "correlator/template.h"

static void placeholders_are_filled_and_made_safe(void **state)
{
    char longest[2000];

    (void)state;
    memset(longest, 'a', sizeof(longest));
    struct text path = TEXT("app"), shop = TEXT("shop");
    const struct event event = {.event_type = TEXT("web_attacks.xss"),
                                .user = TEXT("mary{host}\x1b[31m\nx\xC2\x9B\xFF"),
                                .host = TEXT("web-1"),
                                .payload = {longest, sizeof(longest)},
                                .threat_level = LEVEL_HIGH,
                                .fields = {&path, &shop, 1}};
    struct text names[] = {TEXT("address"), TEXT("host")};
    struct text values[] = {TEXT("192.0.2.1"), TEXT("of the group")};
    const struct template_facts facts = {.event = &event,
                                         .names = names,
                                         .values = values,
                                         .count = 2,
                                         .event_count = 7,
                                         .first_seen = 1767225600000,
                                         .last_seen = 1767225660500};
    const struct {
        const char *template;
        size_t limit;
        const char *want;
    } cases[] = {
        {TEMPLATE_SINGLE_TITLE, 256, "Security Event: web_attacks.xss"},
        {TEMPLATE_SINGLE_DESCRIPTION, 256, "Detected web_attacks.xss from an unknown source"},
        {"", 256, ""},
        {"{address}: {event_count} from {first_seen} to {last_seen}", 256,
         "192.0.2.1: 7 from 2026-01-01T00:00:00.000Z to 2026-01-01T00:01:00.500Z"},
        {"{host}", 256, "of the group"},
        {"{user}", 256, "mary{host} [31m x  "},
        {"{target_ip}", 256, "unknown"},
        {"{threat_level} {fields.app}{fields.other}", 256, "HIGH shopunknown"},
        {"{ {} {a b} }{", 256, "{ {} {a b} }{"},
        {"{한글}", 256, "{한글}"},
        {"12345678", 8, "12345678"},
        {"123456789", 8, "1234567…"},
        {"한글한글한글", 4, "한글한…"},
        {"123{host}", 8, "123of t…"},
    };

    AUTO(arena) arena = arena_new(4096);

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        unit_text(cases[i].template,
                  template_fill(text_of(cases[i].template), &facts, cases[i].limit, arena),
                  cases[i].want);
    struct text cut = template_fill(TEXT("{payload}."), &facts, 4096, arena);

    assert_int_equal(cut.size, TEMPLATE_VALUE_CHARACTERS - 1 + strlen("….")); /* each value alone */
    assert_true(text_ends(cut, TEXT("a….")));
}

UNIT_MAIN(cmocka_unit_test(placeholders_are_filled_and_made_safe))

#include "unit.h"

#include "detector/reputation.h"

static void an_address_has_the_reputation_of_its_range(void **state)
{
    static const struct {
        const char *name, *address;
        int want;
    } cases[] = {
        {"private", "10.1.2.3", 50},
        {"private IPv6", "fd00::1", 50},
        {"loopback", "127.0.0.1", 50},
        {"listed", "185.220.100.7", 10},
        {"listed, mapped", "::ffff:185.220.100.7", 10},
        {"listed, but private to Python", "203.0.113.9", 50},
        {"beside the list", "185.220.101.7", 50},
        {"listed IPv6", "2a00:1::5", 10},
        {"any other", "8.8.8.8", 50},
        {"no address", "unknown", 30},
    };
    struct cidr ranges[3];

    (void)state;
    assert_true(cidr_parse(TEXT("185.220.100.0/24"), &ranges[0]));
    assert_true(cidr_parse(TEXT("203.0.113.9"), &ranges[1]));
    assert_true(cidr_parse(TEXT("2a00:1::/32"), &ranges[2]));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct address address;
        bool is_address = address_parse(text_of(cases[i].address), &address);
        int got = reputation_of(is_address ? &address : NULL, ranges, COUNT_OF(ranges));

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].name, got, cases[i].want);
    }
}

UNIT_MAIN(cmocka_unit_test(an_address_has_the_reputation_of_its_range))

#include "unit.h"

#include <stdlib.h>

#include "base/cidr_table.h"

static struct cidr range_of(const char *text)
{
    struct cidr range;

    if (!cidr_parse(text_of(text), &range))
        fail_msg("'%s' is no range", text);
    return range;
}

static struct address address_of(const char *text)
{
    struct address address;

    if (!address_parse(text_of(text), &address))
        fail_msg("'%s' is no address", text);
    return address;
}

static const char *const ranges[] = {
    "10.0.0.0/8",       /* 0 */
    "10.1.0.0/16",      /* 1 */
    "10.1.2.0/24",      /* 2 */
    "10.1.2.3",         /* 3 */
    "255.255.255.0/24", /* 4: ends where IPv4 does */
    "2001:db8::/32",    /* 5 */
    "2001:db8:1::/48",  /* 6 */
    "10.1.0.0/16",      /* 7: again */
    "ffff:ffff::/32",   /* 8: ends where IPv6 does */
    "1.2.3.128/25",     /* 9 */
    "0.0.0.0/30",       /* 10 */
};

static struct cidr_table *table_of(const char *const *texts, size_t count)
{
    struct cidr all[32];

    for (size_t i = 0; i < count; i++)
        all[i] = range_of(texts[i]);
    return cidr_table_new(all, count);
}

static void the_narrowest_range_is_found(void **state)
{
    static const struct {
        const char *address;
        long want;
    } cases[] = {
        {"10.200.0.1", 0},
        {"10.1.200.1", 1},
        {"10.1.2.4", 2},
        {"10.1.2.3", 3},
        {"10.1.2.255", 2},
        {"10.1.3.0", 1},
        {"10.255.255.255", 0},
        {"11.0.0.0", -1},
        {"9.255.255.255", -1},
        {"255.255.255.255", 4},
        {"255.255.254.255", -1},
        {"::ffff:10.1.2.3", 3},
        {"2001:db8::1", 5},
        {"2001:db8:1::1", 6},
        {"2001:db8:2::", 5},
        {"2001:db9::", -1},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 8},
        {"1.2.3.127", -1},
        {"1.2.3.128", 9},
        {"1.2.4.0", -1},
        {"0.0.0.3", 10},
        {"0.0.0.4", -1},
        {"::", -1},
        {"::1", -1},
    };
    AUTO(cidr_table) table = table_of(ranges, COUNT_OF(ranges));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct address address = address_of(cases[i].address);
        long got = cidr_table_find(table, &address);

        if (got != cases[i].want)
            fail_msg("%s: got %ld, want %ld", cases[i].address, got, cases[i].want);
    }
}

static void the_wider_ones_follow(void **state)
{
    AUTO(cidr_table) table = table_of(ranges, COUNT_OF(ranges));

    (void)state;
    assert_int_equal(cidr_table_wider(table, 3), 2);
    assert_int_equal(cidr_table_wider(table, 2), 1);
    assert_int_equal(cidr_table_wider(table, 1), 0);
    assert_int_equal(cidr_table_wider(table, 0), CIDR_TABLE_NONE);
    assert_int_equal(cidr_table_wider(table, 6), 5);
}

static void all_of_ipv6_holds_ipv4_too(void **state)
{
    static const char *const all[] = {"::/0"};
    AUTO(cidr_table) table = table_of(all, 1);
    struct address v4 = address_of("192.0.2.1"), v6 = address_of("ffff::1");

    (void)state;
    assert_int_equal(cidr_table_find(table, &v4), 0);
    assert_int_equal(cidr_table_find(table, &v6), 0);
}

static void an_empty_table_finds_nothing(void **state)
{
    AUTO(cidr_table) table = cidr_table_new(NULL, 0);
    struct address v4 = address_of("192.0.2.1"), v6 = address_of("ffff::1");

    (void)state;
    assert_int_equal(cidr_table_find(table, &v4), CIDR_TABLE_NONE);
    assert_int_equal(cidr_table_find(table, &v6), CIDR_TABLE_NONE);
}

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* In a small space, so that ranges often meet. */
static struct address random_address(uint64_t *state)
{
    struct address address = address_of(next(state) % 2 ? "10.0.0.0" : "2001:db8::");

    address.bytes[14] = (unsigned char)(next(state) % 3);
    address.bytes[15] = (unsigned char)next(state);
    return address;
}

static long narrowest(const struct cidr *all, size_t count, const struct address *address)
{
    long best = CIDR_TABLE_NONE;

    for (size_t i = 0; i < count; i++) {
        if (cidr_contains(&all[i], address) && (best < 0 || all[i].prefix > all[best].prefix))
            best = (long)i;
    }
    return best;
}

static void it_agrees_with_trying_all(void **state)
{
    uint64_t random = 20261124;
    struct cidr all[60];

    (void)state;
    for (int round = 0; round < 300; round++) {
        size_t count = next(&random) % COUNT_OF(all);

        for (size_t i = 0; i < count; i++) {
            struct address first = random_address(&random);
            AUTO_BUF text = {0};

            address_write(&first, &text);
            buf_addf(&text, "/%d", (int)((address_is_v4(&first) ? 20 : 116) + next(&random) % 13));
            all[i] = range_of(buf_string(&text));
        }
        AUTO(cidr_table) table = cidr_table_new(all, count);

        for (int i = 0; i < 300; i++) {
            struct address address = random_address(&random);
            long got = cidr_table_find(table, &address), want = narrowest(all, count, &address);

            if (got != want)
                fail_msg("round %d: got %ld, want %ld", round, got, want);
        }
    }
}

UNIT_MAIN(cmocka_unit_test(the_narrowest_range_is_found), cmocka_unit_test(the_wider_ones_follow),
          cmocka_unit_test(all_of_ipv6_holds_ipv4_too),
          cmocka_unit_test(an_empty_table_finds_nothing),
          cmocka_unit_test(it_agrees_with_trying_all))

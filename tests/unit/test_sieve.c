#include "unit.h"

#include "base/sieve.h"

static const struct {
    enum ioc_type type;
    const char *value;
} listed[] = {
    {IOC_IP, "203.0.113.9"},
    {IOC_IP, "2001:db8::9"},
    {IOC_DOMAIN, "evil.example"},
    {IOC_URL, "http://bad.example/a?b=c"},
    {IOC_URL, "http://worse.example/x"},
    {IOC_URL, "worst.example/y"},
    {IOC_URL, "http://203.0.113.77:81/i"},
    {IOC_URL, "https://github.com/u/r"},
    {IOC_MD5, "0123456789abcdef0123456789abcdef"},
    {IOC_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80708"},
    {IOC_SHA256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b856"},
    {IOC_EMAIL, "John@evil2.example"},
};
static const char *const ranges[] = {"198.51.100.0/24", "198.51.100.64/26"};

static struct sieve *filled(void)
{
    struct sieve *sieve = sieve_new(bloom_new(100, 42));
    struct cidr table[COUNT_OF(ranges)];

    for (size_t i = 0; i < COUNT_OF(listed); i++)
        sieve_add(sieve, listed[i].type, text_of(listed[i].value));
    for (size_t i = 0; i < COUNT_OF(ranges); i++)
        assert_true(cidr_parse(text_of(ranges[i]), &table[i]));
    sieve_set_ranges(sieve, table, COUNT_OF(table));
    return sieve;
}

static void list(const struct suspect *suspects, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "%s%s:", i ? " " : "", ioc_types[suspects[i].type]);
        if (suspects[i].type == IOC_CIDR)
            buf_addf(out, "%ld", suspects[i].range);
        else
            buf_add(out, suspects[i].value);
        buf_addf(out, "<%.*s", TEXT_ARG(suspects[i].seen));
    }
}

static void logs_are_sifted(void **state)
{
    static const struct {
        const char *name, *log, *want;
    } rows[] = {
        {"clean", "203.0.113.8 GET http://good.example/a from a@b.example", ""},
        {"address", "src=203.0.113.9", "ip:203.0.113.9<203.0.113.9"},
        {"address, IPv6 written at length", "2001:DB8:0::0009 x",
         "ip:2001:db8::9<2001:DB8:0::0009"},
        {"address, mapped", "::ffff:203.0.113.9", "ip:203.0.113.9<::ffff:203.0.113.9"},
        {"domain", "evil.example", "domain:evil.example<evil.example"},
        {"a name below it", "q A.Evil.Example.", "domain:evil.example<A.Evil.Example"},
        {"a name that only ends so", "notevil.example", ""},
        {"far below", "a.b.c.d.e.f.g.h.i.j.evil.example",
         "domain:evil.example<a.b.c.d.e.f.g.h.i.j.evil.example"},
        {"URL", "GET http://BAD.example:80/a?b=c#d HTTP",
         "url:http://bad.example/a?b=c<http://BAD.example:80/a?b=c#d"},
        {"URL with another query", "http://bad.example/a?b=d", ""},
        {"URL listed without query", "http://worse.example/x?y",
         "url:http://worse.example/x<http://worse.example/x?y"},
        {"URL listed without scheme", "https://worst.example/y?z",
         "url:worst.example/y<https://worst.example/y?z"},
        {"URL of an address", "http://203.0.113.77:81/i",
         "url:http://203.0.113.77:81/i<http://203.0.113.77:81/i"},
        {"the host of a listed URL is not listed", "http://github.com/v/s github.com", ""},
        {"hashes in capitals",
         "0123456789ABCDEF0123456789ABCDEF DA39A3EE5E6B4B0D3255BFEF95601890AFD80708",
         "md5:0123456789abcdef0123456789abcdef<0123456789ABCDEF0123456789ABCDEF "
         "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80708<"
         "DA39A3EE5E6B4B0D3255BFEF95601890AFD80708"},
        {"mail", "to John@EVIL2.example", "email:John@evil2.example<John@EVIL2.example"},
        {"range", "198.51.100.1", "cidr:0<198.51.100.1"},
        {"the narrower range", "198.51.100.65", "cidr:1<198.51.100.65"},
        {"each once", "evil.example a.evil.example evil.example",
         "domain:evil.example<evil.example"},
    };
    AUTO(sieve) sieve = filled();
    AUTO(arena) arena = arena_new(1024);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sieve_counts counts = {0};
        struct suspect *suspects;
        AUTO_BUF got = {0};
        size_t count = sieve_sift(sieve, text_of(rows[i].log), arena, &suspects, &counts);

        list(suspects, count, &got);
        unit_text(rows[i].name, buf_text(&got), rows[i].want);
        assert_true(counts.asked >= counts.filtered);
    }
}

/* However many stand in one log, in whatever place. */
static void none_of_many_is_missed(void **state)
{
    AUTO(sieve) sieve = sieve_new(bloom_new(1000, 1));
    AUTO(arena) arena = arena_new(1024);
    AUTO_BUF log = {0};
    struct sieve_counts counts = {0};
    struct suspect *suspects;

    (void)state;
    for (int i = 0; i < 500; i++) {
        char address[32];

        snprintf(address, sizeof(address), "198.18.%d.%d", i / 250, i % 250);
        sieve_add(sieve, IOC_IP, text_of(address));
        buf_addf(&log, "%*s%s", i % 7 + 1, "", address);
    }
    assert_int_equal(sieve_sift(sieve, buf_text(&log), arena, &suspects, &counts), 500);
    assert_int_equal(counts.asked, 500);
    assert_int_equal(counts.filtered, 0);
}

UNIT_MAIN(cmocka_unit_test(logs_are_sifted), cmocka_unit_test(none_of_many_is_missed))

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
    {IOC_EMAIL, "john@evil2.example"},
    {IOC_EMAIL, "jane@evil2.example"},
    {IOC_DOMAIN, "xn--mnchen-3ya.example"},
    {IOC_URL, "http://[2001:db8::77]/v"},
    {IOC_URL, "http://xn--bcher-kva.example/k"},
    {IOC_URL, "http://odd.example/a,b."},
};
static const char *const ranges[] = {"198.51.100.0/24", "198.51.100.64/26", "2001:db8:4::/47"};

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

static const struct {
    const char *name, *log, *want;
} rows[] = {
    {"clean", "203.0.113.8 GET http://good.example/a from a@b.example", ""},
    {"address", "src=203.0.113.9", "ip:203.0.113.9<203.0.113.9"},
    {"address, IPv6 written at length", "2001:DB8:0::0009 x", "ip:2001:db8::9<2001:DB8:0::0009"},
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
    {"mail", "to John@EVIL2.example", "email:john@evil2.example<John@EVIL2.example"},
    {"range", "198.51.100.1", "cidr:0<198.51.100.1"},
    {"the narrower range", "198.51.100.65", "cidr:1<198.51.100.65"},
    {"domain of a mail address", "from x@sub.evil.example", "domain:evil.example<sub.evil.example"},
    {"domain of a URL", "http://u:p@evil.example:81/x?y", "domain:evil.example<evil.example"},
    {"domain as another's mailbox", "evil.example@good.example", ""},
    {"domain as another's start", "evil.example.good.example", ""},
    {"domain in a query string", "GET /?u=http%3A%2F%2FEvil.Example%2Fx&a HTTP",
     "domain:evil.example<Evil.Example"},
    {"mailbox in capitals", "JANE@evil2.example", "email:jane@evil2.example<JANE@evil2.example"},
    {"mail, escaped", "m=John%40evil2.example&", "email:john@evil2.example<John%40evil2.example"},
    {"other scripts", "lookup M\xC3\xBCnchen.Example.",
     "domain:xn--mnchen-3ya.example<M\xC3\xBCnchen.Example"},
    {"other scripts, as they go over the wire", "XN--MNCHEN-3YA.example",
     "domain:xn--mnchen-3ya.example<XN--MNCHEN-3YA.example"},
    {"other scripts, below it", "mail.m\xC3\xBCnchen.example",
     "domain:xn--mnchen-3ya.example<mail.m\xC3\xBCnchen.example"},
    {"URL in other scripts",
     "http://b\xC3\xBC"
     "cher.example/k",
     "url:http://xn--bcher-kva.example/k<http://b\xC3\xBC"
     "cher.example/k"},
    {"URL, its port", "http://bad.example:81/a?b=c", ""},
    {"URL, its path in capitals", "http://bad.example/A?b=c", ""},
    {"URL, a longer path", "http://worse.example/xy http://worse.example/x/y", ""},
    {"URL, escapes that need not be", "http://worse.example/%78",
     "url:http://worse.example/x<http://worse.example/%78"},
    {"URL with user and fragment", "http://u:p@worse.example/x#top",
     "url:http://worse.example/x<http://u:p@worse.example/x#top"},
    {"URL in a query string", "GET /go?to=http%3A%2F%2Fbad.example%2Fa%3Fb%3Dc&z=1",
     "url:http://bad.example/a?b=c<bad.example"},
    {"URL among others' parameters", "GET /go?to=http://worse.example/x&z=1",
     "url:http://worse.example/x<http://worse.example/x"},
    {"URL among commas", "7,http://worse.example/x,200",
     "url:http://worse.example/x<http://worse.example/x"},
    {"URL in a sentence", "(http://worse.example/x).",
     "url:http://worse.example/x<http://worse.example/x"},
    {"URL that ends like a sentence", "http://odd.example/a,b.",
     "url:http://odd.example/a,b.<http://odd.example/a,b."},
    {"URL without scheme", "CONNECT worse.example:80/x worst.example/y",
     "url:http://worse.example/x<worse.example:80/x url:worst.example/y<worst.example/y"},
    {"URL without scheme, another port", "worse.example:8080/x", ""},
    {"URL of IPv6", "http://[2001:DB8:0::77]:80/v",
     "url:http://[2001:db8::77]/v<http://[2001:DB8:0::77]:80/v"},
    {"address with port", "203.0.113.9:443", "ip:203.0.113.9<203.0.113.9"},
    {"address behind a word", "outside:203.0.113.9/22", "ip:203.0.113.9<203.0.113.9"},
    {"address of a longer number", "203.0.113.90 1203.0.113.9 203.0.113.9.1", ""},
    {"range, IPv6", "2001:db8:5::1", "cidr:2<2001:db8:5::1"},
    {"range, mapped", "::ffff:198.51.100.65", "cidr:1<::ffff:198.51.100.65"},
    {"range, its last and the one behind", "198.51.100.255 198.51.101.0", "cidr:0<198.51.100.255"},
    {"hash behind 0x", "0x0123456789abcdef0123456789abcdef",
     "md5:0123456789abcdef0123456789abcdef<0123456789abcdef0123456789abcdef"},
    {"hash of a longer one", "0123456789abcdef0123456789abcdef0", ""},
    {"each once", "evil.example a.evil.example evil.example", "domain:evil.example<evil.example"},
};

static void logs_are_sifted(void **state)
{
    AUTO(sieve) sieve = filled();
    AUTO(arena) arena = arena_new(1024);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sieve_counts counts = {0};
        struct suspect *suspects;
        AUTO_BUF got = {0};
        size_t count = sieve_sift(sieve, text_of(rows[i].log), NULL, arena, &suspects, &counts);

        list(suspects, count, &got);
        unit_text(rows[i].name, buf_text(&got), rows[i].want);
        assert_true(counts.asked >= counts.filtered);
    }
}

static struct text sift(const struct sieve *sieve, struct text log, struct sieve_memory *memory,
                        struct arena *arena, struct sieve_counts *counts)
{
    struct suspect *suspects;
    AUTO_BUF got = {0};
    size_t count = sieve_sift(sieve, log, memory, arena, &suspects, counts);

    list(suspects, count, &got);
    return arena_copy(arena, buf_text(&got));
}

/* Each with each, in logs that have them in parts of their own. */
static void memory_changes_nothing(void **state)
{
    AUTO(sieve) sieve = filled();
    AUTO(sieve_memory) memory = sieve_memory_new();
    AUTO(arena) arena = arena_new(1024);
    struct sieve_counts counts = {0}, counts_without = {0};

    (void)state;
    sieve_memory_use(memory, 1);
    for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(rows) * 2; i++) {
        const char *first = rows[i / 2 / COUNT_OF(rows)].log, *other = rows[i % COUNT_OF(rows)].log;
        AUTO_BUF log = {0};

        buf_addf(&log, i % 2 ? "%s \"%s\"" : "{\"a\":\"%s\",\"b\":\"%s\"}", first, other);
        struct text want = sift(sieve, buf_text(&log), NULL, arena, &counts_without);
        struct text got = sift(sieve, buf_text(&log), memory, arena, &counts);

        if (!text_equal(got, want))
            fail_msg("%s: %.*s instead of %.*s", buf_string(&log), TEXT_ARG(got), TEXT_ARG(want));
        arena_reset(arena, SIZE_MAX);
    }
    assert_int_equal(counts.asked, counts_without.asked);
    assert_int_equal(counts.filtered, counts_without.filtered);
}

static void memory_knows_what_came_before_until_the_sieve_changes(void **state)
{
    const struct text log = TEXT("\"GET http://new.example/index.html\"");
    AUTO(sieve) sieve = filled();
    AUTO(sieve_memory) memory = sieve_memory_new();
    AUTO(arena) arena = arena_new(1024);
    struct sieve_counts counts = {0};
    unsigned asked = 0;

    (void)state;
    sieve_memory_use(memory, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sieve_memory_knows(memory, text_slice(log, 5, log.size - 1), &asked),
                         i > 0);
        unit_text("nothing is listed", sift(sieve, log, memory, arena, &counts), "");
    }
    assert_int_equal(asked, 3);
    sieve_add(sieve, IOC_DOMAIN, TEXT("new.example"));
    sieve_memory_use(memory, 2);
    unit_text("it is listed now", sift(sieve, log, memory, arena, &counts),
              "domain:new.example<new.example");
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
    assert_int_equal(sieve_sift(sieve, buf_text(&log), NULL, arena, &suspects, &counts), 500);
    assert_int_equal(counts.asked, 500);
    assert_int_equal(counts.filtered, 0);
}

UNIT_MAIN(cmocka_unit_test(logs_are_sifted), cmocka_unit_test(memory_changes_nothing),
          cmocka_unit_test(memory_knows_what_came_before_until_the_sieve_changes),
          cmocka_unit_test(none_of_many_is_missed))

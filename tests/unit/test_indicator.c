#include "unit.h"

#include "base/indicator.h"

#define ZEROS "00000000000000000000000000000000"
#define SHA256 "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

static const struct {
    const char *raw;
    enum indicator_kind kind;
    const char *want; /* "type:value", or the code of the reason */
} cases[] = {
    /* addresses */
    {"192.0.2.1", INDICATOR_ANY, "ip:192.0.2.1"},
    {" 192.0.2.1\t", INDICATOR_ANY, "ip:192.0.2.1"},
    {"\xC2\xA0\xE2\x80\x8B 192.0.2.1 \xEF\xBB\xBF\xC2\xA0", INDICATOR_ANY, "ip:192.0.2.1"},
    {"\xC2\xA0", INDICATOR_ANY, "empty"},
    {"192.0.2.01", INDICATOR_ANY, "leading_zero"},
    {"192.000.2.1", INDICATOR_ADDRESS, "leading_zero"},
    {"192.0.2.256", INDICATOR_ANY, "bad_address"},
    {"192.0.2", INDICATOR_ANY, "bad_address"},
    {"3221225985", INDICATOR_ANY, "bad_address"},
    {"0xc0.0.2.1", INDICATOR_ANY, "bad_address"},
    {"2001:DB8:0:0::0007", INDICATOR_ANY, "ip:2001:db8::7"},
    {"[2001:db8::7]", INDICATOR_ANY, "ip:2001:db8::7"},
    {"2001:db8::7%eth0", INDICATOR_ANY, "zone_id"},
    {"fe80::1%25eth0", INDICATOR_ADDRESS, "zone_id"},
    {"::ffff:192.0.2.2", INDICATOR_ANY, "ip:192.0.2.2"},
    {"::ffff:c000:202", INDICATOR_ADDRESS, "ip:192.0.2.2"},
    {"2001:db8:::7", INDICATOR_ANY, "bad_address"},
    {"not-an-ip", INDICATOR_ADDRESS, "bad_address"},
    /* bogons, and what is none */
    {"10.1.2.3", INDICATOR_ANY, "bogon"},
    {"127.0.0.1", INDICATOR_ANY, "bogon"},
    {"100.64.0.1", INDICATOR_ANY, "bogon"},
    {"0.0.0.0/32", INDICATOR_ANY, "bogon"},
    {"255.255.255.255", INDICATOR_ANY, "bogon"},
    {"::1", INDICATOR_ANY, "bogon"},
    {"fd00::1", INDICATOR_ANY, "bogon"},
    {"::ffff:10.0.0.1", INDICATOR_ANY, "bogon"},
    {"198.18.0.0/15", INDICATOR_ANY, "bogon"},
    {"192.0.0.0/9", INDICATOR_ANY, "bogon"}, /* holds 192.168.0.0/16 */
    {"203.0.113.1", INDICATOR_ANY, "ip:203.0.113.1"},
    {"192.1.0.0/16", INDICATOR_ANY, "cidr:192.1.0.0/16"},
    /* ranges */
    {"192.0.2.0/25", INDICATOR_ANY, "cidr:192.0.2.0/25"},
    {"198.51.100.77/24", INDICATOR_ANY, "cidr:198.51.100.0/24"},
    {"192.0.2.1/32", INDICATOR_ANY, "ip:192.0.2.1"},
    {"2001:db8::7/128", INDICATOR_ANY, "ip:2001:db8::7"},
    {"2001:DB8::/32", INDICATOR_ADDRESS, "cidr:2001:db8::/32"},
    {"::ffff:192.0.2.0/121", INDICATOR_ANY, "cidr:192.0.2.0/25"},
    {"0.0.0.0/0", INDICATOR_ANY, "too_wide"},
    {"128.0.0.0/7", INDICATOR_ANY, "too_wide"},
    {"8.0.0.0/8", INDICATOR_ANY, "cidr:8.0.0.0/8"},
    {"2000::/18", INDICATOR_ANY, "too_wide"},
    {"192.0.2.0/33", INDICATOR_ANY, "bad_prefix"},
    {"192.0.2.0/", INDICATOR_ADDRESS, "bad_prefix"},
    {"192.0.2.0/-1", INDICATOR_ADDRESS, "bad_prefix"},
    {"192.0.02.0/24", INDICATOR_ADDRESS, "leading_zero"},
    /* ports */
    {"192.0.2.1:443", INDICATOR_ANY, "ip:192.0.2.1 port 443"},
    {"[2001:db8::7]:80", INDICATOR_ADDRESS, "ip:2001:db8::7 port 80"},
    {"192.0.2.1:99999", INDICATOR_ADDRESS, "bad_port"},
    {"192.0.2.1:0", INDICATOR_ANY, "bad_port"},
    {"192.0.2.1:", INDICATOR_ANY, "bad_port"},
    {"c2.invented.example:8080", INDICATOR_ANY, "domain:c2.invented.example port 8080"},
    /* domains */
    {"C2.Invented.EXAMPLE.", INDICATOR_DOMAIN, "domain:c2.invented.example"},
    {"_dmarc.invented.example", INDICATOR_ANY, "domain:_dmarc.invented.example"},
    {"*.invented.example", INDICATOR_ANY, "domain:invented.example"},
    {"b\xC3\xBC"
     "cher.example",
     INDICATOR_ANY, "domain:xn--bcher-kva.example"},
    {"B\xC3\x9C"
     "CHER.example",
     INDICATOR_DOMAIN, "domain:xn--bcher-kva.example"},
    {"fa\xC3\x9F.example", INDICATOR_DOMAIN, "domain:xn--fa-hia.example"},
    {"\xED\x95\x9C\xEA\xB5\xAD.kr", INDICATOR_DOMAIN, "domain:xn--3e0b707e.kr"},
    {"a\xE3\x80\x82invented\xEF\xBC\x8E"
     "example",
     INDICATOR_DOMAIN, "domain:a.invented.example"},
    {"xn--bcher-kva.example", INDICATOR_ANY, "domain:xn--bcher-kva.example"},
    {"co.uk", INDICATOR_DOMAIN, "public_suffix"},
    {"github.io", INDICATOR_ANY, "public_suffix"},
    {"com", INDICATOR_DOMAIN, "single_label"},
    {"localhost", INDICATOR_DOMAIN, "single_label"},
    {"localhost", INDICATOR_ANY, "unknown"},
    {"evil.github.io", INDICATOR_ANY, "domain:evil.github.io"},
    {"setup.exe", INDICATOR_ANY, "unknown_tld"},
    {"setup.exe", INDICATOR_DOMAIN, "domain:setup.exe"},
    {"a..invented.example", INDICATOR_DOMAIN, "bad_domain"},
    {"invented.example..", INDICATOR_DOMAIN, "bad_domain"},
    {"-a.invented.example", INDICATOR_DOMAIN, "bad_domain"},
    {"a b.invented.example", INDICATOR_DOMAIN, "bad_domain"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invented.example",
     INDICATOR_DOMAIN, "bad_domain"},
    {"192.0.2.1", INDICATOR_DOMAIN, "type_mismatch"},
    {"http://invented.example/", INDICATOR_DOMAIN, "type_mismatch"},
    {"not an address", INDICATOR_ANY, "unknown"},
    /* URLs */
    {"HTTP://BAD-Host.EXAMPLE:8080/Payload.bin", INDICATOR_ANY,
     "url:http://bad-host.example:8080/Payload.bin"},
    {"https://invented.example:443", INDICATOR_ANY, "url:https://invented.example/"},
    {"http://invented.example:443/", INDICATOR_ANY, "url:http://invented.example:443/"},
    {"http://invented.example?a=1#top", INDICATOR_ANY, "url:http://invented.example/?a=1"},
    {"http://invented.example/%7euser/%3a%2F?q=%41%5b", INDICATOR_ANY,
     "url:http://invented.example/~user/%3A%2F?q=A%5B"},
    {"http://invented.example/a b\xC3\xA9", INDICATOR_ANY,
     "url:http://invented.example/a%20b%C3%A9"},
    {"https://cdn.invented.example/a,b/%22q%22.exe?x=1&y=2", INDICATOR_URL,
     "url:https://cdn.invented.example/a,b/%22q%22.exe?x=1&y=2"},
    {"http://invented.example/it's", INDICATOR_URL, "url:http://invented.example/it's"},
    {"http://invented.example/100%", INDICATOR_URL, "url:http://invented.example/100%25"},
    {"http://invented.example/%7%33", INDICATOR_URL, "url:http://invented.example/%2573"},
    {"http://[2001:DB8::66]/x.sh", INDICATOR_URL, "url:http://[2001:db8::66]/x.sh"},
    {"http://192.0.2.120:58801/i", INDICATOR_ANY, "url:http://192.0.2.120:58801/i"},
    {"http://user:pw@invented.example/x", INDICATOR_URL, "url:http://invented.example/x"},
    {"http://b\xC3\xBC"
     "cher.example/login",
     INDICATOR_URL, "url:http://xn--bcher-kva.example/login"},
    {"invented.example/gate.php?id=1", INDICATOR_ANY, "url:invented.example/gate.php?id=1"},
    {"192.0.2.1/r?u=http://x/", INDICATOR_ANY, "url:192.0.2.1/r?u=http://x/"},
    {"192.0.2.1/bins", INDICATOR_ANY, "url:192.0.2.1/bins"},
    {"192.0.2.1/bins", INDICATOR_URL, "url:192.0.2.1/bins"},
    {"evil.invented.example:80/x", INDICATOR_ANY, "url:http://evil.invented.example/x"},
    {"evil.invented.example:443/x", INDICATOR_ANY, "url:https://evil.invented.example/x"},
    {"//evil.invented.example/x", INDICATOR_URL, "url:evil.invented.example/x"},
    {"/x.sh", INDICATOR_URL, "no_host"},
    {"http://10.0.0.1/x", INDICATOR_URL, "bogon"},
    {"http://192.0.2.010/x", INDICATOR_URL, "leading_zero"},
    {"http://2130706433/x", INDICATOR_URL, "bad_address"},
    {"http://0x7f.1/x", INDICATOR_URL, "bad_address"},
    {"http://intranet/x", INDICATOR_URL, "single_label"},
    {"http://invented.example:0/x", INDICATOR_URL, "bad_port"},
    {"http:\\\\invented.example\\x", INDICATOR_URL, "single_label"},
    {"http://invented.example\\a\\b?c\\d", INDICATOR_URL, "url:http://invented.example/a/b?c%5Cd"},
    {"http:///x", INDICATOR_URL, "bad_url"},
    {"://invented.example", INDICATOR_URL, "bad_url"},
    {"9x://invented.example", INDICATOR_URL, "bad_url"},
    /* hashes */
    {"ABCDEF0123456789ABCDEF0123456789", INDICATOR_ANY, "md5:abcdef0123456789abcdef0123456789"},
    {"4da14224452c1fe61f46b1112c43ecfd9f322c82", INDICATOR_HASH,
     "sha1:4da14224452c1fe61f46b1112c43ecfd9f322c82"},
    {SHA256, INDICATOR_SHA256, "sha256:" SHA256},
    {SHA256, INDICATOR_MD5, "type_mismatch"},
    {SHA256 SHA256, INDICATOR_ANY, "hash_length"},
    {"abc", INDICATOR_HASH, "hash_length"},
    {"xyz", INDICATOR_HASH, "bad_hash"},
    {ZEROS, INDICATOR_ANY, "zero_hash"},
    {"d41d8cd98f00b204e9800998ecf8427e", INDICATOR_ANY, "empty_file_hash"},
    {"DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", INDICATOR_HASH, "empty_file_hash"},
    {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", INDICATOR_SHA256,
     "empty_file_hash"},
    /* mailboxes */
    {"Some.Body@Invented.EXAMPLE", INDICATOR_ANY, "email:some.body@invented.example"},
    {"MAILTO:a@invented.example", INDICATOR_EMAIL, "email:a@invented.example"},
    {"bounce=1@invented.example", INDICATOR_ANY, "unsupported_mailbox"},
    {"o'neil@invented.example", INDICATOR_EMAIL, "unsupported_mailbox"},
    {"mailto:a@invented.example", INDICATOR_EMAIL, "email:a@invented.example"},
    {"a@b@invented.example", INDICATOR_EMAIL, "bad_email"},
    {"@invented.example", INDICATOR_EMAIL, "bad_email"},
    {"a@localhost", INDICATOR_EMAIL, "bad_email"},
    {"a b@invented.example", INDICATOR_EMAIL, "bad_email"},
    /* what was defanged */
    {"hxxp://evil[.]invented[.]example/a", INDICATOR_ANY, "url:http://evil.invented.example/a"},
    {"hXXps[:]//evil.invented.example", INDICATOR_ANY, "url:https://evil.invented.example/"},
    {"h**p://evil(.)invented{.}example/x[.]php?q=a[.]b", INDICATOR_ANY,
     "url:http://evil.invented.example/x.php?q=a[.]b"},
    {"http://evil.invented.example/x[.]php", INDICATOR_ANY,
     "url:http://evil.invented.example/x[.]php"},
    {"192[.]0[.]2[.]1", INDICATOR_ANY, "ip:192.0.2.1"},
    {"evil[dot]invented[DOT]example", INDICATOR_ANY, "domain:evil.invented.example"},
    {"evil[.invented.]example", INDICATOR_ANY, "domain:evil.invented.example"},
    {"a[at]invented[.]example", INDICATOR_ANY, "email:a@invented.example"},
    {"a[@]invented.example", INDICATOR_ANY, "email:a@invented.example"},
    {"192[.]0[.]2[.]1[:]443", INDICATOR_ANY, "ip:192.0.2.1 port 443"},
    /* the rest */
    {"", INDICATOR_ANY, "empty"},
    {" \t", INDICATOR_ANY, "empty"},
    {"evil\x01.example", INDICATOR_ANY, "control_character"},
    {"caf\xE9.example", INDICATOR_ANY, "not_utf8"},
    {"x.exe", INDICATOR_UNSUPPORTED, "unsupported_type"},
};

static void an_indicator_has_one_form_or_a_reason(void **state)
{
    const struct indicator_rules rules = {.refang = true};
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct indicator found;
        enum indicator_reason reason =
            indicator_read(text_of(cases[i].raw), cases[i].kind, &rules, arena, &found);
        AUTO_BUF got = {0};

        if (reason == INDICATOR_GOOD) {
            buf_addf(&got, "%s:%.*s", ioc_types[found.type], TEXT_ARG(found.value));
            if (found.port)
                buf_addf(&got, " port %d", found.port);
        } else {
            buf_add_string(&got, indicator_reason_code(reason));
        }
        unit_text(cases[i].raw, buf_text(&got), cases[i].want);
    }
}

static void every_reason_has_a_code_and_a_sentence(void **state)
{
    (void)state;
    for (int i = 0; i < INDICATOR_REASONS; i++) {
        assert_non_null(indicator_reason_code((enum indicator_reason)i));
        assert_non_null(indicator_reason_text((enum indicator_reason)i));
    }
}

static void a_canonical_value_is_its_own_form(void **state)
{
    const struct indicator_rules rules = {0};
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct indicator once, twice;

        if (indicator_read(text_of(cases[i].raw), cases[i].kind, &rules, arena, &once) !=
            INDICATOR_GOOD)
            continue;
        const enum indicator_kind kind = once.type == IOC_URL      ? INDICATOR_URL
                                         : once.type == IOC_DOMAIN ? INDICATOR_DOMAIN
                                                                   : INDICATOR_ANY;

        if (indicator_read(once.value, kind, &rules, arena, &twice) != INDICATOR_GOOD ||
            !text_equal(once.value, twice.value))
            fail_msg("%s: its form '%.*s' has another", cases[i].raw, TEXT_ARG(once.value));
    }
}

static void what_is_asked_for_need_not_be_fit_for_a_list(void **state)
{
    static const char *const asked[] = {"10.0.0.1", "co.uk", "0.0.0.0/0", "http://intranet/"};
    const struct indicator_rules looking_up = {.looking_up = true}, own = {.allow_bogons = true};
    AUTO(arena) arena = arena_new(4096);
    struct indicator found;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(asked); i++)
        assert_int_equal(
            indicator_read(text_of(asked[i]), INDICATOR_ANY, &looking_up, arena, &found),
            INDICATOR_GOOD);
    assert_int_equal(indicator_read(TEXT("10.0.0.1"), INDICATOR_ANY, &own, arena, &found),
                     INDICATOR_GOOD);
    assert_int_equal(indicator_read(TEXT("co.uk"), INDICATOR_ANY, &own, arena, &found),
                     INDICATOR_PUBLIC_SUFFIX);
}

static void a_url_may_be_listed_in_its_forms(void **state)
{
    static const struct {
        const char *url;
        const char *want[INDICATOR_URL_FORMS];
    } forms[] = {
        {"http://e.example/a?b=1",
         {"http://e.example/a?b=1", "http://e.example/a", "e.example/a?b=1", "e.example/a"}},
        {"http://e.example/", {"http://e.example/", "e.example/"}},
        {"e.example/?x=http://f.example/", {"e.example/?x=http://f.example/", "e.example/"}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct text got[INDICATOR_URL_FORMS];
        size_t count = indicator_url_forms(text_of(forms[i].url), got);

        for (size_t k = 0; k < count; k++)
            unit_text(forms[i].url, got[k], forms[i].want[k]);
        assert_true(count == INDICATOR_URL_FORMS || !forms[i].want[count]);
    }
}

static void a_span_is_the_fewest_ranges(void **state)
{
    static const struct {
        const char *raw, *want;
    } spans[] = {
        {"192.0.2.0-192.0.2.255", "192.0.2.0/24 "},
        {"192.0.2.1 - 192.0.2.6", "192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 192.0.2.6/32 "},
        {"255.255.255.254-255.255.255.255", "255.255.255.254/31 "},
        {"192.0.2.6-192.0.2.1", ""},
        {"192.0.2.6-2001:db8::1", ""},
        {"a-b", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        struct address first, last;
        struct cidr cidr;
        AUTO_BUF got = {0};
        bool more = indicator_span(text_of(spans[i].raw), &first, &last);

        while (more) {
            more = indicator_span_next(&first, &last, &cidr);
            address_write(&cidr.first, &got);
            buf_addf(&got, "/%d ", cidr.prefix - 96);
        }
        unit_text(spans[i].raw, buf_text(&got), spans[i].want);
    }
}

UNIT_MAIN(cmocka_unit_test(an_indicator_has_one_form_or_a_reason),
          cmocka_unit_test(every_reason_has_a_code_and_a_sentence),
          cmocka_unit_test(a_canonical_value_is_its_own_form),
          cmocka_unit_test(what_is_asked_for_need_not_be_fit_for_a_list),
          cmocka_unit_test(a_url_may_be_listed_in_its_forms),
          cmocka_unit_test(a_span_is_the_fewest_ranges))

#include "unit.h"

#include "base/buf.h"
#include "iocfeed/stix_pattern.h"

#define SHA "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
#define MD5 "9dd4e461268c8034f5c8564e155c67a6"

static const struct {
    const char *pattern, *want; /* atoms, or the reason's code */
} cases[] = {
    {"[ipv4-addr:value = '192.0.2.1']", "192.0.2.1 "},
    {"[ipv4-addr:value == '192.0.2.1']", "192.0.2.1 "},
    {"[ipv4-addr:value = '192.0.2.0/25']", "192.0.2.0/25 "},
    {"[ipv4-addr:value ISSUBSET '192.0.2.0/24']", "192.0.2.0/24 "},
    {"[ipv4-addr:value IN ('192.0.2.1','192.0.2.2')]", "192.0.2.1 192.0.2.2 "},
    {"[ipv6-addr:value='2001:DB8::7']", "2001:DB8::7 "},
    {"[url:value = 'http://invented.example/it\\'s\\\\x']", "http://invented.example/it's\\x "},
    {"[file:hashes.'SHA-256' = '" SHA "']", SHA " "},
    {"[file:hashes.SHA-256 = '" SHA "']", SHA " "}, /* as 2.0 has it */
    {"[file:hashes.sha256 = '" SHA "']", SHA " "},
    {"[file:hashes.\"SHA-256\" = '" SHA "']", SHA " "}, /* as some producers write it */
    {"[file:hashes.MD5 = \"" MD5 "\"]", "pattern_syntax"},
    {"[file:hashes.\"MD5 = '" MD5 "']", "pattern_syntax"},
    {"[file:hashes.MD5 = '" MD5 "']", MD5 " "},
    {"[x509-certificate:hashes.'MD5' = '" MD5 "']", MD5 " "},
    {"[email-message:from_ref.value = 'a@invented.example']", "a@invented.example "},
    /* OR: each is enough */
    {"[ipv4-addr:value = '192.0.2.1' OR domain-name:value = 'a.example']", "192.0.2.1 a.example "},
    {"[ipv4-addr:value = '192.0.2.1'] OR [domain-name:value = 'a.example']",
     "192.0.2.1 a.example "},
    {"([ipv4-addr:value = '192.0.2.1'])", "192.0.2.1 "},
    {"[(ipv4-addr:value = '192.0.2.1' OR (url:value = 'http://a.example/'))]",
     "192.0.2.1 http://a.example/ "},
    {"[file:name = 'x' OR ipv4-addr:value = '192.0.2.1']", "192.0.2.1 partly "},
    /* AND binds tighter, and is never two indicators */
    {"[file:name = 'x.ps1' AND file:hashes.'SHA-256' = '" SHA "']", "pattern_composite"},
    {"[domain-name:value = 'a.example' AND ipv4-addr:value = '192.0.2.1']", "pattern_composite"},
    {"[ipv4-addr:value = '192.0.2.1' OR file:name = 'x' AND url:value = 'http://a.example/']",
     "192.0.2.1 partly "},
    {"[ipv4-addr:value = '192.0.2.1'] AND [domain-name:value = 'a.example']", "pattern_composite"},
    {"[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [domain-name:value = 'a.example']",
     "pattern_composite"},
    {"[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]",
     "192.0.2.1:443 "},
    {"[network-traffic:dst_port = 443 AND ipv4-addr:value = '192.0.2.1']", "192.0.2.1:443 "},
    {"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1' "
     "AND network-traffic:dst_port = 443]",
     "192.0.2.1:443 "},
    {"[network-traffic:dst_ref.type = 'ipv4-addr']", "pattern_property"},
    {"[domain-name:value = 'x.invented.example' AND network-traffic:dst_ref.type = 'ipv4-addr']",
     "pattern_composite"},
    {"[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1']",
     "pattern_composite"},
    /* what is no one value */
    {"[ipv4-addr:value != '192.0.2.1']", "pattern_operator"},
    {"[NOT ipv4-addr:value = '192.0.2.1']", "pattern_syntax"},
    {"[ipv4-addr:value NOT = '192.0.2.1']", "pattern_operator"},
    {"[ipv4-addr:value NOT IN ('192.0.2.1')]", "pattern_operator"},
    {"[ipv4-addr:value NOT ISSUBSET '192.0.2.0/24']", "pattern_operator"},
    {"[ipv4-addr:value ISSUPERSET '192.0.2.0/24']", "pattern_operator"},
    {"[domain-name:value LIKE '%.example']", "pattern_operator"},
    {"[domain-name:value MATCHES '.*']", "pattern_operator"},
    {"[domain-name:value ISSUBSET 'a.example']", "pattern_operator"},
    {"[EXISTS file:name]", "pattern_operator"},
    {"[file:size > 5]", "pattern_operator"},
    {"[ipv4-addr:value > '192.0.2.1']", "pattern_operator"},
    {"[file:hashes.'SHA-512' = 'x']", "pattern_property"},
    {"[file:name = 'x']", "pattern_property"},
    {"[file:hashes.ssdeep = '3::']", "pattern_property"},
    /* qualifiers */
    {"[ipv4-addr:value = '192.0.2.1'] WITHIN 5 SECONDS", "192.0.2.1 "},
    {"[ipv4-addr:value = '192.0.2.1'] REPEATS 1 TIMES", "192.0.2.1 "},
    {"[ipv4-addr:value = '192.0.2.1'] REPEATS 5 TIMES", "pattern_qualifier"},
    {"[ipv4-addr:value = '192.0.2.1'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'",
     "pattern_qualifier"},
    {"[ipv4-addr:value = '192.0.2.1'] START t'2021-01-01T00:00:00Z' STOP t'2020-01-01T00:00:00Z'",
     "pattern_syntax"},
    {"[ipv4-addr:value = '192.0.2.1'] WITHIN 5 SECONDS WITHIN 6 SECONDS", "pattern_syntax"},
    {"([ipv4-addr:value = '192.0.2.1']) WITHIN 5 SECONDS WITHIN 6 SECONDS", "192.0.2.1 "},
    {"[ipv4-addr:value = '192.0.2.1'] REPEATS 0 TIMES", "pattern_syntax"},
    {"[ipv4-addr:value = '192.0.2.1'] WITHIN -5 SECONDS", "pattern_syntax"},
    {"[ipv4-addr:value = '192.0.2.1'] WITHIN 5 HOURS", "pattern_syntax"},
    {"[ipv4-addr:value = '192.0.2.1'] within 5 SECONDS", "pattern_syntax"},
    /* what is no pattern */
    {"", "pattern_syntax"},
    {"[]", "pattern_syntax"},
    {"[ipv4-addr:value = ]", "pattern_syntax"},
    {"ipv4-addr:value = '192.0.2.1'", "pattern_syntax"},
    {"[ipv4-addr.value = '192.0.2.1']", "pattern_syntax"},
    {"[ipv4-addr:value = '192.0.2.1'", "pattern_syntax"},
    {"[ipv4-addr:value = '192.0.2.1]", "pattern_syntax"},
    {"[ipv4-addr:value = '192.0.2.1\\x']", "pattern_syntax"},
    {"[ipv4-addr:value = '192.0.2.1']]", "pattern_syntax"},
    {"[ipv4-addr:value = 192.0.2.1]", "pattern_syntax"},
    {"[ipv4-addr:value = '192.0.2.1' AND]", "pattern_syntax"},
    {"[ipv4-addr:value IN '192.0.2.1']", "pattern_syntax"},
    {"[ipv4-addr:value IN ('192.0.2.1',)]", "pattern_syntax"},
    {"[file:hashes.'SHA-256' = 'f00']", "pattern_syntax"},
    {"[x:y = t'2457-73-22T32:81:84.1Z']", "pattern_syntax"},
    {"[x:y = t'2024-02-29T01:02:03.1Z']", "pattern_property"},
    {"[x:y = t'2024-02-30T12:00:00Z']", "pattern_property"},
    {"[x:y = t'2024-02-30T12:00:61Z']", "pattern_syntax"},
    {"[x:y = t'2024-02-20T12:00:00.Z']", "pattern_syntax"},
    {"[x:y = t'2024-02-20T12:00:00']", "pattern_syntax"},
    {"[x:y = b'====']", "pattern_syntax"},
    {"[x:y = b'dGVzdA==']", "pattern_property"},
    {"[x:y = h'0f']", "pattern_property"},
    {"[x:y = h'0']", "pattern_syntax"},
    {"[x:y[0].z = -5 OR x:y[*].'a b' = 1.5 OR x:y IN ()]", "pattern_property"},
    {"[x:y = 05]", "pattern_syntax"},
    {"[x:y > true]", "pattern_syntax"},
};

static void only_what_stands_alone_is_taken(void **state)
{
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct stix_atoms atoms;
        AUTO_BUF got = {0};
        bool good = stix_pattern_read(text_of(cases[i].pattern), arena, &atoms);

        for (size_t k = 0; k < atoms.count; k++) {
            buf_add(&got, atoms.items[k].value);
            if (atoms.items[k].port.size)
                buf_addf(&got, ":%.*s", TEXT_ARG(atoms.items[k].port));
            buf_add_byte(&got, ' ');
        }
        if (atoms.count && atoms.partly)
            buf_add_string(&got, "partly ");
        if (atoms.count == 0)
            buf_add_string(&got, stix_pattern_code(atoms.reason));
        unit_text(cases[i].pattern, buf_text(&got), cases[i].want);
        assert_int_equal(good, strcmp(cases[i].want, "pattern_syntax") != 0);
    }
}

static void depth_is_bounded(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF deep = {0};
    struct stix_atoms atoms;

    (void)state;
    for (int i = 0; i < 100000; i++)
        buf_add_byte(&deep, '(');
    assert_false(stix_pattern_read(buf_text(&deep), arena, &atoms));
}

UNIT_MAIN(cmocka_unit_test(only_what_stands_alone_is_taken), cmocka_unit_test(depth_is_bounded))

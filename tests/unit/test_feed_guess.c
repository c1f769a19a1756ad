/* Files of which nobody says what they are, in the shapes that vendors and programs give them. */
#include "feed_harvest.h"

#define SHA256 "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
#define MD5 "9dd4e461268c8034f5c8564e155c67a6"

struct guess_case {
    const char *name, *body, *want;
};

static void check(const struct guess_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct text body = text_of(cases[i].body);
        const struct profile profile = {.name = "test", .format = feed_guess(body)->name};
        struct feed_result result = {.brief = true};

        feed_read(&profile, body, &result);
        unit_text(cases[i].name, buf_text(&result.lines), cases[i].want);
        buf_done(&result.lines);
    }
}

static void lists_of_other_programs_are_read(void **state)
{
    static const struct guess_case cases[] = {
        {"an ad blocker's",
         "[Adblock Plus]\n! Title: x\n||a.invented.example^\n||b.invented.example^$all\n"
         "@@||c.invented.example^\n",
         "domain:a.invented.example\ndomain:b.invented.example\n"},
        {"a response policy zone",
         "$TTL 30\n@ SOA a. b. 1 2 3 4 5\n NS localhost.\n;\na.invented.example CNAME . ; why\n"
         "*.b.invented.example IN CNAME .\n",
         "domain:a.invented.example\ndomain:b.invented.example\n"},
        {"dnsmasq's", "address=/a.invented.example/0.0.0.0\nserver=/b.invented.example/\n",
         "domain:a.invented.example\ndomain:b.invented.example\n"},
        {"Unbound's", "server:\nlocal-zone: \"a.invented.example\" always_nxdomain\n",
         "domain:a.invented.example\n"},
        {"BIND's", "zone \"a.invented.example\" { type master; file \"x\"; };\n",
         "domain:a.invented.example\n"},
        {"DShield's: first, last and prefix", "192.0.2.0\t192.0.2.255\t24\t3456\tx\n",
         "cidr:192.0.2.0/24\n"},
        {"a peer-to-peer program's", "Some One:192.0.2.0-192.0.2.7\n2001:db8::1\n",
         "cidr:192.0.2.0/29\nip:2001:db8::1\n"},
        {"from a page or a program",
         "- 192.0.2[.]1\n* 192.0.2.2\n'192.0.2.3',\n<http://a.invented.example/>\n192.0.2.4;\n",
         "ip:192.0.2.1\nip:192.0.2.2\nip:192.0.2.3\nurl:http://a.invented.example/\n"
         "ip:192.0.2.4\n"},
        {"a contact is none",
         "Start\tEnd\tNetmask\tName\temail\n192.0.2.0\t192.0.2.255\t24\tx\ta@invented.example\n",
         "?unknown Start\ncidr:192.0.2.0/24\n"},
    };

    (void)state;
    check(cases, COUNT_OF(cases));
}

static void tables_are_known_by_their_headers(void **state)
{
    static const struct guess_case cases[] = {
        {"blanks in names", "Indicator type,Indicator,Description\nIPv4,192.0.2.1,x y\n",
         "ip:192.0.2.1\n"},
        {"Excel's first line", "sep=;\r\nIndicator;Type\r\n192.0.2.1;ip\r\n", "ip:192.0.2.1\n"},
        {"semicolons", "type;value\nip;192.0.2.1\n", "ip:192.0.2.1\n"},
        {"tabs", "md5\tsha1\tsha256\n" MD5 "\t-\t" SHA256 "\n", "sha256:" SHA256 "\n"},
        {"Defender's",
         "IndicatorType,IndicatorValue,ExpirationTime,Category\n"
         "FileSha256," SHA256 ",2030-01-01T00:00:00.0Z,1\n"
         "IpAddress,192.0.2.1,2020-01-01T00:00:00.0Z,1\n",
         "sha256:" SHA256 "\n?expired 192.0.2.1\n-ip:192.0.2.1\n"},
        {"names with dots that look like domains",
         "source.ip,source.fqdn\n192.0.2.1,\n,a.invented.example\n",
         "ip:192.0.2.1\ndomain:a.invented.example\n"},
        {"a value called by a name", "\"Name\",\"Risk\"\n\"192.0.2.1\",\"99\"\n", "ip:192.0.2.1\n"},
        {"an empty value beside a contact", "ip,email\n,a@invented.example\n192.0.2.1,x\n",
         "?empty \nip:192.0.2.1\n"},
    };

    (void)state;
    check(cases, COUNT_OF(cases));
}

static void objects_are_found_wherever_they_are(void **state)
{
    static const struct guess_case cases[] = {
        {"a list by another name", "{\"count\":1,\"blacklist\":[\"192.0.2.1\"]}", "ip:192.0.2.1\n"},
        {"resources beside errors",
         "{\"meta\":{},\"errors\":[],\"resources\":[{\"indicator\":\"a.invented.example\","
         "\"type\":\"domain\"}]}",
         "domain:a.invented.example\n"},
        {"values as names", "{\"192.0.2.1\":{\"score\":5},\"192.0.2.2\":\"c2\"}",
         "ip:192.0.2.1\nip:192.0.2.2\n"},
        {"a truth value is none", "[{\"dataType\":\"ip\",\"data\":\"192.0.2.1\",\"ioc\":true}]",
         "ip:192.0.2.1\n"},
        {"what is said to be benign",
         "{\"data\":[{\"ip\":\"192.0.2.1\",\"classification\":\"malicious\"},"
         "{\"ip\":\"192.0.2.2\",\"classification\":\"benign\"}]}",
         "ip:192.0.2.1\n?benign 192.0.2.2\n-ip:192.0.2.2\n"},
        {"a contact is none", "[{\"ip\":null,\"email\":\"a@invented.example\"},\"192.0.2.1\"]",
         "?no_value \nip:192.0.2.1\n"},
        {"an indicator of STIX alone",
         "{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern\":\"[ipv4-addr:value = "
         "'192.0.2.1']\"}",
         "ip:192.0.2.1\n"},
        {"OTX's export of indicators",
         "{\"results\":[{\"indicator\":\"192.0.2.1\",\"type\":\"IPv4\",\"pulse_key\":\"x\"}]}",
         "ip:192.0.2.1\n"},
        {"XML", "<?xml version=\"1.0\"?><stix:STIX_Package/>",
         "error: it is XML; feeds are read as JSON, CSV or text: STIX 1 and OpenIOC are to be "
         "converted first\n"},
    };

    (void)state;
    check(cases, COUNT_OF(cases));
}

static void words_say_how_sure_a_feed_is(void **state)
{
    static const struct feed_case cases[] = {
        {"STIX' scale",
         {.format = "csv"},
         "ip,confidence\n192.0.2.1,High\n192.0.2.2,medium\n192.0.2.3,low\n192.0.2.4,sure\n",
         "ip:192.0.2.1 unknown 0.85\nip:192.0.2.2 unknown 0.5\nip:192.0.2.3 unknown 0.15\n"
         "ip:192.0.2.4 unknown 0.5\n"},
        {"a fraction, of a hundred, and a percentage",
         {.format = "csv"},
         "ip,confidence\n192.0.2.1,0.5\n192.0.2.2,50\n192.0.2.3,1%\n",
         "ip:192.0.2.1 unknown 0.5\nip:192.0.2.2 unknown 0.5\nip:192.0.2.3 unknown 0.01\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), false);
}

UNIT_MAIN(cmocka_unit_test(lists_of_other_programs_are_read),
          cmocka_unit_test(tables_are_known_by_their_headers),
          cmocka_unit_test(objects_are_found_wherever_they_are),
          cmocka_unit_test(words_say_how_sure_a_feed_is))

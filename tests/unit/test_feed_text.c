/* The formats of lines and columns, and what is wrong with a feed as a whole. */
#include "feed_harvest.h"

#define TXT             \
    {                   \
        .format = "txt" \
    }
#define CSV             \
    {                   \
        .format = "csv" \
    }

static void lists_are_a_value_a_line(void **state)
{
    static const struct feed_case cases[] = {
        {"one of each", TXT,
         "192.0.2.1\nevil.invented.example\r\n\nhttp://invented.example/a\n"
         "ABCDEF0123456789ABCDEF0123456789\na@invented.example\n2001:db8::/32\n",
         "ip:192.0.2.1\ndomain:evil.invented.example\nurl:http://invented.example/a\n"
         "md5:abcdef0123456789abcdef0123456789\nemail:a@invented.example\ncidr:2001:db8::/32\n"},
        {"comments", TXT,
         "# head\n; head\n// head\n192.0.2.1 # why\n192.0.2.2 ; SBL1\n192.0.2.3\t\t# 2026\t\t5\t7\n"
         "192.0.2.4#x\nhttp://invented.example/a#b\nhttp://invented.example/c # d\n",
         "ip:192.0.2.1\nip:192.0.2.2\nip:192.0.2.3\nip:192.0.2.4\n"
         "url:http://invented.example/a\nurl:http://invented.example/c\n"},
        {"own comment sign",
         {.format = "txt", .comment = "!"},
         "! head\n192.0.2.1 ! why\n# no\n192.0.2.2\n",
         "ip:192.0.2.1\n?unknown # no\nip:192.0.2.2\n"},
        {"columns", TXT, "192.0.2.1\t22\n192.0.2.2 2026-01-01 5\nevil.invented.example\tx\n",
         "ip:192.0.2.1\nip:192.0.2.2\ndomain:evil.invented.example\n"},
        {"hosts file", TXT,
         "127.0.0.1 localhost\n127.0.0.1\tevil.invented.example\n0.0.0.0 b.invented.example # x\n",
         "domain:evil.invented.example\ndomain:b.invented.example\n"},
        {"spans", TXT, "192.0.2.0-192.0.2.127\n192.0.2.130 - 192.0.2.131\n",
         "cidr:192.0.2.0/25\ncidr:192.0.2.130/31\n"},
        {"byte order mark", TXT,
         "\xEF\xBB\xBF"
         "192.0.2.1\n",
         "ip:192.0.2.1\n"},
        {"bad lines", TXT,
         "192.0.2.1\n192.0.2.2\nnot an address\ncaf\xE9.example\n192.0.2.010\n"
         "192.0.2.3\n192.0.2.4\n",
         "ip:192.0.2.1\nip:192.0.2.2\n?unknown not an address\n?not_utf8 caf\xE9.example\n"
         "?leading_zero 192.0.2.010\nip:192.0.2.3\nip:192.0.2.4\n"},
        {"type",
         {.format = "txt", .type = "domain"},
         "setup.exe\n192.0.2.1\na.invented.example\n",
         "domain:setup.exe\n?type_mismatch 192.0.2.1\ndomain:a.invented.example\n"},
        {"what is not looked for",
         {.format = "txt", .type = "filename"},
         "x.exe\n",
         "?unsupported_type x.exe\n"},
        {"FireHOL",
         {.format = "firehol"},
         "#\n# ipv4 hash:net ipset\n#\n# Entries         : 4 subnets, 9 unique IPs\n#\n"
         "192.0.2.0/25\n198.51.100.7\n10.0.0.0/8\n0.0.0.0/8\n",
         "cidr:192.0.2.0/25\nip:198.51.100.7\n?bogon 10.0.0.0/8\n-cidr:10.0.0.0/8\n?bogon "
         "0.0.0.0/8\n-cidr:0.0.0.0/8\n"},
        {"Tor",
         {.format = "tor_exits"},
         "ExitNode 0011BD2485AD45D984EC4159C88FC066E5E3300E\nPublished 2026-01-01 00:00:00\n"
         "LastStatus 2026-01-01 01:00:00\nExitAddress 192.0.2.1 2026-01-01 01:02:03\n"
         "ExitAddress 192.0.2.2 2026-01-01 01:02:03\n",
         "ip:192.0.2.1\nip:192.0.2.2\n"},
        {"Tor, plain",
         {.format = "tor_exits"},
         "198.51.100.5\nnot an address\n2001:db8::5\n",
         "ip:198.51.100.5\n?bad_address not an address\nip:2001:db8::5\n"},
        {"Spamhaus",
         {.format = "spamhaus_drop_txt"},
         "; Spamhaus DROP List\n; Last-Modified: x\n192.0.2.0/24 ; SBL256893\n",
         "cidr:192.0.2.0/24\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), true);
}

static void lists_keep_what_they_say(void **state)
{
    static const struct feed_case cases[] = {
        {"a plain list's confidence", TXT, "192.0.2.1\n", "ip:192.0.2.1 unknown 0.7\n"},
        {"the settings' words",
         {.format = "txt", .threat_type = "Botnet_CC", .confidence = 0.9},
         "192.0.2.1:8080 # why\n",
         "ip:192.0.2.1 c2 0.9 port=8080 \"why\"\n"},
        {"Tor",
         {.format = "tor_exits"},
         "ExitAddress 192.0.2.1 2026-01-01 01:02:03\n",
         "ip:192.0.2.1 anonymizer 0.3 last=2026-01-01T01:02:03.000Z\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), false);
}

static void columns_are_found_by_their_names(void **state)
{
    static const char *part[] = {"value", "threat_type"};
    static const char *position[] = {"2", "1"};
    static const char *name[] = {"Bad Thing", "Why"};
    static const struct feed_case cases[] = {
        {"the usual order", CSV,
         "192.0.2.1,ip,malware,0.9,words\nevil.invented.example,unknown,c2\n",
         "ip:192.0.2.1 malware 0.9 \"words\"\ndomain:evil.invented.example c2 0.5\n"},
        {"its header", CSV,
         "value,type,threat_type,confidence,description\nevil.invented.example,domain,c2,80,\n",
         "domain:evil.invented.example c2 0.8\n"},
        {"other order", CSV, "Tags,Indicator,Last_Seen\n\"a,b\",192.0.2.1,2026-01-01\n",
         "ip:192.0.2.1 unknown 0.5 tags=a,b last=2026-01-01T00:00:00.000Z\n"},
        {"withdrawn", CSV, "value,is_active\n192.0.2.1,false\n192.0.2.2,true\n",
         "-ip:192.0.2.1 unknown 0.5\nip:192.0.2.2 unknown 0.5\n"},
        {"positions",
         {.format = "csv", .separator = "|", .fields = {part, position, 2}},
         "c2|192.0.2.1\n",
         "ip:192.0.2.1 c2 0.5\n"},
        {"own names",
         {.format = "csv", .separator = ";", .fields = {part, name, 2}},
         "id;Bad Thing;Why\n1;192.0.2.1;c2\n",
         "ip:192.0.2.1 c2 0.5\n"},
        {"tabs",
         {.format = "csv", .separator = "tab"},
         "value\ttype\n192.0.2.1\tip\n",
         "ip:192.0.2.1 unknown 0.5\n"},
        {"a type that nobody knows", CSV, "value,type\nx,yara\n", "?unsupported_type x\n"},
        {"expired", CSV, "value,valid_until\n192.0.2.1,2020-01-01\n192.0.2.2,2030-01-01\n",
         "?expired 192.0.2.1\n-ip:192.0.2.1 unknown 0.5 until=2020-01-01T00:00:00.000Z\n"
         "ip:192.0.2.2 unknown 0.5 until=2030-01-01T00:00:00.000Z\n"},
        {"bad port", CSV, "ip,port\n192.0.2.1,99999\n192.0.2.2,443\n",
         "?bad_port 192.0.2.1\nip:192.0.2.2 unknown 0.5 port=443\n"},
        {"a clock ahead", CSV, "value,last_seen\n192.0.2.1,2030-01-01\n",
         "ip:192.0.2.1 unknown 0.5 last=2026-09-21T14:13:20.000Z\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), false);
}

static void quotes_are_read_as_feeds_write_them(void **state)
{
    static const struct feed_case cases[] = {
        {"blanks around", CSV, "value, type\n \"192.0.2.1\" , \"ip\"\n", "ip:192.0.2.1\n"},
        {"doubled", CSV, "url,tags\n\"http://invented.example/\"\"a\",\"x\"\"y\"\n",
         "url:http://invented.example/%22a\n"},
        {"over lines", CSV, "value,description\n192.0.2.1,\"a\nb\"\n192.0.2.2,c\n",
         "ip:192.0.2.1\nip:192.0.2.2\n"},
        {"never closed", CSV,
         "value,description\n192.0.2.1,\"a\n192.0.2.2,b\n\"192.0.2.3\",\"c\"\n192.0.2.4,d\n",
         "?bad_row 192.0.2.1,\"a\nip:192.0.2.2\nip:192.0.2.3\nip:192.0.2.4\n"},
        {"behind the quote", CSV, "value,type\n\"192.0.2.1\"x,ip\n192.0.2.2,ip\n",
         "?bad_row \"192.0.2.1\"x,ip\nip:192.0.2.2\n"},
        {"short", CSV, "type,value\nip\nip,192.0.2.2\n", "?short_row ip\nip:192.0.2.2\n"},
        {"empty value", CSV, "value,type\n,ip\n192.0.2.2,ip\n", "?empty \nip:192.0.2.2\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), true);
}

#define BOX "################\n# Last updated: 2026-02-26 12:05:20 (UTC)  #\n################\n#\n"
static void providers_are_known_by_name(void **state)
{
    static const struct feed_case cases[] = {
        {"URLhaus",
         {.format = "urlhaus"},
         BOX
         "# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\n"
         "\"37\",\"2026-02-26 12:05:20\",\"http://192.0.2.120:58801/i\",\"online\",\"2026-02-26 "
         "12:06:00\",\"malware_download\",\"32-bit,elf\",\"https://urlhaus.abuse.ch/url/37/"
         "\",\"r\"\n",
         "url:http://192.0.2.120:58801/i malware 0.8 tags=32-bit,elf "
         "first=2026-02-26T12:05:20.000Z last=2026-02-26T12:06:00.000Z\n"},
        {"ThreatFox",
         {.format = "threatfox"},
         "# "
         "\"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"threat_type\",\"fk_malware\","
         "\"malware_alias\",\"malware_printable\",\"last_seen_utc\",\"confidence_level\","
         "\"is_compromised\",\"reference\",\"tags\",\"anonymous\",\"reporter\"\n"
         "\"2026-09-01 10:00:00\", \"1\", \"203.0.113.10:443\", \"ip:port\", \"botnet_cc\", "
         "\"win.invented\", \"None\", \"InventedBot\", \"\", \"75\", \"False\", \"None\", \"c2\", "
         "\"0\", \"tester\"\n"
         "\"2026-09-02 10:00:00\", \"2\", \"[2001:db8::7]:80\", \"ip:port\", \"payload_delivery\", "
         "\"unknown\", \"None\", \"Unknown malware\", \"\", \"50\", \"False\", \"None\", \"None\", "
         "\"1\", \"anonymous\"\n"
         "# Number of entries: 2\n",
         "ip:203.0.113.10 c2 0.75 port=443 tags=c2 first=2026-09-01T10:00:00.000Z \"InventedBot\"\n"
         "ip:2001:db8::7 malware 0.5 port=80 first=2026-09-02T10:00:00.000Z \"Unknown malware\"\n"},
        {"ThreatFox as JSON",
         {.format = "threatfox"},
         "{\"4\":[{\"ioc_value\":\"c2.invented.example\",\"ioc_type\":\"domain\",\"threat_type\":"
         "\"botnet_cc\",\"malware\":\"win.x\",\"malware_printable\":\"X\",\"first_seen_utc\":"
         "\"2026-09-04 "
         "10:00:00\",\"last_seen_utc\":null,\"confidence_level\":100,\"tags\":\"a,b\"}]}",
         "domain:c2.invented.example c2 1 tags=a,b first=2026-09-04T10:00:00.000Z \"X\"\n"},
        {"MalwareBazaar",
         {.format = "malwarebazaar"},
         "# \"first_seen_utc\",\"sha256_hash\",\"md5_hash\",\"sha1_hash\",\"reporter\"\n"
         "\"2026-01-01 00:00:00\", "
         "\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\", "
         "\"9dd4e461268c8034f5c8564e155c67a6\", \"n/a\", \"x\", \"f.exe\"\n",
         "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 malware 0.9 "
         "first=2026-01-01T00:00:00.000Z\n"
         "md5:9dd4e461268c8034f5c8564e155c67a6 malware 0.9 first=2026-01-01T00:00:00.000Z\n"},
        {"Feodo",
         {.format = "feodo"},
         BOX
         "\"first_seen_utc\",\"dst_ip\",\"dst_port\",\"c2_status\",\"last_online\",\"malware\"\n"
         "\"2025-12-30 13:56:31\",\"192.0.2.211\",\"443\",\"online\",\"2026-03-12\",\"QakBot\"\n"
         "# END 1 entries\n",
         "ip:192.0.2.211 c2 0.9 port=443 first=2025-12-30T13:56:31.000Z "
         "last=2026-03-12T00:00:00.000Z \"QakBot\"\n"},
        {"SSLBL",
         {.format = "sslbl"},
         "# Listingdate,SHA1,Listingreason\n"
         "2024-09-02 06:17:52,4da14224452c1fe61f46b1112c43ecfd9f322c82,Rhadamanthys C&C, old\n",
         "sha1:4da14224452c1fe61f46b1112c43ecfd9f322c82 c2 0.8 first=2024-09-02T06:17:52.000Z "
         "\"Rhadamanthys C&C, old\"\n"},
        {"Spamhaus",
         {.format = "spamhaus_drop"},
         "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL256894\",\"rir\":\"apnic\"}\n"
         "{\"type\":\"metadata\",\"timestamp\":1790000000,\"size\":1,\"records\":1}\n",
         "cidr:192.0.2.0/24 malicious_network 0.9 \"SBL256894\"\n"},
        {"PhishTank",
         {.format = "phishtank"},
         "phish_id,url,phish_detail_url,submission_time,verified,verification_time,online,target\n"
         "1,http://invented.example/?a=1,http://www.phishtank.com/phish_detail.php?phish_id=1,"
         "2026-01-01T01:02:03+00:00,yes,2026-01-01T01:02:03+00:00,yes,Other\n",
         "url:http://invented.example/?a=1 phishing 0.9 first=2026-01-01T01:02:03.000Z "
         "\"Other\"\n"},
        {"botvrij",
         {.format = "botvrij"},
         "# a\n# b\nevil.invented.example # domain - words\n",
         "domain:evil.invented.example malware 0.5 \"domain - words\"\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), false);
}

static void json_is_a_list_somewhere(void **state)
{
    static const char *part[] = {"value", "type"};
    static const char *path[] = {"ioc.text", "ioc.kind"};
    static const struct feed_case cases[] = {
        {"indicators",
         {.format = "json"},
         "{\"indicators\":[{\"value\":\" 192.0.2.1 \",\"type\":\"ip\",\"threat_type\":\"malware\","
         "\"confidence\":0.8,\"tags\":[\"a\",\"b\"],\"description\":\"d\"}]}",
         "ip:192.0.2.1 malware 0.8 tags=a,b \"d\"\n"},
        {"iocs",
         {.format = "json"},
         "{\"iocs\":[{\"value\":\"4da14224452c1fe61f46b1112c43ecfd9f322c82\",\"type\":\"hash\"}]}",
         "sha1:4da14224452c1fe61f46b1112c43ecfd9f322c82 unknown 0.5\n"},
        {"a list, of strings too",
         {.format = "json"},
         "[\"192.0.2.1\",{\"value\":\"evil.invented.example\",\"type\":\"unknown\"},5,{}]",
         "ip:192.0.2.1 unknown 0.5\ndomain:evil.invented.example unknown 0.5\n"
         "?not_an_object \n?no_value \n"},
        {"withdrawn",
         {.format = "json"},
         "[{\"value\":\"192.0.2.1\",\"is_active\":false},{\"value\":\"192.0.2.2\",\"is_active\":0}"
         "]",
         "-ip:192.0.2.1 unknown 0.5\n-ip:192.0.2.2 unknown 0.5\n"},
        {"paths",
         {.format = "json", .list = "a.*.b", .fields = {part, path, 2}},
         "{\"a\":{\"x\":{\"b\":[{\"ioc\":{\"text\":\"192.0.2.1\",\"kind\":\"ip\"}}]},"
         "\"y\":{\"b\":{\"ioc\":{\"text\":\"192.0.2.2\",\"kind\":\"ip\"}}}}}",
         "ip:192.0.2.1 unknown 0.5\nip:192.0.2.2 unknown 0.5\n"},
        {"empty", {.format = "json"}, "{\"indicators\":[]}", ""},
        {"no list",
         {.format = "json"},
         "{\"a\":\"x\"}",
         "error: there is no list of indicators in it; `indicators`, `iocs` or a list are looked "
         "for, or what the setting `list` says\n"},
        {"cut off",
         {.format = "json"},
         "{\"indicators\":[{\"value\":\"192.0.2.1\"",
         "error: not JSON at byte 35: unexpected end of data; cut off, or not the feed\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), false);
}

static void what_is_wrong_with_the_whole_is_told(void **state)
{
    static const struct feed_case cases[] = {
        {"a page", TXT, "\n<!DOCTYPE html><html><body>Log in</body></html>",
         "error: it is a web page and no feed: a log-in, an error, or the wrong url\n"},
        {"a page of any kind, behind what may stand before a list", TXT,
         "\xEF\xBB\xBF# proxy\n\n  <div>203.0.113.7\n203.0.113.8\n203.0.113.9\n",
         "error: it is a web page and no feed: a log-in, an error, or the wrong url\n"},
        {"packed", TXT, "a\n",
         "?unknown a\nerror: 1 of its 1 rows cannot be read; max_bad_rows "
         "allows a share of 0.5: is format 'txt' right?\n"},
        {"cut off", TXT, "# Number of entries: 3\n192.0.2.1\n192.0.2.2\n",
         "ip:192.0.2.1\nip:192.0.2.2\nerror: it says that it has 3 entries, but 2 came: cut off\n"},
        {"numbers in other words", TXT,
         "# at the WEEKEND 24 people\n# Maximum Entries: 100000\n192.0.2.1\n", "ip:192.0.2.1\n"},
        {"too many",
         {.format = "txt", .max_rows = 1},
         "192.0.2.1\n192.0.2.2\n",
         "ip:192.0.2.1\nip:192.0.2.2\nerror: it has 2 rows; max_rows allows 1\n"},
        {"bogons are not bad", TXT, "10.0.0.1\n10.0.0.2\n",
         "?bogon 10.0.0.1\n-ip:10.0.0.1\n?bogon 10.0.0.2\n-ip:10.0.0.2\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), true);
}

static void a_feed_has_a_date_of_its_own(void **state)
{
    static const struct {
        const char *format, *body, *want;
    } cases[] = {
        {"feodo", "# Last updated: 2026-03-12 14:28:39 UTC       #\n", "2026-03-12T14:28:39.000Z"},
        {"firehol", "# Source File Date: Sat Nov  7 22:41:34 UTC 2015\n192.0.2.1\n",
         "2015-11-07T22:41:34.000Z"},
        {"spamhaus_drop_txt",
         "; Last-Modified: Thu, 24 Sep 2026 12:00:00 GMT\n192.0.2.0/24 ; SBL1\n",
         "2026-09-24T12:00:00.000Z"},
        {"spamhaus_drop", "{\"type\":\"metadata\",\"timestamp\":1791060242,\"records\":0}",
         "2026-10-03T20:44:02.000Z"},
        {"csv", "value,last_seen\n192.0.2.1,2026-01-02\n192.0.2.2,2026-01-01\n",
         "2026-01-02T00:00:00.000Z"},
        {"txt", "192.0.2.1\n", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct profile profile = {.name = "test", .format = cases[i].format};
        struct feed_result result = {0};
        const struct intake_sink sink = {&result, feed_sighting, feed_refused};
        struct error err = {0};
        AUTO_BUF got = {0};
        AUTO(harvest)
        harvest =
            harvest_new(&profile, NULL, (int64_t)FEED_NOW * 1000, &sink, (struct text){0}, &err);

        assert_int_equal(harvest_take_file(harvest, text_of(cases[i].body), &err), 0);
        if (intake_content_time(harvest->intake) != RECORD_NULL)
            moment_write(intake_content_time(harvest->intake), &got);
        unit_text(cases[i].format, buf_text(&got), cases[i].want);
        buf_done(&result.lines);
    }
}

UNIT_MAIN(cmocka_unit_test(lists_are_a_value_a_line), cmocka_unit_test(lists_keep_what_they_say),
          cmocka_unit_test(columns_are_found_by_their_names),
          cmocka_unit_test(quotes_are_read_as_feeds_write_them),
          cmocka_unit_test(providers_are_known_by_name), cmocka_unit_test(json_is_a_list_somewhere),
          cmocka_unit_test(what_is_wrong_with_the_whole_is_told),
          cmocka_unit_test(a_feed_has_a_date_of_its_own))

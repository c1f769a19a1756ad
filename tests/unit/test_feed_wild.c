/* Files of columns and objects that keep to nobody's format, as they are found. */
#include "feed_harvest.h"

#define CSV             \
    {                   \
        .format = "csv" \
    }
#define JSON             \
    {                    \
        .format = "json" \
    }
#define SHA256 "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
#define MD5 "9dd4e461268c8034f5c8564e155c67a6"

static void a_row_may_have_more_than_its_header(void **state)
{
    static const struct feed_case cases[] = {
        {"a separator at the end of each row", CSV,
         "value,type\n192.0.2.1,ip,\n192.0.2.2,ip,,\n192.0.2.3,ip\n",
         "ip:192.0.2.1 unknown 0.5\nip:192.0.2.2 unknown 0.5\nip:192.0.2.3 unknown 0.5\n"},
        {"likewise, the value last", CSV, "first_seen,ip\n2026-01-01,192.0.2.1,\n",
         "ip:192.0.2.1 unknown 0.5 first=2026-01-01T00:00:00.000Z\n"},
        {"a column that the header forgot", CSV,
         "first_seen,ip\n2026-01-01,192.0.2.1,x\nvalue,192.0.2.2,y\n",
         "ip:192.0.2.1 unknown 0.5 first=2026-01-01T00:00:00.000Z\nip:192.0.2.2 unknown 0.5\n"},
        {"words with commas", CSV, "ip,description\n192.0.2.1,a, b, c,\n",
         "ip:192.0.2.1 unknown 0.5 \"a, b, c\"\n"},
        {"tags with commas", CSV, "ip,tags\n192.0.2.1,a,b\n",
         "ip:192.0.2.1 unknown 0.5 tags=a,b\n"},
        {"a URL with commas", CSV, "id,url\n1,http://a.invented.example/x,y\n",
         "url:http://a.invented.example/x,y unknown 0.5\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), false);
}

static void columns_and_types_have_many_names(void **state)
{
    static const struct feed_case cases[] = {
        {"types", CSV,
         "Indicator Value,Indicator Type\n192.0.2.1,IP Address\na.invented.example,domain_name\n"
         "a@invented.example,email_address\n" SHA256
         ",FileHash_SHA256\n192.0.2.0-192.0.2.7,ip_range\n"
         "198.51.100.0/24,subnet\nhttp://a.invented.example/,link\n",
         "ip:192.0.2.1\ndomain:a.invented.example\nemail:a@invented.example\nsha256:" SHA256
         "\ncidr:192.0.2.0/29\ncidr:198.51.100.0/24\nurl:http://a.invented.example/\n"},
        {"types of what is not looked for", CSV,
         "value,type\nx.exe,File Name\n1.2.3,ja3\n192.0.2.1,ipv4\n",
         "?unsupported_type x.exe\n?unsupported_type 1.2.3\nip:192.0.2.1\n"},
        {"a column of something else taken for types", CSV,
         "value,type\n192.0.2.1,Trojan\n192.0.2.2,Worm\n",
         "?unknown_type 192.0.2.1\n?unknown_type 192.0.2.2\nerror: 2 of its 2 rows cannot be read; "
         "max_bad_rows allows a share of 0.5: is format 'csv' right?\n"},
        {"no header, no types", CSV, "192.0.2.1,Trojan,2026-01-01\n192.0.2.2,Worm,2026-01-01\n",
         "ip:192.0.2.1\nip:192.0.2.2\n"},
        {"no header, the value behind a date", CSV, "2026-01-01,192.0.2.1\n2026-01-02,192.0.2.2\n",
         "ip:192.0.2.1\nip:192.0.2.2\n"},
        {"a URL or an address", CSV,
         "url,ip\n,192.0.2.1\nhttp://a.invented.example/,192.0.2.2\n-,192.0.2.3\n",
         "ip:192.0.2.1\nurl:http://a.invented.example/\nip:192.0.2.3\n"},
        {"semicolons", CSV, "Indicator;Type\n192.0.2.1;ip\n192.0.2.2;ip\n",
         "ip:192.0.2.1\nip:192.0.2.2\n"},
        {"tabs", CSV, "indicator\ttype\n192.0.2.1\tip\n", "ip:192.0.2.1\n"},
        {"MISP's export", CSV,
         "uuid,event_id,category,type,value,comment,to_ids,date,object_relation\n"
         "\"1\",1,\"Network activity\",\"ip-dst|port\",\"192.0.2.1|8080\",\"c\",1,1700000000,\"\"\n"
         "\"2\",1,\"Payload delivery\",\"filename|sha256\",\"a|b.exe|" SHA256
         "\",\"\",1,1700000000,\"\"\n"
         "\"3\",1,\"Payload delivery\",\"malware-sample\",\"x.exe|" MD5
         "\",\"\",1,1700000000,\"\"\n"
         "\"4\",1,\"Network activity\",\"domain|ip\",\"a.invented.example|192.0.2.2\",\"\",1,"
         "1700000000,\"\"\n\"5\",1,\"Network "
         "activity\",\"domain\",\"b.invented.example\",\"\",0,1700000000,\"\"\n"
         "\"6\",1,\"Persistence\",\"regkey|value\",\"HKLM|x\",\"\",1,1700000000,\"\"\n",
         "ip:192.0.2.1\nsha256:" SHA256 "\nmd5:" MD5
         "\ndomain:a.invented.example\nip:192.0.2.2\n?not_to_ids b.invented.example\n"
         "-domain:b.invented.example\n?unsupported_type HKLM|x\n"},
        {"quotes inside that nobody marked", CSV,
         "md5,file_name,x\n\"" MD5 "\",\"a, \"b\".exe\",\"1\"\n\"192.0.2.1\",\"6\" x\",\"1\"\n",
         "md5:" MD5 "\n?bad_hash 192.0.2.1\n"},
        {"likewise, the header a comment",
         {.format = "malwarebazaar"},
         "# \"first_seen_utc\",\"sha256_hash\",\"file_name\"\n\"2026-01-01 00:00:00\", \"" SHA256
         "\", \"a, \"b\".exe\"\n# Number of entries: 1\n",
         "sha256:" SHA256 "\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), true);
}

static void what_says_nothing_leaves_others_their_turn(void **state)
{
    static const struct feed_case cases[] = {
        {"null, empty, a list of nothing", JSON,
         "[{\"url\":null,\"ip\":\"192.0.2.1\"},{\"indicator\":\"\",\"domain\":"
         "\"a.invented.example\"},{\"ioc\":[],\"host\":\"b.invented.example\"}]",
         "ip:192.0.2.1\ndomain:a.invented.example\ndomain:b.invented.example\n"},
        {"several values", JSON, "[{\"ip\":[\"192.0.2.1\",\"192.0.2.2\"],\"type\":\"ip\"}]",
         "ip:192.0.2.1\nip:192.0.2.2\n"},
        {"other spellings", JSON,
         "{\"data\":{\"items\":[{\"Indicator\":\"192.0.2.1\",\"indicatorType\":\"IpAddress\"}]}}",
         "ip:192.0.2.1\n"},
        {"lists by type", JSON,
         "{\"updated\":\"x\",\"ips\":[\"192.0.2.1\"],\"domains\":[\"a.invented.example\"],"
         "\"md5\":[\"" MD5 "\"]}",
         "ip:192.0.2.1\ndomain:a.invented.example\nmd5:" MD5 "\n"},
        {"nothing was found", {.format = "malwarebazaar"}, "{\"query_status\":\"no_results\"}", ""},
        {"an error within", JSON,
         "{\"error\":{\"code\":429,\"message\":\"slow down\"},\"host\":\"h\"}",
         "error: it is the server's answer 'slow down' (error) and no feed\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), true);
}

/* "ip\n192.0.2.1\n" */
#define WIDE     \
    "i\0p\0\n\0" \
    "1\0"        \
    "9\0"        \
    "2\0.\0"     \
    "0\0.\0"     \
    "2\0.\0"     \
    "1\0\n"
#define BODY(literal) (literal), sizeof(literal) - 1
static void windows_text_is_read(void **state)
{
    static const struct {
        const char *name;
        struct text body;
        const char *want;
    } cases[] = {
        {"low byte first", {BODY("\xFF\xFE" WIDE "\0")}, "ip:192.0.2.1\n"},
        {"high byte first", {BODY("\xFE\xFF\0" WIDE)}, "ip:192.0.2.1\n"},
        {"half a character at the end",
         {BODY("\xFF\xFE" WIDE "\0\x3D\xD8")},
         "ip:192.0.2.1\n?bad_address \xEF\xBF\xBD\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct profile profile = {.name = "test", .format = "csv", .max_bad_rows = 1};
        struct feed_result result = {.brief = true};

        feed_read(&profile, cases[i].body, &result);
        unit_text(cases[i].name, buf_text(&result.lines), cases[i].want);
        buf_done(&result.lines);
    }
}

static void lists_are_read_as_what_they_are(void **state)
{
    static const struct feed_case cases[] = {
        {"a hosts file",
         {.format = "txt"},
         "127.0.0.1 localhost\n255.255.255.255 broadcasthost\nfe80::1%lo0 localhost\n"
         "ff02::2 ip6-allrouters\n0.0.0.0 0.0.0.0\n"
         "0.0.0.0 a.invented.example b.invented.example # c\n::1\tc.invented.example\n",
         "domain:a.invented.example\ndomain:b.invented.example\ndomain:c.invented.example\n"},
        {"a quote in a URL",
         {.format = "urlhaus"},
         "http://a.invented.example/x?y=\"z\"\nhttp://b.invented.example/,\n",
         "url:http://a.invented.example/x?y=%22z%22\nurl:http://b.invented.example/,\n"},
        {"the text of old behind JSON's name",
         {.format = "spamhaus_drop"},
         "; Spamhaus DROP List\n192.0.2.0/24 ; SBL1\n198.51.100.0/24 ; SBL2\n",
         "cidr:192.0.2.0/24\ncidr:198.51.100.0/24\n"},
        {"half a range is none",
         {.format = "txt"},
         "1.0.0.0-6.255.255.255\n192.0.2.0-192.0.2.9\n",
         "?too_wide 1.0.0.0-6.255.255.255\ncidr:192.0.2.0/29\ncidr:192.0.2.8/31\n"},
        {"a path alone",
         {.format = "csv"},
         "value,type\n/gate.php,uri\n//a.invented.example/x,url\na.invented.example:80/y,url\n"
         "a.invented.example:443/y,url\n",
         "?no_host /gate.php\nurl:a.invented.example/x\nurl:http://a.invented.example/y\n"
         "url:https://a.invented.example/y\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), true);
}

/* @rows of which the first @good are good. */
static void judge(const char *format, const char *cursor, int good, int rows, bool is_refused)
{
    const struct profile profile = {.name = "test", .format = format};
    struct feed_result result = {0};
    const struct intake_sink sink = {&result, feed_sighting, feed_refused};
    struct error err = {0};
    AUTO_BUF name = {0};
    AUTO(harvest)
    harvest = harvest_new(&profile, NULL, (int64_t)FEED_NOW * 1000, &sink, text_of(cursor), &err);

    buf_addf(&name, "%s '%s': %d of %d good", format, cursor, good, rows);
    for (int i = 0; i < rows; i++) {
        struct row row;

        row_clear(&row);
        row.value = i < good ? TEXT("192.0.2.1") : TEXT("no indicator");
        intake_row(harvest->intake, &row);
    }
    unit_text(buf_string(&name), harvest_judge(harvest, &err) < 0 ? TEXT("refused") : TEXT("taken"),
              is_refused ? "refused" : "taken");
    buf_done(&result.lines);
}

static void few_bad_rows_do_not_cost_the_others(void **state)
{
    (void)state;
    judge("txt", "", 1, 19, false);
    judge("txt", "", 1, 20, true);
    judge("txt", "", 10, 20, false);
    judge("txt", "", 0, 1, true);
    judge("misp_rest", "", 0, 1, true);
    judge("misp_rest", "5", 0, 30, false);
    judge("misp_rest", "", 1, 30, false);
}

static void stix_says_when_and_whether(void **state)
{
    static const struct feed_case cases[] = {
        {"benign",
         {.format = "stix"},
         "{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\",\"id\":\"indicator--1\","
         "\"indicator_types\":[\"benign\"],\"pattern\":\"[ipv4-addr:value = '192.0.2.1']\"}]}",
         "?benign 192.0.2.1\n-ip:192.0.2.1\n"},
        {"benign, of 2.0",
         {.format = "stix"},
         "{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\",\"id\":\"indicator--1\","
         "\"labels\":[\"Benign\"],\"pattern\":\"[ipv4-addr:value = '192.0.2.1']\"}]}",
         "?benign 192.0.2.1\n-ip:192.0.2.1\n"},
        {"later, and within a day",
         {.format = "stix"},
         "{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\",\"id\":\"indicator--1\","
         "\"valid_from\":\"2026-10-01T00:00:00Z\",\"pattern\":\"[ipv4-addr:value = "
         "'192.0.2.1']\"},{\"type\":\"indicator\",\"id\":\"indicator--2\",\"valid_from\":"
         "\"2026-09-22T00:00:00Z\",\"pattern\":\"[ipv4-addr:value = '192.0.2.2']\"}]}",
         "?not_yet_valid 192.0.2.1\n-ip:192.0.2.1\nip:192.0.2.2\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), true);
}

static void the_last_line_must_come(void **state)
{
    const struct profile profile = {.name = "test", .format = "spamhaus_drop"};
    struct feed_result result = {.brief = true};
    const struct intake_sink sink = {&result, feed_sighting, feed_refused};
    const struct feed_answer answer = {
        .body = TEXT("{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\"}\n")};
    struct feed_request request;
    struct error err = {0};
    AUTO(harvest)
    harvest = harvest_new(&profile, NULL, (int64_t)FEED_NOW * 1000, &sink, (struct text){0}, &err);

    (void)state;
    assert_int_equal(harvest_ask(harvest, &request, &err), 1);
    assert_true(harvest_take(harvest, &answer, &err) < 0);
    unit_text("fetched", text_of(err.text),
              "its last line, {\"type\":\"metadata\",…}, is missing: cut off");
    buf_done(&result.lines);
}

UNIT_MAIN(cmocka_unit_test(a_row_may_have_more_than_its_header),
          cmocka_unit_test(columns_and_types_have_many_names),
          cmocka_unit_test(what_says_nothing_leaves_others_their_turn),
          cmocka_unit_test(lists_are_read_as_what_they_are), cmocka_unit_test(windows_text_is_read),
          cmocka_unit_test(few_bad_rows_do_not_cost_the_others),
          cmocka_unit_test(stix_says_when_and_whether), cmocka_unit_test(the_last_line_must_come))

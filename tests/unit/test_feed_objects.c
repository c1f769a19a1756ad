/* The formats of objects: STIX, TAXII, MISP, OTX; and what they ask for. */
#include "feed_harvest.h"

#define IND(id, modified, more)                                                \
    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--" id \
    "\",\"modified\":\"" modified "\",\"pattern_type\":\"stix\"," more "}"
#define IP(address) "\"pattern\":\"[ipv4-addr:value = '" address "']\""
#define BUNDLE(objects) "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[" objects "]}"
#define UUID "5f0a0000-0000-4000-8000-000000000001"
#define ATTRIBUTE(type, value, more) \
    "{\"type\":\"" type "\",\"value\":\"" value "\",\"to_ids\":true" more "}"
#define EVENT(attributes) \
    "{\"Event\":{\"info\":\"i\",\"timestamp\":\"1767225600\",\"Attribute\":[" attributes "]}}"

static void stix_gives_the_newest_of_each(void **state)
{
    static const struct feed_case cases[] = {
        {"2.1",
         {.format = "stix"},
         BUNDLE(IND("1", "2026-01-02T00:00:00Z",
                    IP("192.0.2.1") ",\"valid_from\":\"2026-01-01T00:00:00Z\",\"confidence\":80,"
                                    "\"indicator_types\":[\"malicious-activity\"],\"name\":\"n\","
                                    "\"labels\":[\"l\"],\"object_marking_refs\":[\"marking-"
                                    "definition--34098fce-860f-48ae-8e50-ebd3cc5e41da\"]")),
         "ip:192.0.2.1 malware 0.8 tags=l,tlp:green first=2026-01-01T00:00:00.000Z "
         "last=2026-01-02T00:00:00.000Z \"n\"\n"},
        {"2.0",
         {.format = "stix"},
         "{\"type\":\"bundle\",\"spec_version\":\"2.0\",\"objects\":[{\"type\":\"indicator\","
         "\"id\":"
         "\"indicator--1\",\"labels\":[\"anonymization\"],\"pattern\":\"[url:value = "
         "'http://x4z9arb.cn/4712/']\"},{\"type\":\"malware\",\"id\":\"m\"}]}",
         "url:http://x4z9arb.cn/4712/ anonymizer 0.5 tags=anonymization\n"},
        {"newest wins",
         {.format = "stix"},
         BUNDLE(IND("1", "2026-01-02T00:00:00Z", IP("192.0.2.2")) "," IND(
             "1", "2026-01-01T00:00:00Z",
             IP("192.0.2.1")) "," IND("2", "2026-01-01T00:00:00Z",
                                      IP("192.0.2.3")) "," IND("2", "2026-01-03T00:00:00Z",
                                                               IP("192.0.2.3") ",\"revoked\":"
                                                                               "true")),
         "ip:192.0.2.2 unknown 0.5 last=2026-01-02T00:00:00.000Z\n"
         "-ip:192.0.2.3 unknown 0.5 last=2026-01-03T00:00:00.000Z\n"},
        {"left out",
         {.format = "stix"},
         BUNDLE(IND(
             "1", "2026-01-01T00:00:00Z",
             IP("192.0.2.1") ",\"valid_until\":\"2026-01-03T00:00:00Z\"") ","
                                                                          "{\"type\":\"indicator\","
                                                                          "\"id\":\"indicator--2\","
                                                                          "\"pattern\":\"title: "
                                                                          "x\","
                                                                          "\"pattern_type\":"
                                                                          "\"sigma\"}," IND(
                                                                              "3",
                                                                              "2026-01-01T00:00:"
                                                                              "00Z",
                                                                              "\"pattern\":\"[file:"
                                                                              "name = 'x' AND "
                                                                              "ipv4-addr:value = "
                                                                              "'192.0.2.1']\"")),
         "?expired 192.0.2.1\n-ip:192.0.2.1 unknown 0.5 last=2026-01-01T00:00:00.000Z "
         "until=2026-01-03T00:00:00.000Z\n?pattern_language title: x\n"
         "?pattern_composite [file:name = 'x' AND ipv4-addr:value = '192.0.2.1']\n"},
        {"empty", {.format = "stix"}, "{\"type\":\"bundle\",\"id\":\"bundle--1\"}", ""},
        {"no bundle",
         {.format = "stix"},
         "{\"a\":1}",
         "error: no STIX bundle: neither `objects` nor `\"type\": \"bundle\"` is in it\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), false);
}

static void misp_gives_what_it_detects_by(void **state)
{
    static const struct feed_case cases[] = {
        {"types",
         {.format = "misp"},
         EVENT(ATTRIBUTE("ip-dst", "192.0.2.1", "") "," ATTRIBUTE("ip-src", "198.51.100.0/24", "") "," ATTRIBUTE(
             "ip-dst|port", "192.0.2.2|8080",
             "") "," ATTRIBUTE("domain|ip", "d.invented.example|192.0.2.3",
                               "") "," ATTRIBUTE("hostname|port", "h.invented.example|80",
                                                 "") "," ATTRIBUTE("filename|md5",
                                                                   "x.exe|"
                                                                   "9dd4e461268c8034f5c8564e155c67a"
                                                                   "6",
                                                                   "") "," ATTRIBUTE("filename",
                                                                                     "x.exe",
                                                                                     "") "," ATTRIBUTE("sha512",
                                                                                                       "ab",
                                                                                                       "") "," ATTRIBUTE("imphash",
                                                                                                                         "9dd4e461268c8034f5c8564e155c67a6",
                                                                                                                         "")),
         "ip:192.0.2.1\ncidr:198.51.100.0/24\nip:192.0.2.2\ndomain:d.invented.example\n"
         "ip:192.0.2.3\ndomain:h.invented.example\nmd5:9dd4e461268c8034f5c8564e155c67a6\n"
         "?unsupported_type x.exe\n?unsupported_type ab\n"
         "?unsupported_type 9dd4e461268c8034f5c8564e155c67a6\n"},
        {"to_ids and deleted, as numbers and texts too",
         {.format = "misp"},
         "{\"response\":[{\"Event\":{\"info\":\"i\",\"Attribute\":["
         "{\"type\":\"ip-dst\",\"value\":\"192.0.2.1\",\"to_ids\":\"1\",\"deleted\":\"0\"},"
         "{\"type\":\"ip-dst\",\"value\":\"192.0.2.2\",\"to_ids\":\"0\"},"
         "{\"type\":\"ip-dst\",\"value\":\"192.0.2.3\",\"to_ids\":1,\"deleted\":true}],"
         "\"Object\":[{\"Attribute\":[{\"type\":\"md5\",\"value\":"
         "\"9dd4e461268c8034f5c8564e155c67a6\",\"to_ids\":true}]}]}}]}",
         "ip:192.0.2.1\n?not_to_ids 192.0.2.2\n-ip:192.0.2.2\n-ip:192.0.2.3\n"
         "md5:9dd4e461268c8034f5c8564e155c67a6\n"},
        {"all of a deleted object, and defanged ones",
         {.format = "misp"},
         "{\"Event\":{\"info\":\"i\",\"Attribute\":["
         "{\"type\":\"url\",\"value\":\"hxxp://a[.]invented[.]example/x\",\"to_ids\":true},"
         "{\"type\":\"domain|ip\",\"value\":\"b.invented.example|192.0.2.9\",\"to_ids\":false}],"
         "\"Object\":[{\"deleted\":true,\"Attribute\":[{\"type\":\"ip-dst\",\"value\":"
         "\"192.0.2.1\",\"to_ids\":true}]}]}}",
         "url:http://a.invented.example/x\n?not_to_ids b.invented.example\n"
         "-domain:b.invented.example\n?not_to_ids 192.0.2.9\n-ip:192.0.2.9\n-ip:192.0.2.1\n"},
        {"attributes of a search",
         {.format = "misp"},
         "{\"response\":{\"Attribute\":[" ATTRIBUTE("url", "http://invented.example/a", "") "]}}",
         "url:http://invented.example/a\n"},
        {"bare event",
         {.format = "misp"},
         "{\"info\":\"i\",\"Attribute\":[" ATTRIBUTE("domain", "a.invented.example", "") "]}",
         "domain:a.invented.example\n"},
        {"manifest",
         {.format = "misp"},
         "{\"" UUID "\":{\"info\":\"i\",\"timestamp\":\"5\"},\"../x\":{\"timestamp\":\"5\"}}",
         "?bad_uuid ../x\nerror: 1 of its 1 rows cannot be read; max_bad_rows allows a share of "
         "0.5: is format 'misp' right?\n"},
        {"something else", {.format = "misp"}, "{\"Event\":5,\"x\":[]}", ""},
        {"nothing",
         {.format = "misp"},
         "{\"a\":1}",
         "error: neither a MISP manifest nor an event, nor a list of either\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), true);
}

static void misp_keeps_tags_times_and_ports(void **state)
{
    static const struct feed_case cases[] = {
        {"all",
         {.format = "misp"},
         "{\"Event\":{\"info\":\"i\",\"Tag\":[{\"name\":\"tlp:clear\"}],\"Attribute\":["
         "{\"type\":\"ip-dst|port\",\"value\":\"192.0.2.2|8080\",\"to_ids\":true,\"timestamp\":"
         "\"1767225600\",\"comment\":\"c\",\"Tag\":[{\"name\":\"a\"}],\"first_seen\":"
         "\"2025-01-01T00:00:00.000000+00:00\"}]}}",
         "ip:192.0.2.2 unknown 0.5 port=8080 tags=a,tlp:clear first=2025-01-01T00:00:00.000Z "
         "last=2026-01-01T00:00:00.000Z \"c\"\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), false);
}

static void otx_gives_pulses(void **state)
{
    static const struct feed_case cases[] = {
        {"a page",
         {.format = "otx"},
         "{\"results\":[{\"name\":\"p\",\"tags\":[\"t\"],\"tlp\":\"white\",\"modified\":\"2026-01-"
         "01T"
         "00:00:00\",\"indicators\":[{\"indicator\":\"192.0.2.1\",\"type\":\"IPv4\",\"is_active\":"
         "1},"
         "{\"indicator\":\"a.invented.example\",\"type\":\"hostname\",\"is_active\":0},"
         "{\"indicator\":\"CVE-2024-1\",\"type\":\"CVE\"},"
         "{\"indicator\":\"198.51.100.0/"
         "24\",\"type\":\"CIDR\",\"expiration\":\"2020-01-01T00:00:00\"}"
         "]}],\"count\":1,\"next\":null}",
         "ip:192.0.2.1 unknown 0.4 tags=t,tlp:white until=2026-12-20T14:13:20.000Z \"p\"\n"
         "-domain:a.invented.example unknown 0.4 tags=t,tlp:white until=2026-12-20T14:13:20.000Z "
         "\"p\"\n?unsupported_type CVE-2024-1\n?expired 198.51.100.0/24\n"
         "-cidr:198.51.100.0/24 unknown 0.4 tags=t,tlp:white until=2020-01-01T00:00:00.000Z "
         "\"p\"\n"},
        {"no page",
         {.format = "otx"},
         "{\"detail\":\"x\"}",
         "error: it is the server's answer 'x' (detail) and no feed\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), false);
}

/* A feed of several parts: what is asked for, and what is answered to it. */
struct step {
    const char *ask; /* method, url, body */
    const char *answer;
    const char *last; /* TAXII's header */
};

static void run_steps(const char *name, const struct profile *profile, const char *cursor,
                      const struct step *steps, const char *next, const char *error)
{
    struct feed_result result = {.brief = true};
    const struct intake_sink sink = {&result, feed_sighting, feed_refused};
    struct error err = {0};
    struct feed_request request;
    int code;
    AUTO(harvest)
    harvest = harvest_new(profile, NULL, (int64_t)FEED_NOW * 1000, &sink, text_of(cursor), &err);

    while ((code = harvest_ask(harvest, &request, &err)) > 0) {
        AUTO_BUF got = {0};

        buf_addf(&got, "%s %.*s", request.method, TEXT_ARG(request.url));
        if (request.body.size)
            buf_addf(&got, " %.*s", TEXT_ARG(request.body));
        unit_text(name, buf_text(&got), steps->ask);
        const struct feed_answer answer = {.body = text_of(steps->answer),
                                           .date_added_last = text_of(steps->last)};

        code = harvest_take(harvest, &answer, &err);
        if (code < 0)
            break;
        steps++;
    }
    unit_text(name, text_of(err.text), error);
    if (code == 0) {
        assert_null(steps->ask);
        unit_text(name, harvest_cursor(harvest), next);
        assert_int_equal(harvest_is_complete(harvest), cursor[0] == '\0');
    }
    buf_done(&result.lines);
}

#define TAXII "https://t.example/api/collections/c1/"
#define TAXII_ASK "GET " TAXII "objects/?match%5Btype%5D=indicator&limit=1000"

static void pages_are_asked_for_until_there_are_no_more(void **state)
{
    const struct profile taxii = {.name = "t", .format = "taxii", .url = TAXII};
    const struct profile root = {.name = "t", .format = "taxii", .url = "https://t.example/api"};
    const struct profile wrong = {.name = "t", .format = "taxii", .url = "https://t.example/"};
    const struct profile otx = {.name = "o", .format = "otx"};
    const struct profile rest = {.name = "r", .format = "misp_rest", .url = "https://m.example/"};
    const struct profile misp = {
        .name = "m", .format = "misp", .url = "https://m.example/feed/manifest.json"};

    (void)state;
    run_steps("TAXII", &taxii, "",
              (struct step[]){{TAXII_ASK, "{\"more\":true,\"next\":\"a b\",\"objects\":[]}",
                               "2026-01-01T00:00:00.000000Z"},
                              {TAXII_ASK "&next=a%20b", "{\"more\":false,\"objects\":[]}",
                               "2026-01-02T00:00:00.000000Z"},
                              {NULL, NULL, NULL}},
              TAXII " 2026-01-01T23:59:00.000Z\n", "");
    run_steps("TAXII, later, without the header", &taxii, TAXII " 2026-01-01T23:59:00.000Z\n",
              (struct step[]){{TAXII_ASK "&added_after=2026-01-01T23%3A59%3A00.000Z", "{}", NULL},
                              {NULL, NULL, NULL}},
              TAXII " 2026-09-21T14:03:20.000Z\n", "");
    run_steps("TAXII, the same next for each page", &taxii, "",
              (struct step[]){
                  {TAXII_ASK, "{\"more\":true,\"next\":\"1\",\"objects\":[{}]}", NULL},
                  {TAXII_ASK "&next=1", "{\"more\":true,\"next\":\"1\",\"objects\":[{},{}]}", NULL},
                  {TAXII_ASK "&next=1", "{\"more\":false,\"objects\":[]}", NULL},
                  {NULL, NULL, NULL}},
              TAXII " 2026-09-21T14:03:20.000Z\n", "");
    run_steps("TAXII, the same page for ever", &taxii, "",
              (struct step[]){{TAXII_ASK, "{\"more\":true,\"next\":\"1\"}", NULL},
                              {TAXII_ASK "&next=1", "{\"more\":true,\"next\":\"1\"}", NULL},
                              {NULL, NULL, NULL}},
              "", "the server says again and again that page 'next=1' is next");
    run_steps("TAXII, more without saying where", &taxii, "",
              (struct step[]){
                  {TAXII_ASK, "{\"more\":true,\"objects\":[]}", "2026-01-01T00:00:00.000001Z"},
                  {TAXII_ASK "&added_after=2026-01-01T00%3A00%3A00.000001Z",
                   "{\"more\":false,\"objects\":[]}", "2026-01-02T00:00:00.000000Z"},
                  {NULL, NULL, NULL}},
              TAXII " 2026-01-01T23:59:00.000Z\n", "");
    run_steps("TAXII, no TAXII", &wrong, "",
              (struct step[]){{"GET https://t.example/", "{\"a\":1}", NULL}, {NULL, NULL, NULL}},
              "",
              "'https://t.example/' is neither a TAXII 2.1 discovery nor an API root nor a "
              "collection");
    run_steps(
        "TAXII, no collection", &root, "",
        (struct step[]){{"GET https://t.example/api/", "{\"title\":\"a\",\"versions\":[]}", NULL},
                        {"GET https://t.example/api/collections/",
                         "{\"collections\":[{\"id\":\"x\",\"can_read\":false},"
                         "{\"id\":\"../y\",\"can_read\":true}]}",
                         NULL},
                        {NULL, NULL, NULL}},
        "",
        "the server names no collection that may be read at 'https://t.example/api', nor at "
        "the API roots that it names; is the url right, and the user allowed to?");
    run_steps(
        "TAXII, from the discovery on", &wrong, TAXII " 2026-01-01T00:00:00.000Z\n",
        (struct step[]){{"GET https://t.example/",
                         "{\"title\":\"t\",\"default\":\"/api/\",\"api_roots\":[\"/api/\","
                         "\"https://t.example/other\",\"https://t.example.evil.example/api/\"]}",
                         NULL},
                        {"GET https://t.example/api/collections/",
                         "{\"collections\":[{\"id\":\"c1\",\"can_read\":true}]}", NULL},
                        {"GET https://t.example/other/collections/",
                         "{\"collections\":[{\"id\":\"c2\"}]}", NULL},
                        {TAXII_ASK "&added_after=2026-01-01T00%3A00%3A00.000Z", "", NULL},
                        {"GET https://t.example/other/collections/c2/objects/"
                         "?match%5Btype%5D=indicator&limit=1000",
                         "{\"more\":false,\"objects\":[]}", "2026-01-03T00:00:00Z"},
                        {NULL, NULL, NULL}},
        TAXII " 2026-09-21T14:03:20.000Z\nhttps://t.example/other/collections/c2/ "
              "2026-01-02T23:59:00.000Z\n",
        "");
    run_steps(
        "OTX", &otx, "",
        (struct step[]){
            {"GET https://otx.alienvault.com/api/v1/pulses/subscribed?limit=50&page=1",
             "{\"results\":[],\"next\":\"https://otx.alienvault.com/x?page=2\"}", NULL},
            {"GET https://otx.alienvault.com/x?page=2", "{\"results\":[],\"next\":null}", NULL},
            {NULL, NULL, NULL}},
        "2026-09-21T14:13:20.000Z", "");
    run_steps("OTX, led astray", &otx, "",
              (struct step[]){
                  {"GET https://otx.alienvault.com/api/v1/pulses/subscribed?limit=50&page=1",
                   "{\"results\":[],\"next\":\"https://otx.alienvault.com.evil.example/\"}", NULL},
                  {NULL, NULL, NULL}},
              "",
              "the next page is said to be at 'https://otx.alienvault.com.evil.example/', another "
              "server: not followed");
    run_steps(
        "MISP's search", &rest, "5",
        (struct step[]){
            {"POST https://m.example/attributes/restSearch {\"returnFormat\":\"json\",\"deleted\":"
             "[0,1],\"includeEventTags\":true,\"limit\":1000,\"page\":1,"
             "\"timestamp\":\"5\"}",
             "{\"response\":{\"Attribute\":[]}}", NULL},
            {NULL, NULL, NULL}},
        "1790000000", "");
    run_steps(
        "MISP's search, the first", &rest, "",
        (struct step[]){
            {"POST https://m.example/attributes/restSearch {\"returnFormat\":\"json\",\"deleted\":"
             "[0,1],\"includeEventTags\":true,\"limit\":1000,\"page\":1,\"to_ids\":1}",
             "{\"response\":[]}", NULL},
            {NULL, NULL, NULL}},
        "1790000000", "");
    run_steps("MISP's directory", &misp, UUID " 4\n15f0a000-0000-4000-8000-000000000002 7\n",
              (struct step[]){{"GET https://m.example/feed/manifest.json",
                               "{\"" UUID "\":{\"timestamp\":\"5\"},"
                               "\"15f0a000-0000-4000-8000-000000000002\":{\"timestamp\":\"7\"}}",
                               NULL},
                              {"GET https://m.example/feed/" UUID ".json", EVENT(""), NULL},
                              {NULL, NULL, NULL}},
              UUID " 5\n15f0a000-0000-4000-8000-000000000002 7\n", "");
}

static void what_a_body_is_shows(void **state)
{
    static const struct {
        const char *body, *want;
    } cases[] = {
        {"192.0.2.1\n", "txt"},
        {"# c\nvalue,type\n192.0.2.1,ip\n", "csv"},
        {"\"a\",\"b\"\n", "csv"},
        {"http://a.example/x,y\n", "txt"},
        {"ExitNode A\nExitAddress 192.0.2.1 2026-01-01 01:02:03\n", "tor"},
        {"{\"indicators\":[]}", "json"},
        {"[\n{\"value\":1}]", "json"},
        {"{\"cidr\":\"192.0.2.0/24\"}\n{\"type\":\"metadata\"}", "json"},
        {BUNDLE(IND("1", "2026-01-02T00:00:00Z", IP("192.0.2.1"))), "stix"},
        {"{\"more\":false,\"objects\":[" IND("1", "2026-01-02T00:00:00Z", IP("192.0.2.1")) "]}",
         "stix"},
        {EVENT(""), "misp"},
        {"", "txt"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        unit_text(cases[i].body, text_of(feed_guess(text_of(cases[i].body))->name), cases[i].want);
}

UNIT_MAIN(cmocka_unit_test(stix_gives_the_newest_of_each),
          cmocka_unit_test(misp_gives_what_it_detects_by),
          cmocka_unit_test(misp_keeps_tags_times_and_ports), cmocka_unit_test(otx_gives_pulses),
          cmocka_unit_test(pages_are_asked_for_until_there_are_no_more),
          cmocka_unit_test(what_a_body_is_shows))

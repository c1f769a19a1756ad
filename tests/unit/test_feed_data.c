/* Feeds in the layouts of their publishers, MISP's own warning lists and the pattern cases of the
 * STIX validator, which are not part of the project: skipped where they are not.
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>
#include <yyjson.h>

#include "feed_harvest.h"

#include "base/document.h"
#include "iocfeed/json_path.h"
#include "iocfeed/stix_pattern.h"
#include "iocfeed/warning_lists.h"

/* Where @name is among the data; false: it is not. */
static bool find_data(const char *name, char *path, size_t size)
{
    const char *named = getenv("HAECHI_TEST_FEEDS");

    snprintf(path, size, "%s/%s", named ? named : HAECHI_SOURCE "/../shared/data/feeds", name);
    if (access(path, R_OK) == 0)
        return true;
    print_message("skipped: %s is not there (HAECHI_TEST_FEEDS)\n", path);
    return false;
}

static void feeds_give_what_they_should(void **state)
{
    static const struct {
        const char *file, *format, *want;
    } cases[] = {
        {"synthetic/feodo_ipblocklist.csv", "feodo",
         "ip:192.0.2.211\nip:198.51.100.246\nip:203.0.113.63\n"},
        {"synthetic/feodo_bad_rows.csv", "feodo",
         "?bad_address not-an-ip\n?short_row \"bad-short-row\"\n?bad_port 192.0.2.1\nip:192.0.2.2\n"
         "?bogon 10.1.2.3\n-ip:10.1.2.3\n?bad_row \"unclosed quote,192.0.2.3,443\nip:192.0.2.4\n"},
        {"synthetic/threatfox_recent.csv", "threatfox",
         "ip:203.0.113.10\nip:2001:db8::7\nmd5:abcdef0123456789abcdef0123456789\n"
         "domain:c2.invented.example\nurl:http://c2.invented.example/gate.php\n"
         "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n"},
        {"synthetic/threatfox_recent.json", "threatfox",
         "ip:203.0.113.10\ndomain:c2.invented.example\n"},
        {"synthetic/tor_exit.txt", "tor_exits",
         "ip:198.51.100.5\n?bad_address not an address\nip:2001:db8::5\nip:198.51.100.6\n"},
        {"synthetic/urlhaus_csv_recent.csv", "urlhaus",
         "url:http://192.0.2.120:58801/i\nurl:http://203.0.113.9/officeupd.tmp\n"
         "url:https://cdn.invented.example/a,b/%22q%22.exe?x=1&y=2\n"
         "url:http://bad-host.example:8080/Payload.bin\nurl:http://[2001:db8::66]/x.sh\n"
         "url:http://xn--bcher-kva.example/login\n"},
        {"firehol/synthetic_level1.netset", "firehol",
         "cidr:192.0.2.0/25\nip:198.51.100.7\ncidr:203.0.113.64/26\n?bogon "
         "10.0.0.0/8\n-cidr:10.0.0.0/8\n"
         "?bogon 0.0.0.0/32\n-ip:0.0.0.0\n?bogon 198.18.0.0/15\n-cidr:198.18.0.0/15\n"},
        {"stix/oasis20_indicator_hash.json", "stix",
         "sha256:ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c\n"},
        {"stix/oasis20_indicator_url.json", "stix", "url:http://x4z9arb.cn/4712/\n"},
        {"stix/synthetic21_bundle.json", "stix",
         "ip:203.0.113.10\ncidr:198.51.100.0/24\ncidr:192.0.2.0/25\nip:2001:db8::7\n"
         "domain:c2.invented.example\nurl:http://c2.invented.example/gate.php\n"
         "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n"
         "md5:9dd4e461268c8034f5c8564e155c67a6\nip:203.0.113.11\ndomain:or.invented.example\n"
         "?pattern_composite [file:name = 'x.ps1' AND file:hashes.'SHA-256' = "
         "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa']\n"
         "ip:203.0.113.12\nip:203.0.113.13\n-ip:203.0.113.99\n?expired 203.0.113.98\n"
         "-ip:203.0.113.98\n?pattern_language title: x\n?pattern_syntax [ipv4-addr:value = ]\n"
         "url:http://invented.example/it's\n"},
        {"misp/5f0a0000-0000-4000-8000-000000000001.json", "misp",
         "ip:203.0.113.10\ncidr:198.51.100.0/24\nip:203.0.113.11\ndomain:c2.invented.example\n"
         "domain:h.invented.example\ndomain:d.invented.example\nip:203.0.113.12\n"
         "url:http://c2.invented.example/gate.php\n"
         "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n"
         "sha256:a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa\nip:8.8.8.8\n"
         "?bogon 10.0.0.1\n-ip:10.0.0.1\n?not_to_ids 203.0.113.77\n-ip:203.0.113.77\n"
         "-ip:203.0.113.78\n?not_to_ids "
         "https://example.com/report\nmd5:fbade9e36a3f36d3d676c1b808451dd7\n"
         "?unsupported_type z.exe\n"},
        {"misp/pymisp_misp_event.json", "misp",
         "?not_to_ids http://fake.website.com/malware/is/here\n"
         "-url:http://fake.website.com/malware/is/here\n?not_to_ids Locky\n"},
    };
    char path[640];

    (void)state;
    if (!find_data("synthetic", path, sizeof(path)))
        skip();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        struct feed_result result = {.brief = true};
        struct profile profile = {.name = "test", .format = cases[i].format};
        struct error err = {0};
        struct text body;

        if (!find_data(cases[i].file, path, sizeof(path)))
            fail_msg("%s is missing", cases[i].file);
        assert_int_equal(document_read_bytes(arena, path, 1 << 20, &body, &err), 0);
        feed_read(&profile, body, &result);
        unit_text(cases[i].file, buf_text(&result.lines), cases[i].want);
        buf_done(&result.lines);
    }
}

static void patterns_are_valid_where_the_validator_says_so(void **state)
{
    char path[640];
    struct error err = {0};
    struct text rest, line;

    (void)state;
    if (!find_data("stix/pattern_validity.jsonl", path, sizeof(path)))
        skip(); /* a jump, which frees nothing: what is owned comes after it */
    AUTO(arena) arena = arena_new(4096);

    assert_int_equal(document_read_bytes(arena, path, 1 << 20, &rest, &err), 0);
    while (text_split(&rest, '\n', &line)) {
        yyjson_doc *doc = yyjson_read(line.bytes, line.size, 0);
        yyjson_val *root = yyjson_doc_get_root(doc);
        struct text pattern = json_path_text(yyjson_obj_get(root, "pattern"));
        struct stix_atoms atoms;

        if (stix_pattern_read(pattern, arena, &atoms) !=
            yyjson_get_bool(yyjson_obj_get(root, "valid")))
            fail_msg("%s: %.*s", yyjson_get_str(yyjson_obj_get(root, "id")), TEXT_ARG(pattern));
        yyjson_doc_free(doc);
    }
}

static struct warning_lists *load_lists(const char *folder)
{
    struct warning_lists *lists = warning_lists_new();
    DIR *directory = opendir(folder);
    struct dirent *file;
    struct error err = {0};

    assert_non_null(directory);
    while ((file = readdir(directory))) {
        AUTO(arena) arena = arena_new(4096);
        char path[1024];
        struct text json;

        if (!strstr(file->d_name, ".json"))
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, file->d_name);
        assert_int_equal(document_read_bytes(arena, path, 8 << 20, &json, &err), 0);
        if (warning_lists_add(lists, file->d_name, json, &err) < 0)
            fail_msg("%s", err.text);
    }
    closedir(directory);
    return lists;
}

static void misps_lists_hold_back_what_is_on_them(void **state)
{
    static const struct {
        const char *value;
        bool held;
    } cases[] = {
        {"8.8.8.8", true},
        {"1.1.1.1", true},
        {"www.google.com", true},
        {"10.1.2.3", true},
        {"91.198.174.192", true}, /* Wikimedia */
        {"a@mailinator.com", true},
        {"abuse@anything.com", true},
        {"c2.invented.example", false},
        {"45.155.205.99", false},
        {"http://45.155.205.99/x", false},
        {"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", false},
    };
    const struct indicator_rules rules = {.looking_up = true};
    char path[640];

    (void)state;
    if (!find_data("misp-warninglists", path, sizeof(path)))
        skip();
    AUTO(arena) arena = arena_new(4096);
    AUTO(warning_lists) lists = load_lists(path);

    assert_true(warning_lists_size(lists).lists > 100);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct indicator found;
        struct warning_hit hit = {.list = "none"};

        assert_int_equal(
            indicator_read(text_of(cases[i].value), INDICATOR_ANY, &rules, arena, &found),
            INDICATOR_GOOD);
        if (warning_lists_find(lists, &found, (struct text){0}, &hit) != cases[i].held)
            fail_msg("%s: list %s", cases[i].value, hit.list);
    }
}

UNIT_MAIN(cmocka_unit_test(feeds_give_what_they_should),
          cmocka_unit_test(patterns_are_valid_where_the_validator_says_so),
          cmocka_unit_test(misps_lists_hold_back_what_is_on_them))

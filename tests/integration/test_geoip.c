#include "unit.h"

#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/geoip.h"

/* libmaxminddb 1.7.1 leaks some 5 KB where it refuses a damaged list of descriptions at opening. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libmaxminddb";
}

/* A database of our own making (https://maxmind.github.io/MaxMind-DB/): one node, whose left half
 * (0.0.0.0/1) is everything that it knows. */
static void add_value(struct buf *out, int type, size_t size)
{
    buf_add_byte(out, (char)(type > 7 ? (int)size : (type << 5) | (int)size));
    if (type > 7)
        buf_add_byte(out, (char)(type - 7));
}

static void add_word(struct buf *out, const char *word)
{
    add_value(out, 2, strlen(word));
    buf_add_string(out, word);
}

static void add_number(struct buf *out, const char *name, int type, int value)
{
    add_word(out, name);
    add_value(out, type, 2);
    buf_add_byte(out, (char)(value >> 8));
    buf_add_byte(out, (char)(value & 0xFF));
}

static void add_data(struct buf *out)
{
    add_value(out, 7, 4);
    add_word(out, "country");
    add_value(out, 7, 1);
    add_word(out, "iso_code");
    add_word(out, "KP");
    add_number(out, "autonomous_system_number", 6, 64512);
    add_word(out, "is_anonymous");
    add_value(out, 14, 1);
    add_word(out, "is_tor_exit_node");
    add_value(out, 14, 1);
}

static void add_metadata(struct buf *out)
{
    buf_add_string(out, "\xAB\xCD\xEFMaxMind.com");
    add_value(out, 7, 9);
    add_number(out, "node_count", 6, 1);
    add_number(out, "record_size", 5, 24);
    add_number(out, "ip_version", 5, 4);
    add_number(out, "binary_format_major_version", 5, 2);
    add_number(out, "binary_format_minor_version", 5, 0);
    add_number(out, "build_epoch", 9, 1);
    add_word(out, "database_type");
    add_word(out, "Test");
    add_word(out, "languages");
    add_value(out, 11, 0);
    add_word(out, "description");
    add_value(out, 7, 0);
}

static void make_database(struct buf *out)
{
    /* left: node count + 16 bytes of separator + offset 0; right: node count, "not here" */
    buf_add(out, TEXT("\x00\x00\x11\x00\x00\x01"));
    buf_add(out, TEXT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    add_data(out);
    add_metadata(out);
}

static void write_file(const char *path, struct text bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.bytes, 1, bytes.size, file), bytes.size);
    assert_int_equal(fclose(file), 0);
}

static char *temporary(void)
{
    static char path[] = "/tmp/haechi-geoip-XXXXXX";
    int fd;

    snprintf(path, sizeof(path), "/tmp/haechi-geoip-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    return path;
}

static struct address address(const char *text)
{
    struct address result;

    assert_true(address_parse(text_of(text), &result));
    return result;
}

static void what_is_known_of_an_address_comes_out(void **state)
{
    char *path = temporary();
    struct error err = {0};
    struct geoip_answer answer;
    struct address known = address("10.1.2.3"), unknown = address("203.0.113.7"),
                   v6 = address("2001:db8::1");
    AUTO_BUF database = {0};

    (void)state;
    make_database(&database);
    write_file(path, buf_text(&database));
    struct geoip *geoip = geoip_open((const char *[]){path}, 1, &err);

    if (!geoip)
        fail_msg("%s", err.text);
    assert_true(geoip_find(geoip, &known, &answer));
    unit_text("country", answer.country, "KP");
    assert_int_equal(answer.asn, 64512);
    assert_true(answer.anonymous && answer.tor);
    assert_false(geoip_find(geoip, &unknown, &answer));
    assert_int_equal(answer.country.size, 0);
    assert_int_equal(answer.asn, -1);
    assert_false(answer.anonymous || answer.tor);
    assert_false(geoip_find(geoip, &v6, &answer));
    assert_int_equal(geoip_damaged(geoip), 0);
    geoip_close(geoip);
    unlink(path);
}

static void no_damaged_byte_does_harm(void **state)
{
    char *path = temporary();
    struct address known = address("10.1.2.3");
    size_t opened = 0, refused = 0;
    AUTO_BUF database = {0};

    (void)state;
    make_database(&database);
    for (size_t i = 0; i < database.size * 3; i++) {
        static const char masks[] = {0x01, 0x40, (char)0xFF};
        struct geoip_answer answer;

        database.bytes[i / 3] = (char)(database.bytes[i / 3] ^ masks[i % 3]);
        write_file(path, buf_text(&database));
        struct geoip *geoip = geoip_open((const char *[]){path}, 1, NULL);

        opened += geoip != NULL;
        refused += geoip == NULL;
        if (geoip)
            geoip_find(geoip, &known, &answer);
        geoip_close(geoip);
        database.bytes[i / 3] = (char)(database.bytes[i / 3] ^ masks[i % 3]);
    }
    unlink(path);
    assert_true(opened > 100 && refused > 100);
}

static void a_file_that_is_none_is_said(void **state)
{
    char *path = temporary();
    struct error err = {0};

    (void)state;
    assert_null(geoip_open((const char *[]){"/nowhere.mmdb"}, 1, &err));
    assert_true(text_starts(text_of(err.text), TEXT("/nowhere.mmdb: not a usable database")));
    assert_true(text_ends(text_of(err.text), TEXT("No such file or directory")));
    write_file(path, TEXT("something else"));
    assert_null(geoip_open((const char *[]){path}, 1, &err));
    write_file(path, TEXT(""));
    assert_null(geoip_open((const char *[]){path}, 1, &err));
    unlink(path);
}

/* MaxMind's own test databases, which are not part of the project. */
static bool find_folder(char *folder, size_t size)
{
    const char *named = getenv("HAECHI_TEST_MMDB");

    snprintf(folder, size, "%s", named ? named : HAECHI_SOURCE "/../shared/data/mmdb");
    if (access(folder, R_OK) == 0)
        return true;
    print_message("skipped: MaxMind's test databases are not at %s (HAECHI_TEST_MMDB)\n", folder);
    return false;
}

static void maxminds_databases_answer(void **state)
{
    static const struct {
        const char *file, *address, *country;
        int64_t asn;
        bool anonymous, tor;
    } cases[] = {
        {"GeoIP2-Country-Test", "2001:220::1", "KR", -1, false, false},
        {"GeoIP2-City-Test", "81.2.69.142", "GB", -1, false, false},
        {"GeoLite2-ASN-Test", "1.128.0.1", "", 1221, false, false},
        {"GeoIP2-Anonymous-IP-Test", "65.1.2.3", "", -1, true, true},
        {"GeoIP2-Anonymous-IP-Test", "1.2.3.4", "", -1, true, false},
    };
    char folder[512], path[640];

    (void)state;
    if (!find_folder(folder, sizeof(folder)))
        skip();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct address where = address(cases[i].address);
        struct geoip_answer answer;
        const char *paths[] = {path};

        snprintf(path, sizeof(path), "%s/test-data/%s.mmdb", folder, cases[i].file);
        struct geoip *geoip = geoip_open(paths, 1, NULL);

        assert_non_null(geoip);
        assert_true(geoip_find(geoip, &where, &answer));
        unit_text(cases[i].file, answer.country, cases[i].country);
        assert_int_equal(answer.asn, cases[i].asn);
        assert_int_equal(answer.anonymous, cases[i].anonymous);
        assert_int_equal(answer.tor, cases[i].tor);
        geoip_close(geoip);
    }
}

static void malformed_databases_do_no_harm(void **state)
{
    static const char *const places[] = {"bad-data/*/*.mmdb", "test-data/*.mmdb"};
    static const char *const addresses[] = {"1.1.1.1", "81.2.69.142", "2001:220::1",
                                            "::", "255.255.255.255"};
    char folder[512], pattern[640];
    size_t count = 0;

    (void)state;
    if (!find_folder(folder, sizeof(folder)))
        skip();
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        glob_t files;

        snprintf(pattern, sizeof(pattern), "%s/%s", folder, places[i]);
        assert_int_equal(glob(pattern, 0, NULL, &files), 0);
        for (size_t j = 0; j < files.gl_pathc; j++, count++) {
            struct geoip *geoip = geoip_open((const char *[]){files.gl_pathv[j]}, 1, NULL);

            for (size_t k = 0; geoip && k < COUNT_OF(addresses); k++) {
                struct address where = address(addresses[k]);
                struct geoip_answer answer;

                geoip_find(geoip, &where, &answer);
            }
            geoip_close(geoip);
        }
        globfree(&files);
    }
    assert_true(count > 30);
}

UNIT_MAIN(cmocka_unit_test(what_is_known_of_an_address_comes_out),
          cmocka_unit_test(no_damaged_byte_does_harm),
          cmocka_unit_test(a_file_that_is_none_is_said),
          cmocka_unit_test(maxminds_databases_answer),
          cmocka_unit_test(malformed_databases_do_no_harm))

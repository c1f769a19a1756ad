#include "unit.h"

#include "base/buf.h"
#include "choices.h"
#include "observable_reference.h"

static void add(struct buf *out, const char *kind, struct text text)
{
    buf_addf(out, "%s%s:", out->size > 0 ? " " : "", kind);
    buf_add(out, text);
}

struct listing {
    struct text log;
    struct arena *arena;
    struct buf *out;
};

static void list_one(void *self, const struct observable *one)
{
    static const char *const kinds[OBSERVABLE_KINDS] = {"ip", "domain", "md5", "sha1", "sha256"};
    static const char *const links[] = {"", "url", "escaped", "bare"};
    struct listing *listing = self;
    struct text urls[OBSERVABLE_URLS], log = listing->log;
    AUTO_BUF address = {0};

    if (one->link != OBSERVABLE_NO_URL) {
        size_t count = observable_urls(log, one, listing->arena, urls);

        for (size_t i = 0; i < count; i++)
            add(listing->out, i ? "or" : links[one->link], urls[i]);
    }
    if (one->mail != OBSERVABLE_NONE)
        add(listing->out, "email",
            text_slice(log, one->mail, (size_t)(one->text.bytes - log.bytes) + one->text.size));
    if (one->kind == OBSERVABLE_IP)
        address_write(&one->address, &address);
    add(listing->out, one->is_wide ? "wide" : kinds[one->kind],
        one->kind == OBSERVABLE_IP ? buf_text(&address) : one->text);
}

/* All of them, as "kind:text kind:text". */
static void list(struct text log, struct arena *arena, struct buf *out)
{
    struct listing listing = {log, arena, out};

    observable_each(log, arena, &(struct observable_sink){&listing, list_one, NULL});
}

struct row {
    const char *name, *log, *want;
};

static void check(const struct row *rows, size_t count, bool escapes, bool defanged)
{
    AUTO(arena) arena = arena_new(1024);

    for (size_t i = 0; i < count; i++) {
        AUTO_BUF got = {0};

        list(observable_plain(text_of(rows[i].log), escapes, defanged, arena), arena, &got);
        unit_text(rows[i].name, buf_text(&got), rows[i].want);
    }
}

#define MD5 "0123456789abcdef0123456789ABCDEF"
#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void what_a_log_names_is_found(void **state)
{
    static const struct row rows[] = {
        {"nothing", "", ""},
        {"no observable", "a quiet line: nothing at 10:00:00", ""},
        {"IPv4 at the ends", "10.0.0.1 to 10.0.0.2", "ip:10.0.0.1 ip:10.0.0.2"},
        {"IPv4 with port", "10.0.0.1:443", "ip:10.0.0.1"},
        {"IPv4 in brackets", "[10.0.0.1]", "ip:10.0.0.1"},
        {"IPv4 with a sentence's dot", "from 10.0.0.1.", "ip:10.0.0.1"},
        {"IPv4 in an assignment", "src=10.0.0.1,dst=10.0.0.2", "ip:10.0.0.1 ip:10.0.0.2"},
        {"leading zeros are no IPv4", "010.0.0.1", ""},
        {"five numbers are no IPv4", "1.2.3.4.5", ""},
        {"IPv4 too large", "256.1.1.1", ""},
        {"version numbers", "Mozilla/5.0 537.36", ""},
        {"IPv6", "from 2001:db8::1 port", "ip:2001:db8::1"},
        {"IPv6, long", "x 2001:DB8:0:0:0:0:0:1 y", "ip:2001:db8::1"},
        {"IPv6, bracketed with port", "[2001:db8::1]:443", "ip:2001:db8::1"},
        {"IPv6, mapped", "::ffff:192.0.2.1", "ip:192.0.2.1"},
        {"IPv6 and a colon", "peer 2001:db8::1: reset", "ip:2001:db8::1"},
        {"IPv6 in JSON", "{\"a\":\"2001:db8::1\"}", "ip:2001:db8::1"},
        {"IPv6, nothing but colons", "a :: b", ""},
        {"program names are no IPv6", "std::string bad::cafe_x fab::do()", ""},
        {"MAC address", "aa:bb:cc:dd:ee:ff", ""},
        {"a time", "2026-01-01T10:20:30Z 10:20:30.5", ""},
        {"domain", "query evil.example. IN A", "domain:evil.example"},
        {"domain, deep", "a.b-c.d_e.evil.example", "domain:a.b-c.d_e.evil.example"},
        {"domain in capitals", "EVIL.Example", "domain:EVIL.Example"},
        {"domain, IDN", "xn--mnchen-3ya.xn--p1ai", "domain:xn--mnchen-3ya.xn--p1ai"},
        {"domain behind an ellipsis", "see...evil.example", "domain:evil.example"},
        {"top label of digits", "evil.123 a.1b", ""},
        {"one label", "localhost", ""},
        {"percent before a domain", "u=http%3A%2F%2Fevil.example%2Fx",
         "escaped:http://evil.example/x domain:evil.example"},
        {"a number with units", "took 0.5ms", ""},
        {"URL", "GET http://evil.example/a?b=c HTTP",
         "url:http://evil.example/a?b=c domain:evil.example"},
        {"URL with port and quotes", "\"https://evil.example:8443/x\"",
         "url:https://evil.example:8443/x domain:evil.example"},
        {"URL with user", "ftp://u:p@evil.example/x",
         "url:ftp://u:p@evil.example/x email:p@evil.example domain:evil.example"},
        {"URL of an address", "http://192.0.2.1:81/i", "url:http://192.0.2.1:81/i ip:192.0.2.1"},
        {"URL in a sentence", "(see http://evil.example/a).",
         "url:http://evil.example/a). or:http://evil.example/a domain:evil.example"},
        {"URL in a URL", "http://a.example/?u=http://b.example/",
         "url:http://a.example/?u=http://b.example/ domain:a.example url:http://b.example/ "
         "domain:b.example"},
        {"e-mail", "from=<john.doe+x@evil.example>",
         "email:john.doe+x@evil.example domain:evil.example"},
        {"MD5", "md5=" MD5 ";", "md5:" MD5},
        {"SHA-1", SHA1, "sha1:" SHA1},
        {"SHA-256 between quotes", "\"" SHA256 "\"", "sha256:" SHA256},
        {"33 digits are no hash", MD5 "0", ""},
        {"a word is no hash", "g" MD5 " " MD5 "g", ""},
        {"two hashes", MD5 " " MD5, "md5:" MD5 " md5:" MD5},
        {"hash as a name", MD5 ".evil.example", "domain:" MD5 ".evil.example md5:" MD5},
        {"dots and dashes alone", ". .. ... -.- _._ .a. a.", ""},
        {"IPv4 behind a word and a colon", "outside:10.0.0.1/80 node:10.0.0.2",
         "bare:10.0.0.1/80 ip:10.0.0.1 ip:10.0.0.2"},
        {"IPv4 to IPv4", "10.0.0.1-10.0.0.9", "ip:10.0.0.1 ip:10.0.0.9"},
        {"IPv4 behind a name", "eth0_10.0.0.1 10.0.0.1-eth0", "ip:10.0.0.1 ip:10.0.0.1"},
        {"IPv4 in a name", "10.0.0.1.static.isp.example", "domain:10.0.0.1.static.isp.example"},
        {"a name and a number", "evil.example_443 my-evil.example-2",
         "domain:evil.example domain:my-evil.example"},
        {"IPv6 behind a word and a colon", "source:2001:db8::1 face2001:db8::1 x::1",
         "ip:2001:db8::1"},
        {"IPv6 behind a colon", "addr:2001:db8::1", "ip:2001:db8::1"},
        {"hex words are no part of a name", "dead:beef.example a:b.example",
         "domain:beef.example domain:b.example"},
        {"double escapes", "u=http%253A%252F%252Fevil.example%252Fx", "domain:evil.example"},
        {"escapes", "%2E.bad.evil.example%20x", "domain:bad.evil.example"},
        {"escaped mail", "u=jo%40evil.example&v", "email:jo%40evil.example domain:evil.example"},
        {"mail behind an escape", "u%3Djo@evil.example",
         "email:jo@evil.example domain:evil.example"},
        {"the mailbox is no name", "evil.example@good.example a.b+c@d.example",
         "email:evil.example@good.example domain:good.example email:a.b+c@d.example "
         "domain:d.example"},
        {"URL without a scheme", "evil.example:8080/a evil.example/b evil.example:/c",
         "bare:evil.example:8080/a domain:evil.example bare:evil.example/b domain:evil.example "
         "domain:evil.example"},
        {"URL of IPv6", "http://[2001:db8::1]:81/x",
         "url:http://[2001:db8::1]:81/x or:http://[2001:db8::1 ip:2001:db8::1"},
        {"URL behind an escape", "x%20http://evil.example/",
         "url:http://evil.example/ domain:evil.example"},
        {"URL among commas", "200,http://evil.example/a,7",
         "url:http://evil.example/a,7 or:http://evil.example/a domain:evil.example"},
        {"URL among others' parameters", "u=http://evil.example/a&b=c",
         "url:http://evil.example/a&b=c or:http://evil.example/a domain:evil.example"},
        {"hash of a program", "0x" MD5 " a0x" MD5, "md5:" MD5},
        {"Korean particles", "evil.example\xEB\xA1\x9C",
         "domain:evil.example wide:evil.example\xEB\xA1\x9C"},
        {"other scripts", "\xE2\x80\x9Cm\xC3\xBCnchen.example\xE2\x80\x9D",
         "domain:nchen.example wide:m\xC3\xBCnchen.example"},
        {"other scripts, a dot of their own", "http://\xE4\xBE\x8B\xE3\x80\x82test/a",
         "url:http://\xE4\xBE\x8B\xE3\x80\x82test/a wide:\xE4\xBE\x8B\xE3\x80\x82test"},
    };

    (void)state;
    check(rows, COUNT_OF(rows), false, false);
}

static void escapes_of_json_are_undone(void **state)
{
    static const struct row rows[] = {
        {"slashes", "{\"u\":\"http:\\/\\/evil.example\\/x\"}",
         "url:http://evil.example/x domain:evil.example"},
        {"code points", "\"http:\\u002f\\u002Fevil.example\\u002fx\"",
         "url:http://evil.example/x domain:evil.example"},
        {"a line end before", "a\\nevil.example\\tb.example",
         "domain:evil.example domain:b.example"},
        {"quotes", "\\\"10.0.0.1\\\"", "ip:10.0.0.1"},
        {"cut off", "evil.example \\u00", "domain:evil.example"},
        {"cut off at once", "evil.example\\", "domain:evil.example"},
        {"other scripts", "m\\u00fcnchen.example \\ud83d\\ude00.example",
         "domain:nchen.example wide:m\xC3\xBCnchen.example wide:\xF0\x9F\x98\x80.example"},
        {"JSON in JSON", "\"http:\\\\/\\\\/evil.example\\\\/x\"",
         "url:http://evil.example/x domain:evil.example"},
    };

    (void)state;
    check(rows, COUNT_OF(rows), true, false);
}

static void other_escapes_are_read_both_ways(void **state)
{
    static const struct row rows[] = {
        {"JSON in JSON", "{\"log\":\"{\\\"m\\\":\\\"a\\\\nevil.example\\\"}\"}",
         "domain:nevil.example domain:evil.example"},
        {"a tab", "{\"m\":\"\\\\t10.0.0.1\"}", "ip:10.0.0.1"},
        {"a code point", "{\"m\":\"x\\\\u003d10.0.0.1\"}", "ip:10.0.0.1"},
        {"slashes, twice", "{\"m\":\"http:\\\\\\/\\\\\\/evil.example\\\\\\/x\"}",
         "url:http://evil.example/x domain:evil.example"},
    };
    static const struct row plain[] = {
        {"JSON behind syslog's head", "<13>Jan 1 00:00:00 h app: {\"msg\":\"a\\nevil.example\"}",
         "domain:nevil.example domain:evil.example"},
        {"rsyslog", "x#01110.0.0.1#011y#012evil.example#0",
         "domain:012evil.example ip:10.0.0.1 domain:evil.example"},
        {"written", "a\\n10.0.0.1\\r\\nevil.example",
         "domain:nevil.example ip:10.0.0.1 domain:evil.example"},
        {"a path is not lost", "\\\\nas.evil.example\\new\\x",
         "domain:nas.evil.example domain:as.evil.example"},
        {"no control character", "a#911b.example#01", "domain:911b.example"},
    };

    (void)state;
    check(rows, COUNT_OF(rows), true, false);
    check(plain, COUNT_OF(plain), false, false);
}

static void defanged_ones_are_read_by_option(void **state)
{
    static const struct row rows[] = {
        {"domain", "evil[.]example (dot) b(dot)example", "domain:evil.example domain:b.example"},
        {"URL", "hxxps[:]//evil[.]example/a", "url:https://evil.example/a domain:evil.example"},
        {"URL, once more", "hXXp://evil{.}example", "url:http://evil.example domain:evil.example"},
        {"URL, all in brackets", "hxxp[://]evil.example",
         "url:http://evil.example domain:evil.example"},
        {"address", "192[.]0[.]2[.]1", "ip:192.0.2.1"},
        {"e-mail", "u[at]evil[.]example w[@]b.example",
         "email:u@evil.example domain:evil.example email:w@b.example domain:b.example"},
        {"brackets of others", "[a] (b) {c} h[1]", ""},
    };

    (void)state;
    check(rows, COUNT_OF(rows), false, true);
    AUTO(arena) arena = arena_new(1024);
    AUTO_BUF got = {0};

    list(TEXT("evil[.]example"), arena, &got);
    unit_text("not asked for", buf_text(&got), "");
}

static void slashes_of_json_within_other_texts_are_undone(void **state)
{
    static const struct row rows[] = {
        {"syslog", "app: {\"u\":\"http:\\/\\/evil.example\\/x\"}",
         "url:http://evil.example/x domain:evil.example"},
        {"a folder", "C:\\users\\evil.example", "domain:evil.example"},
    };

    (void)state;
    check(rows, COUNT_OF(rows), false, false);
}

/* Of parts that mean something, at all distances from the ends of words of bits. */
static void both_forms_find_the_same(void **state)
{
    static const char *const parts[] = {".",
                                        "..",
                                        ":",
                                        "::",
                                        "-",
                                        "_",
                                        "%",
                                        "%2F",
                                        "%40",
                                        "@",
                                        "/",
                                        "://",
                                        "http",
                                        "1",
                                        "10.0.0.1",
                                        "192.0.2",
                                        "256",
                                        "0",
                                        "a",
                                        "f0",
                                        "evil",
                                        "com",
                                        "xn--",
                                        "p1ai",
                                        "2001:db8::",
                                        "ffff",
                                        " ",
                                        "\"",
                                        ",",
                                        "\n",
                                        "0x",
                                        "+",
                                        "[",
                                        "]",
                                        "\xC3\xBC",
                                        "\xE3\x80\x82",
                                        "\xFF",
                                        MD5,
                                        SHA1,
                                        SHA256,
                                        "12:30:59",
                                        "evil.example",
                                        "0123456789abcdef"};
    struct choices choices = {.state = 20261124};
    AUTO(arena) arena = arena_new(16384);

    (void)state;
    for (int i = 0; i < 20000; i++) {
        AUTO_BUF text = {0};

        for (size_t count = choose(&choices, 40); count > 0; count--)
            buf_add_string(&text, parts[choose(&choices, COUNT_OF(parts))]);
        if (!observable_forms_agree(buf_text(&text), arena))
            fail_msg("they differ in '%s'", buf_string(&text));
        arena_reset(arena, 1 << 20);
    }
}

UNIT_MAIN(cmocka_unit_test(both_forms_find_the_same),
          cmocka_unit_test(slashes_of_json_within_other_texts_are_undone),
          cmocka_unit_test(what_a_log_names_is_found), cmocka_unit_test(escapes_of_json_are_undone),
          cmocka_unit_test(other_escapes_are_read_both_ways),
          cmocka_unit_test(defanged_ones_are_read_by_option))

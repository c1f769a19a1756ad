#include "unit.h"

#include "base/buf.h"
#include "base/observable.h"

/* All of them, as "kind:text kind:text". */
static void list(struct text log, struct buf *out)
{
    struct observable_scan scan = observable_scan_of(log);
    struct observable one;

    while (observable_next(&scan, &one)) {
        if (out->size > 0)
            buf_add_byte(out, ' ');
        buf_addf(out, "%s:", observable_names[one.kind]);
        if (one.kind == OBSERVABLE_IP)
            address_write(&one.address, out);
        else
            buf_add(out, one.text);
    }
}

struct row {
    const char *name, *log, *want;
};

static void check(const struct row *rows, size_t count, bool escapes, bool defanged)
{
    AUTO(arena) arena = arena_new(1024);

    for (size_t i = 0; i < count; i++) {
        AUTO_BUF got = {0};

        list(observable_plain(text_of(rows[i].log), escapes, defanged, arena), &got);
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
        {"percent before a domain", "u=http%3A%2F%2Fevil.example%2Fx", "domain:evil.example"},
        {"a number with units", "took 0.5ms", ""},
        {"URL", "GET http://evil.example/a?b=c HTTP",
         "url:http://evil.example/a?b=c domain:evil.example"},
        {"URL with port and quotes", "\"https://evil.example:8443/x\"",
         "url:https://evil.example:8443/x domain:evil.example"},
        {"URL with user", "ftp://u:p@evil.example/x",
         "url:ftp://u:p@evil.example/x email:p@evil.example domain:evil.example"},
        {"URL of an address", "http://192.0.2.1:81/i", "url:http://192.0.2.1:81/i ip:192.0.2.1"},
        {"URL in a sentence", "(see http://evil.example/a).",
         "url:http://evil.example/a domain:evil.example"},
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
    };

    (void)state;
    check(rows, COUNT_OF(rows), true, false);
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
    AUTO_BUF got = {0};

    list(TEXT("evil[.]example"), &got);
    unit_text("not asked for", buf_text(&got), "");
}

UNIT_MAIN(cmocka_unit_test(what_a_log_names_is_found), cmocka_unit_test(escapes_of_json_are_undone),
          cmocka_unit_test(defanged_ones_are_read_by_option))

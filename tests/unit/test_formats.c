#include "source_unit.h"

#include <errno.h>

enum { BLOCK = 1 << 16 };

static const int64_t near_ms = 1769867736250; /* 2026-01-31T13:55:36.250Z */

struct format_case {
    const char *name, *log;
    const char *want; /* "path=value" a line; NULL: refused */
    const char *time; /* NULL: none, or no matter */
};

static void check(enum source_format format, const struct format_case *c)
{
    const struct source_settings settings = {.format = (int)format};
    AUTO(source) source = unit_source(&settings);
    AUTO(arena) arena = arena_new(BLOCK);
    struct entry entry;
    struct error err = {0};
    int status = source_parse(source, text_of(c->log), near_ms, arena, &entry, &err);

    unit_two_steps(c->name, source, text_of(c->log), near_ms, &entry, status);
    if (!c->want) {
        if (status != -EBADMSG || err.class != ERROR_POISON || err.text[0] == '\0')
            fail_msg("%s: status %d, class %d, '%s'", c->name, status, err.class, err.text);
        return;
    }
    if (status != 0)
        fail_msg("%s: %s", c->name, err.text);
    unit_entry(c->name, &entry, c->want, arena);
    if (c->time) {
        AUTO_BUF time = {0};

        if (!entry.has_time)
            fail_msg("%s: no time", c->name);
        moment_write(entry.time.ms, &time);
        unit_text(c->name, buf_text(&time), c->time);
    }
}

#define CHECK_ALL(format, cases)                    \
    for (size_t i_ = 0; i_ < COUNT_OF(cases); i_++) \
    check(format, &(cases)[i_])

static const struct format_case access_logs[] = {
    {"common",
     "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /a.gif?x=1 HTTP/1.0\" 200 "
     "2326\n",
     "source_ip=127.0.0.1\nuser=frank\nurl=/a.gif?x=1\nmethod=GET\npath=/a.gif\nquery=x=1\n"
     "protocol=HTTP/1.0\nstatus=200\nbytes=2326\nident=\nreferer=\nuser_agent=\nhost=\n"
     "timestamp=10/Oct/2000:13:55:36 -0700\n"
     "message=127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /a.gif?x=1 HTTP/1.0\" 200 "
     "2326",
     "2000-10-10T20:55:36.000Z"},
    {"combined",
     "2001:db8::1 id1 - [10/Oct/2000:13:55:36 +0900] \"POST / HTTP/1.1\" 302 - "
     "\"http://a/b\" \"Mozilla/5.0 (X11; Linux)\"",
     "source_ip=2001:db8::1\nuser=\nident=id1\nbytes=\nreferer=http://a/b\n"
     "user_agent=Mozilla/5.0 (X11; Linux)\ntrailing=",
     "2000-10-10T04:55:36.000Z"},
    {"more behind",
     "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" "
     "\"curl/8.1\" \"1.2.3.4\" 0.003",
     "user_agent=curl/8.1\nreferer=\ntrailing=\"1.2.3.4\" 0.003", NULL},
    {"virtual host first",
     "example.com:443 10.0.0.1 - frank [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5 "
     "\"-\" \"curl/8.1\"",
     "source_ip=10.0.0.1\nhost=example.com:443\nuser=frank", NULL},
    {"a name for an address",
     "client.example.net - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5",
     "source_ip=client.example.net\nhost=", NULL},
    {"nginx on a Unix socket", "unix: - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5",
     "source_ip=\nurl=/", NULL},
    {"escaped quotes, Apache",
     "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /?q=\\\"x\\\" HTTP/1.1\" 200 5 \"-\" "
     "\"a \\\"b\\\" \\\\\"",
     "url=/?q=\"x\"\nuser_agent=a \"b\" \\", NULL},
    {"escaped quotes, nginx",
     "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /?q=\\x22x\\x22 HTTP/1.1\" 200 5 \"-\" "
     "\"\\x22\"",
     "url=/?q=\"x\"\nuser_agent=\"", NULL},
    {"quotes not escaped",
     "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /?q=\"x\"y HTTP/1.1\" 200 5",
     "url=/?q=\"x\"y\nstatus=200", NULL},
    {"quote in the user name",
     "10.0.0.1 - a\\\"b [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5", "user=a\"b", NULL},
    {"user name with blanks",
     "10.0.0.1 - John Doe [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5",
     "source_ip=10.0.0.1\nuser=John Doe\nhost=", NULL},
    {"user name that looks like the time",
     "10.0.0.1 - [11/Nov/2011:11:11:11 +0000] [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" "
     "200 5",
     "source_ip=10.0.0.1\nuser=[11/Nov/2011:11:11:11 +0000]", "2000-10-10T13:55:36.000Z"},
    {"user name that looks like the time, and something before the request",
     "10.0.0.1 - [11/Nov/2011:11:11:11 +0000] [10/Oct/2000:13:55:36 +0000] 0.1 \"GET /a "
     "HTTP/1.1\" 200 5",
     "url=/a", "2000-10-10T13:55:36.000Z"},
    {"no request", "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"-\" 408 - \"-\" \"-\"",
     "url=\nmethod=\nstatus=408\nuser_agent=", NULL},
    {"TLS on a plain port",
     "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"\\x16\\x03\\x01\" 400 150 \"-\" \"-\"",
     "url=\x16\x03\x01\nmethod=\nstatus=400", NULL},
    {"HTTP/0.9", "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /\" 200 1",
     "url=/\nprotocol=", NULL},
    {"blanks in the target",
     "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /?id=1 union select 2 HTTP/1.1\" 200 1",
     "url=/?id=1 union select 2\nprotocol=HTTP/1.1", NULL},
    {"cut off in the user agent",
     "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"Mozi",
     "user_agent=Mozi", NULL},
    {"cut off in the request", "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /abc",
     "url=/abc\nstatus=", NULL},
    {"nothing behind the time", "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000]",
     "source_ip=10.0.0.1\nurl=", NULL},
    {"something before the request",
     "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] 0.005 example.com \"GET /a HTTP/1.1\" 200 5",
     "url=/a\nstatus=200", NULL},
    {"no time", "10.0.0.1 - - \"GET / HTTP/1.1\" 200 5", NULL, NULL},
    {"a date that is none", "10.0.0.1 - - [31/Feb/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5",
     NULL, NULL},
    {"time first", "[10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5", NULL, NULL},
    {"empty", "", NULL, NULL},
    {"blanks", "   ", NULL, NULL},
    {"a quote", "\"", NULL, NULL},
    {"a bracket at the end", "10.0.0.1 - - [", NULL, NULL},
};

static void access_logs_are_read_as_apache_and_nginx_write_them(void **state)
{
    (void)state;
    CHECK_ALL(SOURCE_CLF, access_logs);
}

static void nginx_errors_tell_client_and_request(void **state)
{
    static const struct format_case cases[] = {
        {"with a request",
         "2026/01/31 13:55:36 [error] 1234#5678: *90 open() \"/srv/x, y\" failed (2: No such file "
         "or directory), client: 10.0.0.1, server: example.com, request: \"GET /x?a=b HTTP/1.1\", "
         "upstream: \"http://127.0.0.1:80/x\", host: \"www.example.com\", referrer: \"http://r/\"",
         "source_ip=10.0.0.1\nurl=/x?a=b\nmethod=GET\nhost=www.example.com\nserver=example.com\n"
         "level=error\npid=1234\ntid=5678\nconnection=90\nreferer=http://r/\n"
         "upstream=http://127.0.0.1:80/x\nuser=\n"
         "msg=open() \"/srv/x, y\" failed (2: No such file or directory)",
         "2026-01-31T13:55:36.000Z"},
        {"basic auth",
         "2026/01/31 13:55:36 [error] 1#2: *3 user \"bob\": password mismatch, client: 10.0.0.1, "
         "server: , request: \"GET / HTTP/1.1\", host: \"h\"",
         "source_ip=10.0.0.1\nhost=h\nmsg=user \"bob\": password mismatch\nserver=", NULL},
        {"a comma in the request",
         "2026/01/31 13:55:36 [error] 1#2: *3 x, client: 10.0.0.1, server: s, request: \"GET /a\", "
         "host: \"b HTTP/1.1\", host: \"h\"",
         "source_ip=10.0.0.1", NULL},
        {"on a Unix socket",
         "2026/01/31 13:55:36 [error] 1#2: *3 x, client: unix:, server: s, request: \"GET /a "
         "HTTP/1.1\", host: \"h\"",
         "source_ip=\nhost=h", NULL},
        {"a path that names another client",
         "2026/01/31 13:55:36 [error] 1#2: *3 open() \"/srv/www/nmap, client: 192.0.2.7, x\" "
         "failed "
         "(2: No such file or directory), client: 10.0.0.1, server: s, request: \"GET /nmap,%20x "
         "HTTP/1.1\", host: \"h\"",
         "source_ip=10.0.0.1\nhost=h\nmethod=GET", NULL},
        {"a path that names another client and a server",
         "2026/01/31 13:55:36 [error] 1#2: *3 open() \"/srv/www/nmap, client: 192.0.2.7, server: "
         "s, "
         "request: \"GET / HTTP/1.1\" failed (2: No such file or directory), client: 10.0.0.1, "
         "server: s, request: \"GET /nmap HTTP/1.1\", host: \"h\"",
         "source_ip=", NULL},
        {"a referrer that names another client",
         "2026/01/31 13:55:36 [error] 1#2: *3 access forbidden by rule, client: 10.0.0.1, server: "
         "s, "
         "request: \"GET / HTTP/1.1\", host: \"h\", referrer: \"x, client: 192.0.2.7\"",
         "source_ip=10.0.0.1\nhost=h", NULL},
        {"a referrer that names another client and a server",
         "2026/01/31 13:55:36 [error] 1#2: *3 access forbidden by rule, client: 10.0.0.1, server: "
         "s, "
         "request: \"GET / HTTP/1.1\", host: \"h\", referrer: \"x, client: 192.0.2.7, server: s\"",
         "source_ip=", NULL},
        {"without a request", "2026/01/31 13:55:36 [notice] 1#1: start worker process 12",
         "msg=start worker process 12\nlevel=notice\nsource_ip=", NULL},
        {"cut off", "2026/01/31 13:55:36 [error] 1#2: *3 x, client: 10.0.0.1, server: s, req",
         "source_ip=10.0.0.1\nhost=s", NULL},
        {"no such day", "2026/02/31 13:55:36 [error] 1#2: x", NULL, NULL},
        {"no process", "2026/01/31 13:55:36 [error] x", NULL, NULL},
    };

    (void)state;
    CHECK_ALL(SOURCE_CLF, cases);
}

/* A line of 2047 bytes: nginx's own client had no room in it. */
static void nginx_errors_that_were_cut_off_tell_no_client(void **state)
{
    const struct source_settings settings = {.format = SOURCE_CLF};
    AUTO(source) source = unit_source(&settings);
    AUTO(arena) arena = arena_new(BLOCK);
    AUTO_BUF log = {0};
    struct entry entry;

    (void)state;
    buf_add_string(&log, "2026/01/31 13:55:36 [error] 1#2: *3 open() \"/srv/");
    while (buf_text(&log).size < 2000)
        buf_add_byte(&log, 'x');
    buf_add_string(&log, ", client: 192.0.2.7, server: abcdefghijklmnopqr");
    assert_int_equal(buf_text(&log).size, 2047);
    assert_int_equal(source_parse(source, buf_text(&log), -1, arena, &entry, NULL), 0);
    unit_entry("cut off", &entry, "source_ip=", arena);
}

static const struct format_case syslog_lines[] = {
    {"RFC 3164", "<34>Oct 11 22:14:15 mymachine su[230]: 'su root' failed for lonvick\n",
     "host=mymachine\nprogram=su\npid=230\nfacility=auth\nseverity=crit\n"
     "msg='su root' failed for lonvick\n"
     "message=<34>Oct 11 22:14:15 mymachine su[230]: 'su root' failed for lonvick\n"
     "timestamp=Oct 11 22:14:15",
     NULL},
    {"no priority", "Jan 31 13:55:30 web1 sshd[99]: Failed password for root",
     "host=web1\nprogram=sshd\npid=99\nseverity=\nmsg=Failed password for root",
     "2026-01-31T13:55:30.000Z"},
    {"with a year", "<13>Jan 31 2024 13:55:30 web1 app: x", "host=web1\nprogram=app\nmsg=x",
     "2024-01-31T13:55:30.000Z"},
    {"rsyslog", "2026-01-31T13:55:36.123456+09:00 web1 postfix/smtpd[7]: connect from x[1.2.3.4]",
     "host=web1\nprogram=postfix/smtpd\npid=7\nmsg=connect from x[1.2.3.4]",
     "2026-01-31T04:55:36.123Z"},
    {"rsyslog with a priority", "<165>2026-01-31T13:55:36Z web1 app: x",
     "host=web1\nprogram=app\nfacility=local4\nseverity=notice", "2026-01-31T13:55:36.000Z"},
    {"no host", "<30>Jan 31 13:55:30 dhclient[5]: bound", "host=\nprogram=dhclient\npid=5", NULL},
    {"no tag", "<30>Jan 31 13:55:30 web1 last message repeated 3 times",
     "host=web1\nprogram=\nmsg=last message repeated 3 times", NULL},
    {"IPv6 in place of the host", "Jan 31 13:55:30 2001:db8::1 sshd[123]: x",
     "host=2001:db8::1\nprogram=sshd\nmsg=x", "2026-01-31T13:55:30.000Z"},
    {"a year and a colon behind the time", "Jan 31 13:55:30 2001: %ASA-6-302013: x", "host=\nmsg=x",
     "2001-01-31T13:55:30.000Z"},
    {"IPv6 in the text", "<30>Jan 31 13:55:30 web1 ::1 is up", "host=web1\nprogram=\nmsg=::1 is up",
     NULL},
    {"a colon behind the time", "<166>Jan 31 13:55:30: %ASA-6-302013: Built",
     "host=\n"
     "program=%ASA-6-302013\nmsg=Built",
     "2026-01-31T13:55:30.000Z"},
    {"only a priority", "<0>app: text",
     "program=app\nmsg=text\nfacility=kern\nseverity=emerg\n"
     "host=",
     NULL},
    {"only a priority and text", "<191>text", "msg=text\nfacility=local7\nseverity=debug", NULL},
    {"RFC 5424", "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time",
     "host=192.0.2.1\nprogram=myproc\npid=8710\nmsgid=\nmsg=%% It's time",
     "2003-08-24T12:14:15.000Z"},
    {"structured data",
     "<165>1 2003-10-11T22:14:15.003Z host.example.com evntslog - ID47 [exampleSDID@32473 "
     "iut=\"3\" eventSource=\"App\\\"li\\]ca\\\\tion\\n\"][x@1 a=\"\"][y] \xEF\xBB\xBFtext",
     "host=host.example.com\nprogram=evntslog\npid=\nmsgid=ID47\nexampleSDID@32473.iut=3\n"
     "exampleSDID@32473.eventSource=App\"li]ca\\tion\\n\nx@1.a=\nmsg=text",
     "2003-10-11T22:14:15.003Z"},
    {"nothing but nil values", "<34>1 - - - - - -", "host=\nprogram=\nmsg=\ntimestamp=", NULL},
    {"structured data without an end", "<34>1 - h p - - [a b=\"c\" text",
     "host=h\nmsg=[a b=\"c\" text\n"
     "a.b=",
     NULL},
    {"a bracket without an end", "<34>1 - h p - - [", "host=h\nmsg=[", NULL},
    {"a quote without an end", "<34>1 - h p - - [a b=\"c\\", "host=h\nmsg=[a b=\"c\\", NULL},
    {"an access log inside",
     "<190>Jan 31 13:55:30 web1 nginx: 10.0.0.1 - bob [31/Jan/2026:13:55:29 +0000] \"GET "
     "/?id=1 HTTP/1.1\" 200 5 \"-\" \"curl/8.1\"",
     "host=web1\nprogram=nginx\nsource_ip=10.0.0.1\nuser=bob\nurl=/?id=1\nuser_agent=curl/8.1\n"
     "status=200",
     "2026-01-31T13:55:30.000Z"},
    {"JSON inside", "<14>Jan 31 13:55:30 web1 app: {\"client_ip\":\"10.0.0.1\",\"a\":{\"b\":7}}",
     "source_ip=10.0.0.1\na.b=7\nprogram=app", NULL},
    {"priority too high", "<192>x", NULL, NULL},
    {"priority without an end", "<34", NULL, NULL},
    {"priority without digits", "<>x", NULL, NULL},
    {"neither priority nor time", "hello", NULL, NULL},
    {"empty", "", NULL, NULL},
};

static void syslog_is_read_in_all_its_forms(void **state)
{
    (void)state;
    CHECK_ALL(SOURCE_SYSLOG, syslog_lines);
}

static const struct format_case json_logs[] = {
    {"flat",
     "{\"@timestamp\":\"2026-01-31T13:55:36Z\",\"message\":\"GET "
     "/\",\"client_ip\":\"10.0.0.1\","
     "\"server_ip\":\"10.0.0.2\",\"user_agent\":\"curl\",\"user\":\"bob\",\"host\":\"web1\","
     "\"url\":\"/\",\"status\":200,\"ok\":true,\"nothing\":null,\"list\":[1,\"a\"]}",
     "message=GET /\nsource_ip=10.0.0.1\ntarget_ip=10.0.0.2\nuser_agent=curl\nuser=bob\n"
     "host=web1\nurl=/\nstatus=200\nok=true\nnothing=\nlist=[1,\"a\"]\nlist.0=",
     "2026-01-31T13:55:36.000Z"},
    {"objects",
     "{\"source\":{\"ip\":\"10.0.0.1\"},\"host\":{\"name\":\"web1\"},\"user\":{"
     "\"name\":\"bob\"},\"user_agent\":{\"original\":\"curl\"},\"agent\":{\"type\":"
     "\"filebeat\"},\"url\":{\"original\":\"/a\",\"full\":\"/b\"}}",
     "source_ip=10.0.0.1\nhost=web1\nuser=bob\nuser_agent=curl\nurl=/a\nagent.type=filebeat\n"
     "agent={\"type\":\"filebeat\"}",
     NULL},
    {"literal dots",
     "{\"source.ip\":\"10.0.0.1\",\"id.orig_h\":\"10.0.0.9\",\"host.name\":\"h\","
     "\"a.b\":{\"c.d\":5}}",
     "source_ip=10.0.0.1\nhost=h\nid.orig_h=10.0.0.9\na.b.c.d=5", NULL},
    {"the order of candidates, not of members",
     "{\"IpAddress\":\"10.0.0.3\",\"source\":{\"ip\":\"10.0.0.2\"},\"client_ip\":\"10.0.0.1\"}",
     "source_ip=10.0.0.1", NULL},
    {"empty ones are passed over",
     "{\"message\":\"\",\"msg\":null,\"log\":\"x\",\"client_ip\":\"-\",\"src\":\"10.0.0.1\","
     "\"user\":{\"id\":5},\"username\":\"bob\"}",
     "message=x\nsource_ip=10.0.0.1\nuser=bob\nuser.id=5", NULL},
    {"lists stand for their first item", "{\"source\":{\"ip\":[\"10.0.0.1\",\"10.0.0.2\"]}}",
     "source_ip=10.0.0.1", NULL},
    {"a message that is an object", "{\"message\":{\"a\":[1,2.50]}}", "message={\"a\":[1,2.50]}",
     NULL},
    {"numbers as they are written", "{\"message\":1.50,\"n\":12345678901234567890123}",
     "message=1.50\nn=12345678901234567890123", NULL},
    {"epoch in seconds", "{\"ts\":1769867736.25}", "timestamp=1769867736.25",
     "2026-01-31T13:55:36.250Z"},
    {"epoch in milliseconds", "{\"timestamp\":\"1769867736250\"}", "", "2026-01-31T13:55:36.250Z"},
    {"syslog's time", "{\"time\":\"Jan 31 13:55:36\"}", "", "2026-01-31T13:55:36.000Z"},
    {"byte order mark", "\xEF\xBB\xBF {\"message\":\"x\"}\r\n", "message=x", NULL},
    {"escapes", "{\"message\":\"a\\u0041\\t\\\"\\u00e9\"}", "message=aA\t\"\xC3\xA9", NULL},
    {"a byte that is not UTF-8", "{\"message\":\"a\xFFz\",\"user\":\"bob\"}",
     "message=a\xFFz\nuser=bob", NULL},
    {"a control character", "{\"message\":\"a\tz\"}", "message=a\tz", NULL},
    {"a text is a line",
     "\"10.0.0.1 - - [31/Jan/2026:13:55:36 +0000] \\\"GET /x HTTP/1.1\\\" 200 5\"",
     "source_ip=10.0.0.1\nurl=/x\nmessage=10.0.0.1 - - [31/Jan/2026:13:55:36 +0000] \"GET /x "
     "HTTP/1.1\" 200 5",
     "2026-01-31T13:55:36.000Z"},
    {"an access log inside",
     "{\"message\":\"10.0.0.1 - bob [31/Jan/2026:13:55:36 +0000] \\\"GET /x HTTP/1.1\\\" 200 5 "
     "\\\"-\\\" "
     "\\\"curl/8\\\"\",\"host\":{\"name\":\"web1\"},\"agent\":{\"type\":\"filebeat\"}}",
     "source_ip=10.0.0.1\nuser=bob\nurl=/x\nuser_agent=curl/8\nhost=web1\nstatus=200",
     "2026-01-31T13:55:36.000Z"},
    {"what the JSON says itself comes first",
     "{\"message\":\"10.0.0.1 - bob [31/Jan/2026:13:55:36 +0000] \\\"GET /x HTTP/1.1\\\" 200 "
     "5\",\"user\":\"eve\",\"@timestamp\":\"2026-02-01T00:00:00Z\",\"status\":201}",
     "source_ip=10.0.0.1\nuser=eve\nstatus=201", "2026-02-01T00:00:00.000Z"},
    {"JSON inside", "{\"log\":\"{\\\"client_ip\\\":\\\"10.0.0.1\\\",\\\"msg\\\":\\\"x\\\"}\"}",
     "source_ip=10.0.0.1\nmessage={\"client_ip\":\"10.0.0.1\",\"msg\":\"x\"}", NULL},
    {"empty object", "{}", "message=\nsource_ip=\ntimestamp=", NULL},
    {"empty key", "{\"\":1,\"message\":\"x\"}", "message=x", NULL},
    {"a list", "[{\"message\":\"x\"}]", NULL, NULL},
    {"a number", "5", NULL, NULL},
    {"null", "null", NULL, NULL},
    {"cut off", "{\"message\":\"x", NULL, NULL},
    {"something behind", "{\"message\":\"x\"} x", NULL, NULL},
    {"two objects", "{}{}", NULL, NULL},
    {"empty", "", NULL, NULL},
    {"a line", "hello", NULL, NULL},
};

static void json_fields_come_from_the_first_candidate_that_says_something(void **state)
{
    (void)state;
    CHECK_ALL(SOURCE_JSON, json_logs);
}

static void nul_bytes_are_bytes(void **state)
{
    const struct {
        const char *name;
        enum source_format format;
        struct text log;
        struct text message;
    } cases[] = {
        {"escaped in JSON", SOURCE_JSON, TEXT("{\"message\":\"a\\u0000b\"}"), TEXT("a\0b")},
        {"bare in JSON", SOURCE_JSON, TEXT("{\"message\":\"a\0b\"}"), TEXT("a\0b")},
        {"plain", SOURCE_PLAIN, TEXT("a\0b"), TEXT("a\0b")},
        {"syslog", SOURCE_SYSLOG, TEXT("<13>a\0b"), TEXT("<13>a\0b")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct source_settings settings = {.format = (int)cases[i].format};
        AUTO(source) source = unit_source(&settings);
        AUTO(arena) arena = arena_new(BLOCK);
        struct entry entry;

        assert_int_equal(source_parse(source, cases[i].log, -1, arena, &entry, NULL), 0);
        if (!text_equal(entry.fields[ENTRY_MESSAGE], cases[i].message))
            fail_msg("%s: another message", cases[i].name);
    }
}

static void auto_tells_the_formats_apart(void **state)
{
    static const struct format_case cases[] = {
        {"JSON", "{\"client_ip\":\"10.0.0.1\"}", "source_ip=10.0.0.1", NULL},
        {"syslog", "<13>Jan 31 13:55:36 web1 app[1]: x", "program=app", NULL},
        {"syslog without priority", "Jan 31 13:55:36 web1 app[1]: x", "program=app", NULL},
        {"rsyslog", "2026-01-31T13:55:36+00:00 web1 app[1]: x", "program=app", NULL},
        {"access log", "10.0.0.1 - - [31/Jan/2026:13:55:36 +0000] \"GET /x HTTP/1.1\" 200 5",
         "url=/x", NULL},
        {"access log, IPv6", "fe80::1 - - [31/Jan/2026:13:55:36 +0000] \"GET /x HTTP/1.1\" 200 5",
         "url=/x", NULL},
        {"nginx error log", "2026/01/31 13:55:36 [error] 1#2: *3 x, client: 10.0.0.1, server: s",
         "source_ip=10.0.0.1", NULL},
        {"a program's own log", "2026-01-31T13:55:36Z INFO starting up",
         "host=\nprogram=\nmessage=2026-01-31T13:55:36Z INFO starting up",
         "2026-01-31T13:55:36.000Z"},
        {"a time with a colon", "2026-01-31T13:55:36Z: Failed Login: user=x",
         "host=\nprogram=\nsource_ip=", "2026-01-31T13:55:36.000Z"},
        {"Apache's error log",
         "[Sat Jan 31 13:55:36.902022 2026] [core:error] [pid 35708:tid 4328] [client "
         "203.0.113.7:50022] File does not exist: /x",
         "source_ip=203.0.113.7\nlevel=error\nmodule=core\npid=35708\n"
         "msg=File does not exist: /x",
         "2026-01-31T13:55:36.902Z"},
        {"Apache's error log, 2.2",
         "[Sat Jan 31 13:55:36 2026] [error] [client 2001:db8::1] user bob not found: /x",
         "source_ip=2001:db8::1\nlevel=error\nmodule=\nmsg=user bob not found: /x",
         "2026-01-31T13:55:36.000Z"},
        {"Apache's error log, no client", "[Sat Jan 31 13:55:36 2026] [notice] resuming",
         "source_ip=\nmsg=resuming", "2026-01-31T13:55:36.000Z"},
        {"Apache's error log, a reason before the client",
         "[Sat Jan 31 13:55:36.9 2026] [proxy:error] [pid 1] (111)Connection refused: [client "
         "203.0.113.7:50022] AH01114: failed",
         "source_ip=203.0.113.7", "2026-01-31T13:55:36.900Z"},
        {"in brackets", "[2026-01-31 13:55:36,250] {x.py:1} INFO - y",
         "host=", "2026-01-31T13:55:36.250Z"},
        {"vsftpd's own log",
         "Mon Feb  2 08:00:01 2026 [pid 2] [bob] FAIL LOGIN: Client \"10.0.0.1\"",
         "timestamp=Mon Feb  2 08:00:01 2026\nhost=", "2026-02-02T08:00:01.000Z"},
        {"auditd's log", "type=USER_AUTH msg=audit(1772438401.123:456): pid=1 res=failed",
         "timestamp=1772438401.123", "2026-03-02T08:00:01.123Z"},
        {"auditd's log, of several machines",
         "node=gate type=LOGIN msg=audit(1772438401.123:456): x",
         "host=", "2026-03-02T08:00:01.123Z"},
        {"auditd's log, no time", "type=LOGIN msg=audit(", "timestamp=", NULL},
        {"journald", "{\"__REALTIME_TIMESTAMP\":\"1772438401123456\",\"MESSAGE\":\"x\"}",
         "message=x", "2026-03-02T08:00:01.123Z"},
        {"rsyslog's own names", "{\"timereported\":\"2026-03-02T08:00:01+09:00\",\"msg\":\" x\"}",
         "message= x", "2026-03-01T23:00:01.000Z"},
        {"JSON that is broken is searched as text", "{\"message\":\"x", "message={\"message\":\"x",
         NULL},
        {"an access log that is none", "10.0.0.1 - - [31/Feb/2026:13:55:36 +0000] \"GET /x\"",
         "message=10.0.0.1 - - [31/Feb/2026:13:55:36 +0000] \"GET /x\"\nsource_ip=", NULL},
        {"month without a day", "May the force be with you",
         "message=May the force be with you\nhost=", NULL},
        {"text", "hello", "message=hello\nhost=", NULL},
        {"a line end", "hello\r\n", "message=hello", NULL},
        {"empty", "", "message=", NULL},
    };

    (void)state;
    CHECK_ALL(SOURCE_AUTO, cases);
}

/* @count opening @open, something inside, and as many @close. */
static struct text nested(struct arena *arena, int count, const char *open, const char *close)
{
    AUTO_BUF text = {0};

    buf_add_string(&text, "{\"message\":\"x\",\"a\":");
    for (int i = 1; i < count; i++)
        buf_add_string(&text, open);
    buf_add_string(&text, "0");
    for (int i = 1; i < count; i++)
        buf_add_string(&text, close);
    buf_add_string(&text, "}");
    return arena_copy(arena, buf_text(&text));
}

static void json_beyond_64_levels_is_refused_in_every_format(void **state)
{
    const struct source_settings settings = {.format = SOURCE_AUTO};
    AUTO(source) source = unit_source(&settings);
    AUTO(arena) arena = arena_new(BLOCK);
    struct entry entry;
    struct error err;

    (void)state;
    assert_int_equal(source_parse(source, nested(arena, 64, "[", "]"), -1, arena, &entry, &err), 0);
    assert_int_equal(
        source_parse(source, nested(arena, 64, "{\"b\":", "}"), -1, arena, &entry, &err), 0);
    assert_int_equal(source_parse(source, nested(arena, 65, "[", "]"), -1, arena, &entry, &err),
                     -ELOOP);
    assert_int_equal(err.class, ERROR_POISON);
    assert_int_equal(
        source_parse(source, nested(arena, 65, "{\"b\":", "}"), -1, arena, &entry, &err), -ELOOP);
    assert_int_equal(source_parse(source, nested(arena, 100000, "[", "]"), -1, arena, &entry, &err),
                     -ELOOP);
    /* Many beside each other are not deep. */
    assert_int_equal(source_parse(source,
                                  nested(arena, 2,
                                         "[[],[],{},[[[]]],0,1,2,3,4,5,6,7,8,9,"
                                         "[],[],[],[],[],[],[],[],[],[],[],[],[],"
                                         "[],[],[],[],[],[],[],[],[],[],[],[],[],"
                                         "[],[],[],[],[],[],[],[],[],[],[],[],[],",
                                         "]"),
                                  -1, arena, &entry, &err),
                     0);
}

static void ten_thousand_members_are_all_reachable(void **state)
{
    const struct source_settings settings = {.format = SOURCE_JSON};
    AUTO(source) source = unit_source(&settings);
    AUTO(arena) arena = arena_new(BLOCK);
    AUTO_BUF log = {0};
    struct entry entry;

    (void)state;
    buf_add_byte(&log, '{');
    for (int i = 0; i < 10000; i++)
        buf_addf(&log, "\"k%d\":%d,", i, i);
    buf_add_string(&log, "\"client_ip\":\"10.0.0.1\"}");
    assert_int_equal(source_parse(source, buf_text(&log), -1, arena, &entry, NULL), 0);
    unit_entry("many", &entry, "k0=0\nk9999=9999\nsource_ip=10.0.0.1", arena);
}

static void a_time_without_its_year_needs_a_time_nearby(void **state)
{
    const struct source_settings settings = {.format = SOURCE_AUTO};
    AUTO(source) source = unit_source(&settings);
    AUTO(arena) arena = arena_new(BLOCK);
    struct entry entry;

    (void)state;
    assert_int_equal(
        source_parse(source, TEXT("Jan 31 13:55:36 web1 app[1]: x"), -1, arena, &entry, NULL), 0);
    assert_false(entry.has_time);
    unit_entry("fields", &entry, "timestamp=Jan 31 13:55:36\nhost=web1\nprogram=app", arena);
}

UNIT_MAIN(cmocka_unit_test(access_logs_are_read_as_apache_and_nginx_write_them),
          cmocka_unit_test(nginx_errors_tell_client_and_request),
          cmocka_unit_test(nginx_errors_that_were_cut_off_tell_no_client),
          cmocka_unit_test(syslog_is_read_in_all_its_forms),
          cmocka_unit_test(json_fields_come_from_the_first_candidate_that_says_something),
          cmocka_unit_test(nul_bytes_are_bytes), cmocka_unit_test(auto_tells_the_formats_apart),
          cmocka_unit_test(json_beyond_64_levels_is_refused_in_every_format),
          cmocka_unit_test(ten_thousand_members_are_all_reachable),
          cmocka_unit_test(a_time_without_its_year_needs_a_time_nearby))

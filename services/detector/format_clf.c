/* Access logs of Apache and nginx: common and combined, with or without the virtual host in front,
 * and with whatever an operator put behind.
 * https://httpd.apache.org/docs/2.4/mod/mod_log_config.html
 * https://nginx.org/en/docs/http/ngx_http_log_module.html
 *
 *     127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326
 *     127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "http://a/" "curl/8" 0.1
 *     example.com:80 127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "-"
 */
#include <errno.h>

#include "base/address.h"
#include "base/ascii.h"
#include "detector/format.h"
#include "detector/scan.h"

enum {
    TIME_SIZE = 26,  /* of "10/Oct/2000:13:55:36 -0700" */
    TIME_REACH = 512 /* how far into the line the time may begin */
};

/* What stands where; all without quotes and brackets. */
struct access {
    struct text host, ident, user, vhost, time;
    struct text request, status, bytes, referer, user_agent, trailing;
    struct moment moment;
};

/* Is there a "[10/Oct/2000:" at @at? */
static bool time_begins(struct text line, size_t at)
{
    const char *p = line.bytes + at;

    return line.size - at > TIME_SIZE + 1 && p[0] == '[' && ascii_is_digit(p[1]) && p[3] == '/' &&
           p[7] == '/' && p[TIME_SIZE + 1] == ']';
}

/* Where the bracket of the time is, line.size if nowhere. Of several the last before the request: a
 * client may choose a user name that looks like one. */
static size_t find_time(struct text line)
{
    size_t quote = text_find_byte(line, '"'), found = line.size;

    while (quote > 0 && quote < line.size && line.bytes[quote - 1] == '\\')
        quote += 1 + text_find_byte(text_slice(line, quote + 1, line.size), '"');
    /* Nearly always: [time] "request" */
    if (quote < line.size && quote >= TIME_SIZE + 3 && time_begins(line, quote - TIME_SIZE - 3))
        return quote - TIME_SIZE - 3;
    size_t end = quote < TIME_REACH ? quote : TIME_REACH;

    for (size_t at = 0; at < line.size && at < end; at++) {
        at += text_find_byte(text_slice(line, at, end), '[');
        if (at < line.size && time_begins(line, at))
            found = at;
    }
    return found;
}

static bool clf_maybe(struct text log)
{
    return log.size > TIME_SIZE && (unsigned char)log.bytes[0] > ' ' && find_time(log) < log.size;
}

/* host ident user, and perhaps the virtual host before them. */
static void read_client(struct text line, struct access *access)
{
    struct text first, second, rest = line;
    struct address address;

    scan_word(&rest, &first);
    scan_word(&rest, &second);
    size_t blank = text_find_byte(rest, ' ');

    if (blank < rest.size && !address_parse(first, &address) && address_parse(second, &address)) {
        access->vhost = first;
        first = second;
        scan_word(&rest, &second);
    }
    access->host = scan_or_nothing(first);
    access->ident = scan_or_nothing(second);
    access->user = text_ends(rest, TEXT(" -")) ? (struct text){NULL, 0} : scan_or_nothing(rest);
}

/* What follows the time: "request" status bytes "referer" "user agent" and more, any of which may
 * be missing at the end. */
static void read_request(struct text rest, struct access *access)
{
    /* Something of the operator's own may stand before the request. */
    if (rest.size > 0 && rest.bytes[0] != '"')
        rest = text_slice(rest, text_find_byte(rest, '"'), rest.size);
    scan_quoted(&rest, &access->request);
    if (rest.size > 0 && rest.bytes[0] != '"')
        scan_word(&rest, &access->status);
    if (rest.size > 0 && rest.bytes[0] != '"')
        scan_word(&rest, &access->bytes);
    if (scan_quoted(&rest, &access->referer))
        scan_quoted(&rest, &access->user_agent);
    access->trailing = rest;
}

/* What makes a line an access log. @at: where the bracket of the time is. */
static bool find_start(struct text line, size_t *at, struct text *time)
{
    *at = find_time(line);
    if (*at == 0 || *at == line.size || line.bytes[*at - 1] != ' ')
        return false;
    *time = text_slice(line, *at + 1, *at + 1 + TIME_SIZE);
    return true;
}

static bool read_access(struct text line, struct access *access)
{
    size_t at;

    if (!find_start(line, &at, &access->time) || !moment_parse_clf(access->time, &access->moment))
        return false;
    read_client(text_slice(line, 0, at - 1), access);
    struct text rest = text_slice(line, at + TIME_SIZE + 2, line.size);

    if (rest.size > 0 && rest.bytes[0] == ' ')
        rest = text_slice(rest, 1, rest.size);
    read_request(rest, access);
    return true;
}

static void fill(const struct access *access, struct arena *arena, struct entry *entry)
{
    struct scan_request request = scan_request(scan_unescape(access->request, arena));
    const struct entry_extra extras[] = {
        {TEXT("method"), request.method},
        {TEXT("path"), request.path},
        {TEXT("query"), request.query},
        {TEXT("protocol"), request.protocol},
        {TEXT("status"), scan_or_nothing(access->status)},
        {TEXT("bytes"), scan_or_nothing(access->bytes)},
        {TEXT("referer"), scan_unescape(scan_or_nothing(access->referer), arena)},
        {TEXT("ident"), access->ident},
        {TEXT("trailing"), access->trailing},
    };

    entry_fill(entry, ENTRY_SOURCE_IP, scan_client(access->host));
    entry_fill(entry, ENTRY_USER, scan_unescape(access->user, arena));
    entry_fill(entry, ENTRY_HOST, access->vhost);
    entry_fill(entry, ENTRY_URL, request.target);
    entry_fill(entry, ENTRY_USER_AGENT, scan_unescape(scan_or_nothing(access->user_agent), arena));
    entry_fill_time(entry, access->time, access->moment);
    entry_add_extras(entry, extras, COUNT_OF(extras), arena);
}

static int refuse(struct error *err)
{
    return error_set_class(err, ERROR_POISON, -EBADMSG,
                           "not an access log in common or combined format: no time as in "
                           "\"[10/Oct/2000:13:55:36 -0700]\" behind host, ident and user");
}

static int clf_parse(const struct format_context *context, struct text log, struct entry *entry,
                     struct error *err)
{
    struct text line = scan_line(log);
    struct access access = {0};

    if (!read_access(line, &access))
        return refuse(err);
    entry_fill(entry, ENTRY_MESSAGE, line);
    fill(&access, context->arena, entry);
    return 0;
}

static int clf_parse_message(const struct format_context *context, struct text log,
                             struct entry *entry, struct error *err)
{
    struct text line = scan_line(log), time;
    size_t at;

    (void)context;
    if (!find_start(line, &at, &time) || !moment_is_clf(time))
        return refuse(err);
    entry_fill(entry, ENTRY_MESSAGE, line);
    return 0;
}

const struct format_ops format_clf = {
    .name = "clf",
    .format = SOURCE_CLF,
    .maybe = clf_maybe,
    .parse = clf_parse,
    .parse_message = clf_parse_message,
};

/* nginx's error log. Its form is in the source, src/core/ngx_log.c and
 * src/http/ngx_http_request.c (ngx_http_log_error):
 *
 *     2026/01/31 13:55:36 [error] 1234#5678: *90 open() "/x" failed (2: No such file or directory),
 *         client: 10.0.0.1, server: example.com, request: "GET /x HTTP/1.1", host: "example.com"
 *
 * The last part, one line with the rest, is there only when a request was at work.
 */
#include <errno.h>

#include "base/address.h"
#include "base/ascii.h"
#include "detector/format.h"
#include "detector/scan.h"

enum {
    TIME_SIZE = 19,  /* of "2026/01/31 13:55:36" */
    CUT_SIZE = 2027, /* nginx cuts a line at 2048 bytes, of which syslog may have taken the time */
};

struct failure {
    struct text level, pid, tid, connection, text;
    struct text client, server, request, upstream, host, referrer;
};

static bool nginx_error_maybe(struct text log)
{
    return log.size > TIME_SIZE + 2 && log.bytes[4] == '/' && log.bytes[7] == '/' &&
           log.bytes[10] == ' ' && log.bytes[TIME_SIZE + 1] == '[';
}

/* Takes digits and the @after behind them off *@rest. */
static bool number(struct text *rest, char after, struct text *digits)
{
    size_t size = 0;

    while (size < rest->size && ascii_is_digit(rest->bytes[size]))
        size++;
    if (size == 0 || size == rest->size || rest->bytes[size] != after)
        return false;
    *digits = text_slice(*rest, 0, size);
    *rest = text_slice(*rest, size + 1, rest->size);
    return true;
}

/* [error] 1234#5678: *90 */
static bool read_head(struct text *rest, struct failure *failure)
{
    size_t bracket = text_find_byte(*rest, ']');

    if (rest->size == 0 || rest->bytes[0] != '[' || bracket == rest->size)
        return false;
    failure->level = text_slice(*rest, 1, bracket);
    *rest = text_slice(*rest, bracket + 2, rest->size);
    if (!number(rest, '#', &failure->pid) || !number(rest, ':', &failure->tid))
        return false;
    *rest = text_slice(*rest, 1, rest->size);
    if (rest->size > 0 && rest->bytes[0] == '*') {
        struct text behind = text_slice(*rest, 1, rest->size);

        if (number(&behind, ' ', &failure->connection))
            *rest = behind;
    }
    return true;
}

/* Puts one "name: value" where it belongs and takes it off *@rest. */
static bool read_pair(struct text *rest, struct failure *failure)
{
    const struct {
        struct text name;
        struct text *value;
    } pairs[] = {
        {TEXT("client: "), &failure->client},   {TEXT("server: "), &failure->server},
        {TEXT("request: "), &failure->request}, {TEXT("upstream: "), &failure->upstream},
        {TEXT("host: "), &failure->host},       {TEXT("referrer: "), &failure->referrer},
    };

    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (!text_starts(*rest, pairs[i].name))
            continue;
        *rest = text_slice(*rest, pairs[i].name.size, rest->size);
        if (!scan_quoted(rest, pairs[i].value)) {
            size_t comma = text_find_byte(*rest, ',');

            *pairs[i].value = text_slice(*rest, 0, comma);
            *rest = text_slice(*rest, comma, rest->size);
        }
        return true;
    }
    return false;
}

/* ", client: 10.0.0.1, server: " */
static bool is_client(struct text rest)
{
    struct text behind = text_slice(rest, 10, rest.size);
    size_t comma = text_find_byte(behind, ',');
    struct text client = text_slice(behind, 0, comma);
    struct address address;

    return text_starts(text_slice(behind, comma, behind.size), TEXT(", server: ")) &&
           (text_equal(client, TEXT("unix:")) || address_parse(client, &address));
}

/* Where the client first stands at or behind @from; rest.size if nowhere. */
static size_t find_client(struct text rest, size_t from)
{
    for (size_t at = from; at < rest.size; at++) {
        at += text_find(text_slice(rest, at, rest.size), TEXT(", client: "));
        if (at < rest.size && is_client(text_slice(rest, at, rest.size)))
            return at;
    }
    return rest.size;
}

/* Everything from the client on. A path before it or a referrer behind it, which nginx writes as
 * they came, can be made to look like another client, and one that is long enough pushes nginx's
 * own out of the line: then nobody can say who it was. */
static void read_pairs(struct text rest, bool is_cut, struct failure *failure)
{
    size_t at = find_client(rest, 0);
    bool is_certain = !is_cut && find_client(rest, at + 1) >= rest.size;

    failure->text = text_slice(rest, 0, at);
    rest = text_slice(rest, at, rest.size);
    while (text_starts(rest, TEXT(", "))) {
        rest = text_slice(rest, 2, rest.size);
        if (!read_pair(&rest, failure))
            break;
    }
    if (!is_certain)
        failure->client = (struct text){NULL, 0};
}

static void fill(const struct failure *failure, struct arena *arena, struct entry *entry)
{
    struct scan_request request = scan_request(failure->request);
    const struct entry_extra extras[] = {
        {TEXT("level"), failure->level},       {TEXT("pid"), failure->pid},
        {TEXT("tid"), failure->tid},           {TEXT("connection"), failure->connection},
        {TEXT("msg"), failure->text},          {TEXT("server"), failure->server},
        {TEXT("method"), request.method},      {TEXT("path"), request.path},
        {TEXT("query"), request.query},        {TEXT("protocol"), request.protocol},
        {TEXT("upstream"), failure->upstream}, {TEXT("referer"), failure->referrer},
    };

    entry_fill(entry, ENTRY_SOURCE_IP, scan_client(failure->client));
    entry_fill(entry, ENTRY_URL, request.target);
    entry_fill(entry, ENTRY_HOST, failure->host);
    entry_fill(entry, ENTRY_HOST, failure->server);
    entry_add_extras(entry, extras, COUNT_OF(extras), arena);
}

static int nginx_error_parse(const struct format_context *context, struct text log,
                             struct entry *entry, struct error *err)
{
    struct text line = scan_line(log);
    struct text time = text_slice(line, 0, TIME_SIZE);
    struct text rest = text_slice(line, TIME_SIZE + 1, line.size);
    struct failure failure = {0};
    struct moment moment;

    if (!moment_parse_slashed(time, context->zone, &moment) || !read_head(&rest, &failure))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "not a line of nginx's error log, which begins as in "
                               "\"2026/01/31 13:55:36 [error] 12#34: \"");
    read_pairs(rest, line.size >= CUT_SIZE, &failure);
    entry_fill(entry, ENTRY_MESSAGE, line);
    entry_fill_time(entry, time, moment);
    fill(&failure, context->arena, entry);
    return 0;
}

const struct format_ops format_nginx_error = {
    .name = "nginx error log",
    .format = SOURCE_CLF,
    .maybe = nginx_error_maybe,
    .parse = nginx_error_parse,
};

/* Apache's error log, of 2.4 and as it was before.
 * https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat
 *
 *     [Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35:tid 43] [client 10.0.0.1:1234] text
 *     [Fri Sep 09 10:42:29 2011] [error] [client 10.0.0.1] text
 */
#include <errno.h>

#include "base/address.h"
#include "detector/format.h"
#include "detector/scan.h"

static bool apache_error_maybe(struct text log)
{
    return log.size > 30 && log.bytes[0] == '[' && log.bytes[4] == ' ' && log.bytes[8] == ' ' &&
           log.bytes[14] == ':';
}

/* Takes "[…] " off the front of *@rest. */
static bool take_bracket(struct text *rest, struct text *inside)
{
    size_t end = text_find_byte(*rest, ']');

    if (rest->size == 0 || rest->bytes[0] != '[' || end == rest->size)
        return false;
    *inside = text_slice(*rest, 1, end);
    *rest = text_slice(*rest, end + 1, rest->size);
    if (text_starts(*rest, TEXT(" ")))
        *rest = text_slice(*rest, 1, rest->size);
    return true;
}

/* "10.0.0.1:1234" or "2001:db8::1:50022" without the port. Apache puts no brackets around IPv6: a
 * port that could as well be its last group stays. */
static struct text without_port(struct text client)
{
    struct address address;
    size_t colon = text_find_byte(client, ':');

    if (colon == client.size || address_parse(client, &address))
        return client;
    for (size_t i = client.size; i-- > 0;) {
        if (client.bytes[i] == ':' && address_parse(text_slice(client, 0, i), &address))
            return text_slice(client, 0, i);
    }
    return client;
}

/* "[client …] ", which a reason such as "(111)Connection refused: " may precede. What a client
 * sends comes behind it, so that the first one is the server's own. */
static struct text find_client(struct text rest)
{
    size_t at = text_find(rest, TEXT("[client "));
    struct text behind = text_slice(rest, at, rest.size), inside;

    if (!take_bracket(&behind, &inside))
        return (struct text){NULL, 0};
    return without_port(text_slice(inside, 7, inside.size));
}

static int apache_error_parse(const struct format_context *context, struct text log,
                              struct entry *entry, struct error *err)
{
    struct text line = scan_line(log), rest = line, time, level, inside, pid = {NULL, 0};
    struct moment moment;

    if (!take_bracket(&rest, &time) ||
        !moment_parse_syslog(text_slice(time, 4, time.size), context->zone, -1, &moment) ||
        !take_bracket(&rest, &level))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "not a line of Apache's error log, which begins as in "
                               "\"[Fri Sep 09 10:42:29 2011] [error] \"");
    struct text behind = rest;

    if (text_starts(rest, TEXT("[pid ")) && take_bracket(&behind, &inside)) {
        pid = text_slice(inside, 4, text_find_byte(inside, ':'));
        rest = behind;
    }
    struct text client = find_client(rest);

    if (text_starts(rest, TEXT("[client ")))
        take_bracket(&rest, &inside);
    size_t colon = text_find_byte(level, ':');
    const struct entry_extra extras[] = {
        {TEXT("module"), colon < level.size ? text_slice(level, 0, colon) : (struct text){NULL, 0}},
        {TEXT("level"), colon < level.size ? text_slice(level, colon + 1, level.size) : level},
        {TEXT("pid"), pid},
        {TEXT("msg"), rest},
    };

    entry_fill(entry, ENTRY_MESSAGE, line);
    entry_fill(entry, ENTRY_SOURCE_IP, client);
    entry_fill_time(entry, time, moment);
    entry_add_extras(entry, extras, COUNT_OF(extras), context->arena);
    return 0;
}

const struct format_ops format_apache_error = {
    .name = "Apache error log",
    .format = SOURCE_CLF,
    .maybe = apache_error_maybe,
    .parse = apache_error_parse,
};

/* Plain text: the line is the message, and a time at its start is its time. */
#include "base/ascii.h"
#include "detector/format.h"
#include "detector/scan.h"

static bool plain_maybe(struct text log)
{
    (void)log;
    return true;
}

/* "Sat Jan 31 13:55:36 2026", as C's asctime() writes it: behind the weekday it is syslog's. */
static size_t take_asctime(struct text line, const struct zone *zone, struct moment *time)
{
    bool known;
    size_t size = 0;

    if (line.size > 4 && ascii_is_letter(line.bytes[0]) && line.bytes[3] == ' ')
        size = moment_take_syslog(text_slice(line, 4, line.size), zone, -1, time, &known);
    return size > 0 && known ? size + 4 : 0;
}

/* "1772438401.123" of auditd's "type=USER_AUTH msg=audit(1772438401.123:456): …", where "node=…"
 * may stand in front; nothing elsewhere. */
static struct text audit_time(struct text line)
{
    struct text word = {NULL, 0};

    if (text_starts(line, TEXT("node=")))
        scan_word(&line, &word);
    if (!text_starts(line, TEXT("type=")))
        return (struct text){NULL, 0};
    scan_word(&line, &word);
    return text_starts(line, TEXT("msg=audit("))
               ? text_slice(line, 10, 10 + text_find_byte(text_slice(line, 10, line.size), ':'))
               : (struct text){NULL, 0};
}

/* 2026-01-31 13:55:36,250 INFO …    [2026-01-31T13:55:36Z] … */
static void take_time(const struct format_context *context, struct text line, struct entry *entry)
{
    struct moment time;
    struct text audit = audit_time(line);

    if (moment_parse_epoch(audit, &time)) {
        entry_fill_time(entry, audit, time);
        return;
    }
    if (line.size && line.bytes[0] == '[')
        line = text_slice(line, 1, line.size);
    size_t size = moment_take_rfc3339(line, context->zone, &time);

    if (size == 0)
        size = take_asctime(line, context->zone, &time);
    if (size > 0)
        entry_fill_time(entry, text_slice(line, 0, size), time);
}

static int plain_parse(const struct format_context *context, struct text log, struct entry *entry,
                       struct error *err)
{
    (void)err; /* any bytes are plain text */
    log = scan_line(log);
    entry_fill(entry, ENTRY_MESSAGE, log);
    take_time(context, log, entry);
    return 0;
}

static int plain_parse_message(const struct format_context *context, struct text log,
                               struct entry *entry, struct error *err)
{
    (void)context;
    (void)err;
    entry_fill(entry, ENTRY_MESSAGE, scan_line(log));
    return 0;
}

const struct format_ops format_plain = {
    .name = "plain",
    .format = SOURCE_PLAIN,
    .maybe = plain_maybe,
    .parse = plain_parse,
    .parse_message = plain_parse_message,
};

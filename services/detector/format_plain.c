/* Plain text: the line is the message, and a time at its start is its time. */
#include "detector/format.h"
#include "detector/scan.h"

static bool plain_maybe(struct text log)
{
    (void)log;
    return true;
}

/* 2026-01-31 13:55:36,250 INFO …    [2026-01-31T13:55:36Z] … */
static void take_time(const struct format_context *context, struct text line, struct entry *entry)
{
    struct moment time;

    if (line.size && line.bytes[0] == '[')
        line = text_slice(line, 1, line.size);
    size_t size = moment_take_rfc3339(line, context->zone, &time);

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

/* Syslog: RFC 5424, and RFC 3164 as the world writes it.
 *
 *     <34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 [id name="value"] text
 *     <34>Oct 11 22:14:15 mymachine su[230]: text
 *     2003-10-11T22:14:15.003+09:00 mymachine su[230]: text     rsyslog's files and its Kafka
 * output
 *
 * RFC 3164 §4.3 takes anything behind a priority, and so do we; without one, a time has to be
 * there.
 */
#include <errno.h>

#include "base/ascii.h"
#include "detector/format.h"
#include "detector/scan.h"

enum { MAX_PARAMS = 64, FIXED_EXTRAS = 6 };

static const char *const severities[] = {
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
};

static const char *const facilities[] = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7",
};

struct record {
    int priority; /* -1: none */
    struct text time, host, program, pid, msgid, msg;
    struct moment moment;
    bool has_time;
    struct entry_extra params[MAX_PARAMS]; /* only the first @param_count are set */
    size_t param_count;
};

/* <0> to <191> */
static bool take_priority(struct text *rest, int *priority)
{
    int value = 0;
    size_t i = 1;

    if (rest->size < 3 || rest->bytes[0] != '<')
        return false;
    for (; i < rest->size && i <= 3 && ascii_is_digit(rest->bytes[i]); i++)
        value = value * 10 + (rest->bytes[i] - '0');
    if (i == 1 || i == rest->size || rest->bytes[i] != '>' || value > 191)
        return false;
    *priority = value;
    *rest = text_slice(*rest, i + 1, rest->size);
    return true;
}

/* "Oct 11 22:14:15" from afar. */
static bool month_first(struct text log)
{
    return log.size >= 15 && ascii_is_letter(log.bytes[0]) && ascii_is_letter(log.bytes[2]) &&
           log.bytes[3] == ' ' && (ascii_is_digit(log.bytes[5]) || ascii_is_digit(log.bytes[4]));
}

/* "2003-10-11T22:14:15Z host tag:". A time alone does not make a syslog: programs write
 * "2003-10-11T22:14:15Z INFO text" into their own logs. */
static bool rsyslog_line(struct text log)
{
    struct text word, rest = log;

    if (log.size < 24 || log.bytes[4] != '-' || log.bytes[10] != 'T' ||
        !ascii_is_digit(log.bytes[0]))
        return false;
    if (!scan_word(&rest, &word) || word.bytes[word.size - 1] == ':')
        return false;
    return scan_word(&rest, &word) && scan_word(&rest, &word) && word.bytes[word.size - 1] == ':';
}

static bool syslog_maybe(struct text log)
{
    int priority;

    return take_priority(&log, &priority) || month_first(log) || rsyslog_line(log);
}

/* A value of structured data without its quotes, at the start of *@rest: \" \\ \] are escaped. */
static bool take_value(struct text *rest, struct text *value, struct arena *arena)
{
    size_t size = 1;

    if (rest->size < 2 || rest->bytes[0] != '"')
        return false;
    while (size < rest->size && rest->bytes[size] != '"')
        size += rest->bytes[size] == '\\' ? 2 : 1;
    if (size >= rest->size)
        return false;
    *value = text_slice(*rest, 1, size);
    *rest = text_slice(*rest, size + 1, rest->size);
    if (text_find_byte(*value, '\\') == value->size)
        return true;
    char *plain = arena_take(arena, value->size);
    size_t count = 0;

    for (size_t i = 0; i < value->size; i++) {
        if (value->bytes[i] == '\\' && i + 1 < value->size &&
            text_find_byte(TEXT("\"\\]"), value->bytes[i + 1]) < 3)
            i++;
        plain[count++] = value->bytes[i];
    }
    *value = (struct text){plain, count};
    return true;
}

/* "id.name" */
static struct text join(struct text id, struct text name, struct arena *arena)
{
    char *bytes = arena_take(arena, id.size + 1 + name.size);

    memcpy(bytes, id.bytes, id.size);
    bytes[id.size] = '.';
    memcpy(bytes + id.size + 1, name.bytes, name.size);
    return (struct text){bytes, id.size + 1 + name.size};
}

/* One [id name="value" …], the params named id.name. */
static bool take_element(struct text *rest, struct record *record, struct arena *arena)
{
    size_t end = 1;

    while (end < rest->size && rest->bytes[end] != ' ' && rest->bytes[end] != ']')
        end++;
    struct text id = text_slice(*rest, 1, end), at = text_slice(*rest, end, rest->size);

    while (id.size > 0 && at.size > 0 && at.bytes[0] == ' ') {
        size_t equals = text_find_byte(at, '=');
        struct text name = text_slice(at, 1, equals), value;

        at = text_slice(at, equals + 1, at.size);
        if (name.size == 0 || !take_value(&at, &value, arena))
            return false;
        if (record->param_count < MAX_PARAMS)
            record->params[record->param_count++] =
                (struct entry_extra){join(id, name, arena), value};
    }
    if (id.size == 0 || at.size == 0 || at.bytes[0] != ']')
        return false;
    *rest = text_slice(at, 1, at.size);
    return true;
}

/* Structured data and the message behind it. Data that is not well-formed counts as message. */
static void take_data(struct text rest, struct record *record, struct arena *arena)
{
    struct text at = rest;

    record->msg = rest;
    if (at.size > 0 && at.bytes[0] == '-') {
        at = text_slice(at, 1, at.size);
    } else {
        while (at.size > 0 && at.bytes[0] == '[') {
            if (!take_element(&at, record, arena)) {
                record->param_count = 0;
                return;
            }
        }
    }
    if (at.size > 0 && at.bytes[0] != ' ')
        return;
    at = text_slice(at, 1, at.size);
    if (text_starts(at, TEXT("\xEF\xBB\xBF"))) /* says that UTF-8 follows */
        at = text_slice(at, 3, at.size);
    record->msg = at;
}

/* Behind "<34>1 ". */
static bool read_5424(const struct format_context *context, struct text rest, struct record *record)
{
    if (!scan_word(&rest, &record->time) || !scan_word(&rest, &record->host) ||
        !scan_word(&rest, &record->program) || !scan_word(&rest, &record->pid) ||
        !scan_word(&rest, &record->msgid))
        return false;
    record->time = scan_or_nothing(record->time);
    record->host = scan_or_nothing(record->host);
    record->program = scan_or_nothing(record->program);
    record->pid = scan_or_nothing(record->pid);
    record->msgid = scan_or_nothing(record->msgid);
    record->has_time = moment_parse_rfc3339(record->time, context->zone, &record->moment);
    if (record->time.size > 0 && !record->has_time)
        return false;
    take_data(rest, record, context->arena);
    return true;
}

/* "su[230]: text", "su: text" at the start of *@rest; leaves what is no tag. */
static bool take_tag(struct text *rest, struct record *record)
{
    size_t end = 0;

    while (end < rest->size && end <= 128 && rest->bytes[end] != ':' && rest->bytes[end] != '[' &&
           rest->bytes[end] != ' ')
        end++;
    if (end == 0 || end == rest->size || rest->bytes[end] == ' ' || end > 128)
        return false;
    struct text at = text_slice(*rest, end, rest->size), pid = {NULL, 0};

    if (at.bytes[0] == '[') {
        size_t bracket = text_find_byte(at, ']');

        if (bracket == at.size || bracket > 64)
            return false;
        pid = text_slice(at, 1, bracket);
        at = text_slice(at, bracket + 1, at.size);
    }
    if (at.size > 0 && at.bytes[0] == ':')
        at = text_slice(at, 1, at.size);
    if (at.size > 0 && at.bytes[0] != ' ') /* "::1", "http://…": no tag */
        return false;
    record->program = text_slice(*rest, 0, end);
    record->pid = pid;
    *rest = text_slice(at, 1, at.size);
    return true;
}

/* Time, host, tag and text, of which a sender may leave out any but the last. */
static void read_3164(const struct format_context *context, struct text rest, struct record *record)
{
    bool known = true;
    size_t size = moment_take_rfc3339(rest, context->zone, &record->moment);

    if (size == 0)
        size = moment_take_syslog(rest, context->zone, context->kafka_ms, &record->moment, &known);
    if (size > 0) {
        record->time = text_slice(rest, 0, size);
        record->has_time = known;
        rest = text_slice(rest, size, rest.size);
        /* "Oct 11 22:14:15: %ASA-…": network devices put a colon there, and no host. */
        bool colon = text_starts(rest, TEXT(":"));

        rest = text_slice(rest, colon, rest.size);
        if (text_starts(rest, TEXT(" ")))
            rest = text_slice(rest, 1, rest.size);
        struct text word, behind = rest;

        /* A program on the machine itself names no host either. */
        if (!take_tag(&rest, record) && !colon && scan_word(&behind, &word)) {
            record->host = word;
            rest = behind;
            take_tag(&rest, record);
        }
    } else {
        take_tag(&rest, record);
    }
    record->msg = rest;
}

static bool read_record(const struct format_context *context, struct text line,
                        struct record *record)
{
    struct text rest = line;

    record->priority = -1;
    if (take_priority(&rest, &record->priority) && text_starts(rest, TEXT("1 ")) &&
        read_5424(context, text_slice(rest, 2, rest.size), record))
        return true;
    int priority = record->priority;

    /* Not memset: most of it is room for structured data. */
    record->time = record->host = record->program = record->pid = record->msgid =
        (struct text){NULL, 0};
    record->param_count = 0;
    record->has_time = false;
    record->priority = priority;
    read_3164(context, rest, record);
    return priority >= 0 || record->time.size > 0;
}

static void fill(const struct record *record, struct arena *arena, struct entry *entry)
{
    struct entry_extra extras[FIXED_EXTRAS] = {
        {TEXT("program"), record->program},
        {TEXT("pid"), record->pid},
        {TEXT("msgid"), record->msgid},
        {TEXT("msg"), record->msg},
    };

    if (record->priority >= 0) {
        extras[4] =
            (struct entry_extra){TEXT("facility"), text_of(facilities[record->priority / 8])};
        extras[5] =
            (struct entry_extra){TEXT("severity"), text_of(severities[record->priority % 8])};
    }
    entry_fill(entry, ENTRY_HOST, record->host);
    if (record->has_time)
        entry_fill_time(entry, record->time, record->moment);
    else
        entry_fill(entry, ENTRY_TIMESTAMP, record->time);
    entry_add_extras(entry, extras, COUNT_OF(extras), arena);
    if (record->param_count > 0)
        entry_add_extras(entry, record->params, record->param_count, arena);
}

static int syslog_parse(const struct format_context *context, struct text log, struct entry *entry,
                        struct error *err)
{
    struct text line = scan_line(log);
    struct record record;

    record.param_count = 0;
    record.has_time = false;
    if (!read_record(context, line, &record))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "not a syslog line: neither a priority as in \"<34>\" nor a time "
                               "at its start");
    entry_fill(entry, ENTRY_MESSAGE, line);
    fill(&record, context->arena, entry);
    format_look_inside(context, record.msg, entry);
    return 0;
}

const struct format_ops format_syslog = {
    .name = "syslog",
    .format = SOURCE_SYSLOG,
    .maybe = syslog_maybe,
    .parse = syslog_parse,
};

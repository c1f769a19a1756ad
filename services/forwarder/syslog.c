#include "forwarder/syslog.h"

#include "base/ascii.h"
#include "base/moment.h"
#include "base/number.h"
#include "forwarder/cef.h"
#include "forwarder/line.h"
#include "forwarder/native.h"

int syslog_priority(const struct alert *alert, int facility)
{
    static const int severities[] = {
        [LEVEL_LOW] = 5, [LEVEL_MEDIUM] = 4, [LEVEL_HIGH] = 3, [LEVEL_CRITICAL] = 2};

    return facility * 8 + severities[alert->severity];
}

/* PRINTUSASCII, at most @limit; anything else is '_', nothing is "-" (RFC 5424 §6). */
static void add_name(struct text name, size_t limit, struct buf *out)
{
    name = text_slice(name, 0, limit);
    if (name.size == 0)
        buf_add_byte(out, '-');
    for (size_t i = 0; i < name.size; i++) {
        const char byte = name.bytes[i];

        buf_add_byte(out, (char)(byte > ' ' && byte < 0x7F ? byte : '_'));
    }
}

/* RFC 3164 §4.1.3: at most 32 characters, and the first that is no letter or digit ends it; readers
 * let '-', '_' and '.' be part of it. */
static void add_tag(struct text name, struct buf *out)
{
    enum { MOST = 32 };

    name = text_slice(name, 0, MOST);
    if (name.size == 0)
        buf_add_byte(out, '-');
    for (size_t i = 0; i < name.size; i++) {
        const char byte = name.bytes[i];

        buf_add_byte(out, (char)(ascii_is_alnum(byte) || byte == '-' || byte == '.' ? byte : '_'));
    }
}

/* RFC 5424 §6.3.3: '"', '\' and ']' are escaped, and nothing else. */
static struct line_glyph escape_parameter(struct text *rest, char delimiter)
{
    const char byte = rest->bytes[0];

    if (byte != '"' && byte != '\\' && byte != ']')
        return line_plain(rest, delimiter);
    *rest = text_slice(*rest, 1, rest->size);
    return line_backslash(byte);
}

static void add_parameter(const char *name, struct text value, struct buf *out)
{
    enum { MOST = 64 }; /* a value's bytes: ids and addresses are shorter */

    if (value.size == 0)
        return;
    buf_addf(out, " %s=\"", name);
    line_fill(out, text_cut(value, MOST), escape_parameter, '\0', SIZE_MAX);
    buf_add_byte(out, '"');
}

static void add_structured(const struct alert *alert, const struct syslog_form *form,
                           struct buf *out)
{
    char digits[NUMBER_DIGITS];

    buf_add(out, TEXT("[haechi@"));
    number_write_integer(form->enterprise, out);
    add_parameter("alert_id", alert->alert_id, out);
    add_parameter("revision", number_digits(alert->revision, digits), out);
    add_parameter("status", text_of(alert_statuses[alert->status]), out);
    add_parameter("severity", text_of(event_levels[alert->severity]), out);
    add_parameter("rule_id", alert->rule_id, out);
    buf_add_byte(out, ']');
}

static void add_rfc5424(const struct alert *alert, const struct syslog_form *form, bool structured,
                        struct buf *out)
{
    buf_add(out, TEXT("1 "));
    moment_write(alert->emitted_at, out);
    buf_add_byte(out, ' ');
    add_name(form->host, 255, out);
    buf_add_byte(out, ' ');
    if (form->header == SYSLOG_SHORT)
        return;
    add_name(form->app, 48, out);
    buf_add(out, TEXT(" - alert "));
    if (structured)
        add_structured(alert, form, out);
    else
        buf_add_byte(out, '-');
    buf_add_byte(out, ' ');
}

/* "Jan  1 00:00:00 host ", and the tag where the body is not one itself. Years are not in it. */
static void add_rfc3164(const struct alert *alert, const struct syslog_form *form, struct buf *out)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    AUTO_BUF time = {0};

    moment_write(alert->emitted_at, &time); /* 2026-01-31T13:55:36.250Z */
    const struct text t = buf_text(&time);
    const char *day = t.bytes + 8;

    buf_add_string(out, months[(t.bytes[5] - '0') * 10 + t.bytes[6] - '1']);
    buf_addf(out, " %c%c ", day[0] == '0' ? ' ' : day[0], day[1]);
    buf_add(out, text_slice(t, 11, 19));
    buf_add_byte(out, ' ');
    add_name(form->host, 255, out);
    buf_add_byte(out, ' ');
    if (form->body != SYSLOG_JSON) /* "CEF:" and "LEEF:" are their tags */
        return;
    add_tag(form->app, out);
    buf_add(out, TEXT(": "));
}

/* RFC 5424 §6.4 wants the mark before UTF-8; JSON must not have one (RFC 8259 §8.1), and readers of
 * CEF and LEEF do not find their start behind it. So only where asked for. */
static void add_json(const struct alert *alert, const struct syslog_form *form, size_t room,
                     struct buf *out)
{
    const size_t before = out->size;

    if (form->bom && form->header == SYSLOG_RFC5424) {
        buf_add(out, TEXT("\xEF\xBB\xBF"));
        room -= 3;
    }
    const size_t start = out->size;

    native_write_within(alert, form->host, room, out);
    if (start > before && text_is_ascii(text_slice(buf_text(out), start, out->size))) {
        memmove(out->bytes + before, out->bytes + start, out->size - start);
        out->size -= start - before;
    }
}

static void add_header(const struct alert *alert, const struct syslog_form *form, bool structured,
                       struct buf *out)
{
    buf_addf(out, "<%d>", syslog_priority(alert, form->facility));
    if (form->header != SYSLOG_RFC3164)
        add_rfc5424(alert, form, structured, out);
    else
        add_rfc3164(alert, form, out);
}

void syslog_write(const struct alert *alert, const struct syslog_form *form, struct buf *out)
{
    enum { BODY_MIN = 480 }; /* CEF_LIMIT_MIN and its like */
    const size_t before = out->size;

    add_header(alert, form, form->structured, out);
    if (form->limit < out->size - before + BODY_MIN) { /* what it says is in the body too */
        out->size = before;
        add_header(alert, form, false, out);
    }
    const size_t room = form->limit - (out->size - before);

    if (form->body == SYSLOG_CEF)
        cef_write(alert, room, out);
    else if (form->body == SYSLOG_LEEF)
        leef_write(alert, &form->leef, room, out);
    else
        add_json(alert, form, room, out);
}

void syslog_frame(struct text message, enum syslog_framing framing, struct buf *out)
{
    if (framing == SYSLOG_OCTET_COUNTING)
        buf_addf(out, "%zu ", message.size);
    buf_add(out, message);
    if (framing == SYSLOG_LF)
        buf_add_byte(out, '\n');
}

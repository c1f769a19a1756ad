#include "forwarder/leef.h"

#include <errno.h>
#include <math.h>

#include "base/address.h"
#include "base/ascii.h"
#include "base/number.h"
#include "forwarder/field.h"
#include "forwarder/line.h"

struct writer {
    struct buf *out;
    size_t end;       /* out's size may not pass it */
    size_t extension; /* where in out it begins */
    char delimiter;
    struct buf scratch; /* values that are put together */
};

enum { ANY = 65536 }; /* a value as long as the line lets it be */

static bool start_pair(struct writer *w, const char *key)
{
    if (w->out->size + strlen(key) + 2 >= w->end)
        return false;
    if (w->out->size > w->extension)
        buf_add_byte(w->out, w->delimiter);
    buf_add_string(w->out, key);
    buf_add_byte(w->out, '=');
    return true;
}

static void add(struct writer *w, const char *key, size_t limit, struct text value)
{
    const size_t before = w->out->size;

    if (value.size == 0 || !start_pair(w, key))
        return;
    const size_t start = w->out->size;

    line_fill(w->out, text_cut(value, limit), line_plain, w->delimiter, w->end);
    if (w->out->size == start)
        w->out->size = before;
}

/* Whole, or not there. */
static void add_whole(struct writer *w, const char *key, struct text value)
{
    const size_t before = w->out->size;

    if (value.size > 0 && start_pair(w, key) &&
        !line_fill(w->out, value, line_plain, w->delimiter, w->end))
        w->out->size = before;
}

static void add_number(struct writer *w, const char *key, int64_t number)
{
    char room[NUMBER_DIGITS];

    add_whole(w, key, number_digits(number, room));
}

static void add_list(struct writer *w, const char *key, const struct record_texts *list)
{
    buf_reset(&w->scratch);
    field_list(list, &w->scratch);
    add(w, key, ANY, buf_text(&w->scratch));
}

/* src and dst are addresses; a name has a key of its own, which is not normalised. */
static void add_address(struct writer *w, const char *key, const char *name_key, struct text text)
{
    struct address address;

    if (!address_parse(text, &address)) {
        add(w, name_key, 255, text);
        return;
    }
    buf_reset(&w->scratch);
    address_write(&address, &w->scratch);
    add_whole(w, key, buf_text(&w->scratch));
}

/* devTime of 13 digits needs no devTimeFormat. A time before 2001 has fewer and would be taken for
 * something else; it is in firstSeen. */
static void add_time(struct writer *w, int64_t ms)
{
    if (ms >= INT64_C(1000000000000) && ms <= INT64_C(9999999999999))
        add_number(w, "devTime", ms);
}

/* Who reads a line that was cut still has the alert's id: it comes before all that others wrote. */
static void add_identity(struct writer *w, const struct alert *alert)
{
    add_time(w, alert->timestamp);
    add_number(w, "sev", field_severity(alert));
    add_whole(w, "alertId", alert->alert_id);
    add_number(w, "revision", alert->revision);
    add(w, "cat", 255, field_event_type(alert));
    add_address(w, "src", "srcName", alert->source_ip);
    add_address(w, "dst", "dstName", alert->target_ip);
    add(w, "usrName", 255, alert->user);
    add_whole(w, "status", text_of(alert_statuses[alert->status]));
    buf_reset(&w->scratch);
    number_write_double(isfinite(alert->confidence) ? alert->confidence : 0, &w->scratch);
    add_whole(w, "confidenceScore", buf_text(&w->scratch));
}

static void add_story(struct writer *w, const struct alert *alert)
{
    add_number(w, "eventCount", alert->event_count);
    add_number(w, "firstSeen", alert->first_seen);
    add_number(w, "lastSeen", alert->last_seen);
    add(w, "tenant", 255, alert->tenant);
    add(w, "hostName", 255, alert->host);
    add(w, "title", 512, alert->title);
    add(w, "msg", 1023, alert->description);
    buf_reset(&w->scratch);
    field_map(&alert->group, &w->scratch);
    add(w, "group", ANY, buf_text(&w->scratch));
    add_list(w, "indicators", &alert->indicators);
    add_list(w, "tags", &alert->tags);
    add(w, "payload", ANY, alert->raw_payload);
    add_list(w, "recommendedActions", &alert->recommended_actions);
}

void leef_write(const struct alert *alert, const struct leef_form *form, size_t limit,
                struct buf *out)
{
    struct writer w = {.out = out, .end = out->size + limit};
    const struct text rule = alert->rule_id.size > 0 ? alert->rule_id : TEXT("alert");

    w.delimiter = (char)(form->version == 1 ? '\t' : form->delimiter);
    buf_addf(out, "LEEF:%d.0|Haechi|Haechi|" HAECHI_VERSION "|", form->version);
    line_fill(out, text_cut(rule, limit / 8 < 255 ? limit / 8 : 255), line_plain, '|', w.end);
    buf_add_byte(out, '|');
    if (form->version == 2 && form->delimiter == '\t')
        buf_add(out, TEXT("x09|"));
    else if (form->version == 2)
        buf_addf(out, "%c|", form->delimiter);
    w.extension = out->size;
    add_identity(&w, alert);
    add_story(&w, alert);
    buf_done(&w.scratch);
}

/* x5E, 0x5E; IBM takes one to four digits, and more than 0x7E is no ASCII. */
static int hex_value(struct text t)
{
    int value = 0;

    if (text_starts(t, TEXT("0x")))
        t = text_slice(t, 2, t.size);
    else if (text_starts(t, TEXT("x")))
        t = text_slice(t, 1, t.size);
    else
        return -1;
    if (t.size == 0 || t.size > 4)
        return -1;
    for (size_t i = 0; i < t.size; i++) {
        const int digit = ascii_hex_value(t.bytes[i]);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

int leef_parse_delimiter(struct text t, char *delimiter, struct error *err)
{
    const int value = t.size == 1 ? (unsigned char)t.bytes[0] : hex_value(t);

    if (value != '\t' && (value < 0x21 || value > 0x7E || !strchr("^~!#$%&*;@`", value)))
        return error_set(
            err, -EINVAL,
            "delimiter is '%.*s'; it may be a TAB (x09) or one of ^ ~ ! # $ %% & * ; @ "
            "`, or the code of one, as x5E",
            TEXT_ARG(t));
    *delimiter = (char)value;
    return 0;
}

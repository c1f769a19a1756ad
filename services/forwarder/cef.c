#include "forwarder/cef.h"

#include <math.h>

#include "base/address.h"
#include "base/number.h"
#include "forwarder/field.h"
#include "forwarder/line.h"

struct writer {
    struct buf *out;
    size_t end;         /* out's size may not pass it */
    size_t extension;   /* where in out it begins */
    struct buf scratch; /* values that are put together */
};

/* A header field ends at '|'; a line end in it has no escape. */
static struct line_glyph escape_header(struct text *rest, char delimiter)
{
    const char byte = rest->bytes[0];

    if (byte != '\\' && byte != '|')
        return line_plain(rest, delimiter);
    *rest = text_slice(*rest, 1, rest->size);
    return line_backslash(byte);
}

/* '|' is an ordinary character here. */
static struct line_glyph escape_value(struct text *rest, char delimiter)
{
    const char byte = rest->bytes[0];

    if (byte != '\\' && byte != '=' && byte != '\n' && byte != '\r')
        return line_plain(rest, delimiter);
    *rest = text_slice(*rest, 1, rest->size);
    return line_backslash((char)(byte == '\n' ? 'n' : byte == '\r' ? 'r' : byte));
}

static void add_header(struct writer *w, struct text value, size_t limit)
{
    line_fill(w->out, text_cut(value, limit), escape_header, '\0', w->end);
    buf_add_byte(w->out, '|');
}

/* Some key and its value, and for the keys that have one its label. */
struct pair {
    const char *key;
    const char *label; /* NULL: none */
    bool whole;        /* not to be cut */
    size_t limit;      /* of the value, from the dictionary */
};

static size_t label_size(const struct pair *pair)
{
    return pair->label ? strlen(pair->key) + strlen(" Label=") + strlen(pair->label) : 0;
}

static void add(struct writer *w, const struct pair *pair, struct text value)
{
    const size_t before = w->out->size, after = label_size(pair);
    const size_t end = w->end > after ? w->end - after : 0;

    if (value.size == 0 || (pair->whole && value.size > pair->limit) ||
        before + strlen(pair->key) + 2 >= end)
        return;
    if (before > w->extension)
        buf_add_byte(w->out, ' ');
    buf_add_string(w->out, pair->key);
    buf_add_byte(w->out, '=');
    const size_t start = w->out->size;

    if ((!line_fill(w->out, text_cut(value, pair->limit), escape_value, '\0', end) &&
         pair->whole) ||
        w->out->size == start)
        w->out->size = before;
    else if (pair->label)
        buf_addf(w->out, " %sLabel=%s", pair->key, pair->label);
}

static void add_number(struct writer *w, const char *key, const char *label, int64_t number)
{
    char room[NUMBER_DIGITS];

    add(w, &(struct pair){key, label, true, NUMBER_DIGITS}, number_digits(number, room));
}

static void add_list(struct writer *w, const char *key, const char *label,
                     const struct record_texts *list)
{
    buf_reset(&w->scratch);
    field_list(list, &w->scratch);
    add(w, &(struct pair){key, label, false, 4000}, buf_text(&w->scratch));
}

/* The dictionary's src and dst are IPv4 only; c6a2 and c6a3 are their IPv6 (c6a2 by chapter 3). */
static void add_address(struct writer *w, struct text text, const struct pair keys[3])
{
    struct address address;

    buf_reset(&w->scratch);
    if (!address_parse(text, &address)) {
        add(w, &keys[2], text);
        return;
    }
    address_write(&address, &w->scratch);
    add(w, &keys[address_is_v4(&address) ? 0 : 1], buf_text(&w->scratch));
}

static void add_identity(struct writer *w, const struct alert *alert)
{
    add_number(w, "rt", NULL, alert->timestamp);
    /* The dictionary has 40, which ours are below; a longer one of others is not worth losing. */
    add(w, &(struct pair){"externalId", NULL, true, 255}, alert->alert_id);
    add_number(w, "cn1", "Revision", alert->revision);
    buf_reset(&w->scratch);
    number_write_double(isfinite(alert->confidence) ? alert->confidence : 0, &w->scratch);
    add(w, &(struct pair){"cs1", "ConfidenceScore", true, 4000}, buf_text(&w->scratch));
    add(w, &(struct pair){"cs2", "Status", true, 4000}, text_of(alert_statuses[alert->status]));
    add(w, &(struct pair){"cat", NULL, false, 1023}, field_event_type(alert));
}

/* Who did it to whom. A source or target that is no address is a name. */
static void add_parties(struct writer *w, const struct alert *alert)
{
    static const struct pair source[] = {{"src", NULL, true, 64},
                                         {"c6a2", "Source IPv6 Address", true, 64},
                                         {"shost", NULL, false, 1023}};
    static const struct pair target[] = {{"dst", NULL, true, 64},
                                         {"c6a3", "Destination IPv6 Address", true, 64},
                                         {"destinationServiceName", NULL, false, 1023}};

    add_address(w, alert->source_ip, source);
    add_address(w, alert->target_ip, target);
    add(w, &(struct pair){"duser", NULL, false, 1023}, alert->user);
    add(w, &(struct pair){"dhost", NULL, false, 1023}, alert->host);
}

static void add_story(struct writer *w, const struct alert *alert)
{
    add_number(w, "type", NULL, alert->correlation_id.size > 0 ? 2 : 0); /* correlation or base */
    add_number(w, "cnt", NULL, alert->event_count);
    add_number(w, "start", NULL, alert->first_seen);
    add_number(w, "end", NULL, alert->last_seen);
    add(w, &(struct pair){"cs6", "Tenant", false, 4000}, alert->tenant);
    add(w, &(struct pair){"msg", NULL, false, 1023}, alert->description);
    buf_reset(&w->scratch);
    field_map(&alert->group, &w->scratch);
    add(w, &(struct pair){"flexString1", "Group", false, 1023}, buf_text(&w->scratch));
    add_list(w, "cs3", "Indicators", &alert->indicators);
    add_list(w, "cs4", "Tags", &alert->tags);
    add(w, &(struct pair){"flexString2", "Payload", false, 1023}, alert->raw_payload);
    add_list(w, "cs5", "RecommendedActions", &alert->recommended_actions);
}

void cef_write(const struct alert *alert, size_t limit, struct buf *out)
{
    struct writer w = {.out = out, .end = out->size + limit};
    const struct text rule = alert->rule_id.size > 0 ? alert->rule_id : TEXT("alert");
    const struct text title =
        alert->title.size > 0 ? alert->title : TEXT("Security Event Detected");

    /* Escaped, a header field may be thrice as long (line.h): an eighth of a small line each leaves
     * room for the first keys. */
    buf_add(out, TEXT("CEF:0|Haechi|Haechi|" HAECHI_VERSION "|"));
    add_header(&w, rule, limit / 8 < 1023 ? limit / 8 : 1023);
    add_header(&w, title, limit / 8 < 512 ? limit / 8 : 512);
    number_write_integer(field_severity(alert), out);
    buf_add_byte(out, '|');
    w.extension = out->size;
    add_identity(&w, alert);
    add_parties(&w, alert);
    add_story(&w, alert);
    buf_done(&w.scratch);
}

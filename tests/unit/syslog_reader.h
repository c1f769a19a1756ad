/* syslog_reader: what a receiver reads: frames by RFC 6587, messages by the grammars of RFC 5424
 * and RFC 3164. */
#pragma once

#include "pairs.h"

struct syslog_record {
    int priority;
    struct text time, host, app; /* app: RFC 3164 has it in the message */
    struct text data_id;         /* empty: no structured data */
    struct pairs data;
    struct text message;
};

static inline bool syslog_read_priority(struct text *rest, int *priority)
{
    int64_t value;
    const size_t end = text_find_byte(*rest, '>');

    if (rest->size == 0 || rest->bytes[0] != '<' || end > 4 ||
        !text_to_integer(text_slice(*rest, 1, end), &value) || value > 191)
        return false;
    *priority = (int)value;
    *rest = text_slice(*rest, end + 1, rest->size);
    return true;
}

/* NAME="VALUE", with '"', '\' and ']' escaped. */
static inline bool syslog_read_parameter(struct arena *arena, struct text *rest, struct pairs *data)
{
    const size_t equals = text_find_byte(*rest, '=');
    const struct text name = text_slice(*rest, 0, equals);
    char *value = arena_take(arena, rest->size + 1);
    size_t size = 0, i = equals + 2;

    if (equals + 1 >= rest->size || rest->bytes[equals + 1] != '"' || name.size > 32)
        return false;
    for (; i < rest->size && rest->bytes[i] != '"'; i++) {
        if (rest->bytes[i] == ']' || (unsigned char)rest->bytes[i] < 0x20)
            return false;
        if (rest->bytes[i] == '\\' && (++i == rest->size || !strchr("\"\\]", rest->bytes[i])))
            return false;
        value[size++] = rest->bytes[i];
    }
    *rest = text_slice(*rest, i + 1, rest->size);
    return pairs_add(data, name, (struct text){value, size});
}

static inline bool syslog_read_data(struct arena *arena, struct text *rest, struct text *id,
                                    struct pairs *data)
{
    if (text_starts(*rest, TEXT("- "))) {
        *rest = text_slice(*rest, 2, rest->size);
        return true;
    }
    if (rest->size == 0 || rest->bytes[0] != '[')
        return false;
    *id = text_slice(*rest, 1, text_find_byte(*rest, ' '));
    *rest = text_slice(*rest, text_find_byte(*rest, ' '), rest->size);
    while (rest->size > 0 && rest->bytes[0] == ' ') {
        *rest = text_slice(*rest, 1, rest->size);
        if (!syslog_read_parameter(arena, rest, data))
            return false;
    }
    if (!text_starts(*rest, TEXT("] ")))
        return false;
    *rest = text_slice(*rest, 2, rest->size);
    return true;
}

static inline bool syslog_is_name(struct text t, size_t most)
{
    for (size_t i = 0; i < t.size; i++) {
        if (t.bytes[i] <= ' ' || t.bytes[i] >= 0x7F)
            return false;
    }
    return t.size > 0 && t.size <= most;
}

static inline bool syslog_read_5424(struct arena *arena, struct text line,
                                    struct syslog_record *record)
{
    struct text version, process, id;

    *record = (struct syslog_record){0};
    if (!syslog_read_priority(&line, &record->priority) || !text_split(&line, ' ', &version) ||
        !text_split(&line, ' ', &record->time) || !text_split(&line, ' ', &record->host) ||
        !text_split(&line, ' ', &record->app) || !text_split(&line, ' ', &process) ||
        !text_split(&line, ' ', &id) || !text_is(version, "1"))
        return false;
    if (!syslog_is_name(record->host, 255) || !syslog_is_name(record->app, 48) ||
        !syslog_is_name(process, 128) || !syslog_is_name(id, 32) ||
        !syslog_read_data(arena, &line, &record->data_id, &record->data))
        return false;
    record->message = line;
    return true;
}

/* How a name of the header is to look: visible ASCII, '_' for all else, "-" for none. */
static inline struct text syslog_shown_name(struct arena *arena, struct text name, size_t most)
{
    char *out = arena_take(arena, most + 1);
    const size_t size = name.size < most ? name.size : most;

    for (size_t i = 0; i < size; i++)
        out[i] = (char)(name.bytes[i] > ' ' && name.bytes[i] < 0x7F ? name.bytes[i] : '_');
    return size > 0 ? (struct text){out, size} : TEXT("-");
}

/* The parameters of @alert's structured data, in their order. */
static inline void syslog_want_data(struct pairs *want, struct arena *arena,
                                    const struct alert *alert)
{
    const struct {
        const char *name;
        struct text value;
    } parameters[] = {
        {"alert_id", alert->alert_id},
        {"revision", pairs_number(arena, alert->revision)},
        {"status", text_of(alert_statuses[alert->status])},
        {"severity", text_of(event_levels[alert->severity])},
        {"rule_id", alert->rule_id},
    };

    for (size_t i = 0; i < COUNT_OF(parameters); i++) {
        if (parameters[i].value.size > 0)
            pairs_add(want, text_of(parameters[i].name),
                      pairs_shown(arena, text_cut(parameters[i].value, 64), "", '\0'));
    }
}

/* "<13>Jan  1 00:00:00 host message" */
static inline bool syslog_read_3164(struct text line, struct syslog_record *record)
{
    *record = (struct syslog_record){0};
    if (!syslog_read_priority(&line, &record->priority) || line.size < 16 || line.bytes[15] != ' ')
        return false;
    record->time = text_slice(line, 0, 15);
    line = text_slice(line, 16, line.size);
    if (!text_split(&line, ' ', &record->host))
        return false;
    record->message = line;
    return syslog_is_name(record->host, 255);
}

/* Takes a frame off *@stream; false at its end, or where it is none. */
static inline bool syslog_read_frame(struct text *stream, bool counted, struct text *frame)
{
    struct text length;
    int64_t size;

    if (!counted)
        return stream->size > 0 && text_split(stream, '\n', frame) && stream->bytes;
    if (stream->size == 0 || stream->bytes[0] == '0' || !text_split(stream, ' ', &length) ||
        !text_to_integer(length, &size) || (size_t)size > stream->size)
        return false;
    *frame = text_slice(*stream, 0, (size_t)size);
    *stream = text_slice(*stream, (size_t)size, stream->size);
    return true;
}

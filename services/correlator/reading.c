#include "correlator/reading.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "correlator/field.h"

enum { NAME_MAX_BYTES = 128, SUGGESTIONS = 64, SECOND = 1000, MINUTE = 60 * SECOND };

bool reading_goes_on(struct mistakes *mistakes, const struct error *err)
{
    if (!mistakes->lines)
        return false;
    mistakes_add(mistakes, err);
    return true;
}

int reading_refuse(const struct reading *reading, int line, struct error *err, const char *format,
                   ...)
{
    va_list arguments;

    va_start(arguments, format);
    int code = document_refuse(reading->file, line, reading->rule, err, format, arguments);

    va_end(arguments);
    return code;
}

int reading_refuse_value(const struct reading *reading, const struct node *node, const char *key,
                         const char *allowed, struct error *err)
{
    char found[80];

    return reading_refuse(reading, node->line, err, "%s is %s; it must be %s", key,
                          document_describe(node, found, sizeof(found)), allowed);
}

static int refuse_key(const struct reading *reading, const struct node_pair *pair, const char *what,
                      const struct reading_key *keys, struct error *err)
{
    const char *names[SUGGESTIONS];
    size_t count = 0;
    struct text key = text_cut(pair->key, 80);

    for (size_t i = 0; keys[i].name && count < SUGGESTIONS; i++) {
        if (!keys[i].reason)
            names[count++] = keys[i].name;
    }
    const char *nearest = document_nearest(pair->key, names, count);

    if (nearest)
        return reading_refuse(reading, pair->line, err, "%s has no key '%.*s'; did you mean '%s'?",
                              what, TEXT_ARG(key), nearest);
    return reading_refuse(reading, pair->line, err, "%s has no key '%.*s'", what, TEXT_ARG(key));
}

int reading_keys(const struct reading *reading, const struct node *map, const char *what,
                 const struct reading_key *keys, struct error *err)
{
    if (map->kind != NODE_MAP)
        return reading_refuse_value(reading, map, what, "a map", err);
    for (size_t i = 0; i < map->count; i++) {
        const struct node_pair *pair = &map->pairs[i];
        size_t k = 0;

        while (keys[k].name && !text_is(pair->key, keys[k].name))
            k++;
        if (!keys[k].name)
            return refuse_key(reading, pair, what, keys, err);
        if (keys[k].reason)
            return reading_refuse(reading, pair->line, err, "'%s' is not taken: %s", keys[k].name,
                                  keys[k].reason);
    }
    return 0;
}

int reading_name(const struct reading *reading, const struct node *node, const char *key,
                 struct error *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    static const char must[] = "a name of at most 128 ASCII letters, digits, '_' and '-'";

    if (node->kind != NODE_SCALAR || node->text.size == 0 || node->text.size > NAME_MAX_BYTES)
        return reading_refuse_value(reading, node, key, must, err);
    for (size_t i = 0; i < node->text.size; i++) {
        if (node->text.bytes[i] == '\0' || !strchr(allowed, node->text.bytes[i]))
            return reading_refuse_value(reading, node, key, must, err);
    }
    return 0;
}

int reading_text(const struct reading *reading, const struct node *node, const char *key,
                 size_t limit, struct text *text, struct error *err)
{
    if (node->kind != NODE_SCALAR || node->text.size == 0)
        return reading_refuse_value(reading, node, key, "a text", err);
    if (node->text.size > limit)
        return reading_refuse(reading, node->line, err, "%s has %zu bytes; at most %zu are allowed",
                              key, node->text.size, limit);
    *text = node->text;
    return 0;
}

int reading_texts(const struct reading *reading, const struct node *node, const char *key,
                  const struct text **texts, size_t *count, struct error *err)
{
    const struct node *items = node->kind == NODE_LIST ? node->items : node;
    size_t size = node->kind == NODE_LIST ? node->count : 1;

    if (node->kind != NODE_LIST && node->kind != NODE_SCALAR)
        return reading_refuse_value(reading, node, key, "a list of texts", err);
    if (size > CORRELATION_MAX_ITEMS)
        return reading_refuse(reading, node->line, err, "%s has %zu items; at most %d are allowed",
                              key, size, CORRELATION_MAX_ITEMS);
    struct text *copy = arena_take(reading->arena, (size + 1) * sizeof(*copy));

    for (size_t i = 0; i < size; i++) {
        if (items[i].kind != NODE_SCALAR || items[i].text.size == 0)
            return reading_refuse_value(reading, &items[i], key,
                                        "a list of texts, none of them empty", err);
        copy[i] = items[i].text;
    }
    *texts = copy;
    *count = size;
    return 0;
}

int reading_boolean(const struct reading *reading, const struct node *node, const char *key,
                    bool *value, struct error *err)
{
    if (node->kind != NODE_SCALAR || node->quoted ||
        !(text_is(node->text, "true") || text_is(node->text, "false")))
        return reading_refuse_value(reading, node, key, "true or false", err);
    *value = text_is(node->text, "true");
    return 0;
}

int reading_whole(const struct reading *reading, const struct node *node, const char *key,
                  int64_t least, int64_t most, int64_t *value, struct error *err)
{
    char allowed[80];
    int64_t number = 0;

    if (node->kind == NODE_SCALAR && text_to_integer(node->text, &number) && number >= least &&
        number <= most) {
        *value = number;
        return 0;
    }
    snprintf(allowed, sizeof(allowed), "a whole number from %lld to %lld", (long long)least,
             (long long)most);
    return reading_refuse_value(reading, node, key, allowed, err);
}

static int64_t unit_ms(char unit)
{
    switch (unit) {
    case 's':
        return SECOND;
    case 'm':
        return MINUTE;
    case 'h':
        return INT64_C(60) * MINUTE;
    case 'd':
        return INT64_C(24) * 60 * MINUTE;
    default:
        return 0;
    }
}

static int refuse_duration(const struct reading *reading, const struct node *node, const char *key,
                           int64_t least_ms, struct error *err)
{
    char allowed[80] = "0 or a whole number with s, m, h or d, at most 30d";

    if (least_ms > 0)
        snprintf(allowed, sizeof(allowed),
                 "a whole number with s, m, h or d, from %" PRId64 "s to 30d", least_ms / 1000);
    return reading_refuse_value(reading, node, key, allowed, err);
}

int reading_duration(const struct reading *reading, const struct node *node, const char *key,
                     int64_t least_ms, int64_t *ms, struct error *err)
{
    struct text text = node->kind == NODE_SCALAR ? node->text : TEXT("");
    bool is_nothing = text_is(text, "0") && least_ms == 0;
    int64_t unit = is_nothing ? 1 : text.size > 1 ? unit_ms(text.bytes[text.size - 1]) : 0;
    int64_t number = 0;
    struct text digits = is_nothing ? text : text_slice(text, 0, text.size ? text.size - 1 : 0);

    if (unit == 0 || !text_to_integer(digits, &number) ||
        number > CORRELATION_MAX_TIMESPAN_MS / unit || number * unit < least_ms)
        return refuse_duration(reading, node, key, least_ms, err);
    *ms = number * unit;
    return 0;
}

int reading_field(const struct reading *reading, const struct node *node, const char *key,
                  struct correlation_field *field, struct error *err)
{
    char why[240];

    if (node->kind != NODE_SCALAR || node->text.size == 0)
        return reading_refuse_value(reading, node, key, "the name of a field", err);
    if (!field_find(node->text, field, why, sizeof(why)))
        return reading_refuse(reading, node->line, err, "%s names '%.*s': %s", key,
                              TEXT_ARG(text_cut(node->text, 80)), why);
    return 0;
}

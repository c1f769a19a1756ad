/* JSON: one object a log, as most shippers write it, often around a line of another format. */
#include <errno.h>

#include "detector/format.h"
#include "detector/json.h"

static bool json_maybe(struct text log)
{
    if (text_starts(log, TEXT("\xEF\xBB\xBF")))
        log = text_slice(log, 3, log.size);
    for (size_t i = 0; i < log.size; i++) {
        if ((unsigned char)log.bytes[i] > ' ')
            return log.bytes[i] == '{';
    }
    return false;
}

static void fill(const struct format_context *context, yyjson_val *object, struct entry *entry)
{
    yyjson_val *values[ENTRY_FIELD_COUNT];

    json_fields_find(context->fields, object, values);
    for (size_t i = 0; i < ENTRY_FIELD_COUNT; i++) {
        if (values[i])
            entry_fill(entry, (enum entry_field)i, json_text(values[i], context->arena));
    }
    struct text time = json_text(values[ENTRY_TIMESTAMP], context->arena);
    struct moment moment;

    if (time.size > 0 && moment_parse_any(time, context->zone, context->kafka_ms, &moment))
        entry_fill_time(entry, time, moment);
}

/* The value that @log is: a text or an object. */
static int read(const struct format_context *context, struct text log, struct entry *entry,
                yyjson_val **root, struct error *err)
{
    struct error why;
    bool bad;

    *root = json_read(log, context->arena, &bad, &why);
    if (!*root) {
        if (err)
            *err = why;
        return why.code;
    }
    if (!yyjson_is_str(*root) && !yyjson_is_obj(*root))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "JSON, but %s; a log is one object, or a text",
                               yyjson_is_arr(*root) ? "a list" : yyjson_get_type_desc(*root));
    entry->has_bad_utf8 |= bad;
    if (!entry->json && yyjson_is_obj(*root))
        entry->json = *root;
    return 0;
}

static int json_parse_message(const struct format_context *context, struct text log,
                              struct entry *entry, struct error *err)
{
    yyjson_val *root;
    struct text plain;

    if (json_fields_skim_message(context->fields, log, &plain)) {
        entry_fill(entry, ENTRY_MESSAGE, plain);
        return 0;
    }
    int status = read(context, log, entry, &root, err);

    if (status < 0)
        return status;
    if (yyjson_is_str(root))
        return format_plain.parse_message(context, json_text(root, context->arena), entry, err);
    yyjson_val *message = json_fields_find_message(context->fields, root);

    entry_fill(entry, ENTRY_MESSAGE, json_text(message, context->arena));
    return 0;
}

/* Once more only if parse_message() has not read it. */
static int read_again(const struct format_context *context, struct text log, struct entry *entry,
                      yyjson_val **root, struct error *err)
{
    if (context->depth > 0 || !entry->json)
        return read(context, log, entry, root, err);
    *root = (yyjson_val *)(uintptr_t)entry->json; /* yyjson asks so; only read */
    return 0;
}

static int json_parse(const struct format_context *context, struct text log, struct entry *entry,
                      struct error *err)
{
    yyjson_val *root;
    int status = read_again(context, log, entry, &root, err);

    if (status < 0)
        return status;
    if (yyjson_is_str(root)) {
        /* A line, written as a JSON value of its own. */
        struct text line = json_text(root, context->arena);

        format_plain.parse(context, line, entry, err);
        format_look_inside(context, line, entry);
        return 0;
    }
    fill(context, root, entry);
    format_look_inside(context, entry->fields[ENTRY_MESSAGE], entry);
    return 0;
}

const struct format_ops format_json = {
    .name = "json",
    .format = SOURCE_JSON,
    .maybe = json_maybe,
    .parse = json_parse,
    .parse_message = json_parse_message,
};

/* format: one way in which logs are written.
 *
 * To add one: write format_<name>.c, name it in formats.c, add its rows to
 * tests/unit/test_formats.c.
 */
#pragma once

#include "detector/entry.h"
#include "detector/json_fields.h"
#include "detector/source.h"

/* What a source knows that its logs do not say. */
struct format_context {
    const struct json_fields *fields;
    const struct zone *zone; /* of times that name none */
    int64_t kafka_ms;        /* -1: none */
    struct arena *arena;
    int depth; /* logs in logs: of 0, the log itself, what wraps another may look inside */
};

struct format_ops {
    const char *name;
    enum source_format format; /* the setting that means it; several may share one */

    /* Cheap: does @log look like one? */
    bool (*maybe)(struct text log);

    /* Fills in what @entry has not got yet, so that a log inside another adds to it. 0; POISON with
     * @entry unchanged: -EBADMSG, -ELOOP. */
    int (*parse)(const struct format_context *context, struct text log, struct entry *entry,
                 struct error *err);

    /* Optional: the message alone, at less cost, of the same logs and with the same failures. */
    int (*parse_message)(const struct format_context *context, struct text log, struct entry *entry,
                         struct error *err);
};

/* The format that @log is in: with SOURCE_AUTO the first that it looks like, otherwise one of
 * @format, whether the log looks like it or not. */
const struct format_ops *format_of(enum source_format format, struct text log);

/* Looks whether @text, which another log carries, is a log in one of these formats itself, and adds
 * to @entry what that one says. */
void format_look_inside(const struct format_context *context, struct text text,
                        struct entry *entry);

extern const struct format_ops format_json;
extern const struct format_ops format_syslog;
extern const struct format_ops format_clf;
extern const struct format_ops format_nginx_error;
extern const struct format_ops format_apache_error;
extern const struct format_ops format_plain;

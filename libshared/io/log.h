/* log: one JSON object a line on stderr.
 *
 * One event, then fields:  log_warn("target_unreachable", LOG_TEXT("target", name),
 * LOG_INT("status", 503)).  Never a secret, never a whole event above debug. Thread-safe: a line is
 * one write. Failures that repeat are logged at their first occurrence and then about every 10 s
 * with their count (log_limit).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *name;
    enum { LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_NUMBER } kind;
    struct text text;
    int64_t integer;
    double number;
};

#define LOG_TEXT(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_TEXT, .text = text_of(v)})
#define LOG_VIEW(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_TEXT, .text = (v)})
#define LOG_INT(n, v) \
    ((struct log_field){.name = (n), .kind = LOG_FIELD_INT, .integer = (int64_t)(v)})
#define LOG_NUMBER(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_NUMBER, .number = (v)})

/* Called once at start, before there are threads; @service (borrowed) is a field of every line.
 * Before that, lines from INFO up are written without it. */
void log_start(const char *service, enum log_level least);

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count);
#define LOG_(level, event, ...)                                                   \
    log_write((level), (event), (const struct log_field[]){{0}, __VA_ARGS__} + 1, \
              sizeof((const struct log_field[]){{0}, __VA_ARGS__}) / sizeof(struct log_field) - 1)
#define log_debug(...) LOG_(LOG_DEBUG, __VA_ARGS__, )
#define log_info(...) LOG_(LOG_INFO, __VA_ARGS__, )
#define log_warn(...) LOG_(LOG_WARN, __VA_ARGS__, )
#define log_error(...) LOG_(LOG_ERROR, __VA_ARGS__, )

/* Of one kind of failure; starts as {0}. Not thread-safe. */
struct log_limit {
    int64_t next_us;
    uint64_t passed_over;
};

/* True if the failure at hand should be logged; *@passed_over is then how many were not since the
 * last one that was. */
bool log_limit(struct log_limit *limit, uint64_t *passed_over);

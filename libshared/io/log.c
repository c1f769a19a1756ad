#include "io/log.h"

#include <math.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/moment.h"
#include "io/clock.h"

enum { REPEAT_US = 10 * 1000 * 1000 };

/* The one global of the project: where a line comes from does not change while a process runs. */
static struct {
    const char *service;
    enum log_level least;
} start = {NULL, LOG_INFO};

void log_start(const char *service, enum log_level least)
{
    start.service = service;
    start.least = least;
}

static void add_field(struct buf *line, const struct log_field *field)
{
    buf_add_byte(line, ',');
    buf_add_json(line, text_of(field->name));
    buf_add_byte(line, ':');
    switch (field->kind) {
    case LOG_FIELD_TEXT:
        buf_add_json(line, field->text);
        break;
    case LOG_FIELD_INT:
        buf_addf(line, "%lld", (long long)field->integer);
        break;
    case LOG_FIELD_NUMBER:
        if (isfinite(field->number))
            buf_addf(line, "%.6g", field->number);
        else
            buf_add_string(line, "null");
        break;
    }
}

/* A log that nobody can take any more (a full disk, a closed pipe) must not stop the work. */
static void write_all(struct text line)
{
    while (line.size > 0) {
        ssize_t written = write(STDERR_FILENO, line.bytes, line.size);

        if (written <= 0)
            return;
        line = text_slice(line, (size_t)written, line.size);
    }
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    AUTO_BUF line = {0};

    if (level < start.least)
        return;
    buf_add_string(&line, "{\"time\":\"");
    moment_write(clock_now_ms(), &line);
    buf_addf(&line, "\",\"level\":\"%s\"", names[level]);
    if (start.service) {
        buf_add_string(&line, ",\"service\":");
        buf_add_json(&line, text_of(start.service));
    }
    buf_add_string(&line, ",\"event\":");
    buf_add_json(&line, text_of(event));
    for (size_t i = 0; i < count; i++)
        add_field(&line, &fields[i]);
    buf_add_string(&line, "}\n");
    write_all(buf_text(&line));
}

bool log_limit(struct log_limit *limit, uint64_t *passed_over)
{
    int64_t now_us = clock_monotonic_us();

    if (now_us < limit->next_us) {
        limit->passed_over++;
        return false;
    }
    *passed_over = limit->passed_over;
    limit->passed_over = 0;
    limit->next_us = now_us + REPEAT_US;
    return true;
}

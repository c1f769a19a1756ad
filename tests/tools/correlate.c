/* correlate RULES SEED: events as JSON lines on stdin, the final alerts as JSON lines on stdout.
 *
 * What the model of correlation.md is compared with: the windows alone, without logs, Kafka or
 * Redis. Events are fed in the order given, cut into batches of random sizes from SEED; a line that
 * holds only "---" ends a stream and "===" stands behind its alerts, so that one process tries
 * thousands. --updates shows every revision instead of the last; time is that of the newest event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/record_json.h"
#include "correlator/windows.h"

enum { LINE_BYTES = 1 << 20 };

struct stream {
    const struct correlations *rules;
    struct windows_settings settings;
    struct windows *windows;
    struct arena *arena; /* of the events of a batch */
    struct event *events;
    size_t count, capacity, batch;
    int64_t newest_ms;
    uint64_t random;
};

static size_t next_batch(struct stream *stream)
{
    stream->random = stream->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return 1 + (size_t)(stream->random >> 33) % 7;
}

static void print_alerts(struct stream *stream)
{
    struct alert *alerts;
    size_t count = windows_take(stream->windows, &alerts);
    AUTO_BUF out = {0};

    for (size_t i = 0; i < count; i++) {
        record_json_write(&alert_type, &alerts[i], &out);
        buf_add_byte(&out, '\n');
    }
    fwrite(out.bytes, 1, out.size, stdout);
}

static void flush(struct stream *stream)
{
    windows_feed(stream->windows, stream->events, stream->count, stream->newest_ms);
    print_alerts(stream);
    windows_advance(stream->windows, stream->newest_ms);
    print_alerts(stream);
    stream->count = 0;
    stream->batch = next_batch(stream);
    arena_reset(stream->arena, LINE_BYTES);
}

static void begin(struct stream *stream)
{
    stream->windows = windows_new(stream->rules, &stream->settings);
    stream->newest_ms = INT64_MIN / 2;
    stream->batch = next_batch(stream);
}

static void end(struct stream *stream)
{
    flush(stream);
    windows_finish(stream->windows, stream->newest_ms);
    print_alerts(stream);
    windows_free(stream->windows);
    puts("===");
    fflush(stdout);
}

static bool add(struct stream *stream, struct text line)
{
    struct error err;

    stream->events =
        mem_grow(stream->events, stream->count, &stream->capacity, sizeof(*stream->events));
    if (record_json_read(&event_type, line, stream->arena, &stream->events[stream->count], &err) <
        0) {
        fprintf(stderr, "correlate: %s\n", err.text);
        return false;
    }
    int64_t at_ms = stream->events[stream->count++].event_time;

    if (at_ms > stream->newest_ms)
        stream->newest_ms = at_ms;
    if (stream->count == stream->batch)
        flush(stream);
    return true;
}

static bool read_all(struct stream *stream)
{
    char *line = mem_zero(LINE_BYTES);
    bool is_fine = true;

    begin(stream);
    while (is_fine && fgets(line, LINE_BYTES, stdin)) {
        struct text text = text_trim(text_of(line));

        if (text_is(text, "---")) {
            end(stream);
            begin(stream);
        } else if (text.size > 0) {
            /* the texts of events point into the line */
            is_fine = add(stream, arena_copy(stream->arena, text));
        }
    }
    windows_free(stream->windows);
    free(line);
    return is_fine;
}

int main(int argc, char **argv)
{
    AUTO(correlations) rules = correlations_new(CORRELATION_LIMITS_DEFAULT);
    struct stream stream = {.rules = rules, .settings = WINDOWS_DEFAULTS};
    struct error err = {0};
    bool is_fine;

    if (argc < 3) {
        fputs("usage: correlate RULES SEED [LATENESS_MS MEMBERS SUPPRESS_MS] [--updates]\n",
              stderr);
        return 2;
    }
    stream.random = strtoull(argv[2], NULL, 10);
    stream.settings.only_last = strcmp(argv[argc - 1], "--updates") != 0;
    if (argc > 5) {
        stream.settings.max_lateness_ms = strtoll(argv[3], NULL, 10);
        stream.settings.members = (size_t)strtoull(argv[4], NULL, 10);
        stream.settings.suppress_ms = strtoll(argv[5], NULL, 10);
    }
    if (correlations_add(rules, argv[1], &err) < 0 || correlations_link(rules, &err) < 0) {
        fprintf(stderr, "correlate: %s\n", err.text);
        return 2;
    }
    stream.arena = arena_new(LINE_BYTES);
    is_fine = read_all(&stream);
    arena_free(stream.arena);
    free(stream.events);
    return is_fine ? 0 : 1;
}

/* target_tool render TYPE SETTINGS: alerts as JSON lines on stdin; what the target makes of them on
 * stdout, as JSON lines: {"record":…} for each alert of one that writes records, or one
 * {"method":…,"url":…,"headers":[…],"body":…}, bytes in hex. HTTP requests hold all alerts.
 *
 * target_tool judge TYPE SETTINGS STATUS: alerts as JSON lines, an empty line, then the reply's
 * body on stdin; a verdict a line.
 *
 * What the end-to-end tests send to real receivers, without the program that sends. SETTINGS is a
 * file with the target's options under `target:`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/record_json.h"
#include "forwarder/object.h"
#include "forwarder/target.h"

enum { MOST_ALERTS = 5000 };

struct input {
    struct arena *arena;
    struct alert *alerts;
    const struct alert **list;
    size_t count;
    struct text rest; /* behind the empty line */
};

static void die(const char *what)
{
    fprintf(stderr, "target_tool: %s\n", what);
    exit(2);
}

static void read_stdin(struct buf *out)
{
    size_t got;

    while ((got = fread(buf_reserve(out, 65536), 1, 65536, stdin)) > 0)
        out->size += got;
}

static void read_alerts(struct input *input, struct text bytes)
{
    struct text line;
    struct error err = {0};

    input->rest = bytes;
    while (text_split(&input->rest, '\n', &line) && line.size > 0) {
        struct alert *alert = &input->alerts[input->count];

        if (input->count == MOST_ALERTS ||
            record_json_read(&alert_type, line, input->arena, alert, &err) < 0)
            die(err.text);
        input->list[input->count++] = alert;
    }
}

static void add_hex(struct buf *out, const char *name, struct text bytes)
{
    object_name(out, name);
    buf_add_byte(out, '"');
    for (size_t i = 0; i < bytes.size; i++)
        buf_addf(out, "%02x", (unsigned char)bytes.bytes[i]);
    buf_add_byte(out, '"');
}

static void print(struct buf *line)
{
    buf_add_byte(line, '\n');
    fwrite(line->bytes, 1, line->size, stdout);
}

static void print_request(const struct request *request)
{
    AUTO_BUF line = {0};

    buf_add_byte(&line, '{');
    object_text(&line, "method", text_of(request->method ? request->method : "POST"));
    object_text(&line, "url", buf_text(&request->url));
    object_open(&line, "headers", '[');
    for (const char *h = NULL; (h = request_next_header(request, h));)
        object_item(&line, text_of(h));
    buf_add_byte(&line, ']');
    add_hex(&line, "body", buf_text(&request->body));
    buf_add_byte(&line, '}');
    print(&line);
}

static struct target_context context_of(void)
{
    /* The time is an argument of targets; signatures are checked against the clock. */
    const char *now = getenv("TARGET_NOW_MS");
    int64_t ms = 0;

    text_to_integer(text_of(now), &ms);
    return (struct target_context){
        .host = TEXT("relay-1"),
        .now_ms = ms,
        .token = text_of(getenv("TARGET_TOKEN")),
        .unique = TEXT("0f2cb0f4-6a5e-4a7e-9f11-000000000001"),
    };
}

static void render(const struct target_ops *ops, const void *config, const struct input *input)
{
    const struct target_context context = context_of();
    struct target_place place = {0};

    if (!ops->way || ops->way(config, &place) == TARGET_BY_HTTP) {
        AUTO_REQUEST request = {0};

        ops->render(config, &context, &(struct parcel){input->list, input->count}, &request);
        print_request(&request);
        return;
    }
    for (size_t i = 0; i < input->count; i++) {
        AUTO_BUF record = {0};
        AUTO_BUF line = {0};

        ops->write(config, &context, input->list[i], &record);
        buf_add_byte(&line, '{');
        add_hex(&line, "record", buf_text(&record));
        buf_add_byte(&line, '}');
        print(&line);
    }
}

static void judge(const struct target_ops *ops, const void *config, const struct input *input,
                  const char *status)
{
    struct judgement judgement = {
        .each = arena_take(input->arena, input->count * sizeof(*judgement.each))};
    const struct reply reply = {(int)strtol(status, NULL, 10), input->rest};

    ops->judge(config, &(struct parcel){input->list, input->count}, &reply, &judgement);
    for (size_t i = 0; i < input->count; i++)
        puts(verdict_name(judgement.each[i]));
    fprintf(stderr, "%.*s\n", TEXT_ARG(buf_text(&judgement.reason)));
    buf_done(&judgement.reason);
}

static const char *no_environment(const char *name)
{
    (void)name;
    return NULL;
}

int main(int argc, char **argv)
{
    AUTO_BUF bytes = {0};
    AUTO(arena) arena = arena_new(1 << 20);
    struct error err = {0};
    const struct target_ops *ops = argc >= 4 ? target_find(argv[2]) : NULL;

    if (!ops)
        die("usage: target_tool render|judge TYPE SETTINGS [STATUS]");
    void *config = mem_zero(ops->config_size);
    const struct settings_section section = {"target", ops->settings, config};
    AUTO(settings) settings = settings_load(argv[3], &section, 1, no_environment, &err);

    if (!settings || (ops->check && ops->check(config, &err) < 0))
        die(err.text);
    struct input input = {.arena = arena};

    input.alerts = arena_take(arena, MOST_ALERTS * sizeof(*input.alerts));
    input.list = arena_take(arena, MOST_ALERTS * sizeof(*input.list));
    read_stdin(&bytes);
    read_alerts(&input, buf_text(&bytes));
    if (strcmp(argv[1], "render") == 0)
        render(ops, config, &input);
    else if (argc == 5)
        judge(ops, config, &input, argv[4]);
    else
        die("judge needs a status");
    free(config);
    return 0;
}

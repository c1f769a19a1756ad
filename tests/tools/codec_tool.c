/* codec_tool FORMAT [URL]: our codec on a pipe, for tests that let others read what it writes.
 *
 *   encode TOPIC {event as JSON}   ->  ok HEX
 *   decode HEX                     ->  ok {event as JSON}
 *
 * What fails answers `retry`, `poison` or `config` and the reason.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/event.h"
#include "base/record_json.h"
#include "io/codec.h"

static int answer_error(const struct error *err)
{
    static const char *const classes[] = {"retry", "poison", "config"};

    return printf("%s %s\n", classes[err->class], err->text);
}

static void write_hex(struct text bytes)
{
    printf("ok ");
    for (size_t i = 0; i < bytes.size; i++)
        printf("%02x", (unsigned char)bytes.bytes[i]);
    printf("\n");
}

static struct text read_hex(struct text hex, struct arena *arena)
{
    char *bytes = arena_take(arena, hex.size / 2 + 1);

    for (size_t i = 0; i < hex.size / 2; i++) {
        const char digits[] = {hex.bytes[2 * i], hex.bytes[2 * i + 1], '\0'};

        bytes[i] = (char)strtoul(digits, NULL, 16);
    }
    return (struct text){bytes, hex.size / 2};
}

static void encode(struct codec *codec, struct text topic, struct text json, struct arena *arena)
{
    AUTO_BUF name = {0};
    AUTO_BUF out = {0};
    struct event event;
    struct error err = {0};

    buf_add(&name, topic);
    if (record_json_read(&event_type, json, arena, &event, &err) < 0 ||
        codec_encode(codec_output(codec, &event_type, buf_string(&name)), &event, &out, &err) < 0)
        answer_error(&err);
    else
        write_hex(buf_text(&out));
}

static void decode(struct codec *codec, struct text hex, struct arena *arena)
{
    AUTO_BUF out = {0};
    struct event event;
    struct error err = {0};

    if (codec_decode(codec, &event_type, read_hex(hex, arena), arena, &event, &err) < 0) {
        answer_error(&err);
        return;
    }
    record_json_write(&event_type, &event, &out);
    printf("ok %s\n", buf_string(&out));
}

int main(int argc, char **argv)
{
    struct registry_settings registry = {.url = argc > 2 ? argv[2] : NULL, .timeout_ms = 2000};
    bool avro = argc > 1 && strcmp(argv[1], "avro") == 0;
    struct codec *codec = codec_open(avro ? FORMAT_AVRO : FORMAT_JSON, &registry);
    AUTO(arena) arena = arena_new(65536);
    char *line = NULL;
    size_t capacity = 0;

    for (ssize_t size; (size = getline(&line, &capacity, stdin)) > 0;) {
        struct text rest = text_trim((struct text){line, (size_t)size}), word, topic;

        text_split(&rest, ' ', &word);
        if (text_is(word, "encode") && text_split(&rest, ' ', &topic))
            encode(codec, topic, rest, arena);
        else
            decode(codec, rest, arena);
        fflush(stdout);
        arena_reset(arena, 0);
    }
    free(line);
    codec_close(codec);
    return 0;
}

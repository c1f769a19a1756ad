#include "unit.h"

#include <errno.h>
#include <math.h>

#include "base/event.h"
#include "base/record_avro.h"
#include "fake_registry.h"
#include "io/codec.h"

#define AUTO_CODEC __attribute__((cleanup(close_codec))) struct codec *

static const struct registry_settings no_registry;

static void close_codec(struct codec **codec)
{
    codec_close(*codec);
}

static struct event sample_event(void)
{
    struct event event;

    record_set_defaults(&event_type, &event);
    event.event_id = TEXT("0123456789abcdef0123456789abcdef");
    event.event_time = 1700000000123;
    event.threat_level = LEVEL_CRITICAL;
    event.confidence_score = 0.9;
    return event;
}

static void unit_decodes(struct codec *codec, struct text value)
{
    AUTO(arena) arena = arena_new(4096);
    struct event event;
    struct error err = {0};

    if (codec_decode(codec, &event_type, value, arena, &event, &err) < 0)
        fail_msg("%s", err.text);
    unit_text("event_id", event.event_id, "0123456789abcdef0123456789abcdef");
    assert_true(event.event_time == 1700000000123 && event.threat_level == LEVEL_CRITICAL);
    assert_true(event.confidence_score == 0.9 && isnan(event.context.reputation));
}

static void unit_refuses(struct codec *codec, struct text value, enum error_class class,
                         const char *want)
{
    AUTO(arena) arena = arena_new(4096);
    struct event event;
    struct error err = {0};

    if (codec_decode(codec, &event_type, value, arena, &event, &err) >= 0)
        fail_msg("taken; want '%s'", want);
    if (err.class != class || !strstr(err.text, want))
        fail_msg("got class %d, '%s', want '%s'", err.class, err.text, want);
}

static void json_says_what_it_is(void **state)
{
    const struct event event = sample_event();
    AUTO_CODEC codec = codec_open(FORMAT_JSON, &no_registry);
    AUTO_BUF out = {0};

    (void)state;
    struct codec_output *output = codec_output(codec, &event_type, "events");

    assert_int_equal(codec_encode(output, &event, &out, NULL), 0);
    assert_int_equal(out.bytes[0], '{');
    unit_text("schema", codec_schema(output), "event/1");
    unit_text("content type", codec_content_type(output), "application/json");
    unit_decodes(codec, buf_text(&out));
}

static void avro_without_a_registry_is_single_objects(void **state)
{
    const struct event event = sample_event();
    AUTO_CODEC codec = codec_open(FORMAT_AVRO, &no_registry);
    AUTO_CODEC other = codec_open(FORMAT_JSON, &no_registry);
    AUTO_BUF out = {0};

    (void)state;
    struct codec_output *output = codec_output(codec, &event_type, "events");

    assert_int_equal(codec_encode(output, &event, &out, NULL), 0);
    assert_memory_equal(out.bytes, "\xC3\x01", 2);
    unit_text("content type", codec_content_type(output), "application/avro");
    unit_decodes(codec, buf_text(&out));
    unit_decodes(other, buf_text(&out)); /* whatever it writes itself */
    out.bytes[5] ^= 1;
    unit_refuses(codec, buf_text(&out), ERROR_POISON, "records of other versions need a schema");
}

static void avro_with_a_registry_has_its_id(void **state)
{
    AUTO(fake_registry) fake = fake_registry_start();
    const struct registry_settings settings = {.url = fake->url, .timeout_ms = 5000};
    const struct event event = sample_event();
    AUTO_CODEC codec = codec_open(FORMAT_AVRO, &settings);
    AUTO_CODEC reader = codec_open(FORMAT_JSON, &settings);
    AUTO_BUF schema = {0};
    AUTO_BUF reply = {0};
    AUTO_BUF out = {0};

    (void)state;
    struct codec_output *output = codec_output(codec, &event_type, "events");

    fake->status = 200;
    fake->body = "{\"id\":258}";
    assert_int_equal(codec_encode(output, &event, &out, NULL), 0);
    assert_memory_equal(out.bytes, "\0\0\0\1\2", 5);
    assert_non_null(strstr(buf_string(&fake->asked), "POST /subjects/events-value/versions"));

    record_avro_schema(&event_type, &schema);
    buf_add(&reply, TEXT("{\"schema\":"));
    buf_add_json(&reply, buf_text(&schema));
    buf_add_byte(&reply, '}');
    fake->body = buf_string(&reply);
    unit_decodes(reader, buf_text(&out));
    unit_decodes(reader, buf_text(&out));
    assert_int_equal(fake->count, 2); /* once to write, once to read */
}

static void nothing_is_written_while_the_registry_is_away(void **state)
{
    AUTO(fake_registry) fake = fake_registry_start();
    const struct registry_settings settings = {.url = fake->url, .timeout_ms = 5000};
    const struct event event = sample_event();
    AUTO_CODEC codec = codec_open(FORMAT_AVRO, &settings);
    AUTO_BUF out = {0};
    struct error err = {0};

    (void)state;
    struct codec_output *output = codec_output(codec, &event_type, "events");

    fake->status = 503;
    assert_true(codec_encode(output, &event, &out, &err) < 0);
    assert_int_equal(err.class, ERROR_RETRY);
    assert_int_equal(out.size, 0);
}

static void what_cannot_be_read_is_refused_with_the_reason(void **state)
{
    AUTO(fake_registry) fake = fake_registry_start();
    const struct registry_settings settings = {.url = fake->url, .timeout_ms = 5000};
    AUTO_CODEC codec = codec_open(FORMAT_JSON, &settings);
    AUTO_CODEC alone = codec_open(FORMAT_JSON, &no_registry);

    (void)state;
    unit_refuses(codec, TEXT(""), ERROR_POISON, "not JSON");
    unit_refuses(alone, (struct text){"\0\0\0\0\1x", 6}, ERROR_POISON,
                 "schema id 1, but schema_registry.url is not set");
    fake->status = 200;
    fake->body = "{\"schema\":\"\\\"string\\\"\"}";
    unit_refuses(codec, (struct text){"\0\0\0\0\1x", 6}, ERROR_POISON,
                 "schema id 1: event: the writer's type is string");
    unit_refuses(codec, (struct text){"\0\0\0\0\1x", 6}, ERROR_POISON,
                 "schema id 1: event: the writer's type is string");
    assert_int_equal(fake->count, 1);
    fake->body = "{\"schema\":\"{}\"}";
    unit_refuses(codec, (struct text){"\0\0\0\0\2x", 6}, ERROR_POISON, "schema id 2: Avro schema:");
    fake->status = 404;
    fake->body = "{\"error_code\":40403,\"message\":\"Schema not found\"}";
    unit_refuses(codec, (struct text){"\0\0\0\0\3x", 6}, ERROR_POISON, "no schema with id 3");
    fake->status = 401;
    unit_refuses(codec, (struct text){"\0\0\0\0\4x", 6}, ERROR_CONFIG, "status 401");
}

UNIT_MAIN(cmocka_unit_test(json_says_what_it_is),
          cmocka_unit_test(avro_without_a_registry_is_single_objects),
          cmocka_unit_test(avro_with_a_registry_has_its_id),
          cmocka_unit_test(nothing_is_written_while_the_registry_is_away),
          cmocka_unit_test(what_cannot_be_read_is_refused_with_the_reason))

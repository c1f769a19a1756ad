#include "io/codec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/record_avro.h"
#include "base/record_avro_plan.h"
#include "base/record_json.h"
#include "io/schema_registry.h"

/* How one writer's records become one of our types. */
struct reader {
    const struct record_type *type;
    enum record_avro_frame frame; /* which kind of id */
    uint64_t id;
    struct record_avro_plan *plan; /* NULL: they never can, as problem says */
    struct error problem;
};

struct codec_output {
    struct codec *codec;
    const struct record_type *type;
    char *subject;
    char *schema_name;
    struct buf schema;
    struct buf frame; /* what stands before each record; empty: not known yet */
};

struct codec {
    enum value_format format;
    struct schema_registry *registry; /* NULL: none */
    struct codec_output **outputs;    /* pointers, for they are handed out */
    size_t output_count, output_capacity;
    struct reader **readers;
    size_t reader_count, reader_capacity;
    const struct reader *last; /* records of one writer mostly come together */
};

struct codec *codec_open(enum value_format format, const struct registry_settings *registry)
{
    struct codec *codec = mem_zero(sizeof(*codec));

    codec->format = format;
    if (registry->url)
        codec->registry = schema_registry_open(registry);
    return codec;
}

void codec_watch(struct codec *codec, struct metrics *metrics, const char *service)
{
    char name[96];

    snprintf(name, sizeof(name), "haechi_%s_schema_registry_seconds", service);
    struct histogram *seconds =
        metrics_histogram(metrics, name, "Time of a request to the schema registry.", NO_LABEL);

    snprintf(name, sizeof(name), "haechi_%s_schema_registry_failures_total", service);
    struct counter *failures = metrics_counter(
        metrics, name, "Requests to the schema registry that failed.", NO_LABEL, NO_LABEL);

    if (codec->registry)
        schema_registry_watch(codec->registry, seconds, failures);
}

static void output_free(struct codec_output *output)
{
    free(output->subject);
    free(output->schema_name);
    buf_done(&output->schema);
    buf_done(&output->frame);
    free(output);
}

void codec_close(struct codec *codec)
{
    if (!codec)
        return;
    for (size_t i = 0; i < codec->output_count; i++)
        output_free(codec->outputs[i]);
    for (size_t i = 0; i < codec->reader_count; i++) {
        record_avro_plan_free(codec->readers[i]->plan);
        free(codec->readers[i]);
    }
    free(codec->outputs);
    free(codec->readers);
    schema_registry_close(codec->registry);
    free(codec);
}

struct codec_output *codec_output(struct codec *codec, const struct record_type *type,
                                  const char *topic)
{
    struct codec_output *output = mem_zero(sizeof(*output));
    AUTO_BUF name = {0};
    AUTO_BUF subject = {0};

    buf_addf(&name, "%s/%d", type->name, type->version);
    buf_addf(&subject, "%s-value", topic);
    output->codec = codec;
    output->type = type;
    output->subject = mem_copy_text(buf_string(&subject));
    output->schema_name = mem_copy_text(buf_string(&name));
    record_avro_schema(type, &output->schema);
    codec->outputs = mem_grow(codec->outputs, codec->output_count, &codec->output_capacity,
                              sizeof(struct codec_output *));
    codec->outputs[codec->output_count++] = output;
    return output;
}

static struct reader *add_reader(struct codec *codec, const struct record_type *type,
                                 enum record_avro_frame frame, uint64_t id, struct text schema)
{
    struct reader *reader = mem_zero(sizeof(*reader));

    *reader = (struct reader){.type = type, .frame = frame, .id = id};
    reader->plan = record_avro_plan_new(type, schema, &reader->problem);
    codec->readers = mem_grow(codec->readers, codec->reader_count, &codec->reader_capacity,
                              sizeof(struct reader *));
    codec->readers[codec->reader_count++] = reader;
    return reader;
}

static const struct reader *find_reader(struct codec *codec, const struct record_type *type,
                                        enum record_avro_frame frame, uint64_t id)
{
    for (size_t i = 0; i < codec->reader_count; i++) {
        const struct reader *reader = codec->readers[i];

        if (reader->type == type && reader->frame == frame && reader->id == id)
            return reader;
    }
    return NULL;
}

/* Reads what this version writes; the only single objects that can be read. */
static const struct reader *own_reader(struct codec *codec, const struct record_type *type)
{
    AUTO_BUF schema = {0};

    for (size_t i = 0; i < codec->reader_count; i++) {
        if (codec->readers[i]->type == type && codec->readers[i]->frame == RECORD_AVRO_SINGLE)
            return codec->readers[i];
    }
    record_avro_schema(type, &schema);
    struct reader *reader = add_reader(codec, type, RECORD_AVRO_SINGLE, 0, buf_text(&schema));

    reader->id = record_avro_plan_fingerprint(reader->plan);
    return reader;
}

static int make_frame(struct codec_output *output, struct error *err)
{
    struct codec *codec = output->codec;
    uint32_t id;

    if (!codec->registry) {
        record_avro_frame_single(own_reader(codec, output->type)->id, &output->frame);
        return 0;
    }
    int result = schema_registry_register(codec->registry, output->subject,
                                          buf_text(&output->schema), &id, err);

    if (result == 0)
        record_avro_frame_confluent(id, &output->frame);
    return result;
}

int codec_prepare(struct codec_output *output, struct error *err)
{
    if (output->codec->format == FORMAT_JSON || output->frame.size > 0)
        return 0;
    return make_frame(output, err);
}

int codec_encode(struct codec_output *output, const void *record, struct buf *out,
                 struct error *err)
{
    if (output->codec->format == FORMAT_JSON) {
        record_json_write(output->type, record, out);
        return 0;
    }
    int result = codec_prepare(output, err);

    if (result < 0)
        return result;
    buf_add(out, buf_text(&output->frame));
    record_avro_write(output->type, record, out);
    return 0;
}

struct text codec_schema(const struct codec_output *output)
{
    return text_of(output->schema_name);
}

struct text codec_content_type(const struct codec_output *output)
{
    return text_of(output->codec->format == FORMAT_JSON ? "application/json" : "application/avro");
}

static int find_confluent(struct codec *codec, const struct record_type *type, uint64_t id,
                          const struct reader **reader, struct error *err)
{
    struct text schema;

    *reader = find_reader(codec, type, RECORD_AVRO_CONFLUENT, id);
    if (*reader)
        return 0;
    /* POISON: one stranger's record must not stop all others; dead letters can be replayed. */
    if (!codec->registry)
        return error_set_class(
            err, ERROR_POISON, -EBADMSG,
            "Avro with schema id %" PRIu64 ", but schema_registry.url is not set", id);
    int result = schema_registry_find(codec->registry, (uint32_t)id, &schema, err);

    if (result == 0)
        *reader = add_reader(codec, type, RECORD_AVRO_CONFLUENT, id, schema);
    return result;
}

static int find_single(struct codec *codec, const struct record_type *type, uint64_t fingerprint,
                       const struct reader **reader, struct error *err)
{
    *reader = own_reader(codec, type);
    if ((*reader)->id == fingerprint)
        return 0;
    return error_set_class(err, ERROR_POISON, -EBADMSG,
                           "Avro single object of schema %016" PRIx64
                           ", which is not this version's %016" PRIx64
                           "; records of other versions need a schema registry",
                           fingerprint, (*reader)->id);
}

static int choose_reader(struct codec *codec, const struct record_type *type,
                         enum record_avro_frame frame, uint64_t id, const struct reader **reader,
                         struct error *err)
{
    *reader = codec->last;
    if (*reader && (*reader)->type == type && (*reader)->frame == frame && (*reader)->id == id)
        return 0;
    int result = frame == RECORD_AVRO_CONFLUENT ? find_confluent(codec, type, id, reader, err)
                                                : find_single(codec, type, id, reader, err);

    if (result == 0)
        codec->last = *reader;
    return result;
}

int codec_prepare_reading(struct codec *codec, const struct record_type *type, struct text value,
                          struct error *err)
{
    const struct reader *reader;
    uint64_t id = 0;
    enum record_avro_frame frame = record_avro_unframe(&value, &id);

    return frame == RECORD_AVRO_BARE ? 0 : choose_reader(codec, type, frame, id, &reader, err);
}

static int decode_json(const struct record_type *type, struct text value, struct arena *arena,
                       void *record, struct text *json, struct error *err)
{
    bool is_exact = false;
    int result = record_json_read_exact(type, value, arena, record, &is_exact, err);

    if (is_exact)
        *json = value;
    return result;
}

int codec_decode(struct codec *codec, const struct record_type *type, struct text value,
                 struct arena *arena, void *record, struct error *err)
{
    struct text json;

    return codec_decode_json(codec, type, value, arena, record, &json, err);
}

int codec_decode_json(struct codec *codec, const struct record_type *type, struct text value,
                      struct arena *arena, void *record, struct text *json, struct error *err)
{
    const struct reader *reader;
    uint64_t id = 0;
    enum record_avro_frame frame = record_avro_unframe(&value, &id);

    *json = TEXT("");
    if (frame == RECORD_AVRO_BARE)
        return decode_json(type, value, arena, record, json, err);
    int result = choose_reader(codec, type, frame, id, &reader, err);

    if (result < 0)
        return result;
    if (!reader->plan) {
        if (err)
            *err = reader->problem;
        error_prefix(err, "schema id %" PRIu64, id);
        return -EBADMSG;
    }
    return record_avro_plan_read(reader->plan, value, arena, record, err);
}

#include "unit.h"

#include <avro.h>
#include <stdlib.h>
#include <yyjson.h>

#include "base/alert.h"
#include "base/event.h"
#include "base/ioc.h"
#include "base/record_avro.h"
#include "base/record_avro_plan.h"
#include "base/record_json.h"
#include "base/siem_delivery.h"
#include "sample_record.h"

/* avro-c is the other implementation here: what it makes of a record must be, byte for byte, what
 * we make of it. */

static void fill_record(avro_value_t *into, const struct record_type *type, const void *record);

static void fill_text(avro_value_t *into, struct text t)
{
    AUTO_BUF copy = {0};

    buf_add(&copy, t);
    assert_int_equal(avro_value_set_string(into, buf_string(&copy)), 0);
}

static void fill_texts(avro_value_t *into, const struct record_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        avro_value_t item;

        assert_int_equal(avro_value_append(into, &item, NULL), 0);
        fill_text(&item, texts->items[i]);
    }
}

static void fill_map(avro_value_t *into, const struct record_map *map)
{
    for (size_t i = 0; i < map->count; i++) {
        AUTO_BUF name = {0};
        avro_value_t item;

        buf_add(&name, map->names[i]);
        assert_int_equal(avro_value_add(into, buf_string(&name), &item, NULL, NULL), 0);
        fill_text(&item, map->values[i]);
    }
}

static void fill_records(avro_value_t *into, const struct record_type *type,
                         const struct record_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        avro_value_t item;

        assert_int_equal(avro_value_append(into, &item, NULL), 0);
        fill_record(&item, type, (const char *)list->items + i * type->size);
    }
}

static void fill_value(avro_value_t *into, const struct record_field *field, const void *value)
{
    avro_value_t place = *into;

    if (field->nullable) {
        bool is_null = record_is_null(field, value);

        assert_int_equal(avro_value_set_branch(into, is_null ? 0 : 1, &place), 0);
        if (is_null)
            return;
    }
    switch (field->kind) {
    case FIELD_TEXT:
        fill_text(&place, *(const struct text *)value);
        break;
    case FIELD_TIME:
    case FIELD_LONG:
        assert_int_equal(avro_value_set_long(&place, *(const int64_t *)value), 0);
        break;
    case FIELD_DOUBLE:
        assert_int_equal(avro_value_set_double(&place, *(const double *)value), 0);
        break;
    case FIELD_BOOLEAN:
        assert_int_equal(avro_value_set_boolean(&place, *(const bool *)value), 0);
        break;
    case FIELD_ENUM:
        assert_int_equal(avro_value_set_enum(&place, *(const int *)value), 0);
        break;
    case FIELD_TEXT_LIST:
        fill_texts(&place, value);
        break;
    case FIELD_TEXT_MAP:
        fill_map(&place, value);
        break;
    case FIELD_RECORD:
        fill_record(&place, field->record, value);
        break;
    case FIELD_RECORD_LIST:
        fill_records(&place, field->record, value);
        break;
    }
}

static void fill_record(avro_value_t *into, const struct record_type *type, const void *record)
{
    for (const struct record_field *field = type->fields; field->name; field++) {
        avro_value_t place;

        assert_int_equal(avro_value_get_by_name(into, field->name, &place, NULL), 0);
        fill_value(&place, field, (const char *)record + field->offset);
    }
}

struct oracle {
    avro_schema_t schema;
    avro_value_iface_t *class;
    avro_value_t value;
};

static struct oracle oracle_of(struct text schema_json)
{
    struct oracle oracle = {0};

    if (avro_schema_from_json_length(schema_json.bytes, schema_json.size, &oracle.schema) != 0)
        fail_msg("avro-c: %s", avro_strerror());
    oracle.class = avro_generic_class_from_schema(oracle.schema);
    assert_int_equal(avro_generic_value_new(oracle.class, &oracle.value), 0);
    return oracle;
}

static void oracle_done(struct oracle *oracle)
{
    avro_value_decref(&oracle->value);
    avro_value_iface_decref(oracle->class);
    avro_schema_decref(oracle->schema);
}

static void unit_bytes(struct text got, struct text want)
{
    assert_int_equal(got.size, want.size);
    assert_memory_equal(got.bytes, want.bytes, want.size);
}

/* avro-c makes of @record the bytes that we make of it, and reads ours as the same value. */
static void agree(struct oracle *oracle, const struct record_type *type, const void *record)
{
    char theirs[1 << 14] = {0};
    avro_writer_t writer = avro_writer_memory(theirs, sizeof(theirs));
    avro_value_t again;
    AUTO_BUF ours = {0};

    avro_value_reset(&oracle->value);
    fill_record(&oracle->value, type, record);
    assert_int_equal(avro_value_write(writer, &oracle->value), 0);
    record_avro_write(type, record, &ours);
    unit_bytes(buf_text(&ours), (struct text){theirs, (size_t)avro_writer_tell(writer)});

    avro_reader_t reader = avro_reader_memory(ours.bytes, (int64_t)ours.size);

    assert_int_equal(avro_generic_value_new(oracle->class, &again), 0);
    assert_int_equal(avro_value_read(reader, &again), 0);
    assert_true(avro_value_equal(&again, &oracle->value));
    avro_value_decref(&again);
    avro_reader_free(reader);
    avro_writer_free(writer);
}

static void avro_c_writes_and_reads_the_same_bytes(void **state)
{
    AUTO_BUF schema = {0};
    uint64_t seed = 7;

    (void)state;
    record_avro_schema(&sample_type, &schema);
    struct oracle oracle = oracle_of(buf_text(&schema));

    for (int i = 0; i < 1000; i++) {
        AUTO(arena) arena = arena_new(4096);
        struct sample sample;

        sample_fill(&sample, &seed, arena);
        agree(&oracle, &sample_type, &sample);
    }
    oracle_done(&oracle);
}

static void what_avro_c_writes_we_read(void **state)
{
    AUTO_BUF schema = {0};
    uint64_t seed = 11;

    (void)state;
    record_avro_schema(&sample_type, &schema);
    struct oracle oracle = oracle_of(buf_text(&schema));
    AUTO(record_avro_plan) plan = record_avro_plan_new(&sample_type, buf_text(&schema), NULL);

    assert_non_null(plan);
    for (int i = 0; i < 1000; i++) {
        AUTO(arena) arena = arena_new(4096);
        AUTO_BUF want = {0};
        AUTO_BUF got = {0};
        struct sample sample, read;
        struct error err = {0};
        char bytes[1 << 14] = {0};
        avro_writer_t writer = avro_writer_memory(bytes, sizeof(bytes));

        sample_fill(&sample, &seed, arena);
        avro_value_reset(&oracle.value);
        fill_record(&oracle.value, &sample_type, &sample);
        assert_int_equal(avro_value_write(writer, &oracle.value), 0);
        struct text written = {bytes, (size_t)avro_writer_tell(writer)};

        if (record_avro_plan_read(plan, written, arena, &read, &err) < 0)
            fail_msg("%s", err.text);
        record_json_write(&sample_type, &sample, &want);
        record_json_write(&sample_type, &read, &got);
        unit_text("as JSON", buf_text(&got), buf_string(&want));
        avro_writer_free(writer);
    }
    oracle_done(&oracle);
}

static void text_that_is_not_utf_8_is_repaired_as_in_json(void **state)
{
    const struct sample_part part = {TEXT("a\xFF\xE2\x82z"), NAN};
    AUTO_BUF out = {0};

    (void)state;
    record_avro_write(&sample_part_type, &part, &out);
    unit_bytes(buf_text(&out), TEXT("\x16"
                                    "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\0"));
}

static void without_doc(yyjson_mut_val *value)
{
    size_t i, count;
    yyjson_mut_val *name, *item;

    if (yyjson_mut_is_obj(value))
        yyjson_mut_obj_remove_key(value, "doc");
    yyjson_mut_obj_foreach(value, i, count, name, item)
    {
        without_doc(item);
    }
    yyjson_mut_arr_foreach(value, i, count, item)
    {
        without_doc(item);
    }
}

static struct text read_file(const char *path, struct buf *into)
{
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    into->size = fread(buf_reserve(into, 1 << 20), 1, 1 << 20, file);
    fclose(file);
    return buf_text(into);
}

static void the_published_schema_is_the_table_with_words(void **state)
{
    static const struct {
        const char *path;
        const struct record_type *type;
    } cases[] = {
        {HAECHI_SOURCE "/schemas/event.avsc", &event_type},
        {HAECHI_SOURCE "/schemas/alert.avsc", &alert_type},
        {HAECHI_SOURCE "/schemas/ioc.avsc", &ioc_record},
        {HAECHI_SOURCE "/schemas/delivery.avsc", &siem_delivery_type},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF published = {0};
        AUTO_BUF table = {0};
        struct text json = read_file(cases[i].path, &published);
        yyjson_doc *doc = yyjson_read(json.bytes, json.size, 0);
        yyjson_mut_doc *copy = yyjson_doc_mut_copy(doc, NULL);

        assert_non_null(doc);
        without_doc(yyjson_mut_doc_get_root(copy));
        char *bare = yyjson_mut_write(copy, 0, NULL);

        record_avro_schema(cases[i].type, &table);
        assert_string_equal(bare, buf_string(&table));
        struct oracle oracle = oracle_of(json);

        oracle_done(&oracle);
        free(bare);
        yyjson_mut_doc_free(copy);
        yyjson_doc_free(doc);
    }
}

/* The names in both forms, in their order. */
static void json_and_avro_have_the_same_fields(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF json = {0};
    AUTO_BUF table = {0};
    struct event event;

    (void)state;
    record_set_defaults(&event_type, &event);
    record_json_write(&event_type, &event, &json);
    record_avro_schema(&event_type, &table);
    yyjson_doc *written = yyjson_read(json.bytes, json.size, 0);
    yyjson_doc *schema = yyjson_read(table.bytes, table.size, 0);
    yyjson_val *fields = yyjson_obj_get(yyjson_doc_get_root(schema), "fields");
    yyjson_val *name, *value;
    size_t i, count;

    assert_int_equal(yyjson_obj_size(yyjson_doc_get_root(written)), yyjson_arr_size(fields));
    yyjson_obj_foreach(yyjson_doc_get_root(written), i, count, name, value)
    {
        yyjson_val *field = yyjson_arr_get(fields, i);

        assert_string_equal(yyjson_get_str(name), yyjson_get_str(yyjson_obj_get(field, "name")));
        /* What stands for an absent field is what the schema says. */
        if (!yyjson_is_str(value) || !yyjson_is_int(yyjson_obj_get(field, "default")))
            assert_true(yyjson_equals(value, yyjson_obj_get(field, "default")));
    }
    yyjson_doc_free(written);
    yyjson_doc_free(schema);
}

static void frames_are_put_on_and_taken_off(void **state)
{
    AUTO_BUF out = {0};
    struct text rest;
    uint64_t id = 0;

    (void)state;
    record_avro_frame_confluent(0x01020304, &out);
    unit_bytes(buf_text(&out), (struct text){"\0\1\2\3\4", 5});
    buf_add(&out, TEXT("x"));
    rest = buf_text(&out);
    assert_int_equal(record_avro_unframe(&rest, &id), RECORD_AVRO_CONFLUENT);
    assert_int_equal(id, 0x01020304);
    unit_text("behind it", rest, "x");

    buf_reset(&out);
    record_avro_frame_single(0x0102030405060708, &out);
    unit_bytes(buf_text(&out), TEXT("\xC3\x01\x08\x07\x06\x05\x04\x03\x02\x01"));
    rest = buf_text(&out);
    assert_int_equal(record_avro_unframe(&rest, &id), RECORD_AVRO_SINGLE);
    assert_true(id == 0x0102030405060708);
    assert_int_equal(rest.size, 0);
}

static void what_has_no_frame_is_left_alone(void **state)
{
    const struct text cases[] = {
        {NULL, 0}, TEXT("{}"), {"\0\0\0\0", 4}, TEXT("\xC3\x01short"), TEXT("\xC3\x02 0123456789")};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text rest = cases[i];
        uint64_t id = 77;

        assert_int_equal(record_avro_unframe(&rest, &id), RECORD_AVRO_BARE);
        assert_int_equal(rest.size, cases[i].size);
        assert_int_equal(id, 77);
    }
}

UNIT_MAIN(cmocka_unit_test(avro_c_writes_and_reads_the_same_bytes),
          cmocka_unit_test(what_avro_c_writes_we_read),
          cmocka_unit_test(text_that_is_not_utf_8_is_repaired_as_in_json),
          cmocka_unit_test(the_published_schema_is_the_table_with_words),
          cmocka_unit_test(json_and_avro_have_the_same_fields),
          cmocka_unit_test(frames_are_put_on_and_taken_off),
          cmocka_unit_test(what_has_no_frame_is_left_alone))

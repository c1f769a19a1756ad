#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "base/record_avro.h"
#include "base/record_avro_plan.h"
#include "base/record_json.h"
#include "sample_record.h"

#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":" type "}"
#define RECORD(fields) "{\"type\":\"record\",\"name\":\"sample\",\"fields\":[" fields "]}"
#define BYTES(literal)                 \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

static struct record_avro_plan *own_plan(const struct record_type *type)
{
    AUTO_BUF schema = {0};
    struct error err = {0};

    record_avro_schema(type, &schema);
    struct record_avro_plan *plan = record_avro_plan_new(type, buf_text(&schema), &err);

    if (!plan)
        fail_msg("%s", err.text);
    return plan;
}

/* Reads a copy that is just as long as it is, so that a sanitizer sees a read beyond the end. */
static int read_exactly(const struct record_avro_plan *plan, struct text bytes, struct arena *arena,
                        void *record, struct error *err)
{
    char *copy = mem_zero(bytes.size);
    char *moved = mem_resize(copy, bytes.size);

    if (bytes.size > 0)
        memcpy(moved, bytes.bytes, bytes.size);
    int result = record_avro_plan_read(plan, (struct text){moved, bytes.size}, arena, record, err);

    free(moved);
    return result;
}

static void what_is_written_reads_back(void **state)
{
    AUTO(record_avro_plan) plan = own_plan(&sample_type);
    uint64_t seed = 3;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        AUTO(arena) arena = arena_new(4096);
        AUTO_BUF bytes = {0};
        AUTO_BUF want = {0};
        AUTO_BUF got = {0};
        struct sample sample, read;
        struct error err = {0};

        sample_fill(&sample, &seed, arena);
        record_avro_write(&sample_type, &sample, &bytes);
        if (record_avro_plan_read(plan, buf_text(&bytes), arena, &read, &err) < 0)
            fail_msg("%s", err.text);
        record_json_write(&sample_type, &sample, &want);
        record_json_write(&sample_type, &read, &got);
        unit_text("as JSON", buf_text(&got), buf_string(&want));
    }
}

static void a_record_cut_off_anywhere_is_refused(void **state)
{
    AUTO(record_avro_plan) plan = own_plan(&sample_type);
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF bytes = {0};
    struct sample sample;
    uint64_t seed = 5;

    (void)state;
    sample_fill(&sample, &seed, arena);
    record_avro_write(&sample_type, &sample, &bytes);
    for (size_t size = 0; size < bytes.size; size++) {
        struct sample read = {.number = 77};
        struct error err = {0};

        assert_int_equal(
            read_exactly(plan, text_slice(buf_text(&bytes), 0, size), arena, &read, &err),
            -EBADMSG);
        assert_int_equal(err.class, ERROR_POISON);
        assert_int_equal(read.number, 77);
    }
    buf_add_byte(&bytes, 0);
    assert_int_equal(read_exactly(plan, buf_text(&bytes), arena, &sample, NULL), -EBADMSG);
}

/* No damage may crash it, and what it takes can be written again. */
static void a_record_with_any_byte_changed_is_read_or_refused(void **state)
{
    AUTO(record_avro_plan) plan = own_plan(&sample_type);
    AUTO_BUF bytes = {0};
    struct sample sample;
    uint64_t seed = 9;

    (void)state;
    AUTO(arena) arena = arena_new(4096);

    sample_fill(&sample, &seed, arena);
    record_avro_write(&sample_type, &sample, &bytes);
    for (size_t i = 0; i < bytes.size * 256; i++) {
        AUTO(arena) again = arena_new(4096);
        char before = bytes.bytes[i / 256];
        struct sample read;

        bytes.bytes[i / 256] = (char)(i % 256);
        if (read_exactly(plan, buf_text(&bytes), again, &read, NULL) == 0)
            assert_true(read.colour >= 0 && read.colour < 3);
        bytes.bytes[i / 256] = before;
    }
}

static void another_writers_schema_resolves_as_specified(void **state)
{
    static const struct {
        const char *name, *schema;
        struct text bytes;
        const char *want; /* somewhere in the record as JSON */
    } cases[] = {
        {"int is long", RECORD(FIELD("number", "\"int\"")), BYTES("\x01"), "\"number\":-1,"},
        {"long stays", RECORD(FIELD("number", "\"long\"")),
         BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "\"number\":-9223372036854775808,"},
        {"int is time", RECORD(FIELD("at", "\"int\"")), BYTES("\xd0\x0f"),
         "\"at\":\"1970-01-01T00:00:01.000Z\""},
        {"int is double", RECORD(FIELD("ratio", "\"int\"")), BYTES("\x06"), "\"ratio\":3.0,"},
        {"long is double", RECORD(FIELD("ratio", "\"long\"")), BYTES("\x06"), "\"ratio\":3.0,"},
        {"float is double", RECORD(FIELD("ratio", "\"float\"")), BYTES("\0\0\0\x3f"),
         "\"ratio\":0.5,"},
        {"bytes are text", RECORD(FIELD("word", "\"bytes\"")), BYTES("\4ab"), "\"word\":\"ab\""},
        {"nothing at all", RECORD(""), BYTES(""), "\"count\":null,\"ratio\":0.0,\"score\":null,"},
        {"value where null may be", RECORD(FIELD("count", "\"long\"")), BYTES("\4"),
         "\"count\":2,"},
        {"union where null may not be", RECORD(FIELD("number", "[\"null\",\"long\"]")),
         BYTES("\2\4"), "\"number\":2,"},
        {"null last", RECORD(FIELD("maybe", "[\"string\",\"null\"]")), BYTES("\0\2a"),
         "\"maybe\":\"a\""},
        {"null last, null", RECORD(FIELD("maybe", "[\"string\",\"null\"]")), BYTES("\2"),
         "\"maybe\":null"},
        {"more branches", RECORD(FIELD("score", "[\"null\",\"string\",\"int\",\"double\"]")),
         BYTES("\4\4"), "\"score\":2.0"},
        {"only null", RECORD(FIELD("maybe", "\"null\"")), BYTES(""), "\"maybe\":null"},
        {"enum by name",
         RECORD(
             FIELD("colour", "{\"type\":\"enum\",\"name\":\"c\",\"symbols\":[\"PINK\",\"BLUE\"]}")),
         BYTES("\2"), "\"colour\":\"BLUE\""},
        {"other order of fields",
         RECORD(FIELD("flag", "\"boolean\"") "," FIELD("word", "\"string\"")), BYTES("\1\2a"),
         "\"word\":\"a\""},
        {"list in two blocks", RECORD(FIELD("list", "{\"type\":\"array\",\"items\":\"string\"}")),
         BYTES("\2\2a\2\2b\0"), "\"list\":[\"a\",\"b\"]"},
        {"list with its size", RECORD(FIELD("list", "{\"type\":\"array\",\"items\":\"string\"}")),
         BYTES("\3\10\2a\2b\0"), "\"list\":[\"a\",\"b\"]"},
        {"list of unions",
         RECORD(FIELD("list", "{\"type\":\"array\",\"items\":[\"null\",\"string\"]}")),
         BYTES("\2\2\2a\0"), "\"list\":[\"a\"]"},
        {"map of bytes", RECORD(FIELD("map", "{\"type\":\"map\",\"values\":\"bytes\"}")),
         BYTES("\1\10\2k\2v\0"), "\"map\":{\"k\":\"v\"}"},
        {"inner record with less",
         RECORD(FIELD("part", "{\"type\":\"record\",\"name\":\"p\",\"fields\":[" FIELD(
                                  "name", "\"string\"") "]}")),
         BYTES("\2a"), "\"part\":{\"name\":\"a\",\"weight\":null}"},
        {"list of records with more",
         RECORD(FIELD("parts", "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"p\","
                               "\"fields\":[" FIELD("new", "\"int\"") "," FIELD(
                                   "name", "\"string\"") "]}}")),
         BYTES("\4\2\2a\4\2b\0"),
         "\"parts\":[{\"name\":\"a\",\"weight\":null},{\"name\":\"b\",\"weight\":null}]"},
        {"a union around all", "[\"null\"," RECORD(FIELD("number", "\"int\"")) "]", BYTES("\2\2"),
         "\"number\":1,"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        AUTO_BUF json = {0};
        struct sample read;
        struct error err = {0};
        AUTO(record_avro_plan)
        plan = record_avro_plan_new(&sample_type, text_of(cases[i].schema), &err);

        if (!plan || record_avro_plan_read(plan, cases[i].bytes, arena, &read, &err) < 0)
            fail_msg("%s: %s", cases[i].name, err.text);
        record_json_write(&sample_type, &read, &json);
        if (!strstr(buf_string(&json), cases[i].want))
            fail_msg("%s: got %s, want %s", cases[i].name, buf_string(&json), cases[i].want);
    }
}

/* Each of these stands before `number`, which must come out as 1. */
static void unknown_fields_of_any_type_are_passed_over(void **state)
{
    static const struct {
        const char *name, *schema;
        struct text bytes;
    } cases[] = {
        {"null", RECORD(FIELD("x", "\"null\"") "," FIELD("number", "\"int\"")), BYTES("\2")},
        {"boolean", RECORD(FIELD("x", "\"boolean\"") "," FIELD("number", "\"int\"")),
         BYTES("\1\2")},
        {"int", RECORD(FIELD("x", "\"int\"") "," FIELD("number", "\"int\"")),
         BYTES("\xff\xff\xff\xff\x0f\2")},
        {"long", RECORD(FIELD("x", "\"long\"") "," FIELD("number", "\"int\"")),
         BYTES("\xff\xff\xff\xff\x7f\2")},
        {"float", RECORD(FIELD("x", "\"float\"") "," FIELD("number", "\"int\"")), BYTES("1234\2")},
        {"double", RECORD(FIELD("x", "\"double\"") "," FIELD("number", "\"int\"")),
         BYTES("12345678\2")},
        {"bytes", RECORD(FIELD("x", "\"bytes\"") "," FIELD("number", "\"int\"")), BYTES("\4ab\2")},
        {"string", RECORD(FIELD("x", "\"string\"") "," FIELD("number", "\"int\"")), BYTES("\0\2")},
        {"fixed",
         RECORD(FIELD("x", "{\"type\":\"fixed\",\"name\":\"f\",\"size\":3}") "," FIELD("number",
                                                                                       "\"int\"")),
         BYTES("abc\2")},
        {"enum",
         RECORD(FIELD("x", "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\"]}") "," FIELD(
             "number", "\"int\"")),
         BYTES("\0\2")},
        {"array",
         RECORD(
             FIELD("x", "{\"type\":\"array\",\"items\":\"int\"}") "," FIELD("number", "\"int\"")),
         BYTES("\4\2\2\2\2\0\2")},
        {"array with its size",
         RECORD(
             FIELD("x", "{\"type\":\"array\",\"items\":\"int\"}") "," FIELD("number", "\"int\"")),
         BYTES("\3\4\2\2\0\2")},
        {"array of nulls",
         RECORD(
             FIELD("x", "{\"type\":\"array\",\"items\":\"null\"}") "," FIELD("number", "\"int\"")),
         BYTES("\xd0\x0f\0\2")},
        {"map",
         RECORD(
             FIELD("x", "{\"type\":\"map\",\"values\":\"string\"}") "," FIELD("number", "\"int\"")),
         BYTES("\2\2k\2v\0\2")},
        {"union", RECORD(FIELD("x", "[\"null\",\"string\"]") "," FIELD("number", "\"int\"")),
         BYTES("\2\2a\2")},
        {"list linked to itself",
         RECORD(FIELD("x", "{\"type\":\"record\",\"name\":\"l\",\"fields\":[" FIELD(
                               "next", "[\"null\",\"l\"]") "]}") "," FIELD("number", "\"int\"")),
         BYTES("\2\2\0\2")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        struct sample read;
        struct error err = {0};
        AUTO(record_avro_plan)
        plan = record_avro_plan_new(&sample_type, text_of(cases[i].schema), &err);

        if (!plan || read_exactly(plan, cases[i].bytes, arena, &read, &err) < 0)
            fail_msg("%s: %s", cases[i].name, err.text);
        if (read.number != 1)
            fail_msg("%s: got %lld", cases[i].name, (long long)read.number);
        for (size_t size = 0; size < cases[i].bytes.size; size++) {
            if (read_exactly(plan, text_slice(cases[i].bytes, 0, size), arena, &read, NULL) == 0)
                fail_msg("%s: taken at %zu bytes", cases[i].name, size);
        }
    }
}

static void hostile_bytes_are_refused_with_the_reason(void **state)
{
    static const struct {
        const char *name, *schema;
        struct text bytes;
        const char *want;
    } cases[] = {
        {"length beyond the end", RECORD(FIELD("word", "\"string\"")),
         BYTES("\xfe\xff\xff\xff\x0f"
               "a"),
         "sample: word: cut off, or a length beyond the end, at byte 5"},
        {"length of 2^63-1", RECORD(FIELD("word", "\"string\"")),
         BYTES("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "sample: word: cut off"},
        {"negative length", RECORD(FIELD("word", "\"string\"")),
         BYTES("\x01"
               "a"),
         "sample: word: cut off"},
        {"varint of 11 bytes", RECORD(FIELD("number", "\"long\"")),
         BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), "sample: number: no whole number"},
        {"varint of 65 bits", RECORD(FIELD("number", "\"long\"")),
         BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), "sample: number: no whole number"},
        {"int of 33 bits", RECORD(FIELD("number", "\"int\"")), BYTES("\x80\x80\x80\x80\x10"),
         "sample: number: an int of more than 32 bits"},
        {"boolean 2", RECORD(FIELD("flag", "\"boolean\"")), BYTES("\2"), "sample: flag: a boolean"},
        {"branch beyond the union", RECORD(FIELD("maybe", "[\"null\",\"string\"]")), BYTES("\4"),
         "sample: maybe: an enum or union index"},
        {"negative branch", RECORD(FIELD("maybe", "[\"null\",\"string\"]")), BYTES("\1"),
         "sample: maybe: an enum or union index"},
        {"null where none may be", RECORD(FIELD("number", "[\"null\",\"long\"]")), BYTES("\0"),
         "sample: number: a null or other type"},
        {"a branch that is nothing to us", RECORD(FIELD("number", "[\"string\",\"long\"]")),
         BYTES("\0\2a"), "sample: number: a null or other type"},
        {"symbol beyond the enum",
         RECORD(FIELD("colour", "{\"type\":\"enum\",\"name\":\"c\",\"symbols\":[\"BLUE\"]}")),
         BYTES("\2"), "sample: colour: an enum or union index"},
        {"symbol that we do not know",
         RECORD(
             FIELD("colour", "{\"type\":\"enum\",\"name\":\"c\",\"symbols\":[\"BLUE\",\"PINK\"]}")),
         BYTES("\2"), "sample: colour: an enum symbol that is not known here"},
        {"more items than bytes",
         RECORD(FIELD("list", "{\"type\":\"array\",\"items\":\"string\"}")),
         BYTES("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "sample: list: more items than bytes"},
        {"count of -2^63", RECORD(FIELD("list", "{\"type\":\"array\",\"items\":\"string\"}")),
         BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\0"),
         "sample: list: more items than bytes"},
        {"block longer than what is left",
         RECORD(FIELD("list", "{\"type\":\"array\",\"items\":\"string\"}")), BYTES("\1\4\0"),
         "sample: list: a block longer"},
        {"negative size of a block",
         RECORD(FIELD("x", "{\"type\":\"array\",\"items\":\"string\"}")), BYTES("\1\1\0\0"),
         "sample: x: a block longer"},
        {"a thousand million nulls", RECORD(FIELD("x", "{\"type\":\"array\",\"items\":\"null\"}")),
         BYTES("\x80\xa8\xd6\xb9\x07\0"), "sample: x: more items than bytes"},
        {"a thousand million empty records",
         RECORD(FIELD("parts", "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"p\","
                               "\"fields\":[]}}")),
         BYTES("\x80\xa8\xd6\xb9\x07\0"), "sample: parts: more items than bytes"},
        {"not a number", RECORD(FIELD("ratio", "\"double\"")), BYTES("\0\0\0\0\0\0\xf8\x7f"),
         "sample: ratio: a double that is not a number"},
        {"a time after 9999", RECORD(FIELD("at", "\"long\"")),
         BYTES("\x80\xf0\xfe\xa1\xfa\x9d\x73"), "sample: at: a time outside"},
        {"a time at the end of 64 bits", RECORD(FIELD("at", "\"long\"")),
         BYTES("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "sample: at: a time outside"},
        {"bytes behind it", RECORD(FIELD("flag", "\"boolean\"")), BYTES("\1\1"),
         "sample: more bytes behind the record at byte 1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        struct sample read = {.number = 77};
        struct error err = {0};
        AUTO(record_avro_plan)
        plan = record_avro_plan_new(&sample_type, text_of(cases[i].schema), &err);

        if (!plan)
            fail_msg("%s: %s", cases[i].name, err.text);
        if (read_exactly(plan, cases[i].bytes, arena, &read, &err) != -EBADMSG)
            fail_msg("%s: taken", cases[i].name);
        if (!text_starts(text_of(err.text), text_of(cases[i].want)))
            fail_msg("%s: got '%s', want '%s'", cases[i].name, err.text, cases[i].want);
        assert_int_equal(err.class, ERROR_POISON);
        assert_int_equal(read.number, 77);
    }
}

static void nesting_in_what_is_passed_over_ends_at_64(void **state)
{
    static const char schema[] =
        RECORD(FIELD("x", "{\"type\":\"record\",\"name\":\"l\",\"fields\":[" FIELD(
                              "next", "[\"null\",\"l\"]") "]}"));
    AUTO(record_avro_plan) plan = record_avro_plan_new(&sample_type, text_of(schema), NULL);
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF bytes = {0};
    struct sample read;
    struct error err = {0};

    (void)state;
    for (int i = 0; i < 1000000; i++)
        buf_add_byte(&bytes, 2);
    buf_add_byte(&bytes, 0);
    assert_int_equal(record_avro_plan_read(plan, buf_text(&bytes), arena, &read, &err), -EBADMSG);
    assert_non_null(strstr(err.text, "nested more than 64 deep"));
}

static void a_schema_that_can_never_be_ours_is_refused(void **state)
{
    static const struct {
        const char *name, *schema, *want;
    } cases[] = {
        {"no record", "\"string\"", "sample: the writer's type is string"},
        {"text for a number", RECORD(FIELD("number", "\"string\"")),
         "sample: number: the writer's type is string"},
        {"double for a long", RECORD(FIELD("number", "\"double\"")),
         "sample: number: the writer's type is double"},
        {"null for a text", RECORD(FIELD("word", "\"null\"")),
         "sample: word: the writer's type is null"},
        {"no branch fits", RECORD(FIELD("number", "[\"null\",\"string\"]")),
         "sample: no branch of the writer's union fits: number: the writer's type is string"},
        {"list of numbers", RECORD(FIELD("list", "{\"type\":\"array\",\"items\":\"int\"}")),
         "sample: item: the writer's type is int"},
        {"no schema", "{", "Avro schema: not JSON"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        AUTO(record_avro_plan)
        plan = record_avro_plan_new(&sample_type, text_of(cases[i].schema), &err);

        if (plan)
            fail_msg("%s: taken", cases[i].name);
        if (!text_starts(text_of(err.text), text_of(cases[i].want)))
            fail_msg("%s: got '%s', want '%s'", cases[i].name, err.text, cases[i].want);
        assert_int_equal(err.class, ERROR_POISON);
    }
}

UNIT_MAIN(cmocka_unit_test(what_is_written_reads_back),
          cmocka_unit_test(a_record_cut_off_anywhere_is_refused),
          cmocka_unit_test(a_record_with_any_byte_changed_is_read_or_refused),
          cmocka_unit_test(another_writers_schema_resolves_as_specified),
          cmocka_unit_test(unknown_fields_of_any_type_are_passed_over),
          cmocka_unit_test(hostile_bytes_are_refused_with_the_reason),
          cmocka_unit_test(nesting_in_what_is_passed_over_ends_at_64),
          cmocka_unit_test(a_schema_that_can_never_be_ours_is_refused))

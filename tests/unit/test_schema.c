#include "unit.h"

#include "base/schema.h"

/* From the specification's own share/test/data/schema-tests.txt. */
static void fingerprints_are_those_of_the_specification(void **state)
{
    static const struct {
        const char *schema, *canonical;
        int64_t fingerprint;
    } cases[] = {
        {"\"null\"", "\"null\"", 7195948357588979594},
        {"{\"type\":\"null\"}", "\"null\"", 7195948357588979594},
        {"\"boolean\"", "\"boolean\"", -6970731678124411036},
        {"\"int\"", "\"int\"", 8247732601305521295},
        {"\"long\"", "\"long\"", -3434872931120570953},
        {"\"float\"", "\"float\"", 5583340709985441680},
        {"\"double\"", "\"double\"", -8181574048448539266},
        {"\"bytes\"", "\"bytes\"", 5746618253357095269},
        {"\"string\"", "\"string\"", -8142146995180207161},
        {"[  ]", "[]", -1241056759729112623},
        {"[ \"int\"  ]", "[\"int\"]", -5232228896498058493},
        {"[ \"int\" , {\"type\":\"boolean\"} ]", "[\"int\",\"boolean\"]", 5392556393470105090},
        {"{\"fields\":[], \"type\":\"record\", \"name\":\"foo\"}",
         "{\"name\":\"foo\",\"type\":\"record\",\"fields\":[]}", -4824392279771201922},
        {"{\"fields\":[], \"type\":\"record\", \"name\":\"foo\", \"namespace\":\"x.y\"}",
         "{\"name\":\"x.y.foo\",\"type\":\"record\",\"fields\":[]}", 5916914534497305771},
        {"{\"fields\":[], \"type\":\"record\", \"name\":\"a.b.foo\", \"namespace\":\"x.y\"}",
         "{\"name\":\"a.b.foo\",\"type\":\"record\",\"fields\":[]}", -4616218487480524110},
        {"{\"fields\":[], \"type\":\"record\", \"name\":\"foo\", \"doc\":\"foo\", "
         "\"aliases\":[\"foo\",\"bar\"]}",
         "{\"name\":\"foo\",\"type\":\"record\",\"fields\":[]}", -4824392279771201922},
        {"{ \"fields\":[{\"type\":\"boolean\", \"aliases\":[], \"name\":\"f1\", "
         "\"default\":\"true\"}, {\"order\":\"descending\",\"name\":\"f2\",\"doc\":\"Hello\","
         "\"type\":\"int\"}], \"type\":\"record\", \"name\":\"foo\" }",
         "{\"name\":\"foo\",\"type\":\"record\",\"fields\":[{\"name\":\"f1\",\"type\":\"boolean\"},"
         "{\"name\":\"f2\",\"type\":\"int\"}]}",
         -4860222112080293046},
        {"{\"type\":\"enum\", \"name\":\"foo\", \"symbols\":[\"A1\"]}",
         "{\"name\":\"foo\",\"type\":\"enum\",\"symbols\":[\"A1\"]}", -6342190197741309591},
        {"{\"namespace\":\"x.y.z\", \"type\":\"enum\", \"name\":\"foo\", \"doc\":\"foo bar\", "
         "\"symbols\":[\"A1\", \"A2\"]}",
         "{\"name\":\"x.y.z.foo\",\"type\":\"enum\",\"symbols\":[\"A1\",\"A2\"]}",
         -4448647247586288245},
        {"{\"name\":\"foo\",\"type\":\"fixed\",\"size\":15}",
         "{\"name\":\"foo\",\"type\":\"fixed\",\"size\":15}", 1756455273707447556},
        {"{ \"items\":{\"type\":\"null\"}, \"type\":\"array\"}",
         "{\"type\":\"array\",\"items\":\"null\"}", -589620603366471059},
        {"{ \"values\":\"string\", \"type\":\"map\"}", "{\"type\":\"map\",\"values\":\"string\"}",
         -8732877298790414990},
        {"{\"name\":\"PigValue\",\"type\":\"record\", \"fields\":[{\"name\":\"value\", "
         "\"type\":[\"null\", \"int\", \"long\", \"PigValue\"]}]}",
         "{\"name\":\"PigValue\",\"type\":\"record\",\"fields\":[{\"name\":\"value\","
         "\"type\":[\"null\",\"int\",\"long\",\"PigValue\"]}]}",
         -1759257747318642341},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        AUTO_BUF form = {0};
        struct error err = {0};
        const struct schema_node *schema = schema_parse(arena, text_of(cases[i].schema), &err);

        if (!schema)
            fail_msg("%s: %s", cases[i].schema, err.text);
        schema_write_canonical(schema, &form);
        unit_text(cases[i].schema, buf_text(&form), cases[i].canonical);
        if ((int64_t)schema_fingerprint(schema) != cases[i].fingerprint)
            fail_msg("%s: another fingerprint", cases[i].schema);
    }
}

static void names_inside_take_the_namespace_around_them(void **state)
{
    static const char schema[] =
        "{\"type\":\"record\",\"name\":\"a\",\"namespace\":\"n\",\"fields\":["
        "{\"name\":\"one\",\"type\":{\"type\":\"fixed\",\"name\":\"f\",\"size\":2}},"
        "{\"name\":\"two\",\"type\":\"f\"},"
        "{\"name\":\"three\",\"type\":{\"type\":\"enum\",\"name\":\"m.e\",\"symbols\":[\"X\"]}},"
        "{\"name\":\"four\",\"type\":\"m.e\"},{\"name\":\"five\",\"type\":[\"n.a\",\"a\"]}]}";
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF form = {0};

    (void)state;
    const struct schema_node *node = schema_parse(arena, text_of(schema), NULL);

    assert_non_null(node);
    schema_write_canonical(node, &form);
    assert_string_equal(
        buf_string(&form),
        "{\"name\":\"n.a\",\"type\":\"record\",\"fields\":[{\"name\":\"one\",\"type\":"
        "{\"name\":\"n.f\",\"type\":\"fixed\",\"size\":2}},{\"name\":\"two\",\"type\":\"n.f\"},"
        "{\"name\":\"three\",\"type\":{\"name\":\"m.e\",\"type\":\"enum\",\"symbols\":[\"X\"]}},"
        "{\"name\":\"four\",\"type\":\"m.e\"},{\"name\":\"five\",\"type\":[\"n.a\",\"n.a\"]}]}");
}

static void what_is_no_schema_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *schema, *want;
    } cases[] = {
        {"", "Avro schema: not JSON"},
        {"{\"type\":", "Avro schema: not JSON"},
        {"7", "Avro schema: no type where one is needed"},
        {"{}", "Avro schema: no type where one is needed"},
        {"\"strin\"", "Avro schema: no type named 'strin'"},
        {"{\"type\":\"record\",\"fields\":[]}", "Avro schema: no name for a type 'record'"},
        {"{\"type\":\"record\",\"name\":\"r\"}", "Avro schema: no list of at most 1000 fields"},
        {"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\"}]}",
         "Avro schema: no type where one is needed"},
        {"{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},"
         "{\"name\":\"a\",\"type\":\"int\"}]}",
         "Avro schema: a field without a name of its own in record 'r'"},
        {"[{\"type\":\"fixed\",\"name\":\"f\",\"size\":1},"
         "{\"type\":\"fixed\",\"name\":\"f\",\"size\":2}]",
         "Avro schema: two types named 'f'"},
        {"{\"type\":\"fixed\",\"name\":\"f\",\"size\":-1}", "Avro schema: no size in fixed 'f'"},
        {"{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[1]}", "Avro schema: a symbol that is no"},
        {"{\"type\":\"array\"}", "Avro schema: no type where one is needed"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(4096);
        struct error err = {0};

        if (schema_parse(arena, text_of(cases[i].schema), &err))
            fail_msg("%s: taken", cases[i].schema);
        if (!text_starts(text_of(err.text), text_of(cases[i].want)))
            fail_msg("%s: got '%s', want '%s'", cases[i].schema, err.text, cases[i].want);
        assert_int_equal(err.class, ERROR_POISON);
    }
}

static void nesting_ends_at_64(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF deep = {0};
    struct error err = {0};

    (void)state;
    for (int i = 0; i < 20000; i++)
        buf_add(&deep, TEXT("{\"type\":\"array\",\"items\":"));
    buf_add(&deep, TEXT("\"int\""));
    for (int i = 0; i < 20000; i++)
        buf_add_byte(&deep, '}');
    assert_null(schema_parse(arena, buf_text(&deep), &err));
    assert_non_null(strstr(err.text, "64 deep"));
}

UNIT_MAIN(cmocka_unit_test(fingerprints_are_those_of_the_specification),
          cmocka_unit_test(names_inside_take_the_namespace_around_them),
          cmocka_unit_test(what_is_no_schema_is_refused_with_the_reason),
          cmocka_unit_test(nesting_ends_at_64))

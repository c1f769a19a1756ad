#include "unit.h"

#include "base/buf.h"
#include "base/document.h"

/* The tree in one line: "q'x'@3" is a quoted x in line 3. */
static void write_node(const struct node *node, struct buf *out)
{
    char description[100];

    if (node->kind == NODE_LIST || node->kind == NODE_MAP) {
        buf_add_byte(out, node->kind == NODE_MAP ? '{' : '[');
        for (size_t i = 0; i < node->count; i++) {
            buf_add_string(out, i > 0 ? " " : "");
            if (node->kind == NODE_MAP)
                buf_addf(out, "%s@%d:", node->pairs[i].key.bytes, node->pairs[i].line);
            write_node(node->kind == NODE_MAP ? &node->pairs[i].value : &node->items[i], out);
        }
        buf_add_byte(out, node->kind == NODE_MAP ? '}' : ']');
    } else {
        buf_addf(out, "%s%s", node->quoted ? "q" : "",
                 document_describe(node, description, sizeof(description)));
    }
    buf_addf(out, "@%d", node->line);
}

static void a_document_is_a_tree_with_lines(void **state)
{
    static const struct {
        const char *name, *bytes, *want;
    } cases[] = {
        {"empty", "", "nothing@1"},
        {"comment only", "# x\n", "nothing@1"},
        {"map", "a: 1\nb:\n  c: x y\n", "{a@1:'1'@1 b@2:{c@3:'x y'@3}@3}@1"},
        {"lists", "- a\n- [b, c]\n-\n", "['a'@1 ['b'@2 'c'@2]@2 nothing@3]@1"},
        {"nulls", "[~, null, NULL, '', \"null\"]",
         "[nothing@1 nothing@1 nothing@1 q''@1 q'null'@1]@1"},
        {"words stay words", "[yes, 1.0, 0x10]", "['yes'@1 '1.0'@1 '0x10'@1]@1"},
        {"block text", "a: |\n  x\n  y\n", "{a@1:q'x y '@1}@1"},
        {"byte order mark",
         "\xEF\xBB\xBF"
         "a: 1\n",
         "{a@1:'1'@1}@1"},
        {"alias", "a: &x [1]\nb: *x\n", "{a@1:['1'@1]@1 b@2:['1'@1]@1}@1"},
        {"anchor made anew", "- &x 1\n- &x 2\n- *x\n", "['1'@1 '2'@2 '2'@2]@1"},
        {"flow YAML", "{a: b,\n c: d}", "{a@1:'b'@1 c@2:'d'@2}@1"},
        {"Windows line ends", "a: 1\r\nb: 2\r\n", "{a@1:'1'@1 b@2:'2'@2}@1"},
        {"JSON", "{\"a\": [1, -2.5e3,\n \"x\", true,\n null, {}, []]}",
         "{a@1:['1'@1 '-2.5e3'@1 q'x'@2 'true'@2 nothing@2 {}@2 []@2]@1}@1"},
        {"JSON escapes", "\n{\"a\\u0041\": \"\\/ \\ud83d\\ude00\\t\"\n}", "{aA@2:q'/ 😀 '@2}@1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(1024);
        AUTO_BUF got = {0};
        struct error err = {0};
        const struct node *node = document_parse(arena, "f.yaml", text_of(cases[i].bytes), &err);

        if (!node) {
            fail_msg("%s: %s", cases[i].name, err.text);
            return;
        }
        write_node(node, &got);
        unit_text(cases[i].name, buf_text(&got), cases[i].want);
    }
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
    static const struct {
        const char *name, *bytes, *want;
    } cases[] = {
        {"tab", "a:\n\tb: 1\n", "f:2: indented with a tab; YAML wants spaces"},
        {"tab behind umlauts", "ä: ü\nb:\n\tc: 1\n", "f:3: indented with a tab; YAML wants spaces"},
        {"open quote", "a: 1\nb: \"x\nc: 2\n", "f:2: the quote that opens here is never closed"},
        {"open single quote", "a: 'x\n", "f:1: the quote that opens here is never closed"},
        {"reserved start", "a: @x\n", "f:1: a text that begins with '@' must stand in quotes"},
        {"colon in text", "a: b: c\n",
         "f:1: a ':' where no key can be: wrong indentation, or a text with ': ' in it that must "
         "stand in quotes"},
        {"open bracket", "a: [1,\n  2\nb: 1\n",
         "f:3: did not find expected ',' or ']' while parsing a flow sequence in line 1"},
        {"not UTF-8", "a: 1\nb: \xE4\n", "f:2: byte 0xE4 is not UTF-8; save the file as UTF-8"},
        {"cut UTF-8", "a: \xE2\x82", "f:1: byte 0xE2 is not UTF-8; save the file as UTF-8"},
        {"UTF-16",
         "\xFF\xFE"
         "a",
         "f:1: byte 0xFF is not UTF-8; save the file as UTF-8"},
        {"control byte", "a: 1\nb: \x01\n", "f:2: control characters are not allowed (0x01)"},
        {"key twice", "a: 1\nb: 2\na: 3\n", "f:3: key 'a' stands twice in the same map"},
        {"JSON key twice", "{\"a\": 1,\n\"\\u0061\": 2}",
         "f:2: key 'a' stands twice in the same map"},
        {"list as key", "? [a]\n: b\n", "f:1: a key must be a plain or quoted word"},
        {"no key", "'': b\n", "f:1: a key is missing before ':'"},
        {"tag", "a: !!int 3\n",
         "f:1: tag 'tag:yaml.org,2002:int' means nothing here; leave it out"},
        {"unknown alias", "a: *x\n", "f:1: no anchor '&x' stands before this alias"},
        {"alias in itself", "a: &x [*x]\n", "f:1: no anchor '&x' stands before this alias"},
        {"second document", "a: 1\n---\nb: 2\n", "f:2: a second document begins; a file holds one"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(1024);
        struct error err = {0};

        if (document_parse(arena, "f", text_of(cases[i].bytes), &err))
            fail_msg("%s: was read", cases[i].name);
        unit_text(cases[i].name, text_of(err.text), cases[i].want);
        assert_int_equal(err.class, ERROR_CONFIG);
    }
}

static void a_json_file_gets_the_errors_of_json(void **state)
{
    AUTO(arena) arena = arena_new(1024);
    struct error err = {0};

    (void)state;
    assert_null(document_parse(arena, "f.json", TEXT("{\"a\": 1,\n}"), &err));
    unit_text("trailing comma", text_of(err.text),
              "f.json:1: not JSON: trailing comma is not allowed");
}

static void add_times(struct buf *out, const char *what, int times)
{
    for (int i = 0; i < times; i++)
        buf_add_string(out, what);
}

static void check_bound(const char *name, const struct buf *bytes, const char *want)
{
    AUTO(arena) arena = arena_new(1024);
    struct error err = {0};
    const struct node *node = document_parse(arena, "f", buf_text(bytes), &err);

    if (!want && !node)
        fail_msg("%s: %s", name, err.text);
    if (want)
        unit_text(name, text_of(err.text), want);
}

static void depth_is_bounded(void **state)
{
    static const struct {
        const char *name, *open, *middle, *close;
        int times;
        const char *want;
    } cases[] = {
        {"64 lists of JSON", "[", "", "]", 64, NULL},
        {"a number in 64 lists of JSON", "[", "1", "]", 64, NULL},
        {"65 lists of JSON", "[", "", "]", 65, "f:1: nested deeper than 64 levels"},
        {"64 lists of YAML", "[", "a: b", "]", 63, NULL},
        {"65 lists of YAML", "[", "a: b", "]", 64, "f:1: nested deeper than 64 levels"},
        {"100,000 lists", "[", "", "", 100000, "f:1: nested deeper than 64 levels"},
        {"100,000 maps", "{a: ", "", "", 100000, "f:1: nested deeper than 64 levels"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF bytes = {0};

        add_times(&bytes, cases[i].open, cases[i].times);
        buf_add_string(&bytes, cases[i].middle);
        add_times(&bytes, cases[i].close, cases[i].times);
        check_bound(cases[i].name, &bytes, cases[i].want);
    }
}

static void aliases_count_as_what_they_stand_for(void **state)
{
    AUTO_BUF laughs = {0}, deep = {0};

    (void)state;
    buf_add_string(&laughs, "- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        buf_addf(&laughs, "- &a%d [", i);
        for (int k = 0; k < 10; k++)
            buf_addf(&laughs, "*a%d,", i - 1);
        buf_add_string(&laughs, "]\n");
    }
    check_bound("billion laughs", &laughs,
                "f:6: more than 500000 values, each alias counted as what it stands for");

    buf_add_string(&deep, "- &a0 [x]\n");
    for (int i = 1; i < 100; i++)
        buf_addf(&deep, "- &a%d [*a%d]\n", i, i - 1);
    check_bound("depth by aliases", &deep, "f:64: nested deeper than 64 levels");
}

static void the_number_of_values_and_anchors_is_bounded(void **state)
{
    AUTO_BUF json = {0}, yaml = {0}, anchors = {0};

    (void)state;
    buf_add_byte(&json, '[');
    add_times(&json, "1,", 500000);
    buf_add_string(&json, "1]");
    check_bound("JSON", &json,
                "f:1: more than 500000 values, each alias counted as what it stands for");
    add_times(&yaml, "- a\n", 500000);
    check_bound("YAML", &yaml,
                "f:500000: more than 500000 values, each alias counted as what it stands for");
    for (int i = 0; i <= 1000; i++)
        buf_addf(&anchors, "- &a%d x\n", i);
    check_bound("anchors", &anchors, "f:1001: more than 1000 anchors");
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    AUTO(arena) arena = arena_new(1024);
    struct error err = {0};
    struct text bytes;
    const char *source = HAECHI_SOURCE "/tests/unit/test_document.c";

    (void)state;
    assert_true(document_read_bytes(arena, "/nowhere/f.yaml", 100, &bytes, &err) < 0);
    unit_text("missing", text_of(err.text),
              "cannot read /nowhere/f.yaml: No such file or directory");
    assert_true(document_read_bytes(arena, "/", 100, &bytes, &err) < 0);
    unit_text("folder", text_of(err.text), "cannot read /: Is a directory");
    assert_true(document_read_bytes(arena, source, 100, &bytes, &err) < 0);
    assert_non_null(strstr(err.text, "test_document.c is larger than 100 bytes"));
}

static void the_nearest_word_is_found(void **state)
{
    static const char *const words[] = {"host", "port", "password", "id"};
    static const struct {
        const char *word, *want;
    } cases[] = {
        {"hots", "host"}, {"prt", "port"}, {"passwort", "password"}, {"passswords", "password"},
        {"ix", "id"},     {"xy", NULL},    {"elephant", NULL},       {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *got = document_nearest(text_of(cases[i].word), words, COUNT_OF(words));

        if (!got || !cases[i].want)
            assert_ptr_equal(got, cases[i].want);
        else
            unit_text(cases[i].word, text_of(got), cases[i].want);
    }
}

static void a_file_of_documents_is_a_list_of_them(void **state)
{
    static const struct {
        const char *name, *bytes, *want;
    } cases[] = {
        {"none", "", ""},
        {"one", "a: 1\n", "1 "},
        {"three", "---\na: 1\n---\n- b\n...\n---\nc\n", "2 4 7 "},
        {"JSON", "{\"a\": 1}", "1 "},
        {"flow style, two", "{a: 1}\n---\n[b]\n", "1 3 "},
        {"an empty one", "---\n---\nb: 1\n", "2 3 "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena) arena = arena_new(1024);
        AUTO_BUF lines = {0};
        struct error err = {0};
        const struct node *all = document_parse_all(arena, "f", text_of(cases[i].bytes), &err);

        if (!all)
            fail_msg("%s: %s", cases[i].name, err.text);
        for (size_t k = 0; all && k < all->count; k++)
            buf_addf(&lines, "%d ", all->items[k].line);
        unit_text(cases[i].name, buf_text(&lines), cases[i].want);
    }
}

static void an_anchor_ends_with_its_document(void **state)
{
    AUTO(arena) arena = arena_new(1024);
    struct error err = {0};

    (void)state;
    assert_null(document_parse_all(arena, "f", TEXT("a: &x 1\n---\nb: *x\n"), &err));
    unit_text("alias", text_of(err.text), "f:3: no anchor '&x' stands before this alias");
}

UNIT_MAIN(cmocka_unit_test(a_document_is_a_tree_with_lines),
          cmocka_unit_test(a_file_of_documents_is_a_list_of_them),
          cmocka_unit_test(an_anchor_ends_with_its_document),
          cmocka_unit_test(what_is_wrong_is_said_with_its_line),
          cmocka_unit_test(a_json_file_gets_the_errors_of_json), cmocka_unit_test(depth_is_bounded),
          cmocka_unit_test(aliases_count_as_what_they_stand_for),
          cmocka_unit_test(the_number_of_values_and_anchors_is_bounded),
          cmocka_unit_test(a_file_that_cannot_be_read_is_named),
          cmocka_unit_test(the_nearest_word_is_found))

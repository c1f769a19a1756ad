#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/settings.h"

static const char *const colours[] = {"red", "green", "blue", NULL};

struct item {
    const char *name;
    const char *password;
    int64_t weight;
};

struct all {
    const char *text, *secret, *url, *must;
    int64_t integer, duration, size, own;
    double number;
    bool boolean;
    int choice;
    struct text_list texts;
    struct text_map map;
    struct setting_list items;
};

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct setting item_rows[] = {
    {"name", SETTING_TEXT, AT(item, name), .required = true},
    {"password", SETTING_SECRET, AT(item, password)},
    {"limits.weight", SETTING_INTEGER, AT(item, weight), .fallback = "7", .minimum = 1},
    {0},
};

/* Checks of rows: no text begins with '!', no name in the map is as its value, no two items are
 * called the same. */
static int check_text(const char *name, const char *value, struct error *err)
{
    if (value[0] == '!')
        return error_set(err, -1, "'%s' begins with '!'", value);
    if (name && strcmp(name, value) == 0)
        return error_set(err, -1, "it is its own value");
    return 0;
}

static int check_item(const void *items, size_t i, struct error *err)
{
    const struct item *all = items;

    for (size_t k = 0; k < i; k++) {
        if (all[k].name && strcmp(all[k].name, all[i].name) == 0)
            return error_set(err, -1, "two are called '%s'", all[i].name);
    }
    return 0;
}

static const struct setting rows[] = {
    {"text", SETTING_TEXT, AT(all, text), .fallback = "plain", .check = check_text},
    {"secret", SETTING_SECRET, AT(all, secret)},
    {"url", SETTING_URL, AT(all, url)},
    {"integer", SETTING_INTEGER, AT(all, integer), .fallback = "5", .minimum = -10,
     .maximum = 65535},
    {"deep.duration", SETTING_DURATION, AT(all, duration), .fallback = "25s", .minimum = 10,
     .maximum = 3600000},
    {"size", SETTING_SIZE, AT(all, size), .fallback = "1MiB", .minimum = 0, .maximum = 1 << 30},
    {"number", SETTING_NUMBER, AT(all, number), .fallback = "0.5", .minimum = 0, .maximum = 1},
    {"boolean", SETTING_BOOLEAN, AT(all, boolean), .fallback = "true"},
    {"choice", SETTING_CHOICE, AT(all, choice), .fallback = "green", .choices = colours},
    {"texts", SETTING_TEXT_LIST, AT(all, texts), .fallback = "a, b", .maximum = 3,
     .check = check_text},
    {"deep.map", SETTING_TEXT_MAP, AT(all, map), .maximum = 3, .check = check_text},
    {"items", SETTING_LIST, AT(all, items), .rows = item_rows, .row_size = sizeof(struct item),
     .check_item = check_item},
    {0},
};

static const struct setting more_rows[] = {
    {"deep.own", SETTING_INTEGER, AT(all, own), .fallback = "1", .minimum = 1}, {0}};
static const struct setting must_rows[] = {{"must", SETTING_TEXT, AT(all, must), .required = true},
                                           {0}};

static const char *environment(const char *name)
{
    static const char *const set[][2] = {
        {"HOST", "example.org"}, {"EMPTY", ""},      {"PORT", "9092"},
        {"BAD", "\xFF"},         {"SIX", "${HOST}"},
    };

    for (size_t i = 0; i < COUNT_OF(set); i++) {
        if (strcmp(set[i][0], name) == 0)
            return set[i][1];
    }
    return NULL;
}

static struct settings *parse(const char *bytes, struct all *all, struct error *err)
{
    const struct settings_section sections[] = {
        {"main", rows, all}, {"other", NULL, NULL}, {"main", more_rows, all}};

    memset(all, 0xA5, sizeof(*all));
    return settings_parse("f", text_of(bytes), sections, COUNT_OF(sections), environment, err);
}

static void print(struct all *all, struct buf *out)
{
    const struct settings_section sections[] = {
        {"main", rows, all}, {"other", NULL, NULL}, {"main", more_rows, all}};

    settings_print(sections, COUNT_OF(sections), out);
}

/* The lines of --print-config that differ from the defaults are what a case is about. */
static void check_printed(const char *name, const char *bytes, const char *want)
{
    struct all all;
    struct error err = {0};
    AUTO(settings) settings = parse(bytes, &all, &err);
    AUTO_BUF out = {0};

    if (!settings)
        fail_msg("%s: %s", name, err.text);
    print(&all, &out);
    if (!strstr(buf_string(&out), want))
        fail_msg("%s: got\n%s\nwant in it '%s'", name, buf_string(&out), want);
}

static const char defaults[] = "main:\n"
                               "  text: plain\n"
                               "  secret: null\n"
                               "  url: null\n"
                               "  integer: 5\n"
                               "  deep:\n"
                               "    duration: 25s\n"
                               "    map: {}\n"
                               "    own: 1\n"
                               "  size: 1MiB\n"
                               "  number: 0.5\n"
                               "  boolean: true\n"
                               "  choice: green\n"
                               "  texts: [a, b]\n"
                               "  items: []\n";

static void what_is_not_said_has_its_default(void **state)
{
    (void)state;
    check_printed("empty file", "", defaults);
    check_printed("empty section", "main:\n", defaults);
    check_printed("empty JSON", "{}", defaults);
    check_printed("empty values",
                  "main: {text: , secret: '', url: \"${EMPTY}\", integer: '', deep: , "
                  "size: ~, texts: , items: null}",
                  defaults);
    check_printed("another program's section", "other: {a: '${NOT_SET}'}", defaults);
}

static void a_value_is_read_as_its_row_says(void **state)
{
    static const struct {
        const char *name, *bytes, *want;
    } cases[] = {
        {"text", "main: {text: a b}", "text: \"a b\"\n"},
        {"text that looks like null", "main: {text: 'null'}", "text: \"null\"\n"},
        {"text of a number", "main: {text: 007}", "text: 007\n"},
        {"block text", "main:\n  text: |\n    a\n    b\n", "text: \"a\\nb\\n\"\n"},
        {"variable", "main: {text: 'x${HOST}y'}", "text: xexample.orgy\n"},
        {"variable as a number", "main: {integer: \"${PORT}\"}", "integer: 9092\n"},
        {"default not needed", "main: {text: '${HOST:-other}'}", "text: example.org\n"},
        {"default for unset", "main: {text: '${NOT_SET:-other}'}", "text: other\n"},
        {"default for empty", "main: {text: '${EMPTY:-other}'}", "text: other\n"},
        {"empty default", "main: {text: '<${NOT_SET:-}>'}", "text: \"<>\"\n"},
        {"two variables", "main: {text: '${HOST}:${PORT}'}", "text: example.org:9092\n"},
        {"a value is not replaced again", "main: {text: '${SIX}'}", "text: \"$${HOST}\"\n"},
        {"escaped", "main: {text: '$${HOST}'}", "text: \"$${HOST}\"\n"},
        {"dollar before escaped", "main: {text: '$$${HOST}'}", "text: \"$$${HOST}\"\n"},
        {"dollars alone", "main: {text: 'a$b$$c$'}", "text: \"a$b$$c$\"\n"},
        {"integer", "main: {integer: -10}", "integer: -10\n"},
        {"hour", "main: {deep: {duration: 60m}}", "duration: 1h\n"},
        {"milliseconds", "main: {deep: {duration: 1500ms}}", "duration: 1500ms\n"},
        {"size", "main: {size: 2048}", "size: 2KiB\n"},
        {"size in GiB", "main: {size: 1GiB}", "size: 1GiB\n"},
        {"no size", "main: {size: 0}", "size: 0\n"},
        {"number", "main: {number: 1e-3}", "number: 0.001\n"},
        {"boolean", "main: {boolean: false}", "boolean: false\n"},
        {"choice", "main: {choice: blue}", "choice: blue\n"},
        {"one text for a list", "main: {texts: 'a, b'}", "texts: [\"a, b\"]\n"},
        {"list", "main: {texts: [x, '${HOST}', '^k8s\\..*']}",
         "texts: [x, example.org, \"^k8s\\\\..*\"]\n"},
        {"empty list", "main: {texts: []}", "texts: []\n"},
        {"map", "main: {deep: {map: {a.b: 1, c: , 'd e': '${HOST}'}}}",
         "map:\n      a.b: 1\n      c: \"\"\n      \"d e\": example.org\n    own"},
        {"items", "main: {items: [{name: a}, {name: b, limits: {weight: 9}}]}",
         "items:\n    - name: a\n      password: null\n      limits:\n        weight: 7\n"
         "    - name: b\n      password: null\n      limits:\n        weight: 9\n"},
        {"both tables of a section", "main: {deep: {own: 3, duration: 1s}}", "own: 3\n"},
        {"url", "main: {url: 'https://a.b:8080/c?d=e@f'}", "url: \"https://a.b:8080/c?d=e@f\"\n"},
        {"JSON",
         "{\"main\": {\"text\": \"\\/\\ud83d\\ude00\", \"integer\": 6, \"boolean\": false}}",
         "text: \"/😀\"\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_printed(cases[i].name, cases[i].bytes, cases[i].want);
}

/* One row a mistake: the whole message is the claim. */
static const struct {
    const char *name, *bytes, *want;
} mistakes[] = {
    {"not a map", "- a\n", "f:1: the file is a list; it must be a map of sections"},
    {"unknown section", "\nmian:\n", "f:2: unknown section 'mian'; did you mean 'main'?"},
    {"strange section", "zebra:\n", "f:1: unknown section 'zebra'; known are: main, other"},
    {"section not a map", "main: [1]\n", "f:1: section 'main' is a list; it must be a map of keys"},
    {"unknown key", "main:\n  txet: a\n", "f:2: unknown key 'main.txet'; did you mean 'text'?"},
    {"strange key below", "main:\n  deep:\n    zebra: 1\n",
     "f:3: unknown key 'main.deep.zebra'; known are: duration, map, own"},
    {"key of an item", "main:\n  items:\n  - name: a\n    limits: {wieght: 1}\n",
     "f:4: unknown key 'main.items[0].limits.wieght'; did you mean 'weight'?"},
    {"dotted key", "main:\n  deep.duration: 1s\n",
     "f:2: unknown key 'main.deep.duration'; dots are levels here: write 'deep:' and below it, "
     "indented, 'duration:'"},
    {"file of no secret", "main: {text_file: /x}",
     "f:1: unknown key 'main.text_file'; known are: "
     "text, secret, url, integer, deep, size, number, boolean, choice, texts, items"},
    {"level not a map", "main:\n  deep: 5\n", "f:2: main.deep is '5'; it must be a map of keys"},
    {"key twice", "main:\n  text: a\n  text: b\n", "f:3: key 'text' stands twice in the same map"},
    {"section twice", "main:\nother:\nmain:\n", "f:3: key 'main' stands twice in the same map"},
    {"text", "main:\n  text: [a]\n", "f:2: main.text is a list; it must be a text"},
    {"secret", "main: {secret: {a: b}}", "f:1: main.secret is a map; it must be a text"},
    {"NUL in a text", "main: {text: \"a\\0b\"}",
     "f:1: main.text holds a NUL byte or what is not UTF-8"},
    {"variable not UTF-8", "main: {text: '${BAD}'}",
     "f:1: main.text holds a NUL byte or what is not UTF-8"},
    {"integer", "main: {integer: x1}",
     "f:1: main.integer is 'x1'; it must be a whole number from -10 to 65535"},
    {"decimal integer", "main: {integer: 1.0}",
     "f:1: main.integer is '1.0'; it must be a whole number from -10 to 65535"},
    {"integer too large", "main: {integer: 65536}",
     "f:1: main.integer is '65536'; it must be a whole number from -10 to 65535"},
    {"integer beyond 64 bits", "main: {integer: 9223372036854775808}",
     "f:1: main.integer is '9223372036854775808'; it must be a whole number from -10 to 65535"},
    {"integer by variable", "main: {integer: '${HOST}'}",
     "f:1: main.integer is 'example.org'; it must be a whole number from -10 to 65535"},
    {"integer too small", "main: {deep: {own: 0}}",
     "f:1: main.deep.own is '0'; it must be a whole number of at least 1"},
    {"duration without unit", "main:\n  deep:\n    duration: 25\n",
     "f:3: main.deep.duration is '25'; it must be a duration (like 250ms, 25s, 5m, 1h, 7d) "
     "from "
     "10ms to 1h"},
    {"duration too long", "main: {deep: {duration: 2h}}",
     "f:1: main.deep.duration is '2h'; it must be a duration (like 250ms, 25s, 5m, 1h, 7d) "
     "from "
     "10ms to 1h"},
    {"duration beyond 64 bits", "main: {deep: {duration: 9223372036854775807d}}",
     "f:1: main.deep.duration is '9223372036854775807d'; it must be a duration (like 250ms, "
     "25s, 5m, 1h, 7d) from 10ms to 1h"},
    {"size", "main: {size: 1KB}",
     "f:1: main.size is '1KB'; it must be a size (like 512, 64KiB, 1MiB, 4GiB) from 0 to 1GiB"},
    {"negative size", "main: {size: -1}",
     "f:1: main.size is '-1'; it must be a size (like 512, 64KiB, 1MiB, 4GiB) from 0 to 1GiB"},
    {"number", "main: {number: 0x1}", "f:1: main.number is '0x1'; it must be a number from 0 to 1"},
    {"number too large", "main: {number: 1.5}",
     "f:1: main.number is '1.5'; it must be a number from 0 to 1"},
    {"endless number", "main: {number: 1e999}",
     "f:1: main.number is '1e999'; it must be a number from 0 to 1"},
    {"boolean", "main: {boolean: yes}", "f:1: main.boolean is 'yes'; it must be true or false"},
    {"choice", "main: {choice: Red}", "f:1: main.choice is 'Red'; it must be red, green or blue"},
    {"url", "main: {url: 'ftp://a'}",
     "f:1: main.url is 'ftp://a'; it must be an address that starts with http:// or https://, "
     "without credentials"},
    {"url without a host", "main: {url: 'http:///a'}",
     "f:1: main.url is 'http:///a'; it must be an address that starts with http:// or "
     "https://, without credentials"},
    {"url with a password, which is not shown", "main: {url: 'http://u:p@a'}",
     "f:1: main.url is an address with credentials; it must be an address that starts with "
     "http:// or https://, without credentials"},
    {"list of lists", "main: {texts: [a, [b]]}", "f:1: main.texts[1] is a list; it must be a text"},
    {"empty item", "main: {texts: [a, '']}", "f:1: main.texts[1] is empty; leave it out"},
    {"map for a list", "main: {texts: {a: b}}",
     "f:1: main.texts is a map; it must be a text or a list of texts of at most 3 items"},
    {"long list", "main: {texts: [a, b, c, d]}",
     "f:1: main.texts has 4 items; it must be a text or a list of texts of at most 3 items"},
    {"text for a map", "main: {deep: {map: x}}",
     "f:1: main.deep.map is 'x'; it must be a map of texts of at most 3 items"},
    {"map in a map", "main: {deep: {map: {a: {b: c}}}}",
     "f:1: main.deep.map.a is a map; it must be a text"},
    {"long map", "main: {deep: {map: {a: 1, b: 1, c: 1, d: 1}}}",
     "f:1: main.deep.map has 4 items; it must be a map of texts of at most 3 items"},
    {"items not a list", "main: {items: x}", "f:1: main.items is 'x'; it must be a list of maps"},
    {"item not a map", "main:\n  items:\n  - name: a\n  - x\n",
     "f:4: main.items[1] is 'x'; it must be a map of texts"},
    {"item without what it needs", "main:\n  items:\n  - name: a\n  - password: x\n",
     "f:4: main.items[1].name is missing; it must be a text"},
    {"a text its row refuses", "main:\n  text: '!a'\n", "f:2: main.text: '!a' begins with '!'"},
    {"an item its row refuses", "main:\n  texts:\n  - a\n  - '!b'\n",
     "f:4: main.texts[1]: '!b' begins with '!'"},
    {"a pair its row refuses", "main:\n  deep:\n    map: {a: b,\n      c: c}\n",
     "f:4: main.deep.map.c: it is its own value"},
    {"an item that does not go with another", "main:\n  items:\n  - name: a\n  - name: a\n",
     "f:4: main.items[1]: two are called 'a'"},
    {"NUL in a name of a map", "main: {deep: {map: {\"a\\0b\": c}}}",
     "f:1: a name in main.deep.map holds a NUL byte"},
    {"several", "main:\n  size: big\n  colour: red\n  number: 7\nelse:\n",
     "f:2: main.size is 'big'; it must be a size (like 512, 64KiB, 1MiB, 4GiB) from 0 to 1GiB (and "
     "3 more)"},
    {"variable not set", "main:\n  text: a\n  secret: ${NOT_SET}\n",
     "f:3: main.secret: the environment has no variable NOT_SET; set it, or write a default as "
     "in ${NOT_SET:-default}"},
    {"variable in an item", "main: {texts: [a, '${NOT_SET}']}",
     "f:1: main.texts[1]: the environment has no variable NOT_SET; set it, or write a default "
     "as in ${NOT_SET:-default}"},
    {"variable not closed", "main: {text: 'a${HOST'}",
     "f:1: main.text: '${' without '}'; write $${ for a plain ${"},
    {"variable without a name", "main: {text: '${1a}'}",
     "f:1: main.text: a '${...}' names no variable; write ${NAME}, ${NAME:-default}, or $${ "
     "for "
     "a plain ${"},
    {"tab", "main:\n\ttext: a\n", "f:2: indented with a tab; YAML wants spaces"},
    {"open quote", "main:\n  text: 'a\n", "f:2: the quote that opens here is never closed"},
    {"not UTF-8", "main:\n  text: \xE4\n", "f:2: byte 0xE4 is not UTF-8; save the file as UTF-8"},
};

static void a_mistake_is_told_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        struct all all;
        struct error err = {0};

        if (parse(mistakes[i].bytes, &all, &err))
            fail_msg("%s: was read", mistakes[i].name);
        unit_text(mistakes[i].name, text_of(err.text), mistakes[i].want);
        assert_int_equal(err.class, ERROR_CONFIG);
    }
}

static const char many_mistakes[] = "main:\n"
                                    "  text: [a]\n"
                                    "  integr: 4\n"
                                    "  number: 2\n"
                                    "  deep:\n"
                                    "    duration: 1ms\n"
                                    "    map: {a: [], b: good, '!c': '!c'}\n"
                                    "    other: 1\n"
                                    "  texts: ['!a', b, '!c']\n"
                                    "  items:\n"
                                    "  - {name: '', limits: {weight: 0}}\n"
                                    "  - name: good\n"
                                    "  - x\n"
                                    "  - name: good\n"
                                    "mian: {}\n"
                                    "other: [x]\n";

static const char all_told[] =
    "f:2: main.text is a list; it must be a text\n"
    "f:3: unknown key 'main.integr'; did you mean 'integer'?\n"
    "f:4: main.number is '2'; it must be a number from 0 to 1\n"
    "f:6: main.deep.duration is '1ms'; it must be a duration (like 250ms, 25s, 5m, 1h, 7d) from "
    "10ms to 1h\n"
    "f:7: main.deep.map.!c: '!c' begins with '!'\n"
    "f:7: main.deep.map.a is a list; it must be a text\n"
    "f:8: unknown key 'main.deep.other'; known are: duration, map, own\n"
    "f:9: main.texts[0]: '!a' begins with '!'\n"
    "f:9: main.texts[2]: '!c' begins with '!'\n"
    "f:11: main.items[0].limits.weight is '0'; it must be a whole number of at least 1\n"
    "f:11: main.items[0].name is missing; it must be a text\n"
    "f:13: main.items[2] is 'x'; it must be a map of texts\n"
    "f:14: main.items[3]: two are called 'good'\n"
    "f:15: unknown section 'mian'; did you mean 'main'?\n"
    "f:16: section 'other' is a list; it must be a map of keys\n";

static struct settings *parse_all(const char *bytes, struct all *all, struct buf *told)
{
    const struct settings_section sections[] = {
        {"main", rows, all}, {"other", NULL, NULL}, {"main", more_rows, all}};

    return settings_parse_all("f", text_of(bytes), sections, COUNT_OF(sections), environment, told);
}

static void all_mistakes_are_told_in_the_order_of_the_file(void **state)
{
    struct all all;
    AUTO_BUF told = {0};

    (void)state;
    assert_null(parse_all(many_mistakes, &all, &told));
    unit_text("mistakes", buf_text(&told), all_told);
}

static void more_mistakes_than_anybody_reads_are_counted(void **state)
{
    struct all all;
    AUTO_BUF bytes = {0}, told = {0};

    (void)state;
    buf_add_string(&bytes, "main:\n");
    for (int i = 0; i < 1000; i++)
        buf_addf(&bytes, "  wrong%d: 1\n", i);
    assert_null(parse_all(buf_string(&bytes), &all, &told));
    struct text rest = buf_text(&told), line;

    for (int i = 0; i < 20; i++) {
        assert_true(text_split(&rest, '\n', &line));
        assert_true(text_starts(line, TEXT("f:")));
    }
    unit_text("the last line", rest, "and 980 more mistakes, told when these are mended\n");
}

static void what_is_no_yaml_is_told_as_one_mistake(void **state)
{
    struct all all;
    AUTO_BUF told = {0};

    (void)state;
    assert_null(parse_all("main: [\n", &all, &told));
    assert_true(text_starts(buf_text(&told), TEXT("f:2: ")));
    assert_int_equal(text_find_byte(buf_text(&told), '\n'), told.size - 1);
}

static void a_required_key_is_missed_with_and_without_a_file(void **state)
{
    static const struct {
        const char *name, *bytes, *want;
    } cases[] = {
        {"no section", "", "f: main.must is missing; it must be a text"},
        {"section without it", "\nmain: {}", "f:2: main.must is missing; it must be a text"},
        {"empty", "main: {must: ''}", "f:1: main.must is missing; it must be a text"},
        {"given", "main: {must: a}", ""},
    };
    struct all all;
    const struct settings_section section = {"main", must_rows, &all};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        AUTO(settings)
        settings = settings_parse("f", text_of(cases[i].bytes), &section, 1, environment, &err);

        assert_int_equal(settings != NULL, cases[i].want[0] == '\0');
        unit_text(cases[i].name, text_of(err.text), cases[i].want);
    }
    struct error err = {0};

    assert_null(settings_load(NULL, &section, 1, environment, &err));
    unit_text("no file", text_of(err.text),
              "without a settings file: main.must is missing; it must be a text");
    assert_null(settings_load("/nowhere.yaml", &section, 1, environment, &err));
    unit_text("file missing", text_of(err.text),
              "cannot read /nowhere.yaml: No such file or directory");
}

/* A file that holds @bytes; its name goes to @path. */
static void write_file(char path[32], struct text bytes)
{
    strncpy(path, "/tmp/haechi-settings-XXXXXX", 32);
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, bytes.bytes, bytes.size), bytes.size);
    close(file);
}

static void a_secret_may_come_from_a_file(void **state)
{
    const struct {
        const char *name;
        struct text content;
        const char *want; /* of the secret; NULL: refused */
        const char *error;
    } cases[] = {
        {"line end", TEXT("pass word\n"), "pass word", NULL},
        {"Windows line end", TEXT("p\r\n"), "p", NULL},
        {"no line end", TEXT("p"), "p", NULL},
        {"only the last line end", TEXT("p\n\n"), "p\n", NULL},
        {"not replaced", TEXT("${HOST}"), "${HOST}", NULL},
        {"empty", TEXT("\n"), NULL, "is empty"},
        {"NUL", TEXT("a\0b"), NULL, "is not a text"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct all all;
        struct error err = {0};
        char path[32];
        AUTO_BUF bytes = {0}, want = {0};

        write_file(path, cases[i].content);
        buf_addf(&bytes, "main:\n  secret_file: %s\n", path);
        AUTO(settings) settings = parse(buf_string(&bytes), &all, &err);

        unlink(path);
        if (cases[i].want) {
            if (!settings)
                fail_msg("%s: %s", cases[i].name, err.text);
            unit_text(cases[i].name, text_of(all.secret), cases[i].want);
            continue;
        }
        buf_addf(&want, "f:2: main.secret_file: %s %s", path, cases[i].error);
        unit_text(cases[i].name, text_of(err.text), buf_string(&want));
    }
}

static void a_file_of_a_secret_is_told_when_it_is_wrong(void **state)
{
    static const struct {
        const char *name, *bytes, *want;
    } cases[] = {
        {"missing", "main:\n  secret_file: /nowhere/x\n",
         "f:2: main.secret_file: cannot read /nowhere/x: No such file or directory"},
        {"folder", "main:\n  secret_file: /tmp\n",
         "f:2: main.secret_file: cannot read /tmp: Is a directory"},
        {"too large", "main: {secret_file: /dev/zero}",
         "f:1: main.secret_file: /dev/zero is larger than 65536 bytes"},
        {"not a name", "main: {secret_file: [a]}",
         "f:1: main.secret_file is a list; it must be a text"},
        {"both", "main:\n  secret: a\n  secret_file: /etc/hostname\n",
         "f:3: main.secret and main.secret_file are both given; one of them is enough"},
        {"in an item", "main: {items: [{name: a, password_file: /nowhere/x}]}",
         "f:1: main.items[0].password_file: cannot read /nowhere/x: No such file or directory"},
        {"in a map", "main: {deep: {map: {sasl.password_file: /nowhere/x}}}",
         "f:1: main.deep.map.sasl.password_file: cannot read /nowhere/x: No such file or "
         "directory"},
        {"both in a map",
         "main:\n  deep:\n    map:\n      sasl.password: a\n      sasl.password_file: /x\n",
         "f:5: main.deep.map.sasl.password and main.deep.map.sasl.password_file are both given; "
         "one "
         "of them is enough"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct all all;
        struct error err = {0};

        if (parse(cases[i].bytes, &all, &err))
            fail_msg("%s: was read", cases[i].name);
        unit_text(cases[i].name, text_of(err.text), cases[i].want);
    }
    check_printed("file by an empty variable", "main: {secret_file: '${EMPTY}'}", defaults);
}

static void secrets_are_never_printed(void **state)
{
    struct all all;
    struct error err = {0};
    AUTO_BUF out = {0};
    AUTO(settings)
    settings = parse("main:\n"
                     "  secret: hunter2\n"
                     "  deep:\n"
                     "    map: {sasl.password: hunter2, ssl.key.pem: hunter2, sasl.username: joe}\n"
                     "  items: [{name: a, password: hunter2}]\n",
                     &all, &err);

    (void)state;
    assert_non_null(settings);
    unit_text("value", text_of(all.secret), "hunter2");
    print(&all, &out);
    assert_null(strstr(buf_string(&out), "hunter2"));
    assert_non_null(strstr(buf_string(&out), "  secret: \"***\"\n"));
    assert_non_null(strstr(buf_string(&out), "      sasl.password: \"***\"\n"));
    assert_non_null(strstr(buf_string(&out), "      sasl.username: joe\n"));
    assert_non_null(strstr(buf_string(&out), "      password: \"***\"\n"));
}

static void what_is_printed_is_read_as_the_same(void **state)
{
    struct all all, again;
    struct error err = {0};
    AUTO_BUF first = {0}, second = {0};
    AUTO(settings)
    settings = parse("main:\n"
                     "  text: \"${HOST} $${x} $$${y} 'q' \\\"Q\\\" # \\\\ : "
                     "\\t\\u00e4\\e\\x7f\\x85\\u2028\\ufeff\\uffff\\U0001f600\"\n"
                     "  integer: -7\n"
                     "  deep: {duration: 61s, map: {'a: b': '*x', '${z}': '[', c: ''}}\n"
                     "  size: 1025\n"
                     "  number: 0.1\n"
                     "  boolean: false\n"
                     "  texts: ['~', '- a', 'null']\n"
                     "  items: [{name: '%', limits: {weight: 2}}, {name: '${PORT}'}]\n",
                     &all, &err);

    (void)state;
    if (!settings)
        fail_msg("%s", err.text);
    print(&all, &first);
    AUTO(settings) reread = parse(buf_string(&first), &again, &err);

    if (!reread)
        fail_msg("%s in\n%s", err.text, buf_string(&first));
    unit_text("text", text_of(again.text), all.text);
    print(&again, &second);
    unit_text("all", buf_text(&second), buf_string(&first));
}

UNIT_MAIN(cmocka_unit_test(what_is_not_said_has_its_default),
          cmocka_unit_test(a_value_is_read_as_its_row_says),
          cmocka_unit_test(a_mistake_is_told_whole),
          cmocka_unit_test(all_mistakes_are_told_in_the_order_of_the_file),
          cmocka_unit_test(more_mistakes_than_anybody_reads_are_counted),
          cmocka_unit_test(what_is_no_yaml_is_told_as_one_mistake),
          cmocka_unit_test(a_required_key_is_missed_with_and_without_a_file),
          cmocka_unit_test(a_secret_may_come_from_a_file),
          cmocka_unit_test(a_file_of_a_secret_is_told_when_it_is_wrong),
          cmocka_unit_test(secrets_are_never_printed),
          cmocka_unit_test(what_is_printed_is_read_as_the_same))

#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "detector/rule.h"

#define TEN "abcdefghij"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define RULE "category: c\nrules:\n- id: r\n  threat_level: LOW\n  patterns: [a]\n"

static const struct {
    const char *name;
    const char *yaml;
    const char *want;
} mistakes[] = {
    {"not a map", "just text",
     "t.yaml:1: found 'just text'; a rule file is a map of category and rules, or a list of such "
     "maps"},
    {"no rules", "category: c\n",
     "t.yaml:1: there is no rules; a rule file has both category and rules"},
    {"no category", "rules: []\n",
     "t.yaml:1: there is no category; a rule file has both category and rules"},
    {"a key of the file", "category: c\nruless: []\n",
     "t.yaml:2: there is no key 'ruless'; did you mean 'rules'?"},
    {"rules that are no list", "category: c\nrules: x\n",
     "t.yaml:2: rules is 'x'; it must be a list of rules"},
    {"a rule that is no map", "category: c\nrules:\n- x\n",
     "t.yaml:3: a rule is 'x'; it must be a map with an id"},
    {"no id", "category: c\nrules:\n- title: x\n", "t.yaml:3: a rule has no id"},
    {"an id with a dot", "category: c\nrules:\n- id: a.b\n",
     "t.yaml:3: id is 'a.b'; it may hold ASCII letters, digits, '_' and '-' only"},
    {"a category with a blank", "category: c d\nrules: []\n",
     "t.yaml:1: category is 'c d'; it may hold ASCII letters, digits, '_' and '-' only"},
    {"an unknown key", RULE "  thread_level: LOW\n",
     "t.yaml:6: rule 'c.r': there is no key 'thread_level'; did you mean 'threat_level'?"},
    {"a key like no other", RULE "  whatever: 1\n",
     "t.yaml:6: rule 'c.r': there is no key 'whatever' here"},
    {"a level", "category: c\nrules:\n- id: r\n  threat_level: HUGE\n",
     "t.yaml:4: rule 'c.r': threat_level is 'HUGE'; it must be LOW, MEDIUM, HIGH or CRITICAL"},
    {"no level", "category: c\nrules:\n- id: r\n  patterns: [a]\n",
     "t.yaml:3: rule 'c.r': it has no threat_level; it may be LOW, MEDIUM, HIGH or CRITICAL"},
    {"no patterns", "category: c\nrules:\n- id: r\n  threat_level: LOW\n",
     "t.yaml:3: rule 'c.r': it has no patterns, and no file before this one knows the rule"},
    {"empty patterns", "category: c\nrules:\n- id: r\n  patterns: []\n",
     "t.yaml:4: rule 'c.r': patterns is empty; a rule needs at least one"},
    {"confidence too large", RULE "  confidence: 1.1\n",
     "t.yaml:6: rule 'c.r': confidence is '1.1'; it must be a number from 0 to 1"},
    {"confidence in hexadecimal", RULE "  confidence: 0x0\n",
     "t.yaml:6: rule 'c.r': confidence is '0x0'; it must be a number from 0 to 1"},
    {"confidence that is none", RULE "  confidence: nan\n",
     "t.yaml:6: rule 'c.r': confidence is 'nan'; it must be a number from 0 to 1"},
    {"a pattern that PCRE2 refuses",
     "category: c\nrules:\n- id: r\n  patterns:\n  - a\n  - 'b(c'\n",
     "t.yaml:6: rule 'c.r': pattern 'b(c' is not valid: missing closing parenthesis at byte 3"},
    {"a long pattern that PCRE2 refuses",
     "category: c\nrules:\n- id: r\n  patterns:\n  - '" HUNDRED HUNDRED "(c'\n",
     "t.yaml:5: rule 'c.r': pattern '" HUNDRED HUNDRED
     "'… is not valid: missing closing parenthesis at byte 202"},
    {"a pattern that can be empty", "category: c\nrules:\n- id: r\n  patterns: ['a*']\n",
     "t.yaml:4: rule 'c.r': pattern 'a*' can match the empty text and would fire on every log; it "
     "must need at least one byte"},
    {"an empty pattern", "category: c\nrules:\n- id: r\n  patterns: ['']\n",
     "t.yaml:4: rule 'c.r': patterns is ''; it must be a list of texts, none of them empty"},
    {"an unless that can be empty", RULE "  unless: ['b?']\n",
     "t.yaml:6: rule 'c.r': pattern 'b?' can match the empty text and would fire on every log; it "
     "must need at least one byte"},
    {"a prefix that PCRE2 refuses", RULE "  prefix: '(a'\n",
     "t.yaml:6: rule 'c.r': prefix: pattern '(a(?:.)' is not valid: missing closing parenthesis at "
     "byte 7"},
    {"a prefix of unless that PCRE2 refuses", RULE "  unless_prefix: '(a'\n",
     "t.yaml:6: rule 'c.r': unless_prefix: pattern '(a(?:.)' is not valid: missing closing "
     "parenthesis at byte 7"},
    {"a prefix that is a list", RULE "  prefix: [a]\n",
     "t.yaml:6: rule 'c.r': prefix is a list; it must be a pattern"},
    {"a pattern of several lines", "category: c\nrules:\n- id: r\n  patterns: [\"(\\n\"]\n",
     "t.yaml:4: rule 'c.r': pattern '( ' is not valid: missing closing parenthesis at byte 2"},
    {"decode", RULE "  decode: [url, base64]\n",
     "t.yaml:6: rule 'c.r': decode has 'base64'; it may hold url, html and escapes, or be [] for "
     "none"},
    {"fields twice", RULE "  fields: [url, url]\n",
     "t.yaml:6: rule 'c.r': fields names 'url' twice"},
    {"no fields", RULE "  fields: []\n",
     "t.yaml:6: rule 'c.r': fields is empty; a rule looks at one at least (message, if it names "
     "none)"},
    {"where", RULE "  where: {product: x}\n",
     "t.yaml:6: rule 'c.r': where is a map; it must be a map with logsource, itself a map"},
    {"where.logsource", RULE "  where: {logsource: {vendor: x}}\n",
     "t.yaml:6: rule 'c.r': where.logsource has 'vendor'; it may hold product, category and "
     "service"},
    {"actions in another language", RULE "  actions: {fr: [x]}\n",
     "t.yaml:6: rule 'c.r': actions has 'fr'; its languages are en and ko"},
    {"attack", RULE "  attack: 'a b'\n",
     "t.yaml:6: rule 'c.r': attack is 'a b'; it may hold ASCII letters, digits, '_' and '-' only"},
    {"max_per_minute", RULE "  max_per_minute: 0\n",
     "t.yaml:6: rule 'c.r': max_per_minute is '0'; it must be a whole number from 1 to 1000000000"},
    {"mode", RULE "  mode: on\n",
     "t.yaml:6: rule 'c.r': mode is 'on'; it must be alert, shadow or off"},
    {"enabled", RULE "  enabled: 'false'\n",
     "t.yaml:6: rule 'c.r': enabled is 'false'; it must be true or false"},
    {"a test without match", RULE "  tests: [{log: a}]\n",
     "t.yaml:6: rule 'c.r': a test is a map; it must be a map of log and match"},
    {"a test's match", RULE "  tests: [{log: a, match: maybe}]\n",
     "t.yaml:6: rule 'c.r': match is 'maybe'; it must be true or false"},
    {"a rule twice", RULE "- id: r\n  title: x\n",
     "t.yaml:6: rule 'c.r': this file names it twice; a rule stands in a file once"},
    {"switching off what is not there", "category: c\nrules:\n- id: r\n  enabled: false\n",
     "t.yaml:3: rule 'c.r': it has no patterns, and no file before this one knows the rule"},
};

static void every_mistake_is_named_with_what_would_be_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        AUTO(ruleset) ruleset = ruleset_new();
        struct error err = {0};

        if (ruleset_add_bytes(ruleset, "t.yaml", text_of(mistakes[i].yaml), &err) == 0)
            fail_msg("%s: is not refused", mistakes[i].name);
        unit_text(mistakes[i].name, text_of(err.text), mistakes[i].want);
    }
}

static void add(struct ruleset *ruleset, const char *name, const char *bytes)
{
    struct error err = {0};

    if (ruleset_add_bytes(ruleset, name, text_of(bytes), &err) < 0)
        fail_msg("%s", err.text);
}

static const struct rule *rule_of(const struct ruleset *ruleset, const char *rule_id)
{
    for (size_t i = 0; i < ruleset_count(ruleset); i++) {
        if (text_is(ruleset_rule(ruleset, i)->rule_id, rule_id))
            return ruleset_rule(ruleset, i);
    }
    fail_msg("there is no rule %s", rule_id);
    return NULL;
}

static const char full[] = "- category: web_attacks\n"
                           "  rules:\n"
                           "  - id: x\n"
                           "    title: An X\n"
                           "    threat_level: CRITICAL\n"
                           "    confidence: 0.9\n"
                           "    fields: [url, message]\n"
                           "    decode: [html]\n"
                           "    patterns: [a, b]\n"
                           "    prefix: p\n"
                           "    unless: c\n"
                           "    unless_prefix: q\n"
                           "    where: {logsource: {product: nginx}}\n"
                           "    tags: [attack.t1190]\n"
                           "    actions: {en: [Do, this], ko: [하라]}\n"
                           "    attack: y\n"
                           "    max_per_minute: 7\n"
                           "    mode: shadow\n"
                           "    tests: [{log: a, match: true}]\n"
                           "- category: other\n"
                           "  rules: [{id: z, threat_level: LOW, patterns: z}]\n";

static void all_keys_are_read(void **state)
{
    AUTO(ruleset) ruleset = ruleset_new();

    (void)state;
    add(ruleset, "full.yaml", full);
    const struct rule *rule = rule_of(ruleset, "web_attacks.x");

    unit_text("title", rule->title, "An X");
    unit_text("event_type", rule->event_type, "web_attacks.y");
    unit_text("category", rule->category, "web_attacks");
    assert_int_equal(rule->level, LEVEL_CRITICAL);
    assert_true(rule->confidence == 0.9);
    assert_int_equal(rule->field_count, 2);
    unit_text("field", rule->fields[0], "url");
    assert_int_equal(rule->decode, DECODE_HTML);
    assert_int_equal(rule->pattern_count, 2);
    unit_text("pattern", rule->patterns[1], "b");
    unit_text("prefix", rule->prefix, "p");
    unit_text("unless_prefix", rule->unless_prefix, "q");
    assert_int_equal(rule->unless_count, 1);
    assert_int_equal(rule->where_logsource.count, 1);
    assert_string_equal(rule->where_logsource.values[0], "nginx");
    assert_int_equal(rule->tag_count, 1);
    assert_int_equal(rule->actions_en.count, 2);
    unit_text("actions", rule->actions_ko.items[0], "하라");
    assert_int_equal(rule->max_per_minute, 7);
    assert_int_equal(rule->mode, RULE_SHADOW);
    assert_int_equal(rule->test_count, 1);
    assert_string_equal(rule->file, "full.yaml");
    assert_int_equal(rule->line, 3);
    assert_int_equal(ruleset_count(ruleset), 2);
}

static void what_is_left_out_has_its_default(void **state)
{
    AUTO(ruleset) ruleset = ruleset_new();

    (void)state;
    add(ruleset, "t.yaml", RULE);
    add(ruleset, "s.json", "{\"web_attacks\": {\"z\": {\"patterns\": [\"a\\\\s+b\"]}}}");
    const struct rule *yaml = rule_of(ruleset, "c.r"), *older = rule_of(ruleset, "web_attacks.z");

    unit_text("title", yaml->title, "c.r");
    unit_text("event_type", yaml->event_type, "c.r");
    unit_text("field", yaml->fields[0], "message");
    assert_true(yaml->confidence == 0.5);
    assert_int_equal(yaml->decode, 0);
    assert_int_equal(yaml->mode, RULE_ALERT);
    assert_int_equal(older->level, LEVEL_LOW);
    assert_true(older->confidence == 0.5);
    assert_int_equal(older->decode, DECODE_ALL);
    unit_text("pattern", older->patterns[0], "a\\s+b");
}

static void a_later_file_changes_only_what_it_names(void **state)
{
    AUTO(ruleset) ruleset = ruleset_new();

    (void)state;
    add(ruleset, "full.yaml", full);
    add(ruleset, "later.yaml",
        "category: web_attacks\nrules:\n- {id: x, confidence: 0.1, mode: alert}\n");
    const struct rule *rule = rule_of(ruleset, "web_attacks.x");

    assert_true(rule->confidence == 0.1);
    assert_int_equal(rule->mode, RULE_ALERT);
    assert_int_equal(rule->level, LEVEL_CRITICAL);
    assert_int_equal(rule->pattern_count, 2);
    assert_int_equal(rule->test_count, 1);
    assert_string_equal(rule->file, "later.yaml");

    add(ruleset, "third.yaml", "category: web_attacks\nrules:\n- {id: x, decode: []}\n");
    assert_int_equal(rule_of(ruleset, "web_attacks.x")->decode, 0);
    assert_int_equal(rule_of(ruleset, "web_attacks.x")->test_count, 0);
    assert_int_equal(ruleset_count(ruleset), 2);

    add(ruleset, "older.json", "{\"other\": {\"z\": {\"threat_level\": \"HIGH\"}}}");
    assert_int_equal(rule_of(ruleset, "other.z")->level, LEVEL_HIGH);
    assert_int_equal(rule_of(ruleset, "other.z")->pattern_count, 1);
}

static void a_rule_can_be_taken_out_and_put_back(void **state)
{
    AUTO(ruleset) ruleset = ruleset_new();

    (void)state;
    add(ruleset, "full.yaml", full);
    add(ruleset, "off.yaml", "category: web_attacks\nrules: [{id: x, enabled: false}]\n");
    assert_int_equal(ruleset_count(ruleset), 1);
    unit_text("the one left", ruleset_rule(ruleset, 0)->rule_id, "other.z");
    add(ruleset, "on.yaml", "category: web_attacks\nrules: [{id: x, enabled: true}]\n");
    unit_text("in its old place", ruleset_rule(ruleset, 0)->rule_id, "web_attacks.x");
}

static void the_version_is_of_the_content(void **state)
{
    AUTO(ruleset) one = ruleset_new();
    AUTO(ruleset) other = ruleset_new();
    AUTO(ruleset) changed = ruleset_new();

    (void)state;
    add(one, "one.yaml", full);
    add(other, "elsewhere.yaml", full);
    assert_string_equal(ruleset_version(one), ruleset_version(other));
    assert_int_equal(strlen(ruleset_version(one)), 16);
    add(changed, "one.yaml", full);
    add(changed, "two.yaml", "category: other\nrules: [{id: z, confidence: 0.51}]\n");
    assert_string_not_equal(ruleset_version(one), ruleset_version(changed));
}

static void mistakes_in_the_older_form_are_named_too(void **state)
{
    static const struct {
        const char *name;
        const char *json;
        const char *want;
    } cases[] = {
        {"a key", "{\"c\": {\"a\": {\"pattern\": [\"x\"]}}}",
         "s.json:1: rule 'c.a': there is no key 'pattern'; did you mean 'patterns'?"},
        {"a level", "{\"c\": {\"a\":\n {\"patterns\": [\"x\"], \"threat_level\": \"high\"}}}",
         "s.json:2: rule 'c.a': threat_level is 'high'; it must be LOW, MEDIUM, HIGH or CRITICAL"},
        {"an attack", "{\"c\": {\"a\": [\"x\"]}}",
         "s.json:1: rule 'c.a': found a list; an attack is a map with patterns"},
        {"a category", "{\"c\": 1}", "s.json:1: category 'c' is '1'; it must be a map of attacks"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(ruleset) ruleset = ruleset_new();
        struct error err = {0};

        assert_true(ruleset_add_bytes(ruleset, "s.json", text_of(cases[i].json), &err) < 0);
        unit_text(cases[i].name, text_of(err.text), cases[i].want);
    }
}

static void write_file(const char *folder, const char *name, const char *bytes)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(bytes, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_folder_is_read_in_the_order_of_its_names(void **state)
{
    static const char *const names[] = {"20-later.yml", "10-first.yaml", "15-older.json",
                                        "note.txt", ".hidden.yaml"};
    char folder[] = "/tmp/haechi-rules-XXXXXX";
    AUTO(ruleset) ruleset = ruleset_new();
    struct error err = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    write_file(folder, names[0], "category: c\nrules: [{id: r, confidence: 0.2}]\n");
    write_file(folder, names[1], RULE);
    write_file(folder, names[2], "{\"c\": {\"r\": {\"confidence_boost\": 0.1}}}");
    write_file(folder, names[3], "no rules");
    write_file(folder, names[4], "no rules");
    if (ruleset_add(ruleset, folder, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(rule_of(ruleset, "c.r")->confidence == 0.2);
    assert_int_equal(ruleset_count(ruleset), 1);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[256];

        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    assert_true(ruleset_add(ruleset, folder, &err) < 0);
    assert_non_null(strstr(err.text, "cannot be read: No such file or directory"));
}

static void write_rules(const char *folder, const char *name, const char *bytes, struct buf *said)
{
    AUTO(ruleset) ruleset = ruleset_new();
    AUTO_BUF path = {0}, lines = {0};

    write_file(folder, name, bytes);
    buf_addf(&path, "%s/%s", folder, name);
    ruleset_add_all(ruleset, buf_string(&path), &lines);
    unlink(buf_string(&path));
    struct text rest = buf_text(&lines), line;

    while (text_split(&rest, '\n', &line)) /* without the path */
        buf_addf(said, "%.*s\n", TEXT_ARG(text_slice(line, path.size, line.size)));
    said->size -= said->size > 0;
}

static void all_mistakes_of_a_file_are_told(void **state)
{
    static const struct {
        const char *name, *file, *bytes, *want;
    } cases[] = {
        {"a good one", "a.yaml", RULE, ""},
        {"YAML", "a.yaml",
         "category: c\nrules:\n"
         "- {id: a, threat_level: HUGE, patterns: ['a(b'], confidence: 2}\n"
         "- {id: b, threat_level: LOW, patterns: ['c*'], lable: x}\n"
         "- {id: c, threat_level: LOW, patterns: [good]}\n"
         "- x\n"
         "- {id: c, threat_level: LOW, patterns: [good]}\n",
         ":3: rule 'c.a': threat_level is 'HUGE'; it must be LOW, MEDIUM, HIGH or CRITICAL\n"
         ":3: rule 'c.a': pattern 'a(b' is not valid: missing closing parenthesis at byte 3\n"
         ":3: rule 'c.a': confidence is '2'; it must be a number from 0 to 1\n"
         ":4: rule 'c.b': pattern 'c*' can match the empty text and would fire on every log; it "
         "must need at least one byte\n"
         ":4: rule 'c.b': there is no key 'lable' here\n"
         ":6: a rule is 'x'; it must be a map with an id\n"
         ":7: rule 'c.c': this file names it twice; a rule stands in a file once\n"},
        {"a file of nothing", "a.yaml", "", ": holds no rule\n"},
        {"comments alone", "a.yaml", "# category: c\n", ": holds no rule\n"},
    };
    char folder[] = "/tmp/haechi-rules-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF said = {0};

        write_rules(folder, cases[i].file, cases[i].bytes, &said);
        unit_text(cases[i].name, buf_text(&said), cases[i].want);
    }
    rmdir(folder);
}

static void of_very_many_mistakes_the_first_are_told_and_the_rest_counted(void **state)
{
    char folder[] = "/tmp/haechi-rules-XXXXXX";
    AUTO_BUF bytes = {0}, said = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    buf_add_string(&bytes, "category: c\nrules:\n");
    for (int i = 0; i < 25; i++)
        buf_addf(&bytes, "- {id: r%d, patterns: 1, mode: x, threat_level: LOW}\n", i);
    write_rules(folder, "a.yaml", buf_string(&bytes), &said);
    assert_non_null(strstr(buf_string(&said), ":22: rule 'c.r19': mode"));
    assert_null(strstr(buf_string(&said), "rule 'c.r20'"));
    rmdir(folder);
}

static void a_folder_without_rule_files_is_refused(void **state)
{
    char folder[] = "/tmp/haechi-rules-XXXXXX";
    AUTO(ruleset) ruleset = ruleset_new();
    struct error err = {0};
    char path[256];

    (void)state;
    assert_non_null(mkdtemp(folder));
    write_file(folder, "mine.yaml.disabled", RULE);
    assert_true(ruleset_add(ruleset, folder, &err) < 0);
    snprintf(path, sizeof(path),
             "%s: holds no rule files (.yaml, .yml, .json); subfolders are not read", folder);
    unit_text("said", text_of(err.text), path);
    write_file(folder, "MINE.YAML", RULE);
    assert_int_equal(ruleset_add(ruleset, folder, &err), 0);
    assert_int_equal(ruleset_count(ruleset), 1);
    snprintf(path, sizeof(path), "%s/MINE.YAML", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/mine.yaml.disabled", folder);
    unlink(path);
    rmdir(folder);
}

static void limits_hold(void **state)
{
    AUTO(ruleset) ruleset = ruleset_new();
    AUTO_BUF json = {0};
    struct error err = {0};

    (void)state;
    buf_add_string(&json, "{\"c\": {\"r\": {\"patterns\": [\"");
    for (int i = 0; i < 8193; i++)
        buf_add_byte(&json, 'a');
    buf_add_string(&json, "\"]}}}");
    assert_true(ruleset_add_bytes(ruleset, "s.json", buf_text(&json), &err) < 0);
    unit_text("a long pattern", text_of(err.text),
              "s.json:1: rule 'c.r': pattern 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…' has 8193 "
              "bytes; at most 8192 are allowed");

    AUTO(ruleset) other = ruleset_new();

    buf_reset(&json);
    buf_add_string(&json, "{\"c\": {\"r\": {\"patterns\": [\"a\"");
    for (int i = 0; i < 1000; i++)
        buf_add_string(&json, ",\"a\"");
    buf_add_string(&json, "]}}}");
    assert_true(ruleset_add_bytes(other, "s.json", buf_text(&json), &err) < 0);
    unit_text("many patterns", text_of(err.text),
              "s.json:1: rule 'c.r': patterns has 1001 items; at most 1000 are allowed");
}

UNIT_MAIN(cmocka_unit_test(every_mistake_is_named_with_what_would_be_right),
          cmocka_unit_test(all_keys_are_read), cmocka_unit_test(what_is_left_out_has_its_default),
          cmocka_unit_test(a_later_file_changes_only_what_it_names),
          cmocka_unit_test(a_rule_can_be_taken_out_and_put_back),
          cmocka_unit_test(the_version_is_of_the_content),
          cmocka_unit_test(mistakes_in_the_older_form_are_named_too),
          cmocka_unit_test(a_folder_is_read_in_the_order_of_its_names),
          cmocka_unit_test(all_mistakes_of_a_file_are_told),
          cmocka_unit_test(of_very_many_mistakes_the_first_are_told_and_the_rest_counted),
          cmocka_unit_test(a_folder_without_rule_files_is_refused), cmocka_unit_test(limits_hold))

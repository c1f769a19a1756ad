/* The tables of all programs, the commented example and the page of documentation say the same.
 *
 * HAECHI_WRITE_DOCS=1 test_shared_settings   writes the page's tables anew. */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/document.h"
#include "correlator/correlator_settings.h"
#include "detector/detector_settings.h"
#include "forwarder/forwarder_settings.h"
#include "io/shared_settings.h"
#include "io/topic_roles.h"
#include "iocfeed/iocfeed_settings.h"

static const char example[] = HAECHI_SOURCE "/deploy/etc/haechi.yaml";
static const char page[] = HAECHI_SOURCE "/docs/settings.md";

struct everything {
    struct shared_settings shared;
    struct worker_settings worker, correlator_worker, iocfeed_worker, forwarder_worker;
    struct detector_settings detector;
    struct correlator_settings correlator;
    struct iocfeed_settings iocfeed;
    struct forwarder_settings forwarder;
    struct shared_worker_rows worker_rows, correlator_rows, iocfeed_rows, forwarder_rows;
    struct settings_section sections[SHARED_SETTINGS_SECTIONS + 8];
};

static void fill(struct everything *all)
{
    memset(all, 0, sizeof(*all));
    shared_settings_worker("detector", 9464, 2000, &all->worker_rows);
    shared_settings_worker("correlator", 9465, 8000, &all->correlator_rows);
    shared_settings_sections(&all->shared, all->sections);
    all->sections[SHARED_SETTINGS_SECTIONS] =
        (struct settings_section){"detector", detector_settings_rows, &all->detector};
    all->sections[SHARED_SETTINGS_SECTIONS + 1] =
        (struct settings_section){"detector", all->worker_rows.rows, &all->worker};
    all->sections[SHARED_SETTINGS_SECTIONS + 2] =
        (struct settings_section){"correlator", correlator_settings_rows, &all->correlator};
    all->sections[SHARED_SETTINGS_SECTIONS + 3] =
        (struct settings_section){"correlator", all->correlator_rows.rows, &all->correlator_worker};
    shared_settings_worker("iocfeed", 9467, 0, &all->iocfeed_rows);
    all->sections[SHARED_SETTINGS_SECTIONS + 4] =
        (struct settings_section){"iocfeed", iocfeed_settings_rows, &all->iocfeed};
    all->sections[SHARED_SETTINGS_SECTIONS + 5] = (struct settings_section){
        "iocfeed", all->iocfeed_rows.rows + SHARED_SETTINGS_CONSUMER_ROWS, &all->iocfeed_worker};
    shared_settings_worker("forwarder", 9466, 0, &all->forwarder_rows);
    all->sections[SHARED_SETTINGS_SECTIONS + 6] =
        (struct settings_section){"forwarder", forwarder_settings_rows, &all->forwarder};
    all->sections[SHARED_SETTINGS_SECTIONS + 7] = (struct settings_section){
        "forwarder", all->forwarder_rows.rows + SHARED_SETTINGS_ALONE_ROWS, &all->forwarder_worker};
}

static const char *any_variable(const char *name)
{
    return strcmp(name, "PSEUDONYM_KEY") == 0
               ? "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
                 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
               : "any";
}

static struct settings *load(struct everything *all, struct text bytes)
{
    AUTO_BUF mistakes = {0};

    fill(all);
    struct settings *settings = settings_parse_all(
        "haechi.yaml", bytes, all->sections, COUNT_OF(all->sections), any_variable, &mistakes);

    if (!settings)
        fail_msg("%s", buf_string(&mistakes));
    return settings;
}

static struct text read_file(struct arena *arena, const char *path)
{
    struct text bytes;
    struct error err = {0};

    if (document_read_bytes(arena, path, 1 << 20, &bytes, &err) < 0)
        fail_msg("%s", err.text);
    return bytes;
}

static void every_default_is_one_that_its_row_allows(void **state)
{
    struct everything all;
    AUTO(settings) settings = load(&all, TEXT(""));

    (void)state;
    unit_text("brokers", text_of(all.shared.kafka.bootstrap_servers), "localhost:9092");
    unit_text("group", text_of(all.worker.group), "haechi-detector");
    assert_int_equal(all.worker.metrics_port, 9464);
    assert_int_equal(all.worker.shutdown_timeout_ms, 25000);
    assert_int_equal(all.shared.topics.raw_logs.count, 1);
}

static void the_example_as_it_is_means_the_defaults(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    struct everything plain, shown;
    AUTO_BUF want = {0}, got = {0};
    AUTO(settings) defaults = load(&plain, TEXT(""));
    AUTO(settings) settings = load(&shown, read_file(arena, example));

    (void)state;
    settings_print(plain.sections, COUNT_OF(plain.sections), &want);
    settings_print(shown.sections, COUNT_OF(shown.sections), &got);
    if (!text_equal(buf_text(&got), buf_text(&want)))
        fail_msg("the example means\n%s\nthe defaults are\n%s", buf_string(&got),
                 buf_string(&want));
}

/* "#key:" and "#  - key:" are settings that are switched off, "# word" is a comment. */
static void switch_on(struct text bytes, struct buf *out)
{
    struct text line;

    while (text_split(&bytes, '\n', &line)) {
        size_t at = text_find_byte(line, '#');
        struct text rest = text_slice(line, at + 1, line.size);
        bool is_first = text_trim(text_slice(line, 0, at)).size == 0;

        if (is_first && rest.size > 1 && (rest.bytes[0] != ' ' || rest.bytes[1] == ' ')) {
            buf_add(out, text_slice(line, 0, at));
            line = rest;
        }
        buf_add(out, line);
        buf_add_byte(out, '\n');
    }
}

static const struct node *find(const struct node *map, const char *name, struct arena *arena)
{
    struct text rest = text_of(name), word;

    while (map && text_split(&rest, '.', &word))
        map = document_get(map, arena_textf(arena, "%.*s", TEXT_ARG(word)).bytes);
    return map;
}

/* Each row has to be shown by one of @maps: not all of them go together. */
static void check_rows(const struct setting *rows, const struct node *maps, size_t count,
                       const char *name, struct arena *arena)
{
    for (const struct setting *row = rows; row->name; row++) {
        const struct node *node = NULL;

        for (size_t i = 0; i < count && !node; i++)
            node = find(&maps[i], row->name, arena);
        if (!node) {
            fail_msg("deploy/etc/haechi.yaml does not show %s.%s", name, row->name);
            return;
        }
        if (row->type == SETTING_LIST && node->count > 0)
            check_rows(row->rows, node->items, node->count, row->name, arena);
    }
}

static void the_example_switched_on_shows_every_key_and_no_other(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    struct everything all;
    struct error err = {0};
    AUTO_BUF bytes = {0};

    (void)state;
    switch_on(read_file(arena, example), &bytes);
    AUTO(settings) settings = load(&all, buf_text(&bytes)); /* it refuses other keys */
    const struct node *root = document_parse(arena, "haechi.yaml", buf_text(&bytes), &err);

    for (size_t i = 0; i < COUNT_OF(all.sections); i++) {
        if (all.sections[i].into)
            check_rows(all.sections[i].rows, document_get(root, all.sections[i].name), 1,
                       all.sections[i].name, arena);
    }
    assert_int_equal(all.detector.sources.count, 1);
}

/* Secrets are printed as ***, which not all of them may be. */
static void put_secrets(struct text printed, struct buf *out)
{
    struct text line;

    while (text_split(&printed, '\n', &line)) {
        size_t at = text_find(line, TEXT("\"***\""));

        buf_add(out, text_slice(line, 0, at));
        if (at < line.size)
            buf_add_string(out, text_find(line, TEXT("header")) < line.size ? "\"X-Key: secret\""
                                                                            : "${PSEUDONYM_KEY}");
        buf_add_byte(out, '\n');
    }
}

static void what_is_printed_of_the_example_is_read_as_the_same(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    struct everything all, again;
    AUTO_BUF bytes = {0}, first = {0}, with_secrets = {0}, second = {0};

    (void)state;
    switch_on(read_file(arena, example), &bytes);
    AUTO(settings) settings = load(&all, buf_text(&bytes));

    settings_print(all.sections, COUNT_OF(all.sections), &first);
    put_secrets(buf_text(&first), &with_secrets);
    AUTO(settings) reread = load(&again, buf_text(&with_secrets));

    settings_print(again.sections, COUNT_OF(again.sections), &second);
    unit_text("printed", buf_text(&second), buf_string(&first));
}

static void write_page(struct text prose, struct text tables)
{
    FILE *file = fopen(page, "wb");

    assert_non_null(file);
    fwrite(prose.bytes, 1, prose.size, file);
    fwrite(tables.bytes, 1, tables.size, file);
    fclose(file);
}

static void the_page_of_documentation_holds_the_tables(void **state)
{
    static const char mark[] = "<!-- made from the tables: see above -->\n";
    AUTO(arena) arena = arena_new(4096);
    struct everything all;
    AUTO_BUF want = {0};
    struct text bytes = read_file(arena, page);
    size_t at = text_find(bytes, text_of(mark));

    (void)state;
    fill(&all);
    settings_document(all.sections, COUNT_OF(all.sections), &want);
    assert_true(at < bytes.size);
    at += strlen(mark);
    if (getenv("HAECHI_WRITE_DOCS"))
        write_page(text_slice(bytes, 0, at), buf_text(&want));
    else if (!text_equal(text_slice(bytes, at, bytes.size), buf_text(&want)))
        fail_msg("docs/settings.md differs from the tables; HAECHI_WRITE_DOCS=1 %s writes it anew",
                 "build/dev/tests/test_shared_settings");
}

static const struct {
    const char *name, *file, *said;
} topic_cases[] = {
    {"the defaults", "", ""},
    {"sources that are topics of logs", "topics:\n  raw_logs: [a, ^iocs]\n", ""},
    {"two of Haechi's", "topics:\n  iocs: a\n  dead_letters: a\n",
     "haechi.yaml:3: topics.dead_letters: 'a' is topics.iocs too; each must be a topic of its "
     "own\n"},
    {"one that is another's default", "topics:\n  iocs: dead-letters\n",
     "haechi.yaml:2: topics.iocs: 'dead-letters' is topics.dead_letters too; each must be a topic "
     "of its own\n"},
    {"raw logs that Haechi writes", "topics:\n  raw_logs:\n    - a\n    - iocs\n",
     "haechi.yaml:4: topics.raw_logs[1]: 'iocs' is topics.iocs, which Haechi writes: the detector "
     "would read its own output; name a topic of logs\n"},
};

static void no_topic_has_two_roles(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(topic_cases); i++) {
        struct everything all;
        AUTO_BUF mistakes = {0};
        AUTO(settings) settings = load(&all, text_of(topic_cases[i].file));

        topic_roles_check(settings, &all.shared.topics, &mistakes);
        unit_text(topic_cases[i].name, buf_text(&mistakes), topic_cases[i].said);
    }
}

static void a_key_of_the_file_has_a_line(void **state)
{
    static const struct {
        const char *key;
        int line;
    } cases[] = {{"detector.sources[0].topics", 4},    {"detector.sources[0].topics[1]", 5},
                 {"detector.sources[1].topics[0]", 6}, {"detector.sources[1].topics[1]", 0},
                 {"detector.sources[2].topics", 0},    {"topics.iocs", 0},
                 {"detector.shutdown.timeout", 8}};
    struct everything all;
    AUTO(settings)
    settings = load(&all, TEXT("detector:\n  sources:\n  - topics:\n    - a\n"
                               "    - b\n  - topics: c\n  shutdown:\n"
                               "    timeout: 1s\n"));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int line = settings_line(settings, cases[i].key);

        if (line != cases[i].line)
            fail_msg("%s: got %d, want %d", cases[i].key, line, cases[i].line);
    }
}

static const char *variable_config(const char *name)
{
    return strcmp(name, "HAECHI_CONFIG") == 0 ? "/from/environment.yaml" : NULL;
}

static void the_file_is_the_option_or_that_of_the_environment(void **state)
{
    (void)state;
    unit_text("option", text_of(shared_settings_path("/from/option.yaml", variable_config)),
              "/from/option.yaml");
    unit_text("environment", text_of(shared_settings_path(NULL, variable_config)),
              "/from/environment.yaml");
}

UNIT_MAIN(cmocka_unit_test(every_default_is_one_that_its_row_allows),
          cmocka_unit_test(the_example_as_it_is_means_the_defaults),
          cmocka_unit_test(the_example_switched_on_shows_every_key_and_no_other),
          cmocka_unit_test(what_is_printed_of_the_example_is_read_as_the_same),
          cmocka_unit_test(the_page_of_documentation_holds_the_tables),
          cmocka_unit_test(no_topic_has_two_roles), cmocka_unit_test(a_key_of_the_file_has_a_line),
          cmocka_unit_test(the_file_is_the_option_or_that_of_the_environment))

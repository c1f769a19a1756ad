#include "correlator/correlations.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/files.h"
#include "correlator/draft.h"
#include "correlator/link.h"

enum { ARENA_BLOCK = 256 * 1024 };

struct correlations {
    struct arena *arena;
    struct correlation_limits limits;
    struct draft **drafts; /* owned array of what the arena has, as first named */
    size_t count, capacity;
    size_t sources;
    size_t given; /* rules in files, each time one is named */
    struct mistakes mistakes;
    size_t test_events;
    struct text *fields; /* owned */
    size_t field_count, field_capacity;
    char version[17];
};

static struct draft *draft_of(const struct correlations *set, struct text id)
{
    for (size_t i = 0; i < set->count; i++) {
        if (text_equal(set->drafts[i]->rule.id, id))
            return set->drafts[i];
    }
    return NULL;
}

static struct draft *new_draft(struct correlations *set, struct text id)
{
    struct draft *draft = ARENA_NEW(set->arena, struct draft);

    set->drafts = mem_grow(set->drafts, set->count, &set->capacity, sizeof(struct draft *));
    set->drafts[set->count++] = draft;
    draft->rule.id = id;
    return draft;
}

static int read_rule(struct correlations *set, struct reading *reading, const struct node *node,
                     struct error *err)
{
    struct text id;

    if (draft_name(reading, node, &id, err) < 0)
        return -EINVAL;
    struct draft *draft = draft_of(set, id);

    reading->rule = id;
    if (draft && draft->source == set->sources)
        return reading_refuse(reading, node->line, err,
                              "this file has it twice; a rule stands in a file once");
    if (!draft && set->count == CORRELATION_MAX_RULES)
        return reading_refuse(reading, node->line, err,
                              "it is one rule too many; at most %d are allowed",
                              CORRELATION_MAX_RULES);
    if (!draft)
        draft = new_draft(set, id);
    draft->source = set->sources;
    draft_give(draft, reading->file, node);
    return draft_read(reading, draft, err);
}

/* A rule that is refused ends the reading only if its mistake may. */
static int add_rule(struct correlations *set, struct reading *reading, const struct node *node,
                    struct error *err)
{
    const char *file = reading->file;
    struct error mistake = {0};

    set->given++;
    reading->rule = (struct text){0};
    int status = read_rule(set, reading, node, &mistake);

    reading->file = file;
    reading->rule = (struct text){0};
    if (status == 0 || reading_goes_on(&set->mistakes, &mistake))
        return 0;
    if (err)
        *err = mistake;
    return status;
}

/* A document is a rule or a list of rules. */
static int add_document(struct correlations *set, struct reading *reading, const struct node *node,
                        struct error *err)
{
    if (node->kind == NODE_NULL)
        return 0;
    if (node->kind != NODE_LIST)
        return add_rule(set, reading, node, err);
    for (size_t i = 0; i < node->count; i++) {
        if (add_rule(set, reading, &node->items[i], err) < 0)
            return -EINVAL;
    }
    return 0;
}

int correlations_add_bytes(struct correlations *set, const char *name, struct text bytes,
                           struct error *err)
{
    struct reading reading = {.file = arena_textf(set->arena, "%s", name).bytes,
                              .arena = set->arena,
                              .limits = set->limits,
                              .test_events = &set->test_events};
    const struct node *documents = document_parse_all(set->arena, name, bytes, err);

    if (!documents)
        return -EINVAL;
    set->sources++;
    for (size_t i = 0; i < documents->count; i++) {
        if (add_document(set, &reading, &documents->items[i], err) < 0)
            return -EINVAL;
    }
    return 0;
}

static int add_file(struct correlations *set, const char *path, struct error *err)
{
    struct text bytes;
    int status = document_read_bytes(set->arena, path, CORRELATION_MAX_FILE_BYTES, &bytes, err);

    return status < 0 ? status : correlations_add_bytes(set, path, bytes, err);
}

static int add_files(struct correlations *set, const char *path, struct error *err)
{
    static const char *const endings[] = {".yaml", ".yml", NULL};
    const struct files_wanted wanted = {"rule files", endings, CORRELATION_MAX_FILES, 0};
    size_t before = set->given, mistakes = set->mistakes.count;
    struct files files;
    int status = files_find(set->arena, path, &wanted, &files, err);

    for (size_t i = 0; i < files.count && status == 0; i++) {
        struct error mistake = {0};

        status = add_file(set, files.paths[i].bytes, &mistake);
        if (status < 0 && reading_goes_on(&set->mistakes, &mistake))
            status = 0;
        else if (status < 0 && err)
            *err = mistake;
    }
    /* As a folder whose rules lie elsewhere: that is not what was meant. */
    if (status == 0 && set->given == before && set->mistakes.count == mistakes)
        return error_set(err, -EINVAL, "%s: holds no rule", path);
    return status;
}

int correlations_add(struct correlations *set, const char *path, struct error *err)
{
    struct error mistake = {0};
    int status = add_files(set, path, &mistake);

    if (status == 0 || reading_goes_on(&set->mistakes, &mistake))
        return 0;
    if (err)
        *err = mistake;
    return status;
}

void correlations_gather(struct correlations *set, struct buf *lines)
{
    set->mistakes = (struct mistakes){lines, 0};
}

size_t correlations_mistakes(const struct correlations *set)
{
    return set->mistakes.count;
}

struct correlations *correlations_new(struct correlation_limits limits)
{
    struct correlations *set = mem_zero(sizeof(*set));

    set->arena = arena_new(ARENA_BLOCK);
    set->limits = limits;
    return set;
}

void correlations_free(struct correlations *set)
{
    if (!set)
        return;
    arena_free(set->arena);
    free(set->drafts);
    free(set->fields);
    free(set);
}

static void add_text(struct buf *buf, struct text text)
{
    buf_addf(buf, "%zu:", text.size);
    buf_add(buf, text);
}

static void add_node(struct buf *buf, const struct node *node)
{
    buf_addf(buf, "%d;%zu;", (int)node->kind, node->count);
    add_text(buf, node->text);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == NODE_MAP) {
            add_text(buf, node->pairs[i].key);
            add_node(buf, &node->pairs[i].value);
        } else {
            add_node(buf, &node->items[i]);
        }
    }
}

/* Everything that was given but where: machines keep the same rules in other places. */
static void set_version(struct correlations *set)
{
    AUTO_BUF content = {0};
    char hex[33];

    for (size_t i = 0; i < set->count; i++) {
        add_text(&content, set->drafts[i]->rule.id);
        for (size_t k = 0; k < DRAFT_KEYS; k++) {
            if (!set->drafts[i]->given[k].node)
                continue;
            buf_addf(&content, "%zu=", k);
            add_node(&content, set->drafts[i]->given[k].node);
        }
    }
    struct text part = buf_text(&content);

    digest_md5(&part, 1, hex);
    memcpy(set->version, hex, 16);
}

static void add_field(struct correlations *set, const struct correlation_field *field)
{
    if (field->id != CORRELATION_FIELD_OF_LOG)
        return;
    for (size_t i = 0; i < set->field_count; i++) {
        if (text_equal(set->fields[i], field->path))
            return;
    }
    set->fields =
        mem_grow(set->fields, set->field_count, &set->field_capacity, sizeof(*set->fields));
    set->fields[set->field_count++] = field->path;
}

static void add_fields_of_selection(struct correlations *set, const struct correlation *rule,
                                    const struct correlation_selection *selection)
{
    for (size_t i = 0; selection->keys && i < rule->group_count; i++)
        add_field(set, &selection->keys[i]);
    for (size_t i = 0; i < selection->where_count; i++)
        add_field(set, &selection->where[i].field);
    for (size_t i = 0; i < selection->unless_count; i++)
        add_field(set, &selection->unless[i].field);
}

/* Texts may name fields that nothing else of a rule looks at. */
static void add_fields_of_text(struct correlations *set, struct text template)
{
    static const struct text mark = {"{fields.", 8};

    for (size_t at; (at = text_find(template, mark)) < template.size;) {
        template = text_slice(template, at + 1, template.size);
        size_t end = text_find_byte(template, '}');
        struct text name = text_slice(template, 0, end);

        if (end < template.size && name.size > 7)
            add_field(set, &(struct correlation_field){CORRELATION_FIELD_OF_LOG, name,
                                                       text_slice(name, 7, name.size)});
    }
}

static void collect_fields(struct correlations *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct correlation *rule = &set->drafts[i]->rule;

        for (size_t k = 0; k < rule->selection_count; k++)
            add_fields_of_selection(set, rule, &rule->selections[k]);
        for (size_t k = 0; k < rule->field_count; k++)
            add_field(set, &rule->fields[k]);
        if (rule->type == CORRELATION_SILENCE)
            add_field(set, &rule->expect.field);
        add_fields_of_text(set, rule->title);
        add_fields_of_text(set, rule->description);
    }
}

int correlations_link(struct correlations *set, struct error *err)
{
    struct reading reading = {
        .arena = set->arena, .limits = set->limits, .test_events = &set->test_events};

    /* What other rules say of one that was refused would be nonsense. */
    if (set->mistakes.count == 0 &&
        link_rules(&reading, set->drafts, set->count, &set->mistakes, err) < 0)
        return -EINVAL;
    mistakes_end(&set->mistakes);
    if (set->mistakes.count > 0)
        return -EINVAL;
    collect_fields(set);
    set_version(set);
    return 0;
}

size_t correlations_count(const struct correlations *set)
{
    return set->count;
}

const struct correlation *correlations_rule(const struct correlations *set, size_t i)
{
    return &set->drafts[i]->rule;
}

const struct correlation *correlations_find(const struct correlations *set, struct text id)
{
    const struct draft *draft = draft_of(set, id);

    for (size_t i = 0; !draft && id.size > 0 && i < set->count; i++) {
        if (text_equal(set->drafts[i]->rule.name, id))
            draft = set->drafts[i];
    }
    return draft ? &draft->rule : NULL;
}

const char *correlations_version(const struct correlations *set)
{
    return set->version;
}

size_t correlations_fields(const struct correlations *set, const struct text **paths)
{
    *paths = set->fields;
    return set->field_count;
}

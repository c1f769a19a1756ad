#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/files.h"
#include "detector/rule.h"
#include "detector/rule_file.h"

enum { ARENA_BLOCK = 256 * 1024 };

/* A rule with what is needed to merge more into it. */
struct slot {
    struct rule rule;
    struct text attack; /* empty: the id is the attack */
    bool enabled;
    size_t source; /* number of the file that last named it */
};

struct ruleset {
    struct arena *arena;
    struct slot *slots; /* owned, in the order in which rules were first named */
    size_t count, capacity;
    size_t *enabled; /* owned: indices of slots */
    size_t enabled_count;
    size_t
        *buckets; /* owned: hash table by rule_id of index + 1; twice as many as slots at least */
    size_t bucket_count; /* a power of two */
    size_t sources;
    char version[17];
};

/* FNV-1a, 64 bits. */
static size_t hash(struct text t)
{
    uint64_t value = 14695981039346656037u;

    for (size_t i = 0; i < t.size; i++)
        value = (value ^ (unsigned char)t.bytes[i]) * 1099511628211u;
    return (size_t)value;
}

/* The bucket of @rule_id, or the empty one where it would go. */
static size_t *bucket_of(const struct ruleset *ruleset, struct text rule_id)
{
    size_t at = hash(rule_id) & (ruleset->bucket_count - 1);

    while (ruleset->buckets[at] > 0 &&
           !text_equal(ruleset->slots[ruleset->buckets[at] - 1].rule.rule_id, rule_id))
        at = (at + 1) & (ruleset->bucket_count - 1);
    return &ruleset->buckets[at];
}

static struct slot *slot_of(const struct ruleset *ruleset, struct text rule_id)
{
    size_t bucket = ruleset->bucket_count > 0 ? *bucket_of(ruleset, rule_id) : 0;

    return bucket > 0 ? &ruleset->slots[bucket - 1] : NULL;
}

static void rebuild_buckets(struct ruleset *ruleset)
{
    free(ruleset->buckets);
    ruleset->bucket_count = ruleset->bucket_count > 0 ? ruleset->bucket_count * 2 : 64;
    ruleset->buckets = mem_zero(ruleset->bucket_count * sizeof(*ruleset->buckets));
    for (size_t i = 0; ruleset->slots && i < ruleset->count; i++)
        *bucket_of(ruleset, ruleset->slots[i].rule.rule_id) = i + 1;
}

static struct slot *new_slot(struct ruleset *ruleset, struct text rule_id)
{
    if ((ruleset->count + 1) * 2 > ruleset->bucket_count)
        rebuild_buckets(ruleset);
    ruleset->slots =
        mem_grow(ruleset->slots, ruleset->count, &ruleset->capacity, sizeof(*ruleset->slots));
    *bucket_of(ruleset, rule_id) = ruleset->count + 1;
    struct slot *slot = &ruleset->slots[ruleset->count++];

    *slot = (struct slot){.enabled = true};
    return slot;
}

static int refuse(const struct rule_draft *draft, struct error *err, const char *reason)
{
    return error_set(err, -EINVAL, "%s:%d: rule '%.*s': %s", draft->rule.file, draft->rule.line,
                     TEXT_ARG(draft->rule.rule_id), reason);
}

/* What a rule has that says nothing of it. */
static void set_defaults(struct rule *rule)
{
    static const struct text message[] = {{"message", 7}};

    rule->fields = message;
    rule->field_count = 1;
    rule->confidence = 0.5;
    rule->decode = text_starts(rule->category, TEXT("web")) ? DECODE_ALL : 0;
}

/* The new text of a rule that earlier files know, or its first. */
static void take_given(struct slot *slot, const struct rule_draft *draft)
{
    const struct rule *from = &draft->rule;
    struct rule *to = &slot->rule;
    unsigned gives = draft->gives;

    if (gives & (RULE_GIVES_PREFIX | RULE_GIVES_PATTERNS | RULE_GIVES_UNLESS |
                 RULE_GIVES_UNLESS_PREFIX | RULE_GIVES_FIELDS | RULE_GIVES_DECODE))
        to->test_count = 0;
#define TAKE_GIVEN(key, member) \
    if (gives & (key))          \
    to->member = from->member
    TAKE_GIVEN(RULE_GIVES_TITLE, title);
    TAKE_GIVEN(RULE_GIVES_LEVEL, level);
    TAKE_GIVEN(RULE_GIVES_CONFIDENCE, confidence);
    TAKE_GIVEN(RULE_GIVES_FIELDS, fields);
    TAKE_GIVEN(RULE_GIVES_FIELDS, field_count);
    TAKE_GIVEN(RULE_GIVES_DECODE, decode);
    TAKE_GIVEN(RULE_GIVES_PREFIX, prefix);
    TAKE_GIVEN(RULE_GIVES_PATTERNS, patterns);
    TAKE_GIVEN(RULE_GIVES_PATTERNS, pattern_count);
    TAKE_GIVEN(RULE_GIVES_UNLESS, unless);
    TAKE_GIVEN(RULE_GIVES_UNLESS, unless_count);
    TAKE_GIVEN(RULE_GIVES_UNLESS_PREFIX, unless_prefix);
    TAKE_GIVEN(RULE_GIVES_WHERE, where_logsource);
    TAKE_GIVEN(RULE_GIVES_TAGS, tags);
    TAKE_GIVEN(RULE_GIVES_TAGS, tag_count);
    TAKE_GIVEN(RULE_GIVES_ACTIONS, actions_en);
    TAKE_GIVEN(RULE_GIVES_ACTIONS, actions_ko);
    TAKE_GIVEN(RULE_GIVES_MAX_PER_MINUTE, max_per_minute);
    TAKE_GIVEN(RULE_GIVES_MODE, mode);
    TAKE_GIVEN(RULE_GIVES_TESTS, tests);
    TAKE_GIVEN(RULE_GIVES_TESTS, test_count);
#undef TAKE_GIVEN
    if (gives & RULE_GIVES_ATTACK)
        slot->attack = draft->attack;
    if (gives & RULE_GIVES_ENABLED)
        slot->enabled = draft->enabled;
    to->file = from->file;
    to->line = from->line;
}

static int merge(struct ruleset *ruleset, const struct rule_draft *draft, bool needs_level,
                 struct error *err)
{
    struct slot *slot = slot_of(ruleset, draft->rule.rule_id);

    if (slot && slot->source == ruleset->sources)
        return refuse(draft, err, "this file names it twice; a rule stands in a file once");
    if (!slot) {
        if (!(draft->gives & RULE_GIVES_PATTERNS))
            return refuse(draft, err,
                          "it has no patterns, and no file before this one knows the rule");
        if (needs_level && !(draft->gives & RULE_GIVES_LEVEL))
            return refuse(draft, err,
                          "it has no threat_level; it may be LOW, MEDIUM, HIGH or CRITICAL");
        if (ruleset->count == RULE_MAX_RULES)
            return refuse(draft, err, "it is one rule too many; at most 20000 are allowed");
        slot = new_slot(ruleset, draft->rule.rule_id);
        slot->rule.rule_id = draft->rule.rule_id;
        slot->rule.category = draft->rule.category;
        set_defaults(&slot->rule);
    }
    take_given(slot, draft);
    slot->source = ruleset->sources;
    return 0;
}

/* Names that follow from others; which rules are in; how many patterns. */
static int settle(struct ruleset *ruleset, const char *name, struct error *err)
{
    size_t patterns = 0;

    ruleset->enabled = mem_resize(ruleset->enabled, (ruleset->count + 1) * sizeof(size_t));
    ruleset->enabled_count = 0;
    for (size_t i = 0; i < ruleset->count; i++) {
        struct slot *slot = &ruleset->slots[i];
        struct rule *rule = &slot->rule;

        rule->event_type = rule->rule_id;
        if (slot->attack.size > 0)
            rule->event_type = arena_textf(ruleset->arena, "%.*s.%.*s", TEXT_ARG(rule->category),
                                           TEXT_ARG(slot->attack));
        if (rule->title.size == 0)
            rule->title = rule->event_type;
        if (!slot->enabled)
            continue;
        ruleset->enabled[ruleset->enabled_count++] = i;
        patterns += rule->pattern_count + rule->unless_count;
    }
    if (patterns > RULE_MAX_PATTERNS)
        return error_set(err, -E2BIG, "%s: with it there are %zu patterns; at most %d are allowed",
                         name, patterns, RULE_MAX_PATTERNS);
    return 0;
}

static void add_text(struct buf *buf, struct text text)
{
    buf_addf(buf, "%zu:", text.size);
    buf_add(buf, text);
}

static void add_texts(struct buf *buf, const struct text *texts, size_t count)
{
    buf_addf(buf, "%zu;", count);
    for (size_t i = 0; i < count; i++)
        add_text(buf, texts[i]);
}

/* Everything of a rule but where it was read: machines keep the same rules in other places. */
static void add_rule(struct buf *buf, const struct rule *rule)
{
    add_text(buf, rule->rule_id);
    add_text(buf, rule->event_type);
    add_text(buf, rule->title);
    buf_addf(buf, "%d;%.17g;%u;%d;%lld;", (int)rule->level, rule->confidence, rule->decode,
             (int)rule->mode, (long long)rule->max_per_minute);
    add_texts(buf, rule->fields, rule->field_count);
    add_text(buf, rule->prefix);
    add_texts(buf, rule->patterns, rule->pattern_count);
    add_texts(buf, rule->unless, rule->unless_count);
    add_text(buf, rule->unless_prefix);
    add_texts(buf, rule->tags, rule->tag_count);
    add_texts(buf, rule->actions_en.items, rule->actions_en.count);
    add_texts(buf, rule->actions_ko.items, rule->actions_ko.count);
    for (size_t i = 0; i < rule->where_logsource.count; i++) {
        add_text(buf, text_of(rule->where_logsource.names[i]));
        add_text(buf, text_of(rule->where_logsource.values[i]));
    }
    for (size_t i = 0; i < rule->test_count; i++) {
        add_text(buf, rule->tests[i].log);
        buf_add_byte(buf, rule->tests[i].match ? '+' : '-');
    }
}

static void set_version(struct ruleset *ruleset)
{
    AUTO_BUF content = {0};
    char hex[33];

    for (size_t i = 0; i < ruleset_count(ruleset); i++)
        add_rule(&content, ruleset_rule(ruleset, i));
    struct text part = buf_text(&content);

    digest_md5(&part, 1, hex);
    memcpy(ruleset->version, hex, 16);
}

struct ruleset *ruleset_new(void)
{
    struct ruleset *ruleset = mem_zero(sizeof(*ruleset));

    ruleset->arena = arena_new(ARENA_BLOCK);
    set_version(ruleset);
    return ruleset;
}

void ruleset_free(struct ruleset *ruleset)
{
    if (!ruleset)
        return;
    arena_free(ruleset->arena);
    free(ruleset->slots);
    free(ruleset->enabled);
    free(ruleset->buckets);
    free(ruleset);
}

/* JSON may also be a rule file as in docs/rules.md: then it says so by its keys. */
static bool is_older_form(const struct node *root, const char *name, struct text bytes)
{
    struct text start = text_trim(text_cut(bytes, 256));

    return root->kind == NODE_MAP && !document_get(root, "rules") &&
           (text_ends(text_of(name), TEXT(".json")) || text_starts(start, TEXT("{")));
}

static void merge_all(struct ruleset *ruleset, const struct rule_drafts *drafts, bool needs_level,
                      struct mistakes *mistakes)
{
    for (size_t i = 0; i < drafts->count; i++) {
        struct error err = {0};

        if (!drafts->items[i].is_refused &&
            merge(ruleset, &drafts->items[i], needs_level, &err) < 0)
            mistakes_add(mistakes, &err);
    }
}

/* Returns how many rules it says something about. */
static size_t add_bytes(struct ruleset *ruleset, const char *name, struct text bytes,
                        struct mistakes *mistakes)
{
    const char *file = arena_textf(ruleset->arena, "%s", name).bytes;
    struct error err = {0};
    const struct node *root = document_parse(ruleset->arena, name, bytes, &err);
    struct rule_drafts drafts = {0};
    struct rule_reader reader = {
        .file = file, .arena = ruleset->arena, .drafts = &drafts, .mistakes = mistakes};

    if (!root) {
        mistakes_add(mistakes, &err);
        return 0;
    }
    bool is_older = is_older_form(root, name, bytes);

    if (is_older)
        rule_older_read(&reader, root);
    else
        rule_file_read(&reader, root);
    ruleset->sources++;
    merge_all(ruleset, &drafts, !is_older, mistakes);
    size_t count = drafts.count;

    rule_drafts_done(&drafts);
    if (settle(ruleset, name, &err) < 0)
        mistakes_add(mistakes, &err);
    return count;
}

static size_t add_file(struct ruleset *ruleset, const char *path, struct mistakes *mistakes)
{
    struct text bytes;
    struct error err = {0};

    if (document_read_bytes(ruleset->arena, path, RULE_MAX_FILE_BYTES, &bytes, &err) == 0)
        return add_bytes(ruleset, path, bytes, mistakes);
    mistakes_add(mistakes, &err);
    return 0;
}

static int add_files(struct ruleset *ruleset, const char *path, struct mistakes *mistakes,
                     struct error *err)
{
    static const char *const endings[] = {".yaml", ".yml", ".json", NULL};
    const struct files_wanted wanted = {"rule files", endings, RULE_MAX_FILES, 0};
    struct files files;
    size_t rules = 0;

    if (files_find(ruleset->arena, path, &wanted, &files, err) < 0)
        return -EINVAL;
    for (size_t i = 0; i < files.count; i++)
        rules += add_file(ruleset, files.paths[i].bytes, mistakes);
    if (rules == 0 && mistakes->count == 0) /* as a folder without files: not what was meant */
        return error_set(err, -EINVAL, "%s: holds no rule", path);
    return 0;
}

static int finish(struct ruleset *ruleset, struct mistakes *mistakes)
{
    mistakes_end(mistakes);
    if (mistakes->count > 0)
        return -EINVAL;
    set_version(ruleset);
    return 0;
}

int ruleset_add_all(struct ruleset *ruleset, const char *path, struct buf *mistakes)
{
    struct mistakes found = {.lines = mistakes};
    struct error err = {0};

    if (add_files(ruleset, path, &found, &err) < 0)
        mistakes_add(&found, &err);
    return finish(ruleset, &found);
}

int ruleset_add(struct ruleset *ruleset, const char *path, struct error *err)
{
    AUTO_BUF mistakes = {0};
    int status = ruleset_add_all(ruleset, path, &mistakes);

    if (status < 0)
        mistakes_first(&mistakes, err);
    return status;
}

int ruleset_add_bytes(struct ruleset *ruleset, const char *name, struct text bytes,
                      struct error *err)
{
    AUTO_BUF lines = {0};
    struct mistakes mistakes = {.lines = &lines};

    add_bytes(ruleset, name, bytes, &mistakes);
    int status = finish(ruleset, &mistakes);

    if (status < 0)
        mistakes_first(&lines, err);
    return status;
}

size_t ruleset_count(const struct ruleset *ruleset)
{
    return ruleset->enabled_count;
}

const struct rule *ruleset_rule(const struct ruleset *ruleset, size_t i)
{
    return &ruleset->slots[ruleset->enabled[i]].rule;
}

const char *ruleset_version(const struct ruleset *ruleset)
{
    return ruleset->version;
}

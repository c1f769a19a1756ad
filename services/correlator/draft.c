#include "correlator/draft.h"

#include <errno.h>

#include "correlator/block.h"
#include "correlator/expect.h"
#include "correlator/template.h"
#include "correlator/trials.h"

enum { TITLE_MAX_BYTES = 1024, DESCRIPTION_MAX_BYTES = 65535, EXPECT_MAX = 1000 };

static const char *const keys[DRAFT_KEYS] = {
    [DRAFT_ID] = "id",
    [DRAFT_NAME] = "name",
    [DRAFT_TITLE] = "title",
    [DRAFT_DESCRIPTION] = "description",
    [DRAFT_THREAT_LEVEL] = "threat_level",
    [DRAFT_LEVEL] = "level",
    [DRAFT_TAGS] = "tags",
    [DRAFT_ACTIONS] = "actions",
    [DRAFT_MODE] = "mode",
    [DRAFT_SUPPRESS] = "suppress",
    [DRAFT_GENERATE] = "generate",
    [DRAFT_CORRELATION] = "correlation",
    [DRAFT_EXPECT] = "expect",
    [DRAFT_TESTS] = "tests",
    [DRAFT_STATUS] = "status",
};

static const char a_detection[] =
    "a Sigma detection rule is loaded by the detector; name it in rules: by its id";

/* Also what Sigma says about a rule that means nothing to the machine. */
static const struct reading_key allowed[] = {
    {"id", NULL},
    {"name", NULL},
    {"title", NULL},
    {"description", NULL},
    {"threat_level", NULL},
    {"level", NULL},
    {"tags", NULL},
    {"actions", NULL},
    {"mode", NULL},
    {"suppress", NULL},
    {"generate", NULL},
    {"correlation", NULL},
    {"expect", NULL},
    {"tests", NULL},
    {"status", NULL},
    {"author", NULL},
    {"references", NULL},
    {"reference", NULL},
    {"date", NULL},
    {"modified", NULL},
    {"taxonomy", NULL},
    {"falsepositives", NULL},
    {"license", NULL},
    {"related", NULL},
    {"scope", NULL},
    {"detection", a_detection},
    {"logsource", a_detection},
    {"filter", "filters of other rules' events are 'unless' of a selection here"},
    {0},
};

int draft_name(const struct reading *reading, const struct node *node, struct text *id,
               struct error *err)
{
    if (reading_keys(reading, node, "a rule", allowed, err) < 0)
        return -EINVAL;
    const struct node *named = document_get(node, "id");

    if (!named)
        named = document_get(node, "name");
    if (!named)
        return reading_refuse(
            reading, node->line, err,
            "a rule has no id, by which its alerts are known; give it an id or a name");
    if (reading_name(reading, named, "id", err) < 0)
        return -EINVAL;
    *id = named->text;
    return 0;
}

void draft_give(struct draft *draft, const char *file, const struct node *node)
{
    /* Tests were written for what a rule looked at before. */
    if (document_get(node, "correlation") || document_get(node, "expect"))
        draft->given[DRAFT_TESTS] = draft->given[DRAFT_CORRELATION] = draft->given[DRAFT_EXPECT] =
            (struct draft_given){0};
    if (document_get(node, "correlation"))
        draft->is_sigma = document_get(node, "level");
    if (document_get(node, "threat_level") || document_get(node, "level"))
        draft->given[DRAFT_THREAT_LEVEL] = draft->given[DRAFT_LEVEL] = (struct draft_given){0};
    for (size_t i = 0; i < DRAFT_KEYS; i++) {
        const struct node *value = document_get(node, keys[i]);

        if (value)
            draft->given[i] = (struct draft_given){value, file};
    }
    draft->rule.file = file;
    draft->rule.line = node->line;
}

typedef int read_key(struct reading *reading, const struct node *node, struct draft *draft,
                     struct error *err);

static int read_name(struct reading *reading, const struct node *node, struct draft *draft,
                     struct error *err)
{
    draft->rule.name = node->text;
    return reading_name(reading, node, "name", err);
}

static int read_title(struct reading *reading, const struct node *node, struct draft *draft,
                      struct error *err)
{
    return reading_text(reading, node, "title", TITLE_MAX_BYTES, &draft->rule.title, err);
}

static int read_description(struct reading *reading, const struct node *node, struct draft *draft,
                            struct error *err)
{
    return reading_text(reading, node, "description", DESCRIPTION_MAX_BYTES,
                        &draft->rule.description, err);
}

static int read_threat_level(struct reading *reading, const struct node *node, struct draft *draft,
                             struct error *err)
{
    if (draft->given[DRAFT_LEVEL].node)
        return reading_refuse(reading, node->line, err,
                              "level is Sigma's word for threat_level; give one of them");
    if (node->kind != NODE_SCALAR || !event_level_parse(node->text, &draft->rule.level))
        return reading_refuse_value(reading, node, "threat_level", "LOW, MEDIUM, HIGH or CRITICAL",
                                    err);
    return 0;
}

static int read_level(struct reading *reading, const struct node *node, struct draft *draft,
                      struct error *err)
{
    static const struct {
        const char *name;
        enum threat_level level;
    } levels[] = {
        {"informational", LEVEL_LOW}, {"low", LEVEL_LOW},           {"medium", LEVEL_MEDIUM},
        {"high", LEVEL_HIGH},         {"critical", LEVEL_CRITICAL},
    };

    for (size_t i = 0; node->kind == NODE_SCALAR && i < COUNT_OF(levels); i++) {
        if (!text_is(node->text, levels[i].name))
            continue;
        draft->rule.level = levels[i].level;
        return 0;
    }
    return reading_refuse_value(reading, node, "level",
                                "informational, low, medium, high or critical", err);
}

static int read_tags(struct reading *reading, const struct node *node, struct draft *draft,
                     struct error *err)
{
    return reading_texts(reading, node, "tags", &draft->rule.tags, &draft->rule.tag_count, err);
}

static int read_actions(struct reading *reading, const struct node *node, struct draft *draft,
                        struct error *err)
{
    static const struct reading_key languages[] = {{"en", NULL}, {"ko", NULL}, {0}};
    const struct node *en = document_get(node, "en"), *ko = document_get(node, "ko");
    struct correlation *rule = &draft->rule;

    if (reading_keys(reading, node, "actions", languages, err) < 0)
        return -EINVAL;
    if (en && reading_texts(reading, en, "actions", &rule->actions_en.items,
                            &rule->actions_en.count, err) < 0)
        return -EINVAL;
    return ko ? reading_texts(reading, ko, "actions", &rule->actions_ko.items,
                              &rule->actions_ko.count, err)
              : 0;
}

static int read_mode(struct reading *reading, const struct node *node, struct draft *draft,
                     struct error *err)
{
    bool is_shadow = node->kind == NODE_SCALAR && text_is(node->text, "shadow");

    draft->is_off = node->kind == NODE_SCALAR && text_is(node->text, "off");
    draft->rule.mode = is_shadow ? MODE_SHADOW : MODE_ALERT;
    if (is_shadow || draft->is_off || (node->kind == NODE_SCALAR && text_is(node->text, "alert")))
        return 0;
    return reading_refuse_value(reading, node, "mode", "alert, shadow or off", err);
}

static int read_suppress(struct reading *reading, const struct node *node, struct draft *draft,
                         struct error *err)
{
    static const struct reading_key suppress[] = {{"for", NULL}, {0}};
    const struct node *span = document_get(node, "for");

    if (reading_keys(reading, node, "suppress", suppress, err) < 0)
        return -EINVAL;
    if (!span)
        return reading_refuse(reading, node->line, err, "suppress has no 'for', as {for: 1h}");
    return reading_duration(reading, span, "suppress.for", 0, &draft->rule.suppress_ms, err);
}

static int read_generate(struct reading *reading, const struct node *node, struct draft *draft,
                         struct error *err)
{
    return reading_boolean(reading, node, "generate", &draft->rule.generate, err);
}

static int read_status(struct reading *reading, const struct node *node, struct draft *draft,
                       struct error *err)
{
    (void)draft;
    if (node->kind == NODE_SCALAR && text_is(node->text, "unsupported"))
        return reading_refuse(reading, node->line, err,
                              "status is 'unsupported': its author says that it cannot be used");
    return 0;
}

/* In the order in which they build on each other: texts may name what the correlation groups by,
 * tests ask for its groups, and a generate that is given counts more than a level's. */
static const struct {
    enum draft_key key;
    read_key *read;
} steps[] = {
    {DRAFT_NAME, read_name},
    {DRAFT_STATUS, read_status},
    {DRAFT_THREAT_LEVEL, read_threat_level},
    {DRAFT_LEVEL, read_level},
    {DRAFT_TAGS, read_tags},
    {DRAFT_ACTIONS, read_actions},
    {DRAFT_MODE, read_mode},
    {DRAFT_SUPPRESS, read_suppress},
    {DRAFT_GENERATE, read_generate},
    {DRAFT_CORRELATION, block_read},
    {DRAFT_EXPECT, expect_read},
    {DRAFT_TITLE, read_title},
    {DRAFT_DESCRIPTION, read_description},
    {DRAFT_TESTS, trials_read},
};

static int check_texts(struct reading *reading, struct draft *draft, struct error *err)
{
    static const enum draft_key texts[] = {DRAFT_TITLE, DRAFT_DESCRIPTION};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct draft_given *given = &draft->given[texts[i]];

        reading->file = given->file;
        if (given->node &&
            template_check(reading, given->node, keys[texts[i]], &draft->rule, err) < 0)
            return -EINVAL;
    }
    return 0;
}

int draft_read(struct reading *reading, struct draft *draft, struct error *err)
{
    const char *file = draft->rule.file;
    int line = draft->rule.line;

    draft->rule = (struct correlation){.id = reading->rule,
                                       .level = LEVEL_MEDIUM,
                                       /* Who writes a rule with Sigma's word means Sigma's
                                        * default. */
                                       .generate = !draft->is_sigma,
                                       .suppress_ms = reading->limits.suppress_ms,
                                       .file = file,
                                       .line = line};
    draft->is_off = false;
    if (!draft->given[DRAFT_CORRELATION].node && !draft->given[DRAFT_EXPECT].node)
        return reading_refuse(reading, line, err,
                              "it has no correlation, and no file before this one has the rule");
    if (!draft->given[DRAFT_TITLE].node)
        return reading_refuse(reading, line, err, "it has no title, which its alerts show");
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        const struct draft_given *given = &draft->given[steps[i].key];

        if (!given->node)
            continue;
        reading->file = given->file;
        if (steps[i].read(reading, given->node, draft, err) < 0)
            return -EINVAL;
    }
    return check_texts(reading, draft, err);
}

/* rule: what to look for in a log, as a rule file says it (docs/rules.md).
 *
 * A ruleset is loaded file by file; rules merge by their id `category.id`. A later file gives only
 * what it changes: the keys it leaves out stay. What changes where or how a rule looks (patterns,
 * prefix, unless, unless_prefix, fields, decode) also drops the tests that were written for the
 * earlier form. `enabled: false` takes a rule out. Loading checks everything that can be known
 * without compiling all patterns together, and every error names file, line and rule.
 *
 * A YAML file is one map of `category` and `rules`, or a list of such maps. The older JSON
 * form is category -> attack -> {patterns, threat_level (LOW), confidence_boost (0.5)}.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/event.h"
#include "base/mem.h"
#include "base/settings.h"
#include "base/text.h"
#include "detector/decode.h"

/* Bounds on what files may hold. */
enum {
    RULE_MAX_FILE_BYTES = 16 * 1024 * 1024,
    RULE_MAX_FILES = 1000, /* of a directory */
    RULE_MAX_RULES = 20000,
    RULE_MAX_PATTERNS = 50000, /* of all rules together */
    RULE_MAX_ITEMS = 1000,     /* of each list of a rule */
    RULE_MAX_FIELDS = 32,      /* different ones, of all rules together */
};

enum rule_mode { RULE_ALERT, RULE_SHADOW, RULE_OFF };

struct rule_test {
    struct text log; /* a message, or a JSON object where it starts with { */
    bool match;
    const char *file;
    int line;
};

struct rule_texts {
    const struct text *items;
    size_t count;
};

struct rule {
    struct text rule_id; /* category.id */
    struct text category;
    struct text title;      /* default: the event type */
    struct text event_type; /* category.attack */
    enum threat_level level;
    double confidence;
    const struct text *fields; /* names for entry_get() */
    size_t field_count;
    unsigned decode;    /* DECODE_… */
    struct text prefix; /* what stands before each pattern that does not begin with ^; or none */
    const struct text *patterns;
    size_t pattern_count;
    const struct text *unless; /* found anywhere in the rule's fields: it does not fire */
    size_t unless_count;
    struct text unless_prefix;       /* as prefix is to patterns */
    struct text_map where_logsource; /* all must equal the source's */
    const struct text *tags;
    size_t tag_count;
    struct rule_texts actions_en; /* what to do about it */
    struct rule_texts actions_ko;
    int64_t max_per_minute; /* 0: no limit */
    enum rule_mode mode;
    const struct rule_test *tests;
    size_t test_count;
    const char *file; /* the last that says something about it */
    int line;
};

struct ruleset;

struct ruleset *ruleset_new(void);
void ruleset_free(struct ruleset *ruleset);
AUTO_FREE(ruleset)

/* Adds a file's rules: YAML of docs/rules.md, or the older JSON form. A directory adds its
 * *.yaml, *.yml and *.json in the order of their names; one that holds no rule is refused. After a
 * failure the set is half loaded: only ruleset_free() is to be called. Of several mistakes @err
 * tells the first, and how many more there are. */
int ruleset_add(struct ruleset *ruleset, const char *path, struct error *err);
/* The same for who can show it all: each mistake is a line of @mistakes, 20 at most and then how
 * many more. */
int ruleset_add_all(struct ruleset *ruleset, const char *path, struct buf *mistakes);
/* A file's content, @name in errors. */
int ruleset_add_bytes(struct ruleset *ruleset, const char *name, struct text bytes,
                      struct error *err);

/* Rules that are not taken out, in the order in which they were first named. */
size_t ruleset_count(const struct ruleset *ruleset);
const struct rule *ruleset_rule(const struct ruleset *ruleset, size_t i);
/* 16 hex digits over the content of all rules: the `ruleset_version` of headers and metrics. */
const char *ruleset_version(const struct ruleset *ruleset);

/* rule: what to look for in a log, as a rule file says it (detection.md).
 *
 * A ruleset is loaded file by file; rules merge by their id `category.id`, the later file wins.
 * `enabled: false` takes a rule out. Loading checks everything that can be known without compiling
 * all patterns together, and every error names file, line and rule.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/document.h"
#include "base/error.h"
#include "base/event.h"
#include "base/mem.h"
#include "base/settings.h"
#include "base/text.h"

enum rule_mode { RULE_ALERT, RULE_SHADOW, RULE_OFF };

/* Steps of decoding before a field is looked at again (decode.h). */
enum { DECODE_URL = 1, DECODE_HTML = 2, DECODE_ESCAPES = 4, DECODE_ALL = 7 };

struct rule_test {
    struct text log; /* a message, or a JSON object where it starts with { */
    bool match;
    int line;
};

struct rule {
    struct text rule_id;    /* category.id */
    struct text category;
    struct text title;
    struct text event_type; /* category.attack */
    enum threat_level level;
    double confidence;
    const struct text *fields; /* names for entry_get() */
    size_t field_count;
    unsigned decode;           /* DECODE_… */
    const struct text *patterns;
    size_t pattern_count;
    const struct text *unless;
    size_t unless_count;
    struct text_map where_logsource; /* all must equal the source's */
    const struct text *tags;
    size_t tag_count;
    int64_t max_per_minute; /* 0: no limit */
    enum rule_mode mode;
    const struct rule_test *tests;
    size_t test_count;
    const char *file;
    int line;
};

struct ruleset;

struct ruleset *ruleset_new(void);
void ruleset_free(struct ruleset *ruleset);
AUTO_FREE(ruleset)

/* Adds a file's rules: YAML of detection.md, or the seed's JSON shape. A directory adds its *.yaml,
 * *.yml and *.json in the order of their names. */
int ruleset_add(struct ruleset *ruleset, const char *path, struct error *err);
int ruleset_add_bytes(struct ruleset *ruleset, const char *name, struct text bytes,
                      struct error *err);

size_t ruleset_count(const struct ruleset *ruleset);
const struct rule *ruleset_rule(const struct ruleset *ruleset, size_t i);
const struct rule *ruleset_find(const struct ruleset *ruleset, struct text rule_id);
/* 16 hex digits over the content of all rules: the `ruleset_version` of headers and metrics. */
const char *ruleset_version(const struct ruleset *ruleset);

/* rule_file: what one file says about rules, before it is merged with what earlier ones said. */
#pragma once

#include "base/document.h"
#include "base/mistakes.h"
#include "detector/rule.h"

/* Which of a rule's keys a file gives. */
enum {
    RULE_GIVES_TITLE = 1 << 0,
    RULE_GIVES_LEVEL = 1 << 1,
    RULE_GIVES_CONFIDENCE = 1 << 2,
    RULE_GIVES_FIELDS = 1 << 3,
    RULE_GIVES_DECODE = 1 << 4,
    RULE_GIVES_PATTERNS = 1 << 5,
    RULE_GIVES_UNLESS = 1 << 6,
    RULE_GIVES_WHERE = 1 << 7,
    RULE_GIVES_TAGS = 1 << 8,
    RULE_GIVES_ACTIONS = 1 << 9,
    RULE_GIVES_ATTACK = 1 << 10,
    RULE_GIVES_MAX_PER_MINUTE = 1 << 11,
    RULE_GIVES_MODE = 1 << 12,
    RULE_GIVES_TESTS = 1 << 13,
    RULE_GIVES_ENABLED = 1 << 14,
    RULE_GIVES_PREFIX = 1 << 15,
    RULE_GIVES_UNLESS_PREFIX = 1 << 16,
};

struct rule_draft {
    struct rule rule; /* only what is given is set; rule_id and category always */
    struct text attack;
    bool enabled;
    bool is_refused; /* by a mistake that was told */
    unsigned gives;
};

struct rule_drafts {
    struct rule_draft *items; /* owned */
    size_t count;
    size_t capacity;
};

struct rule_reader {
    const char *file;    /* for errors, as long-lived as the arena */
    struct arena *arena; /* what drafts point to */
    struct rule_drafts *drafts;
    struct mistakes *mistakes; /* who reads goes on behind each */
    struct text category;      /* of what is being read */
    struct text rule_id;       /* empty outside a rule */
};

void rule_drafts_done(struct rule_drafts *drafts);
/* A new draft of rule @id, zeroed but for its names. The pointer is good until the next call. */
struct rule_draft *rule_file_draft(struct rule_reader *reader, struct text id, int line);

/* Reads the YAML of docs/rules.md. */
void rule_file_read(struct rule_reader *reader, const struct node *root);
/* Reads the older JSON form. */
void rule_older_read(struct rule_reader *reader, const struct node *root);

/* A category, an id, an attack: what may stand in an event type. */
int rule_file_check_name(const struct rule_reader *reader, const char *what,
                         const struct node *node, struct error *err);

/* Fills in an error that begins with file, line and, inside one, rule. Returns -EINVAL. */
int rule_file_refuse(const struct rule_reader *reader, int line, struct error *err,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* One row of a table of keys. */
struct rule_key {
    const char *name;
    int (*read)(struct rule_reader *reader, const struct node *node, struct rule_draft *draft,
                struct error *err);
    unsigned gives;
};

/* Hands each pair of @map to its row; other keys are refused with the nearest that exists. @draft
 * is refused if there was a mistake. */
void rule_file_read_keys(struct rule_reader *reader, const struct node *map,
                         const struct rule_key *keys, size_t count, struct rule_draft *draft);

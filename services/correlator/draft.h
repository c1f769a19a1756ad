/* draft: one rule while its files are read: what they give, key by key, and what comes of it.
 *
 * A later file gives only the keys that it changes, so a rule is read anew from all that was given
 * whenever something is added. What other rules have to say about it waits for the set's link.
 */
#pragma once

#include "correlator/reading.h"

enum draft_key {
    DRAFT_ID,
    DRAFT_NAME,
    DRAFT_TITLE,
    DRAFT_DESCRIPTION,
    DRAFT_THREAT_LEVEL,
    DRAFT_LEVEL,
    DRAFT_TAGS,
    DRAFT_ACTIONS,
    DRAFT_MODE,
    DRAFT_SUPPRESS,
    DRAFT_GENERATE,
    DRAFT_CORRELATION,
    DRAFT_EXPECT,
    DRAFT_TESTS,
    DRAFT_STATUS,
    DRAFT_KEYS,
};

struct draft_given {
    const struct node *node; /* NULL: not given */
    const char *file;
};

struct draft {
    struct draft_given given[DRAFT_KEYS];
    size_t source; /* number of the file that last named it */
    struct correlation rule;
    struct correlation_selection *selections; /* the rule's own, for the set to link */
    int *selection_lines;
    bool is_off;
    bool is_sigma; /* its correlation stands beside Sigma's `level` */
};

/* The id that @node, a rule in a file, goes by: its id, else its name. */
int draft_name(const struct reading *reading, const struct node *node, struct text *id,
               struct error *err);
/* Takes over what @node gives. */
void draft_give(struct draft *draft, const char *file, const struct node *node);
/* Fills in the rule from all that is given. */
int draft_read(struct reading *reading, struct draft *draft, struct error *err);

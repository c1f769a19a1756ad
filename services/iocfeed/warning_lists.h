/* warning_lists: values that are harmless, or shared by so many that blaming them blames the
 * innocent; nothing on such a list becomes an IOC.
 *
 * MISP's warning lists (github.com/MISP/misp-warninglists, lists/<name>/list.json) with their five
 * types, and one's own allow-lists, a value a line.
 */
#pragma once

#include "base/error.h"
#include "base/indicator.h"

struct warning_lists;

struct warning_lists *warning_lists_new(void);
void warning_lists_free(struct warning_lists *lists); /* NULL is fine */
AUTO_FREE(warning_lists)

/* Adds a MISP list. -EBADMSG with @err, called @name there, where it is none. */
int warning_lists_add(struct warning_lists *lists, const char *name, struct text json,
                      struct error *err);
/* Adds an allow-list: addresses and ranges hold what is in them, domains all names below them and
 * URLs and mailboxes on them, everything else itself. # begins a comment. */
int warning_lists_allow(struct warning_lists *lists, const char *name, struct text lines,
                        struct error *err);

struct warning_hit {
    const char *list;  /* its name; lives as long as the lists */
    struct text entry; /* empty for ranges */
};

/* Whether a list knows @found. @misp_type (empty: what the type is to MISP) and the lists' own
 * matching_attributes decide which lists are asked. Not for two threads at once. */
bool warning_lists_find(const struct warning_lists *lists, const struct indicator *found,
                        struct text misp_type, struct warning_hit *hit);

struct warning_lists_size {
    size_t lists, entries;
    size_t unusable; /* entries that could not be read: patterns that do not compile, … */
};
struct warning_lists_size warning_lists_size(const struct warning_lists *lists);

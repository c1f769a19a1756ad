/* document: a YAML (or JSON, which YAML reads too) file as a tree that remembers its lines.
 *
 * Settings, rule files and everything else that people write is read through it, so that every
 * error can say file and line. Hostile input is bounded: 64 levels, 500,000 values (an alias counts
 * as all that it stands for), 1,000 anchors. Duplicate keys, tags and second documents are refused.
 * Nothing is interpreted: a scalar is its text, except that `null`, `~` and nothing, unquoted, are
 * NODE_NULL. An alias' node is that of its anchor, line included.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum node_kind { NODE_NULL, NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    int line;                /* from 1 */
    bool quoted;             /* a scalar in quotes or a block: text whatever it looks like */
    struct text text;        /* scalar; NUL-terminated behind its size */
    struct node_pair *pairs; /* map, in the order of the file */
    struct node *items;      /* list */
    size_t count;            /* pairs or items */
};

struct node_pair {
    struct text key; /* NUL-terminated behind its size */
    int line;
    struct node value;
};

/* Reads @bytes, called @name in errors, into memory of @arena. NULL with @err filled in. An empty
 * file is a NODE_NULL. */
const struct node *document_parse(struct arena *arena, const char *name, struct text bytes,
                                  struct error *err);

/* A list of the documents that `---` separates in a file; an empty file has none. */
const struct node *document_parse_all(struct arena *arena, const char *name, struct text bytes,
                                      struct error *err);

/* All of a file's bytes, @limit at most, with a NUL behind them. */
int document_read_bytes(struct arena *arena, const char *path, size_t limit, struct text *bytes,
                        struct error *err);

/* NULL if @map is no map or has no such key. */
const struct node *document_get(const struct node *map, const char *key);

/* "a list", "a map", "'text'": for errors that say what was found. */
const char *document_describe(const struct node *node, char *into, size_t size);

/* Fills in an error that begins with file, line and, where @rule is not empty, rule. It is one line
 * whatever the arguments hold. Returns -EINVAL. */
int document_refuse(const char *file, int line, struct text rule, struct error *err,
                    const char *format, va_list arguments) __attribute__((format(printf, 5, 0)));

/* The candidate nearest to @word (edit distance at most 2), for "did you mean"; NULL if none is. */
const char *document_nearest(struct text word, const char *const *candidates, size_t count);

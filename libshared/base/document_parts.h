/* document_parts: what the two readers behind document.h share. */
#pragma once

#include "base/document.h"

/* Bounds of a document; they hold what people write, a thousand times over. */
enum {
    DOCUMENT_DEPTH = 64,
    DOCUMENT_NODES = 500000, /* aliases count as what they stand for */
    DOCUMENT_ANCHORS = 1000,
};

/* The children of all containers that are open: each takes its own off the end when it closes. */
struct document_stack {
    struct node_pair *pairs; /* owned */
    size_t count;
    size_t capacity;
};

struct node_pair *document_push(struct document_stack *stack);

/* Makes @into the map or list of what was pushed since the stack held @base, and takes that off. A
 * key that stands twice in a map is an error. */
int document_close(struct document_stack *stack, size_t base, struct arena *arena, const char *name,
                   struct node *into, struct error *err);

/* A copy with a NUL behind it. */
struct text document_text(struct arena *arena, struct text text);

/* Line of the byte at @offset, from 1. */
int document_line(struct text bytes, size_t offset);

int document_too_large(const char *name, int line, struct error *err); /* too many nodes */
int document_too_deep(const char *name, int line, struct error *err);

/* document_json.c: JSON has escapes that YAML has not, and a YAML reader's bounds are not JSON's.
 * Fails with *@not_json set when @bytes are not JSON, though maybe YAML. */
int document_json(struct arena *arena, const char *name, struct text bytes, struct node *root,
                  bool *not_json, struct error *err);
/* document_yaml.c. @is_many: @root is a list of the documents. */
int document_yaml(struct arena *arena, const char *name, struct text bytes, bool is_many,
                  struct node *root, struct error *err);

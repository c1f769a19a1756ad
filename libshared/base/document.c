#include "base/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/document_parts.h"

struct node_pair *document_push(struct document_stack *stack)
{
    stack->pairs = mem_grow(stack->pairs, stack->count, &stack->capacity, sizeof(*stack->pairs));
    struct node_pair *pair = &stack->pairs[stack->count++];

    *pair = (struct node_pair){0};
    return pair;
}

static int by_key_then_place(const void *left, const void *right)
{
    const struct node_pair *const *a = left, *const *b = right;
    int order = text_compare((*a)->key, (*b)->key);

    return order != 0 ? order : (*a > *b) - (*a < *b);
}

/* The second of two pairs with the same key, NULL if all differ. */
static const struct node_pair *find_twice(struct arena *arena, const struct node_pair *pairs,
                                          size_t count)
{
    const struct node_pair **sorted = arena_take(arena, count * sizeof(struct node_pair *));

    for (size_t i = 0; i < count; i++)
        sorted[i] = &pairs[i];
    qsort(sorted, count, sizeof(struct node_pair *), by_key_then_place);
    for (size_t i = 1; i < count; i++) {
        if (text_equal(sorted[i - 1]->key, sorted[i]->key))
            return sorted[i];
    }
    return NULL;
}

int document_close(struct document_stack *stack, size_t base, struct arena *arena, const char *name,
                   struct node *into, struct error *err)
{
    size_t count = stack->count - base;

    stack->count = base;
    into->count = count;
    if (count == 0)
        return 0; /* the stack may have no memory yet */
    const struct node_pair *from = &stack->pairs[base];

    if (into->kind == NODE_MAP) {
        into->pairs = memcpy(arena_take(arena, count * sizeof(*from)), from, count * sizeof(*from));
        const struct node_pair *twice = find_twice(arena, into->pairs, count);

        if (twice)
            return error_set(err, -EINVAL, "%s:%d: key '%.*s' stands twice in the same map", name,
                             twice->line, TEXT_ARG(text_cut(twice->key, 80)));
        return 0;
    }
    into->items = arena_take(arena, count * sizeof(*into->items));
    for (size_t i = 0; i < count; i++)
        into->items[i] = from[i].value;
    return 0;
}

struct text document_text(struct arena *arena, struct text text)
{
    char *copy = arena_take(arena, text.size + 1);

    if (text.size > 0)
        memcpy(copy, text.bytes, text.size);
    copy[text.size] = '\0';
    return (struct text){copy, text.size};
}

int document_line(struct text bytes, size_t offset)
{
    int line = 1;

    for (size_t i = 0; i < offset && i < bytes.size; i++)
        line += bytes.bytes[i] == '\n';
    return line;
}

int document_too_large(const char *name, int line, struct error *err)
{
    return error_set(err, -E2BIG,
                     "%s:%d: more than %d values, each alias counted as what it stands for", name,
                     line, DOCUMENT_NODES);
}

int document_too_deep(const char *name, int line, struct error *err)
{
    return error_set(err, -ELOOP, "%s:%d: nested deeper than %d levels", name, line,
                     DOCUMENT_DEPTH);
}

static int check_encoding(const char *name, struct text bytes, struct error *err)
{
    for (size_t i = 0; i < bytes.size;) {
        size_t size = text_character(text_slice(bytes, i, i + 4));

        if (size == 0)
            return error_set(err, -EILSEQ,
                             "%s:%d: byte 0x%02X is not UTF-8; save the file as UTF-8", name,
                             document_line(bytes, i), (unsigned char)bytes.bytes[i]);
        i += size;
    }
    return 0;
}

static int parse_json(struct arena *arena, const char *name, struct text bytes, bool is_many,
                      struct node *root, bool *not_json, struct error *err)
{
    struct node *into = is_many ? ARENA_NEW(arena, struct node) : root;

    if (is_many)
        *root = (struct node){.kind = NODE_LIST, .line = 1, .items = into, .count = 1};
    return document_json(arena, name, bytes, into, not_json, err);
}

static int parse(struct arena *arena, const char *name, struct text bytes, bool is_many,
                 struct node *root, struct error *err)
{
    struct text start = text_trim(bytes);

    if (check_encoding(name, bytes, err) < 0)
        return -EILSEQ;
    if (start.size > 0 && (start.bytes[0] == '{' || start.bytes[0] == '[')) {
        bool not_json = false;
        int status = parse_json(arena, name, bytes, is_many, root, &not_json, err);

        /* What is called JSON wants JSON's errors; else it may be YAML in flow style. */
        if (!not_json || text_ends(text_of(name), TEXT(".json")))
            return status;
    }
    return document_yaml(arena, name, bytes, is_many, root, err);
}

/* Both readers are given a file without its byte order mark. */
static struct text without_mark(struct text bytes)
{
    return text_starts(bytes, TEXT("\xEF\xBB\xBF")) ? text_slice(bytes, 3, bytes.size) : bytes;
}

const struct node *document_parse(struct arena *arena, const char *name, struct text bytes,
                                  struct error *err)
{
    struct node *root = ARENA_NEW(arena, struct node);

    return parse(arena, name, without_mark(bytes), false, root, err) < 0 ? NULL : root;
}

const struct node *document_parse_all(struct arena *arena, const char *name, struct text bytes,
                                      struct error *err)
{
    struct node *root = ARENA_NEW(arena, struct node);

    return parse(arena, name, without_mark(bytes), true, root, err) < 0 ? NULL : root;
}

static int read_all(FILE *file, const char *path, size_t limit, struct arena *arena,
                    struct text *bytes, struct error *err)
{
    size_t capacity = 4096, size = 0;
    char *block = mem_resize(NULL, capacity);

    for (size_t got; (got = fread(block + size, 1, capacity - size, file)) > 0;) {
        size += got;
        if (size > limit)
            break;
        block = mem_grow(block, size, &capacity, 1);
    }
    int problem = ferror(file) ? errno : 0;

    *bytes = size > limit ? TEXT("") : document_text(arena, (struct text){block, size});
    free(block);
    if (problem)
        return error_set(err, -problem, "cannot read %s: %s", path, strerror(problem));
    if (size > limit)
        return error_set(err, -EFBIG, "%s is larger than %zu bytes", path, limit);
    return 0;
}

int document_read_bytes(struct arena *arena, const char *path, size_t limit, struct text *bytes,
                        struct error *err)
{
    FILE *file = fopen(path, "rbe");

    if (!file)
        return error_set(err, -errno, "cannot read %s: %s", path, strerror(errno));
    int status = read_all(file, path, limit, arena, bytes, err);

    fclose(file);
    return status;
}

const struct node *document_get(const struct node *map, const char *key)
{
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++) {
        if (text_is(map->pairs[i].key, key))
            return &map->pairs[i].value;
    }
    return NULL;
}

int document_refuse(const char *file, int line, struct text rule, struct error *err,
                    const char *format, va_list arguments)
{
    char text[480];

    vsnprintf(text, sizeof(text), format, arguments);
    for (char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ')
            *at = ' '; /* a pattern may have lines */
    }
    if (rule.size == 0)
        return error_set(err, -EINVAL, "%s:%d: %s", file, line, text);
    return error_set(err, -EINVAL, "%s:%d: rule '%.*s': %s", file, line, TEXT_ARG(rule), text);
}

const char *document_describe(const struct node *node, char *into, size_t size)
{
    static const char *const names[] = {
        [NODE_NULL] = "nothing", [NODE_LIST] = "a list", [NODE_MAP] = "a map"};

    if (node->kind != NODE_SCALAR) {
        snprintf(into, size, "%s", names[node->kind]);
        return into;
    }
    struct text shown = text_cut(node->text, 60);

    snprintf(into, size, "'%.*s%s'", TEXT_ARG(shown), shown.size < node->text.size ? "…" : "");
    for (char *at = into; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            *at = ' '; /* an error is one line */
    }
    return into;
}

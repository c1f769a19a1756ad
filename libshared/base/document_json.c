/* JSON through yyjson. It keeps no positions, but read in place (INSITU) texts and raw numbers
 * point into the copy of the file, which gives their lines; true, false, null, {} and [] have the
 * line of what stands before them. */
#include <errno.h>
#include <stdlib.h>
#include <yyjson.h>

#include "base/document_parts.h"

struct reader {
    const char *name;
    struct text bytes; /* as in the file */
    const char *copy;  /* that yyjson read in place */
    size_t at;         /* offset up to which lines are counted */
    int line;          /* there */
    struct arena *arena;
    struct error *err;
    struct document_stack stack;
    size_t nodes;
};

/* Values come in the order of the file, so lines are counted once. */
static int line_at(struct reader *reader, const char *position)
{
    size_t offset = (size_t)(position - reader->copy);

    for (; reader->at < offset; reader->at++)
        reader->line += reader->bytes.bytes[reader->at] == '\n';
    return reader->line;
}

static int read_value(struct reader *reader, yyjson_val *value, int depth, struct node *node);

static int read_object(struct reader *reader, yyjson_val *object, int depth, struct node *node)
{
    yyjson_obj_iter iterator = yyjson_obj_iter_with(object);
    size_t base = reader->stack.count;

    for (yyjson_val *key; (key = yyjson_obj_iter_next(&iterator));) {
        struct node_pair pair = {
            .key = document_text(reader->arena,
                                 (struct text){yyjson_get_str(key), yyjson_get_len(key)}),
            .line = line_at(reader, yyjson_get_str(key)),
        };

        if (read_value(reader, yyjson_obj_iter_get_val(key), depth + 1, &pair.value) < 0)
            return -EINVAL;
        *document_push(&reader->stack) = pair;
    }
    return document_close(&reader->stack, base, reader->arena, reader->name, node, reader->err);
}

static int read_array(struct reader *reader, yyjson_val *array, int depth, struct node *node)
{
    yyjson_arr_iter iterator = yyjson_arr_iter_with(array);
    size_t base = reader->stack.count;

    for (yyjson_val *item; (item = yyjson_arr_iter_next(&iterator));) {
        struct node child;

        if (read_value(reader, item, depth + 1, &child) < 0)
            return -EINVAL;
        document_push(&reader->stack)->value = child;
    }
    return document_close(&reader->stack, base, reader->arena, reader->name, node, reader->err);
}

static void read_scalar(struct reader *reader, yyjson_val *value, struct node *node)
{
    struct text text = text_of(yyjson_get_bool(value) ? "true" : "false");

    node->kind = NODE_SCALAR;
    node->quoted = yyjson_is_str(value);
    if (node->quoted)
        text = (struct text){yyjson_get_str(value), yyjson_get_len(value)};
    else if (yyjson_is_raw(value))
        text = (struct text){yyjson_get_raw(value), yyjson_get_len(value)};
    if (!yyjson_is_bool(value))
        node->line = line_at(reader, text.bytes);
    node->text = document_text(reader->arena, text);
}

static int read_value(struct reader *reader, yyjson_val *value, int depth, struct node *node)
{
    *node = (struct node){.line = reader->line};
    if (depth > DOCUMENT_DEPTH && yyjson_is_ctn(value))
        return document_too_deep(reader->name, reader->line, reader->err);
    if (++reader->nodes > DOCUMENT_NODES)
        return document_too_large(reader->name, reader->line, reader->err);
    if (yyjson_is_obj(value)) {
        node->kind = NODE_MAP;
        return read_object(reader, value, depth, node);
    }
    if (yyjson_is_arr(value)) {
        node->kind = NODE_LIST;
        return read_array(reader, value, depth, node);
    }
    if (yyjson_is_null(value))
        node->kind = NODE_NULL;
    else
        read_scalar(reader, value, node);
    return 0;
}

int document_json(struct arena *arena, const char *name, struct text bytes, struct node *root,
                  bool *not_json, struct error *err)
{
    char *copy = arena_take(arena, bytes.size + YYJSON_PADDING_SIZE);
    yyjson_read_err problem;

    memcpy(copy, bytes.bytes, bytes.size);
    memset(copy + bytes.size, 0, YYJSON_PADDING_SIZE);
    yyjson_doc *json = yyjson_read_opts(
        copy, bytes.size, YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW, NULL, &problem);

    if (!json) {
        *not_json = true;
        return error_set(err, -EINVAL, "%s:%d: not JSON: %s", name,
                         document_line(bytes, problem.pos), problem.msg);
    }
    struct reader reader = {name, bytes, copy, 0, 1, arena, err, {0}, 0};
    int status = read_value(&reader, yyjson_doc_get_root(json), 1, root);

    yyjson_doc_free(json);
    free(reader.stack.pairs);
    return status;
}

/* YAML through libyaml's events, so that nothing is built that is over the bounds. */
#include <errno.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/document_parts.h"

struct anchor {
    struct text name;
    struct node node;
    size_t nodes; /* that it stands for */
    int height;   /* levels of containers in it */
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
    const char *name;
    struct text bytes;
    struct arena *arena;
    struct error *err;
    struct document_stack stack;
    struct anchor *anchors; /* owned */
    size_t anchor_count, anchor_capacity;
    size_t nodes;
};

static int line_of(yaml_mark_t mark)
{
    return (int)mark.line + 1;
}

/* Mistakes that people make often and that libyaml's words do not help with; false: another one. */
static bool common_mistake(const struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    struct text problem = text_of(parser->problem), context = text_of(parser->context);
    int line = line_of(parser->problem_mark);

    if (text_is(context, "while scanning a quoted scalar") &&
        text_is(problem, "found unexpected end of stream"))
        error_set(reader->err, -EINVAL, "%s:%d: the quote that opens here is never closed",
                  reader->name, line_of(parser->context_mark));
    else if (text_is(problem, "mapping values are not allowed in this context"))
        error_set(reader->err, -EINVAL,
                  "%s:%d: a ':' where no key can be: wrong indentation, or a text with ': ' in it "
                  "that must stand in quotes",
                  reader->name, line);
    else if (!text_is(context, "while scanning for the next token") || parser->unread == 0)
        return false;
    else if (*parser->buffer.pointer == '\t')
        error_set(reader->err, -EINVAL, "%s:%d: indented with a tab; YAML wants spaces",
                  reader->name, line);
    else
        error_set(reader->err, -EINVAL, "%s:%d: a text that begins with '%c' must stand in quotes",
                  reader->name, line, *parser->buffer.pointer);
    return true;
}

static int explain(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    int line = line_of(parser->problem_mark);

    if (parser->error == YAML_READER_ERROR)
        return error_set(reader->err, -EINVAL, "%s:%d: %s (0x%02X)", reader->name,
                         document_line(reader->bytes, parser->problem_offset), parser->problem,
                         (unsigned)parser->problem_value);
    if (common_mistake(reader))
        return -EINVAL;
    if (parser->context)
        return error_set(reader->err, -EINVAL, "%s:%d: %s %s in line %d", reader->name, line,
                         parser->problem, parser->context, line_of(parser->context_mark));
    return error_set(reader->err, -EINVAL, "%s:%d: %s", reader->name, line,
                     parser->problem ? parser->problem : "not YAML");
}

/* Moves on to the next event; the one before is gone with its bytes. */
static int next(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    if (!yaml_parser_parse(&reader->parser, &reader->event))
        return explain(reader);
    return 0;
}

static int event_line(const struct reader *reader)
{
    return line_of(reader->event.start_mark);
}

static struct text bytes_of(const yaml_char_t *bytes, size_t size)
{
    return (struct text){(const char *)bytes, size};
}

/* Anchor and tag of the scalar, list or map that begins; NULL where there is none. */
static void properties(const yaml_event_t *event, const char **anchor, const char **tag)
{
    const yaml_char_t *name = NULL, *type = NULL;

    if (event->type == YAML_SCALAR_EVENT) {
        name = event->data.scalar.anchor;
        type = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        name = event->data.sequence_start.anchor;
        type = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        name = event->data.mapping_start.anchor;
        type = event->data.mapping_start.tag;
    }
    *anchor = (const char *)name;
    *tag = (const char *)type;
}

static bool is_null(struct text text, bool quoted)
{
    return !quoted && (text.size == 0 || text_is(text, "~") || text_is(text, "null") ||
                       text_is(text, "Null") || text_is(text, "NULL"));
}

static void read_scalar(struct reader *reader, struct node *node)
{
    const yaml_event_t *event = &reader->event;
    struct text text = bytes_of(event->data.scalar.value, event->data.scalar.length);

    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->kind = is_null(text, node->quoted) ? NODE_NULL : NODE_SCALAR;
    node->text = document_text(reader->arena, text);
}

/* The newest of that name counts, as YAML has it. Returns its height. */
static int read_alias(struct reader *reader, struct node *node)
{
    struct text name = text_of((const char *)reader->event.data.alias.anchor);
    size_t i = reader->anchor_count;

    while (i > 0 && !text_equal(reader->anchors[i - 1].name, name))
        i--;
    if (i == 0)
        return error_set(reader->err, -EINVAL, "%s:%d: no anchor '&%.*s' stands before this alias",
                         reader->name, event_line(reader), TEXT_ARG(text_cut(name, 60)));
    const struct anchor *anchor = &reader->anchors[i - 1];

    *node = anchor->node;
    reader->nodes += anchor->nodes;
    return anchor->height;
}

static int remember(struct reader *reader, struct text name, const struct node *node, size_t nodes,
                    int height)
{
    if (reader->anchor_count >= DOCUMENT_ANCHORS)
        return error_set(reader->err, -E2BIG, "%s:%d: more than %d anchors", reader->name,
                         node->line, DOCUMENT_ANCHORS);
    reader->anchors = mem_grow(reader->anchors, reader->anchor_count, &reader->anchor_capacity,
                               sizeof(*reader->anchors));
    reader->anchors[reader->anchor_count++] = (struct anchor){name, *node, nodes, height};
    return 0;
}

static int read_node(struct reader *reader, int depth, struct node *node);

static int read_key(struct reader *reader, struct text *key)
{
    if (reader->event.type != YAML_SCALAR_EVENT)
        return error_set(reader->err, -EINVAL, "%s:%d: a key must be a plain or quoted word",
                         reader->name, event_line(reader));
    *key = document_text(
        reader->arena, bytes_of(reader->event.data.scalar.value, reader->event.data.scalar.length));
    if (key->size == 0)
        return error_set(reader->err, -EINVAL, "%s:%d: a key is missing before ':'", reader->name,
                         event_line(reader));
    return next(reader);
}

/* Reads up to the end of a map or list; the event at hand is its start. Returns its height. */
static int read_children(struct reader *reader, int depth, struct node *node)
{
    yaml_event_type_t end =
        node->kind == NODE_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    size_t base = reader->stack.count;
    int highest = 0;

    if (depth > DOCUMENT_DEPTH)
        return document_too_deep(reader->name, event_line(reader), reader->err);
    if (next(reader) < 0)
        return -EINVAL;
    while (reader->event.type != end) {
        struct node_pair pair = {.line = event_line(reader)};

        if (node->kind == NODE_MAP && read_key(reader, &pair.key) < 0)
            return -EINVAL;
        int height = read_node(reader, depth + 1, &pair.value);

        if (height < 0 || next(reader) < 0)
            return -EINVAL;
        if (height > highest)
            highest = height;
        *document_push(&reader->stack) = pair;
    }
    if (document_close(&reader->stack, base, reader->arena, reader->name, node, reader->err) < 0)
        return -EINVAL;
    return highest + 1;
}

static int read_content(struct reader *reader, int depth, struct node *node)
{
    switch (reader->event.type) {
    case YAML_SCALAR_EVENT:
        read_scalar(reader, node);
        return 0;
    case YAML_ALIAS_EVENT:
        return read_alias(reader, node);
    default:
        node->kind = reader->event.type == YAML_MAPPING_START_EVENT ? NODE_MAP : NODE_LIST;
        return read_children(reader, depth, node);
    }
}

/* Makes @node of the event at hand and leaves its last one. Returns how many levels it has. */
static int read_node(struct reader *reader, int depth, struct node *node)
{
    size_t before = reader->nodes++;
    int line = event_line(reader);
    const char *anchor, *tag;

    *node = (struct node){.line = line};
    properties(&reader->event, &anchor, &tag);
    if (tag)
        return error_set(reader->err, -EINVAL,
                         "%s:%d: tag '%.60s' means nothing here; leave it out", reader->name, line,
                         tag);
    struct text name = anchor ? document_text(reader->arena, text_of(anchor)) : TEXT("");
    int height = read_content(reader, depth, node);

    if (height < 0)
        return height;
    if (depth - 1 + height > DOCUMENT_DEPTH)
        return document_too_deep(reader->name, line, reader->err);
    if (reader->nodes > DOCUMENT_NODES)
        return document_too_large(reader->name, line, reader->err);
    if (name.size > 0 && remember(reader, name, node, reader->nodes - before, height) < 0)
        return -E2BIG;
    return height;
}

/* The event at hand begins a document; afterwards it is what follows it. */
static int read_document(struct reader *reader, int depth, struct node *root)
{
    reader->anchor_count = 0; /* they end with their document */
    if (next(reader) < 0 || read_node(reader, depth, root) < 0 || next(reader) < 0 ||
        next(reader) < 0)
        return -EINVAL;
    return 0;
}

static int read_one(struct reader *reader, struct node *root)
{
    *root = (struct node){.line = 1};
    if (reader->event.type == YAML_STREAM_END_EVENT)
        return 0;
    if (read_document(reader, 1, root) < 0)
        return -EINVAL;
    if (reader->event.type != YAML_STREAM_END_EVENT)
        return error_set(reader->err, -EINVAL, "%s:%d: a second document begins; a file holds one",
                         reader->name, event_line(reader));
    return 0;
}

static int read_all(struct reader *reader, struct node *root)
{
    *root = (struct node){.kind = NODE_LIST, .line = 1};
    while (reader->event.type != YAML_STREAM_END_EVENT) {
        struct node_pair pair = {.line = event_line(reader)};

        if (read_document(reader, 2, &pair.value) < 0)
            return -EINVAL;
        *document_push(&reader->stack) = pair;
    }
    return document_close(&reader->stack, 0, reader->arena, reader->name, root, reader->err);
}

int document_yaml(struct arena *arena, const char *name, struct text bytes, bool is_many,
                  struct node *root, struct error *err)
{
    struct reader reader = {.name = name, .bytes = bytes, .arena = arena, .err = err};
    int status = -EINVAL;

    if (!yaml_parser_initialize(&reader.parser))
        abort(); /* out of memory, as in mem_zero() */
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &reader.parser, (const unsigned char *)(bytes.size ? bytes.bytes : ""), bytes.size);
    if (next(&reader) == 0 && next(&reader) == 0)
        status = is_many ? read_all(&reader, root) : read_one(&reader, root);

    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    free(reader.stack.pairs);
    free(reader.anchors);
    return status;
}

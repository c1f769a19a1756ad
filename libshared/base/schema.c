#include "base/schema.h"

#include <errno.h>

#include "base/arena_json.h"

enum { MAX_BYTES = 1 << 20, MAX_DEPTH = 64, MAX_NAMES = 1000, MAX_FIELDS = 1000 };

static const char *const kinds[] = {
    [SCHEMA_NULL] = "null",   [SCHEMA_BOOLEAN] = "boolean", [SCHEMA_INT] = "int",
    [SCHEMA_LONG] = "long",   [SCHEMA_FLOAT] = "float",     [SCHEMA_DOUBLE] = "double",
    [SCHEMA_BYTES] = "bytes", [SCHEMA_STRING] = "string",   [SCHEMA_RECORD] = "record",
    [SCHEMA_ENUM] = "enum",   [SCHEMA_ARRAY] = "array",     [SCHEMA_MAP] = "map",
    [SCHEMA_UNION] = "union", [SCHEMA_FIXED] = "fixed",
};

struct parser {
    struct arena *arena;
    struct error *err;
    const struct schema_node *names[MAX_NAMES];
    size_t name_count;
};

static const struct schema_node *parse(struct parser *parser, yyjson_val *value, struct text space,
                                       int depth);

static struct text member_text(yyjson_val *object, const char *name)
{
    yyjson_val *member = yyjson_obj_get(object, name);

    return yyjson_is_str(member) ? (struct text){yyjson_get_str(member), yyjson_get_len(member)}
                                 : (struct text){NULL, 0};
}

static void *refuse(struct parser *parser, const char *what, struct text name)
{
    error_set_class(parser->err, ERROR_POISON, -EBADMSG, "Avro schema: %s '%.*s'", what,
                    TEXT_ARG(name));
    return NULL;
}

/* All of @name before its last dot. */
static struct text namespace_of(struct text name)
{
    size_t end = name.size;

    while (end > 0 && name.bytes[end - 1] != '.')
        end--;
    return text_slice(name, 0, end > 0 ? end - 1 : 0);
}

static struct text full_name(struct parser *parser, struct text name, struct text space)
{
    if (space.size == 0 || text_find_byte(name, '.') < name.size)
        return name;
    return arena_textf(parser->arena, "%.*s.%.*s", TEXT_ARG(space), TEXT_ARG(name));
}

static const struct schema_node *find_named(const struct parser *parser, struct text name)
{
    for (size_t i = 0; i < parser->name_count; i++) {
        if (text_equal(parser->names[i]->name, name))
            return parser->names[i];
    }
    return NULL;
}

/* A record, enum or fixed, known by its name from here on: it may speak of itself. */
static struct schema_node *new_named(struct parser *parser, enum schema_kind kind,
                                     yyjson_val *value, struct text space)
{
    struct schema_node *node = ARENA_NEW(parser->arena, struct schema_node);
    struct text name = member_text(value, "name");

    if (name.size == 0)
        return refuse(parser, "no name for a type", text_of(kinds[kind]));
    if (yyjson_is_str(yyjson_obj_get(value, "namespace")))
        space = member_text(value, "namespace");
    node->kind = kind;
    node->name = full_name(parser, name, space);
    if (find_named(parser, node->name))
        return refuse(parser, "two types named", node->name);
    if (parser->name_count == MAX_NAMES)
        return refuse(parser, "more than 1000 types, at", node->name);
    parser->names[parser->name_count++] = node;
    return node;
}

static bool has_word(const struct schema_node *node, struct text word)
{
    for (size_t i = 0; i < node->count; i++) {
        if (text_equal(node->words[i], word))
            return true;
    }
    return false;
}

static const struct schema_node *parse_record(struct parser *parser, yyjson_val *value,
                                              struct text space, int depth)
{
    struct schema_node *node = new_named(parser, SCHEMA_RECORD, value, space);
    yyjson_val *fields = yyjson_obj_get(value, "fields"), *field;
    size_t i, count;

    if (!node)
        return NULL;
    if (!yyjson_is_arr(fields) || yyjson_arr_size(fields) > MAX_FIELDS)
        return refuse(parser, "no list of at most 1000 fields in record", node->name);
    node->words = arena_zero(parser->arena, yyjson_arr_size(fields) * sizeof(*node->words));
    node->children = arena_zero(parser->arena, yyjson_arr_size(fields) * sizeof(*node->children));
    yyjson_arr_foreach(fields, i, count, field)
    {
        struct text name = member_text(field, "name");

        if (name.size == 0 || has_word(node, name))
            return refuse(parser, "a field without a name of its own in record", node->name);
        node->words[i] = name;
        node->children[i] =
            parse(parser, yyjson_obj_get(field, "type"), namespace_of(node->name), depth + 1);
        if (!node->children[i])
            return NULL;
        node->count = i + 1;
    }
    return node;
}

static const struct schema_node *parse_enum(struct parser *parser, yyjson_val *value,
                                            struct text space)
{
    struct schema_node *node = new_named(parser, SCHEMA_ENUM, value, space);
    yyjson_val *symbols = yyjson_obj_get(value, "symbols"), *symbol;
    size_t i, count;

    if (!node)
        return NULL;
    if (!yyjson_is_arr(symbols))
        return refuse(parser, "no list of symbols in enum", node->name);
    node->words = arena_zero(parser->arena, yyjson_arr_size(symbols) * sizeof(*node->words));
    yyjson_arr_foreach(symbols, i, count, symbol)
    {
        if (!yyjson_is_str(symbol))
            return refuse(parser, "a symbol that is not a string in enum", node->name);
        node->words[i] = (struct text){yyjson_get_str(symbol), yyjson_get_len(symbol)};
    }
    node->count = count;
    return node;
}

static const struct schema_node *parse_fixed(struct parser *parser, yyjson_val *value,
                                             struct text space)
{
    struct schema_node *node = new_named(parser, SCHEMA_FIXED, value, space);
    yyjson_val *size = yyjson_obj_get(value, "size");

    if (!node)
        return NULL;
    if (!yyjson_is_uint(size))
        return refuse(parser, "no size in fixed", node->name);
    node->size = yyjson_get_uint(size);
    return node;
}

static const struct schema_node *parse_container(struct parser *parser, enum schema_kind kind,
                                                 yyjson_val *of, struct text space, int depth)
{
    struct schema_node *node = ARENA_NEW(parser->arena, struct schema_node);

    node->kind = kind;
    node->children = ARENA_NEW(parser->arena, const struct schema_node *);
    node->children[0] = parse(parser, of, space, depth + 1);
    node->count = 1;
    return node->children[0] ? node : NULL;
}

static const struct schema_node *parse_union(struct parser *parser, yyjson_val *value,
                                             struct text space, int depth)
{
    struct schema_node *node = ARENA_NEW(parser->arena, struct schema_node);
    yyjson_val *branch;
    size_t i, count;

    node->kind = SCHEMA_UNION;
    node->children = arena_zero(parser->arena, yyjson_arr_size(value) * sizeof(*node->children));
    yyjson_arr_foreach(value, i, count, branch)
    {
        node->children[i] = parse(parser, branch, space, depth + 1);
        if (!node->children[i])
            return NULL;
    }
    node->count = count;
    return node;
}

static const struct schema_node *parse_name(struct parser *parser, yyjson_val *value,
                                            struct text space)
{
    struct text name = {yyjson_get_str(value), yyjson_get_len(value)};

    for (int kind = SCHEMA_NULL; kind <= SCHEMA_STRING; kind++) {
        if (text_is(name, kinds[kind])) {
            struct schema_node *node = ARENA_NEW(parser->arena, struct schema_node);

            node->kind = (enum schema_kind)kind;
            return node;
        }
    }
    const struct schema_node *node = find_named(parser, full_name(parser, name, space));

    return node ? node : refuse(parser, "no type named", name);
}

static const struct schema_node *parse_object(struct parser *parser, yyjson_val *value,
                                              struct text space, int depth)
{
    struct text type = member_text(value, "type");

    if (text_is(type, "record"))
        return parse_record(parser, value, space, depth);
    if (text_is(type, "enum"))
        return parse_enum(parser, value, space);
    if (text_is(type, "fixed"))
        return parse_fixed(parser, value, space);
    if (text_is(type, "array"))
        return parse_container(parser, SCHEMA_ARRAY, yyjson_obj_get(value, "items"), space, depth);
    if (text_is(type, "map"))
        return parse_container(parser, SCHEMA_MAP, yyjson_obj_get(value, "values"), space, depth);
    return parse(parser, yyjson_obj_get(value, "type"), space, depth + 1);
}

static const struct schema_node *parse(struct parser *parser, yyjson_val *value, struct text space,
                                       int depth)
{
    if (depth > MAX_DEPTH)
        return refuse(parser, "nested more than 64 deep in namespace", space);
    if (yyjson_is_str(value))
        return parse_name(parser, value, space);
    if (yyjson_is_arr(value))
        return parse_union(parser, value, space, depth);
    if (yyjson_is_obj(value))
        return parse_object(parser, value, space, depth);
    return refuse(parser, "no type where one is needed in namespace", space);
}

static void write_separated(bool more, struct buf *out)
{
    if (more)
        buf_add_byte(out, ',');
}

/* Named types that were written: from then on the name stands for the type. */
struct written {
    const struct schema_node *names[MAX_NAMES];
    size_t count;
};

static void write_node(const struct schema_node *node, struct written *written, struct buf *out);

static void write_named(const struct schema_node *node, struct written *written, struct buf *out)
{
    for (size_t i = 0; i < written->count; i++) {
        if (written->names[i] == node) {
            buf_add_json(out, node->name);
            return;
        }
    }
    written->names[written->count++] = node;
    buf_add(out, TEXT("{\"name\":"));
    buf_add_json(out, node->name);
    buf_addf(out, ",\"type\":\"%s\"", kinds[node->kind]);
    if (node->kind == SCHEMA_FIXED) {
        buf_addf(out, ",\"size\":%llu}", (unsigned long long)node->size);
        return;
    }
    buf_add_string(out, node->kind == SCHEMA_ENUM ? ",\"symbols\":[" : ",\"fields\":[");
    for (size_t i = 0; i < node->count; i++) {
        write_separated(i > 0, out);
        buf_add_string(out, node->kind == SCHEMA_ENUM ? "" : "{\"name\":");
        buf_add_json(out, node->words[i]);
        if (node->kind == SCHEMA_ENUM)
            continue;
        buf_add(out, TEXT(",\"type\":"));
        write_node(node->children[i], written, out);
        buf_add_byte(out, '}');
    }
    buf_add(out, TEXT("]}"));
}

static void write_union(const struct schema_node *node, struct written *written, struct buf *out)
{
    buf_add_byte(out, '[');
    for (size_t i = 0; i < node->count; i++) {
        write_separated(i > 0, out);
        write_node(node->children[i], written, out);
    }
    buf_add_byte(out, ']');
}

static void write_node(const struct schema_node *node, struct written *written, struct buf *out)
{
    switch (node->kind) {
    case SCHEMA_RECORD:
    case SCHEMA_ENUM:
    case SCHEMA_FIXED:
        write_named(node, written, out);
        break;
    case SCHEMA_ARRAY:
    case SCHEMA_MAP:
        buf_addf(out, "{\"type\":\"%s\",\"%s\":", kinds[node->kind],
                 node->kind == SCHEMA_ARRAY ? "items" : "values");
        write_node(node->children[0], written, out);
        buf_add_byte(out, '}');
        break;
    case SCHEMA_UNION:
        write_union(node, written, out);
        break;
    default:
        buf_addf(out, "\"%s\"", kinds[node->kind]);
    }
}

const char *schema_kind_name(enum schema_kind kind)
{
    return kinds[kind];
}

const struct schema_node *schema_parse(struct arena *arena, struct text json, struct error *err)
{
    struct parser *parser = ARENA_NEW(arena, struct parser);

    parser->arena = arena;
    parser->err = err;
    if (json.size > MAX_BYTES)
        return refuse(parser, "more than 1 MiB of text, beginning", text_cut(json, 40));
    yyjson_val *root = arena_json_read(arena, json, err);

    if (!root) {
        error_prefix(err, "Avro schema");
        return NULL;
    }
    return parse(parser, root, (struct text){NULL, 0}, 0);
}

void schema_write_canonical(const struct schema_node *schema, struct buf *out)
{
    struct written written = {.count = 0};

    write_node(schema, &written, out);
}

/* The specification's own algorithm, a bit at a time: it runs once a schema. */
uint64_t schema_fingerprint(const struct schema_node *schema)
{
    const uint64_t empty = 0xc15d213aa4d7a795U;
    AUTO_BUF form = {0};
    uint64_t fingerprint = empty;

    schema_write_canonical(schema, &form);
    for (size_t i = 0; i < form.size; i++) {
        fingerprint ^= (unsigned char)form.bytes[i];
        for (int bit = 0; bit < 8; bit++)
            fingerprint = (fingerprint >> 1) ^ (empty & -(fingerprint & 1));
    }
    return fingerprint;
}

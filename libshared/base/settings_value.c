#include <errno.h>

#include "base/document_parts.h"
#include "base/settings_parts.h"

enum { SECRET_FILE_BYTES = 65536 };

static int refuse(struct settings_reader *reader, const struct setting *row, const char *key,
                  const struct node *node, struct text text)
{
    AUTO_BUF allowed = {0};
    struct node shown = *node;
    char found[100];

    shown.text = text;
    document_describe(&shown, found, sizeof(found));
    settings_allowed(row, &allowed);
    /* Errors are logged: no password may stand in them. */
    return settings_refuse(reader, node->line, "%s is %s; it must be %s", key,
                           row->type == SETTING_URL && text_find_byte(text, '@') < text.size
                               ? "an address with credentials"
                               : found,
                           buf_string(&allowed));
}

static bool is_plain_text(struct text text)
{
    return text_is_utf8(text) && text_find_byte(text, '\0') == text.size;
}

/* @node's text with the environment in it, fit to be a C string. Empty is no failure. */
static bool read_text(struct settings_reader *reader, const char *key, const struct node *node,
                      struct text *text)
{
    *text = TEXT("");
    if (node->kind == NODE_NULL)
        return true;
    if (!settings_expand(reader, key, node, text))
        return false;
    if (is_plain_text(*text))
        return true;
    settings_refuse(reader, node->line, "%s holds a NUL byte or what is not UTF-8", key);
    return false;
}

static bool is_url(struct text text)
{
    size_t scheme = text_starts(text, TEXT("http://"))    ? 7
                    : text_starts(text, TEXT("https://")) ? 8
                                                          : 0;
    struct text rest = text_slice(text, scheme, text.size);
    struct text host = text_slice(rest, 0, text_find_byte(rest, '/'));

    /* Credentials would be shown by whatever shows the address. */
    if (scheme == 0 || host.size == 0 || host.bytes[0] == ':' ||
        text_find_byte(host, '@') < host.size)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if ((unsigned char)text.bytes[i] <= ' ' || text.bytes[i] == 0x7F)
            return false;
    }
    return true;
}

static bool parse_choice(const struct setting *row, struct text text, void *into)
{
    for (int i = 0; row->choices[i]; i++) {
        if (text_is(text, row->choices[i])) {
            *(int *)into = i;
            return true;
        }
    }
    return false;
}

static bool parse_whole(const struct setting *row, struct text text, int64_t *into)
{
    int64_t value;

    if (!settings_number_parse(row->type, text, &value) ||
        !settings_allowed_bounds(row, (double)value))
        return false;
    *into = value;
    return true;
}

static bool parse_number(const struct setting *row, struct text text, double *into)
{
    double value;

    if (!settings_number_parse_double(text, &value) || !settings_allowed_bounds(row, value))
        return false;
    *into = value;
    return true;
}

static bool parse_boolean(struct text text, bool *into)
{
    if (!text_is(text, "true") && !text_is(text, "false"))
        return false;
    *into = text_is(text, "true");
    return true;
}

/* @text, not empty and terminated, as what @row says. */
static bool parse_scalar(const struct setting *row, struct text text, void *into)
{
    switch (row->type) {
    case SETTING_URL:
        if (!is_url(text))
            return false;
        *(const char **)into = text.bytes;
        return true;
    case SETTING_INTEGER:
    case SETTING_DURATION:
    case SETTING_SIZE:
        return parse_whole(row, text, into);
    case SETTING_NUMBER:
        return parse_number(row, text, into);
    case SETTING_BOOLEAN:
        return parse_boolean(text, into);
    case SETTING_CHOICE:
        return parse_choice(row, text, into);
    default:
        *(const char **)into = text.bytes;
        return true;
    }
}

/* What the row itself has against a value. */
static int check(struct settings_reader *reader, const struct setting *row, int line,
                 const char *key, const char *name, const char *value)
{
    struct error err = {0};

    if (!row->check || row->check(name, value, &err) == 0)
        return 0;
    return settings_refuse(reader, line, "%s: %s", key, err.text);
}

static int read_scalar(struct settings_reader *reader, const struct setting *row, const char *key,
                       const struct node *node, void *into)
{
    struct text text;

    if (node->kind == NODE_LIST || node->kind == NODE_MAP)
        return refuse(reader, row, key, node, TEXT(""));
    if (!read_text(reader, key, node, &text))
        return -EINVAL;
    if (text.size == 0)
        return settings_value_default(reader, row, key, into);
    if (!parse_scalar(row, text, into))
        return refuse(reader, row, key, node, text);
    return check(reader, row, node->line, key, NULL, text.bytes);
}

static int refuse_length(struct settings_reader *reader, const struct setting *row, const char *key,
                         const struct node *node, size_t count)
{
    AUTO_BUF allowed = {0};

    settings_allowed(row, &allowed);
    return settings_refuse(reader, node->line, "%s has %zu items; it must be %s", key, count,
                           buf_string(&allowed));
}

/* An item of a list of texts, or the text that stands for one. */
static int read_item_text(struct settings_reader *reader, const struct setting *row,
                          const char *key, const struct node *node, const char **into)
{
    struct text item;

    if (node->kind == NODE_LIST || node->kind == NODE_MAP)
        return refuse(reader, &(struct setting){.type = SETTING_TEXT}, key, node, TEXT(""));
    if (!read_text(reader, key, node, &item))
        return -EINVAL;
    if (item.size == 0)
        return settings_refuse(reader, node->line, "%s is empty; leave it out", key);
    *into = item.bytes;
    return check(reader, row, node->line, key, NULL, item.bytes);
}

static int read_texts(struct settings_reader *reader, const struct setting *row, const char *key,
                      const struct node *node, struct text_list *into)
{
    /* One text is a list of one. */
    const struct node *items = node->kind == NODE_SCALAR ? node : node->items;
    size_t count = node->kind == NODE_SCALAR ? 1 : node->count;

    if (node->kind == NODE_MAP)
        return refuse(reader, row, key, node, TEXT(""));
    if (!settings_allowed_bounds(row, (double)count))
        return refuse_length(reader, row, key, node, count);
    struct text_list list = {arena_zero(reader->arena, (count + 1) * sizeof(char *)), count};
    int status = 0;

    for (size_t i = 0; i < count; i++) {
        const char *name = arena_textf(reader->arena, "%s[%zu]", key, i).bytes;

        if (read_item_text(reader, row, name, &items[i], &list.items[i]) < 0)
            status = -EINVAL;
    }
    *into = list;
    return status;
}

bool settings_is_secret(struct text name)
{
    /* librdkafka's own, and what plugins are likely to call theirs. */
    static const char *const parts[] = {"password", "secret", "token", ".pem",
                                        "oauthbearer.config"};

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (text_find(name, text_of(parts[i])) < name.size)
            return true;
    }
    return false;
}

/* sasl.password_file: the name without _file, if that is a secret. */
static bool names_file(struct text *name)
{
    struct text stem = text_slice(*name, 0, name->size - (text_ends(*name, TEXT("_file")) ? 5 : 0));

    if (stem.size == name->size || !settings_is_secret(stem))
        return false;
    *name = stem;
    return true;
}

static int read_pair(struct settings_reader *reader, const struct setting *row, const char *key,
                     const struct node *map, const struct node_pair *pair, struct text_map *into)
{
    struct text name = pair->key, value;
    const char *full = arena_textf(reader->arena, "%s.%s", key, pair->key.bytes).bytes;

    if (pair->value.kind == NODE_LIST || pair->value.kind == NODE_MAP)
        return refuse(reader, &(struct setting){.type = SETTING_TEXT}, full, &pair->value,
                      TEXT(""));
    if (names_file(&name)) {
        name = document_text(reader->arena, name);
        if (document_get(map, name.bytes))
            return settings_refuse(reader, pair->line,
                                   "%s.%s and %s are both given; one of them is enough", key,
                                   name.bytes, full);
        const char *secret = NULL;

        if (settings_value_file(reader, full, &pair->value, &secret) < 0)
            return -EINVAL;
        if (!secret)
            return 0;
        value = text_of(secret);
    } else if (!is_plain_text(name)) {
        return settings_refuse(reader, pair->line, "a name in %s holds a NUL byte", key);
    } else if (!read_text(reader, full, &pair->value, &value)) {
        return -EINVAL;
    }
    into->names[into->count] = name.bytes;
    into->values[into->count++] = value.bytes;
    return check(reader, row, pair->line, full, name.bytes, value.bytes);
}

static int read_text_map(struct settings_reader *reader, const struct setting *row, const char *key,
                         const struct node *node, struct text_map *into)
{
    size_t room = (node->count + 1) * sizeof(char *);
    struct text_map map = {arena_zero(reader->arena, room), arena_zero(reader->arena, room), 0};

    if (node->kind != NODE_MAP)
        return refuse(reader, row, key, node, node->text);
    if (!settings_allowed_bounds(row, (double)node->count))
        return refuse_length(reader, row, key, node, node->count);
    int status = 0;

    for (size_t i = 0; i < node->count; i++) {
        if (read_pair(reader, row, key, node, &node->pairs[i], &map) < 0)
            status = -EINVAL;
    }
    *into = map;
    return status;
}

static int read_item(struct settings_reader *reader, const struct setting *list, const char *key,
                     const struct node *node, char *item)
{
    struct setting_variant variant = {0};
    void *of_variant = NULL;

    if (node->kind != NODE_MAP)
        return refuse(reader, &(struct setting){.type = SETTING_TEXT_MAP}, key, node, node->text);
    if (list->variant) {
        if (!settings_variant_read(reader, list, key, node, &variant))
            return -EINVAL;
        of_variant = arena_zero(reader->arena, variant.size + 1);
        memcpy(item + list->variant_offset, &of_variant, sizeof(of_variant));
    }
    struct settings_place *places;
    size_t count =
        settings_variant_places(list, item, &variant, of_variant, reader->arena, &places);

    return settings_table(reader, places, count, key, node);
}

static int check_item(struct settings_reader *reader, const struct setting *row, const char *key,
                      const struct node *node, const void *items, size_t i)
{
    struct error err = {0};

    if (!row->check_item || row->check_item(items, i, &err) == 0)
        return 0;
    return settings_refuse(reader, node->line, "%s: %s", key, err.text);
}

static int read_list(struct settings_reader *reader, const struct setting *row, const char *key,
                     const struct node *node, struct setting_list *into)
{
    if (node->kind != NODE_LIST)
        return refuse(reader, row, key, node, node->text);
    if (!settings_allowed_bounds(row, (double)node->count))
        return refuse_length(reader, row, key, node, node->count);
    char *items = arena_zero(reader->arena, node->count * row->row_size);

    int status = 0;

    for (size_t i = 0; i < node->count; i++) {
        const char *name = arena_textf(reader->arena, "%s[%zu]", key, i).bytes;

        if (read_item(reader, row, name, &node->items[i], items + i * row->row_size) < 0 ||
            check_item(reader, row, name, &node->items[i], items, i) < 0)
            status = -EINVAL;
    }
    *into = (struct setting_list){items, node->count};
    return status;
}

int settings_value(struct settings_reader *reader, const struct setting *row, const char *key,
                   const struct node *node, void *into)
{
    switch (row->type) {
    case SETTING_TEXT_LIST:
        return read_texts(reader, row, key, node, into);
    case SETTING_TEXT_MAP:
        return read_text_map(reader, row, key, node, into);
    case SETTING_LIST:
        return read_list(reader, row, key, node, into);
    default:
        return read_scalar(reader, row, key, node, into);
    }
}

static const size_t sizes[] = {
    [SETTING_TEXT] = sizeof(char *),
    [SETTING_SECRET] = sizeof(char *),
    [SETTING_URL] = sizeof(char *),
    [SETTING_INTEGER] = sizeof(int64_t),
    [SETTING_NUMBER] = sizeof(double),
    [SETTING_BOOLEAN] = sizeof(bool),
    [SETTING_DURATION] = sizeof(int64_t),
    [SETTING_SIZE] = sizeof(int64_t),
    [SETTING_CHOICE] = sizeof(int),
    [SETTING_TEXT_LIST] = sizeof(struct text_list),
    [SETTING_TEXT_MAP] = sizeof(struct text_map),
    [SETTING_LIST] = sizeof(struct setting_list),
};

int settings_value_default(struct settings_reader *reader, const struct setting *row,
                           const char *key, void *into)
{
    struct settings_reader plain = {
        .name = "default", .arena = reader->arena, .mistakes = reader->mistakes};
    struct node node = {.kind = NODE_SCALAR, .text = text_of(row->fallback)};
    struct text rest = node.text, item;

    memset(into, 0, sizes[row->type]);
    if (!row->fallback || !row->fallback[0])
        return 0;
    if (row->type != SETTING_TEXT_LIST)
        return settings_value(&plain, row, key, &node, into);
    node.kind = NODE_LIST;
    node.items = arena_zero(reader->arena, (rest.size + 1) * sizeof(struct node));
    while (text_split(&rest, ',', &item))
        node.items[node.count++] = (struct node){
            .kind = NODE_SCALAR, .text = document_text(reader->arena, text_trim(item))};
    return settings_value(&plain, row, key, &node, into);
}

int settings_value_file(struct settings_reader *reader, const char *key, const struct node *node,
                        const char **secret)
{
    struct text path, bytes;

    if (node->kind == NODE_LIST || node->kind == NODE_MAP)
        return refuse(reader, &(struct setting){.type = SETTING_TEXT}, key, node, TEXT(""));
    if (!read_text(reader, key, node, &path))
        return -EINVAL;
    if (path.size == 0)
        return 0;
    struct settings_file *file = arena_zero(reader->arena, sizeof(*file));
    struct error err = {0};

    *file = (struct settings_file){path.bytes, reader->files};
    reader->files = file;
    if (document_read_bytes(reader->arena, path.bytes, SECRET_FILE_BYTES, &bytes, &err) < 0)
        return settings_refuse(reader, node->line, "%s: %s", key, err.text);
    if (text_ends(bytes, TEXT("\n")))
        bytes.size -= text_ends(bytes, TEXT("\r\n")) ? 2 : 1;
    if (bytes.size == 0 || !is_plain_text(bytes))
        return settings_refuse(reader, node->line, "%s: %s %s", key, path.bytes,
                               bytes.size == 0 ? "is empty" : "is not a text");
    *secret = document_text(reader->arena, bytes).bytes;
    return 0;
}

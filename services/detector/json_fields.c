#include "detector/json_fields.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "detector/json_skim.h"

static const struct candidate {
    enum entry_field field;
    const char *path;
    bool text_only; /* "(a text)" in docs/logs.md: elsewhere the same name holds an object */
} candidates[] = {
    {ENTRY_TIMESTAMP, "@timestamp", false},
    {ENTRY_TIMESTAMP, "timestamp", false},
    {ENTRY_TIMESTAMP, "time", false},
    {ENTRY_TIMESTAMP, "ts", false},
    {ENTRY_TIMESTAMP, "eventTime", false},
    {ENTRY_TIMESTAMP, "date", false},
    {ENTRY_TIMESTAMP, "timereported", false},
    {ENTRY_TIMESTAMP, "__REALTIME_TIMESTAMP", false},
    {ENTRY_MESSAGE, "message", false},
    {ENTRY_MESSAGE, "msg", false},
    {ENTRY_MESSAGE, "log", false},
    {ENTRY_MESSAGE, "event.original", false},
    {ENTRY_MESSAGE, "request", false},
    {ENTRY_MESSAGE, "raw", false},
    {ENTRY_MESSAGE, "MESSAGE", false},
    {ENTRY_SOURCE_IP, "client_ip", false},
    {ENTRY_SOURCE_IP, "source_ip", false},
    {ENTRY_SOURCE_IP, "src_ip", false},
    {ENTRY_SOURCE_IP, "source.ip", false},
    {ENTRY_SOURCE_IP, "client.ip", false},
    {ENTRY_SOURCE_IP, "remote_addr", false},
    {ENTRY_SOURCE_IP, "clientip", false},
    {ENTRY_SOURCE_IP, "remote_ip", false},
    {ENTRY_SOURCE_IP, "srcip", false},
    {ENTRY_SOURCE_IP, "src", false},
    {ENTRY_SOURCE_IP, "sourceIPAddress", false},
    {ENTRY_SOURCE_IP, "id.orig_h", false},
    {ENTRY_SOURCE_IP, "IpAddress", false},
    {ENTRY_TARGET_IP, "server_ip", false},
    {ENTRY_TARGET_IP, "target_ip", false},
    {ENTRY_TARGET_IP, "dst_ip", false},
    {ENTRY_TARGET_IP, "destination.ip", false},
    {ENTRY_TARGET_IP, "server.ip", false},
    {ENTRY_TARGET_IP, "destip", false},
    {ENTRY_TARGET_IP, "dst", false},
    {ENTRY_TARGET_IP, "id.resp_h", false},
    {ENTRY_USER_AGENT, "user_agent", true},
    {ENTRY_USER_AGENT, "user_agent.original", false},
    {ENTRY_USER_AGENT, "http_user_agent", false},
    {ENTRY_USER_AGENT, "userAgent", false},
    {ENTRY_USER_AGENT, "agent", true},
    {ENTRY_USER, "user", true},
    {ENTRY_USER, "user.name", false},
    {ENTRY_USER, "username", false},
    {ENTRY_USER, "user_name", false},
    {ENTRY_USER, "TargetUserName", false},
    {ENTRY_USER, "userIdentity.userName", false},
    {ENTRY_HOST, "host", true},
    {ENTRY_HOST, "host.name", false},
    {ENTRY_HOST, "hostname", false},
    {ENTRY_HOST, "host.hostname", false},
    {ENTRY_HOST, "Computer", false},
    {ENTRY_HOST, "_HOSTNAME", false},
    {ENTRY_URL, "url", true},
    {ENTRY_URL, "url.original", false},
    {ENTRY_URL, "url.full", false},
    {ENTRY_URL, "request_uri", false},
    {ENTRY_URL, "uri", false},
    {ENTRY_URL, "path", false},
};

/* A field that the value at this place could be. */
struct want {
    const struct want *next;
    enum entry_field field;
    unsigned rank; /* the lower, the better */
    bool text_only;
};

struct node;

struct slot {
    struct text key; /* size 0: free */
    const struct want *wants;
    struct node *inside; /* keys of the object there; NULL: none of interest */
};

/* An open hash table, at most a quarter full: most keys of a log are not in it, and shall find a
 * free slot at once. */
struct node {
    uint64_t classes; /* bit class_of(key) is set for each key: most others are told by that */
    struct slot *slots;
    size_t capacity; /* a power of two */
    size_t count;
};

struct json_fields {
    struct arena *arena; /* of all below */
    struct node root;
    struct node message; /* its candidates alone */
};

struct search {
    yyjson_val **values;
    unsigned ranks[ENTRY_FIELD_COUNT];
    const yyjson_val *peer; /* counts only where the operator's own paths lead to it */
};

/* The keys are known and few: size and three of the bytes tell them apart well enough. Multiplied
 * by 2^32 over the golden ratio, so that all of them count in the upper bits. */
static size_t hash(struct text key)
{
    const unsigned char *bytes = (const unsigned char *)key.bytes;
    size_t last = key.size - 1;
    uint32_t mixed = (uint32_t)bytes[0] | (uint32_t)bytes[last / 2] << 8 |
                     (uint32_t)bytes[last] << 16 | (uint32_t)key.size << 24;

    return mixed * 2654435769u >> 16;
}

/* Where @key is, or the free slot where it would go. */
static struct slot *slot_at(const struct node *node, struct text key)
{
    size_t mask = node->capacity - 1;

    for (size_t i = hash(key);; i++) {
        struct slot *slot = &node->slots[i & mask];

        if (slot->key.size == 0 || text_equal(slot->key, key))
            return slot;
    }
}

static void set_capacity(struct node *node, size_t capacity, struct arena *arena)
{
    struct node old = *node;

    node->capacity = capacity;
    node->slots = arena_zero(arena, capacity * sizeof(*node->slots));
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].key.size > 0)
            *slot_at(node, old.slots[i].key) = old.slots[i];
    }
}

/* From 0 to 63, by size and first byte, mixed as in hash(). */
static unsigned class_of(struct text key)
{
    return ((uint32_t)key.size << 8 | (unsigned char)key.bytes[0]) * 2654435769u >> 26;
}

static bool has_class(const struct node *node, struct text key)
{
    return node->classes >> class_of(key) & 1;
}

static struct slot *slot_of(struct node *node, struct text key, struct arena *arena)
{
    node->classes |= UINT64_C(1) << class_of(key);
    if (node->count * 4 >= node->capacity)
        set_capacity(node, node->capacity ? node->capacity * 2 : 8, arena);
    struct slot *slot = slot_at(node, key);

    if (slot->key.size == 0) {
        slot->key = key;
        node->count++;
    }
    return slot;
}

/* Enters @path below @node in every way in which its dots can be meant: as steps into an object or
 * as part of a key. */
static void add(struct node *node, struct text path, const struct want *want, struct arena *arena)
{
    if (path.size == 0)
        return;
    for (size_t dot = 1; dot < path.size; dot++) {
        if (path.bytes[dot] != '.' || dot + 1 == path.size)
            continue;
        struct slot *slot = slot_of(node, text_slice(path, 0, dot), arena);

        if (!slot->inside)
            slot->inside = ARENA_NEW(arena, struct node);
        add(slot->inside, text_slice(path, dot + 1, path.size), want, arena);
    }
    struct slot *slot = slot_of(node, path, arena);
    struct want *copy = ARENA_NEW(arena, struct want);

    *copy = *want;
    copy->next = slot->wants;
    slot->wants = copy;
}

static void add_candidate(struct json_fields *fields, struct text path, const struct want *want)
{
    add(&fields->root, path, want, fields->arena);
    if (want->field == ENTRY_MESSAGE)
        add(&fields->message, path, want, fields->arena);
}

/* ENTRY_FIELD_COUNT: there is none of that name. */
static unsigned field_of(const char *name)
{
    unsigned i = 0;

    while (i < ENTRY_FIELD_COUNT && strcmp(entry_field_names[i], name) != 0)
        i++;
    return i;
}

int json_fields_check(const char *name, const char *path, struct error *err)
{
    if (field_of(name) == ENTRY_FIELD_COUNT)
        return error_set(err, -EINVAL,
                         "there is no field '%s'; it may be timestamp, message, source_ip, "
                         "target_ip, user_agent, user, host or url",
                         name);
    if (*path == '\0')
        return error_set(err, -EINVAL,
                         "'%s' has an empty path; write that of a log's field, as client.ip", name);
    return 0;
}

struct json_fields *json_fields_new(const struct text_map *overrides, struct error *err)
{
    AUTO(json_fields) fields = mem_zero(sizeof(*fields));

    fields->arena = arena_new(16384);
    for (unsigned i = 0; i < COUNT_OF(candidates); i++) {
        struct want want = {NULL, candidates[i].field, i + 1, candidates[i].text_only};

        add_candidate(fields, text_of(candidates[i].path), &want);
    }
    for (size_t i = 0; i < overrides->count; i++) {
        const char *name = overrides->names[i], *path = overrides->values[i];

        if (json_fields_check(name, path, err) < 0) {
            error_prefix(err, "fields");
            return NULL;
        }
        add_candidate(fields, text_of(path), &(struct want){.field = field_of(name)});
    }
    return TAKE(fields);
}

void json_fields_free(struct json_fields *fields)
{
    if (!fields)
        return;
    arena_free(fields->arena);
    free(fields);
}

/* @value as what @want asks for, or NULL if it says nothing. */
static yyjson_val *worth(yyjson_val *value, const struct want *want)
{
    bool scalar = want->field != ENTRY_MESSAGE;

    if (scalar && yyjson_is_arr(value) && !want->text_only)
        value = yyjson_arr_get_first(value);
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_STR:
        if (unsafe_yyjson_get_len(value) > 1)
            return value;
        if (unsafe_yyjson_get_len(value) == 0)
            return NULL;
        return scalar && want->field != ENTRY_TIMESTAMP && *unsafe_yyjson_get_str(value) == '-'
                   ? NULL
                   : value;
    case YYJSON_TYPE_RAW:
    case YYJSON_TYPE_BOOL:
        return want->text_only ? NULL : value;
    case YYJSON_TYPE_ARR:
    case YYJSON_TYPE_OBJ:
        return scalar ? NULL : value;
    default:
        return NULL;
    }
}

static void weigh(struct search *search, const struct want *wants, yyjson_val *value)
{
    for (const struct want *want = wants; want; want = want->next) {
        if (want->rank >= search->ranks[want->field] || (want->rank > 0 && value == search->peer))
            continue;
        yyjson_val *found = worth(value, want);

        if (found) {
            search->values[want->field] = found;
            search->ranks[want->field] = want->rank;
        }
    }
}

/* Recursion goes as deep as the longest path has dots. */
static void walk(struct search *search, const struct node *node, yyjson_val *object)
{
    yyjson_obj_iter members = yyjson_obj_iter_with(object);

    for (yyjson_val *key; (key = yyjson_obj_iter_next(&members));) {
        struct text name = {unsafe_yyjson_get_str(key), unsafe_yyjson_get_len(key)};
        yyjson_val *value = yyjson_obj_iter_get_val(key);

        if (name.size == 0 || !has_class(node, name))
            continue;
        const struct slot *slot = slot_at(node, name);

        if (slot->wants)
            weigh(search, slot->wants, value);
        if (slot->inside && yyjson_is_obj(value))
            walk(search, slot->inside, value);
    }
}

static const struct want *wants_at(const struct node *node, struct text key)
{
    return key.size > 0 && has_class(node, key) ? slot_at(node, key)->wants : NULL;
}

static void find(const struct node *node, const yyjson_val *peer, yyjson_val *object,
                 yyjson_val *values[ENTRY_FIELD_COUNT])
{
    struct search search = {.values = values, .peer = peer};

    for (size_t i = 0; i < ENTRY_FIELD_COUNT; i++) {
        values[i] = NULL;
        search.ranks[i] = UINT_MAX;
    }
    walk(&search, node, object);
}

/* Vector's sources for syslog and sockets write into `source_ip` who sent them the log: a relay,
 * where there is one, and at best the machine that the log is of. */
static const yyjson_val *peer_of(yyjson_val *object)
{
    yyjson_val *type = yyjson_obj_get(object, "source_type");

    return yyjson_equals_str(type, "syslog") || yyjson_equals_str(type, "socket")
               ? yyjson_obj_get(object, "source_ip")
               : NULL;
}

void json_fields_find(const struct json_fields *fields, yyjson_val *object,
                      yyjson_val *values[ENTRY_FIELD_COUNT])
{
    find(&fields->root, peer_of(object), object, values);
}

yyjson_val *json_fields_find_message(const struct json_fields *fields, yyjson_val *object)
{
    yyjson_val *values[ENTRY_FIELD_COUNT];

    find(&fields->message, NULL, object, values);
    return values[ENTRY_MESSAGE];
}

bool json_fields_skim_message(const struct json_fields *fields, struct text log,
                              struct text *message)
{
    const struct node *node = &fields->message;
    unsigned rank = UINT_MAX;
    struct json_skim skim;
    struct text key, value;
    enum json_skim_found found;

    json_skim_start(&skim, log);
    while ((found = json_skim_next(&skim, &key, &value)) < JSON_SKIM_END) {
        const struct want *want = wants_at(node, key);

        for (; want; want = want->next) {
            if (found != JSON_SKIM_TEXT || value.size == 0)
                return false;
            if (want->rank < rank) {
                *message = value;
                rank = want->rank;
            }
        }
    }
    return found == JSON_SKIM_END && rank < UINT_MAX;
}

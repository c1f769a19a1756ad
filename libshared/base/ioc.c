#include "base/ioc.h"

#include "base/buf.h"

const char *const ioc_types[] = {"ip",   "cidr",   "domain", "url", "md5",
                                 "sha1", "sha256", "email",  NULL};

#define SOURCE(member) offsetof(struct ioc_source, member)
static const struct record_field source_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .offset = SOURCE(name)},
    {.name = "first_seen", .kind = FIELD_TIME, .offset = SOURCE(first_seen)},
    {.name = "last_seen", .kind = FIELD_TIME, .offset = SOURCE(last_seen)},
    {.name = "confidence", .kind = FIELD_DOUBLE, .offset = SOURCE(confidence)},
    {.name = "threat_type", .kind = FIELD_TEXT, .offset = SOURCE(threat_type)},
    {.name = "valid_until", .kind = FIELD_TIME, .offset = SOURCE(valid_until), .nullable = true},
    {.name = "ports", .kind = FIELD_TEXT_LIST, .offset = SOURCE(ports)},
    {.name = "tags", .kind = FIELD_TEXT_LIST, .offset = SOURCE(tags)},
    {.name = "description", .kind = FIELD_TEXT, .offset = SOURCE(description)},
    {0},
};
static const struct record_type source_record = {"ioc_source", 1, sizeof(struct ioc_source),
                                                 source_fields};

#define IOC(member) offsetof(struct ioc, member)
static const struct record_field ioc_fields[] = {
    {.name = "tenant", .kind = FIELD_TEXT, .offset = IOC(tenant), .nullable = true},
    {.name = "value", .kind = FIELD_TEXT, .offset = IOC(value)},
    {.name = "ioc_type", .kind = FIELD_ENUM, .offset = IOC(ioc_type), .symbols = ioc_types},
    {.name = "threat_type", .kind = FIELD_TEXT, .offset = IOC(threat_type)},
    {.name = "confidence", .kind = FIELD_DOUBLE, .offset = IOC(confidence)},
    {.name = "reputation", .kind = FIELD_DOUBLE, .offset = IOC(reputation)},
    {.name = "sources",
     .kind = FIELD_RECORD_LIST,
     .offset = IOC(sources),
     .record = &source_record},
    {.name = "first_seen", .kind = FIELD_TIME, .offset = IOC(first_seen)},
    {.name = "last_seen", .kind = FIELD_TIME, .offset = IOC(last_seen)},
    {.name = "valid_until", .kind = FIELD_TIME, .offset = IOC(valid_until), .nullable = true},
    {.name = "tags", .kind = FIELD_TEXT_LIST, .offset = IOC(tags)},
    {.name = "description", .kind = FIELD_TEXT, .offset = IOC(description)},
    {.name = "is_active", .kind = FIELD_BOOLEAN, .offset = IOC(is_active)},
    {.name = "ports", .kind = FIELD_TEXT_LIST, .offset = IOC(ports)},
    {0},
};
const struct record_type ioc_record = {"ioc", 1, sizeof(struct ioc), ioc_fields};

bool ioc_type_parse(struct text t, enum ioc_type *type)
{
    for (int i = 0; ioc_types[i]; i++) {
        if (text_is(t, ioc_types[i])) {
            *type = (enum ioc_type)i;
            return true;
        }
    }
    return false;
}

struct text ioc_key(struct text tenant, enum ioc_type type, struct text value, struct arena *arena)
{
    const char *name = ioc_types[type];
    size_t name_size = strlen(name);
    size_t size = (tenant.size ? tenant.size + 1 : 0) + name_size + 1 + value.size;
    char *at = arena_take(arena, size);
    struct text key = {at, size};

    if (tenant.size) {
        memcpy(at, tenant.bytes, tenant.size);
        at += tenant.size;
        *at++ = '/';
    }
    memcpy(at, name, name_size);
    at += name_size;
    *at++ = ':';
    if (value.size)
        memcpy(at, value.bytes, value.size);
    return key;
}

/* "<type>:<value>". */
static bool parse_plain(struct text key, enum ioc_type *type, struct text *value)
{
    size_t colon = text_find_byte(key, ':');

    if (colon + 1 >= key.size || !ioc_type_parse(text_slice(key, 0, colon), type))
        return false;
    *value = text_slice(key, colon + 1, key.size);
    return true;
}

bool ioc_key_parse(struct text key, struct text *tenant, enum ioc_type *type, struct text *value)
{
    if (parse_plain(key, type, value)) {
        *tenant = (struct text){0};
        return true;
    }
    size_t slash = text_find_byte(key, '/');

    if (slash == 0 || slash >= key.size ||
        !parse_plain(text_slice(key, slash + 1, key.size), type, value))
        return false;
    *tenant = text_slice(key, 0, slash);
    return true;
}

#include "iocfeed/stix_part.h"

enum { MAX_ATOMS = 10000 };

struct stix_part stix_part_without(enum stix_reason reason)
{
    return (struct stix_part){.atoms = {.reason = reason}};
}

void stix_part_or(struct arena *arena, struct stix_part *a, const struct stix_part *b)
{
    size_t count = a->atoms.count + b->atoms.count;
    struct stix_atom *items;

    a->ref = a->port = (struct text){0};
    if (!text_equal(a->of, b->of))
        a->of = (struct text){0};
    a->atoms.partly =
        a->atoms.partly || b->atoms.partly || a->atoms.count == 0 || b->atoms.count == 0;
    if (b->atoms.count == 0 || count > MAX_ATOMS)
        return;
    items = arena_take(arena, count * sizeof(*items));
    if (a->atoms.count)
        memcpy(items, a->atoms.items, a->atoms.count * sizeof(*items));
    memcpy(items + a->atoms.count, b->atoms.items, b->atoms.count * sizeof(*items));
    a->atoms.items = items;
    a->atoms.count = count;
}

static bool is_one_address(const struct stix_part *part)
{
    return part->atoms.count == 1 &&
           (part->atoms.items[0].kind == INDICATOR_ADDRESS ||
            part->atoms.items[0].kind == INDICATOR_ANY) &&
           part->atoms.items[0].port.size == 0 && !part->atoms.partly;
}

void stix_part_and(struct stix_part *a, const struct stix_part *b)
{
    struct stix_part both;

    if (b->ref.size && text_equal(a->of, b->ref))
        return; /* a, whose type b tells */
    if (a->ref.size && text_equal(b->of, a->ref)) {
        *a = *b;
        return;
    }
    if (a->atoms.items && is_one_address(a) && b->port.size) {
        a->atoms.items[0].port = b->port;
        return;
    } else if (b->atoms.items && is_one_address(b) && a->port.size) {
        both = *b;
        both.atoms.items[0].port = a->port;
        *a = both;
        return;
    }
    *a = stix_part_without(STIX_COMPOSITE);
}

static const struct {
    const char *path;
    enum indicator_kind kind;
} paths[] = {
    {"ipv4-addr:value", INDICATOR_ADDRESS},
    {"ipv6-addr:value", INDICATOR_ADDRESS},
    {"network-traffic:dst_ref.value", INDICATOR_ANY},
    {"network-traffic:src_ref.value", INDICATOR_ANY},
    {"domain-name:value", INDICATOR_DOMAIN},
    {"url:value", INDICATOR_URL},
    {"email-addr:value", INDICATOR_EMAIL},
    {"email-message:from_ref.value", INDICATOR_EMAIL},
    {"email-message:sender_ref.value", INDICATOR_EMAIL},
};

/* Names of hashes, whatever their spelling: SHA-256, SHA256, sha256. */
static enum indicator_kind kind_of_hash(struct text name)
{
    char letters[8];
    size_t size = 0;

    for (size_t i = 0; i < name.size && size < sizeof(letters); i++) {
        if (name.bytes[i] != '-' && name.bytes[i] != '_')
            letters[size++] = name.bytes[i];
    }
    struct text plain = {letters, size};

    return text_equal_nocase(plain, TEXT("md5"))      ? INDICATOR_MD5
           : text_equal_nocase(plain, TEXT("sha1"))   ? INDICATOR_SHA1
           : text_equal_nocase(plain, TEXT("sha256")) ? INDICATOR_SHA256
                                                      : INDICATOR_UNSUPPORTED;
}

enum indicator_kind stix_part_kind(struct text path)
{
    static const char *const hashes[] = {"file:hashes.", "x509-certificate:hashes.",
                                         "artifact:hashes."};

    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        if (text_is(path, paths[i].path))
            return paths[i].kind;
    }
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        if (text_starts(path, text_of(hashes[i])))
            return kind_of_hash(text_slice(path, strlen(hashes[i]), path.size));
    }
    return INDICATOR_UNSUPPORTED;
}

struct text stix_part_reference(struct text path, struct text property)
{
    struct text ref = text_slice(path, 0, path.size - property.size);

    return text_ends(path, property) && text_ends(ref, TEXT("_ref")) ? ref : (struct text){0};
}

void stix_part_add(struct arena *arena, struct stix_part *part, struct stix_atom atom)
{
    struct stix_part one = {.atoms = {.items = &atom, .count = 1}};

    if (part->atoms.count > 0) {
        stix_part_or(arena, part, &one);
        return;
    }
    part->atoms.items = arena_take(arena, sizeof(atom));
    part->atoms.items[0] = atom;
    part->atoms.count = 1;
}

bool stix_part_has_right_lengths(const struct stix_part *part)
{
    static const size_t sizes[] = {
        [INDICATOR_MD5] = 32, [INDICATOR_SHA1] = 40, [INDICATOR_SHA256] = 64};

    for (size_t i = 0; i < part->atoms.count; i++) {
        enum indicator_kind kind = part->atoms.items[i].kind;

        if ((kind == INDICATOR_MD5 || kind == INDICATOR_SHA1 || kind == INDICATOR_SHA256) &&
            part->atoms.items[i].value.size != sizes[kind])
            return false;
    }
    return true;
}

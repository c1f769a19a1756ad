#include "base/group_id.h"

#include <string.h>

#include "base/digest.h"
#include "base/number.h"

static void add_part(struct buf *parts, struct text part)
{
    number_write_integer((int64_t)part.size, parts);
    buf_add_byte(parts, ':');
    buf_add(parts, part);
}

void group_id_write(struct text tenant, const struct text *names, const struct text *values,
                    size_t count, char id[GROUP_ID_SIZE])
{
    unsigned char digest[DIGEST_SHA256_SIZE];
    AUTO_BUF parts = {0};

    add_part(&parts, tenant);
    for (size_t i = 0; i < count; i++)
        add_part(&parts, names[i]);
    for (size_t i = 0; i < count; i++)
        add_part(&parts, values[i]);
    digest_sha256(buf_text(&parts), digest);
    for (size_t i = 0; i < sizeof(digest) / 2; i++) {
        id[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        id[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    id[GROUP_ID_SIZE - 1] = '\0';
}

void group_id_of_entity(struct text tenant, struct text kind, struct text value,
                        char id[GROUP_ID_SIZE])
{
    group_id_write(tenant, &kind, &value, 1, id);
}

/* snprintf() takes eight times as long, and each batch has thousands of keys. */
static struct text join(const struct text *parts, size_t count, char *into, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        struct text part = text_slice(parts[i], 0, size - 1 - used);

        if (part.size > 0)
            memcpy(into + used, part.bytes, part.size);
        used += part.size;
    }
    into[used] = '\0';
    return (struct text){into, used};
}

struct text group_id_key(const char *kind, const char *id, char *into, size_t size)
{
    const struct text whole = text_of(id);
    const struct text parts[] = {
        TEXT("haechi:{b"), text_slice(whole, 0, 2), TEXT("}:"), text_of(kind), TEXT(":"), whole};

    return join(parts, COUNT_OF(parts), into, size);
}

struct text group_id_state_key(const char *id, char *into, size_t size)
{
    const struct text whole = text_of(id);
    const struct text parts[] = {TEXT("haechi:{b"), text_slice(whole, 0, 2), TEXT("}:"),
                                 text_slice(whole, 2, whole.size)};

    return join(parts, COUNT_OF(parts), into, size);
}

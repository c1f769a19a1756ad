#include "base/group_id.h"

#include <stdio.h>

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

struct text group_id_key(const char *kind, const char *id, char *into, size_t size)
{
    int length = snprintf(into, size, "haechi:{b%.2s}:%s:%s", id, kind, id);

    return text_slice((struct text){into, size - 1}, 0, length > 0 ? (size_t)length : 0);
}

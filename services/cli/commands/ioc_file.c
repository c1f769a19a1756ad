#include "cli/commands/ioc_file.h"

#include "base/utf16.h"
#include "cli/commands/whole_file.h"
#include "iocfeed/feed_unpack.h"

/* What is guessed of the content is guessed of UTF-8. */
static void decode(struct buf *body)
{
    AUTO(arena) arena = arena_new(4096);
    struct text text = buf_text(body), decoded = utf16_to_utf8(text, arena);

    if (decoded.bytes == text.bytes)
        return;
    buf_reset(body);
    buf_add(body, decoded);
}

int ioc_file_read(const char *path, struct buf *into, struct error *err)
{
    int result = whole_file_read(path, WHOLE_FILE_LIMIT, into, err);

    if (result < 0)
        return result;
    result = feed_unpack(into, WHOLE_FILE_LIMIT, err); /* zip */
    if (result < 0)
        error_prefix(err, "%s", path);
    else
        decode(into);
    return result;
}

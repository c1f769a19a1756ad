#include "cli/commands/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands/unpack.h"

enum { BLOCK = 256 * 1024 };

/* Bytes as they are in the file. */
static int read_all(const char *path, size_t limit, struct buf *into, struct error *err)
{
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 1;

    if (fd < 0)
        return error_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
    while (got > 0 && into->size <= limit) {
        got = read(fd, buf_reserve(into, BLOCK), BLOCK);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            into->size += (size_t)got;
    }
    int problem = errno;

    if (fd != STDIN_FILENO)
        close(fd);
    if (got < 0)
        return error_set(err, -problem, "%s: cannot be read: %s", path, strerror(problem));
    if (into->size > limit)
        return error_set(err, -EFBIG, "%s: larger than %zu bytes", path, limit);
    return 0;
}

static int unpack_all(const char *path, struct unpack *unpack, struct text packed, size_t limit,
                      struct buf *into, struct error *err)
{
    size_t size = 1;

    while (size > 0 || packed.size > 0) {
        size = BLOCK;
        if (unpack_next(unpack, &packed, buf_reserve(into, BLOCK), &size, err) < 0) {
            error_prefix(err, "%s", path);
            return -EBADMSG;
        }
        into->size += size;
        if (into->size > limit)
            return error_set(err, -EFBIG, "%s: unpacks to more than %zu bytes", path, limit);
    }
    return unpack_is_whole(unpack) ? 0
                                   : error_set(err, -EBADMSG, "%s: the %s stream is cut off", path,
                                               unpack_name(unpack));
}

int whole_file_read(const char *path, size_t limit, struct buf *into, struct error *err)
{
    AUTO_BUF bytes = {0};
    int result = read_all(path, limit, &bytes, err);

    if (result < 0)
        return result;
    struct unpack *unpack = unpack_new(buf_text(&bytes));

    if (!unpack) {
        buf_done(into);
        *into = bytes;
        bytes = (struct buf){0};
        return 0;
    }
    result = unpack_all(path, unpack, buf_text(&bytes), limit, into, err);
    unpack_free(unpack);
    return result;
}

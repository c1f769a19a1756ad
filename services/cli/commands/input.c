#include "cli/commands/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands/unpack.h"
#include "cli/lines.h"

enum { BLOCK = 256 * 1024 };

struct input {
    const char *path;
    int fd;
    input_before_read *before_read; /* may be NULL */
    void *self;                     /* its */
    uint64_t size;
    uint64_t done;
    struct lines *lines;
    struct unpack *unpack; /* NULL: the bytes are the lines */
    struct text packed;    /* read, not unpacked yet; in block */
    bool is_read;          /* to its end */
    struct error failure;  /* told when all lines before it are given out */
    char block[BLOCK];
};

/* Up to @size bytes; 0 at the end, and less than 0 with the failure kept. */
static ssize_t read_some(struct input *input, char *into, size_t size)
{
    ssize_t got;

    if (input->before_read)
        input->before_read(input->self);
    do
        got = read(input->fd, into, size);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        error_set(&input->failure, -errno, "%s: cannot be read: %s%s", input->path, strerror(errno),
                  errno == EISDIR ? "; name the files in it, as with a shell's *" : "");
        return -1;
    }
    input->done += (uint64_t)got;
    input->is_read = got == 0;
    return got;
}

/* The first bytes decide what it is, and a pipe may give them one by one. */
static void look_at_start(struct input *input)
{
    size_t have = 0;

    while (have < 4 && !input->failure.code && !input->is_read) {
        ssize_t got = read_some(input, input->block + have, sizeof(input->block) - have);

        have += got > 0 ? (size_t)got : 0;
    }
    input->packed = (struct text){input->block, have};
    input->unpack = unpack_new(input->packed);
    if (text_starts(input->packed, TEXT("\xFF\xFE")) ||
        text_starts(input->packed, TEXT("\xFE\xFF")))
        error_set(&input->failure, -EBADMSG,
                  "%s: is UTF-16, and logs are read as UTF-8; convert it first: iconv -f UTF-16 -t "
                  "UTF-8",
                  input->path);
    if (text_starts(input->packed, TEXT("\xEF\xBB\xBF"))) /* a byte order mark is no content */
        input->packed = text_slice(input->packed, 3, have);
}

struct input *input_open(const char *path, size_t line_limit, input_before_read *before_read,
                         void *self, struct error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;

    if (fd < 0) {
        error_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    struct input *input = mem_zero(sizeof(*input));

    input->path = is_stdin ? "(stdin)" : path;
    input->fd = fd;
    input->before_read = before_read;
    input->self = self;
    input->lines = lines_new(line_limit, BLOCK);
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
        input->size = (uint64_t)about.st_size;
        posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    look_at_start(input);
    return input;
}

void input_close(struct input *input)
{
    if (!input)
        return;
    if (input->fd != STDIN_FILENO)
        close(input->fd);
    unpack_free(input->unpack);
    lines_free(input->lines);
    free(input);
}

/* What look_at_start() read, then the file itself. */
static size_t read_plain(struct input *input, char *into, size_t size)
{
    struct text first = text_slice(input->packed, 0, size);

    if (first.size) {
        memcpy(into, first.bytes, first.size);
        input->packed = text_slice(input->packed, first.size, input->packed.size);
        return first.size;
    }
    ssize_t got = input->is_read ? 0 : read_some(input, into, size);

    return got > 0 ? (size_t)got : 0;
}

static size_t read_packed(struct input *input, char *into, size_t size)
{
    for (;;) {
        size_t made = size;

        if (input->packed.size == 0 && !input->is_read) {
            ssize_t got = read_some(input, input->block, sizeof(input->block));

            if (got < 0)
                return 0;
            input->packed = (struct text){input->block, (size_t)got};
        }
        size_t before = input->packed.size;

        if (unpack_next(input->unpack, &input->packed, into, &made, &input->failure) < 0)
            error_prefix(&input->failure, "%s", input->path);
        if (made > 0)
            return made;
        if (input->failure.code)
            return 0;
        if (input->is_read && before == 0) {
            if (!unpack_is_whole(input->unpack))
                error_set(&input->failure, -EBADMSG,
                          "%s: the file is truncated: it ends in the middle of its %s data",
                          input->path, unpack_name(input->unpack));
            return 0;
        }
    }
}

static void feed(struct input *input)
{
    size_t room = 0, got = 0;
    char *into = lines_room(input->lines, &room);

    if (!input->failure.code)
        got = input->unpack ? read_packed(input, into, room) : read_plain(input, into, room);
    lines_fed(input->lines, got);
}

enum input_result input_line(struct input *input, struct text *line, struct error *err)
{
    for (;;) {
        switch (lines_next(input->lines, line)) {
        case LINES_LINE:
            return INPUT_LINE;
        case LINES_TOO_LONG:
            return INPUT_TOO_LONG;
        case LINES_MORE:
            feed(input);
            break;
        case LINES_END:
            if (!input->failure.code)
                return INPUT_END;
            *err = input->failure;
            return INPUT_FAILED;
        }
    }
}

uint64_t input_number(const struct input *input)
{
    return lines_count(input->lines);
}

uint64_t input_done(const struct input *input)
{
    return input->done;
}

uint64_t input_size(const struct input *input)
{
    return input->size;
}

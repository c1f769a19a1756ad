/* A file that is begun anew when it is full, or the standard output. On disk before the offset
 * moves. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "forwarder/outside/sender.h"

struct file {
    struct sender sender; /* first, so that a sender is one */
    const struct target_place *place;
    int fd; /* -1: not open */
};

static int fail(const struct file *file, const char *doing, struct error *err)
{
    return error_set_class(err, ERROR_CONFIG, -errno, "%s %s: %s", doing,
                           file->place->path ? file->place->path : "standard output",
                           strerror(errno));
}

/* <path>.1 is the newest of the old ones; the oldest goes. */
static void rotate(struct file *file)
{
    const char *path = file->place->path;
    AUTO_BUF from = {0}, to = {0};

    close(file->fd);
    file->fd = -1;
    for (int64_t i = file->place->keep; i > 0; i--) {
        buf_reset(&from);
        buf_reset(&to);
        buf_addf(&to, "%s.%lld", path, (long long)i);
        if (i > 1)
            buf_addf(&from, "%s.%lld", path, (long long)i - 1);
        else
            buf_add_string(&from, path);
        rename(buf_string(&from), buf_string(&to)); /* one that is not there yet is fine */
    }
    if (file->place->keep == 0)
        unlink(path);
}

/* What somebody else has moved or removed since is not written to any more: it may be gone. */
static void look_for(struct file *file)
{
    struct stat here, there;

    if (fstat(file->fd, &here) == 0 && stat(file->place->path, &there) == 0 &&
        here.st_dev == there.st_dev && here.st_ino == there.st_ino)
        return;
    close(file->fd);
    file->fd = -1;
}

/* A file that is new is on the disk when its folder is, too. Who may not read a folder cannot sync
 * it, and some file systems do not know that (EINVAL): then it is the kernel's. */
static int sync_folder(struct file *file, struct error *err)
{
    const char *path = file->place->path, *slash = strrchr(path, '/');
    AUTO_BUF folder = {0};

    buf_add(&folder, slash ? (struct text){path, (size_t)(slash - path) + 1} : TEXT("."));
    int fd = open(buf_string(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return 0;
    int result =
        fsync(fd) < 0 && errno != EINVAL ? fail(file, "cannot sync the folder of", err) : 0;

    close(fd);
    return result;
}

static int open_file(struct file *file, struct error *err)
{
    file->fd = open(file->place->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (file->fd < 0)
        return fail(file, "cannot open", err);
    int result = sync_folder(file, err);

    if (result < 0) {
        close(file->fd);
        file->fd = -1;
    }
    return result;
}

static int ready(struct file *file, size_t more, struct error *err)
{
    const struct target_place *place = file->place;
    struct stat status;

    if (!place->path) {
        file->fd = STDOUT_FILENO;
        return 0;
    }
    if (file->fd >= 0)
        look_for(file);
    if (file->fd >= 0 && place->max_size > 0 && fstat(file->fd, &status) == 0 &&
        status.st_size > 0 && status.st_size + (off_t)more > place->max_size)
        rotate(file);
    return file->fd < 0 ? open_file(file, err) : 0;
}

static int write_all(struct file *file, struct text rest, struct error *err)
{
    while (rest.size > 0) {
        ssize_t written = write(file->fd, rest.bytes, rest.size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(file, "cannot write", err);
        rest = text_slice(rest, (size_t)written, rest.size);
    }
    return 0;
}

/* A write that fails in the middle (disk full) must not leave half a line for the next to go on. */
static int append(struct file *file, struct text bytes, struct error *err)
{
    struct stat before;
    bool is_file = fstat(file->fd, &before) == 0 && S_ISREG(before.st_mode);

    if (write_all(file, bytes, err) == 0 && (!is_file || fdatasync(file->fd) == 0))
        return 0;
    if (is_file && ftruncate(file->fd, before.st_size) < 0)
        return fail(file, "cannot mend", err);
    return err->code ? err->code : fail(file, "cannot sync", err);
}

static int file_send(struct sender *sender, const struct records *records,
                     const struct keeper *keeper, struct error *err)
{
    struct file *file = (struct file *)sender;

    (void)keeper;
    if (ready(file, records->bytes->size, err) < 0)
        return err->code;
    return append(file, buf_text(records->bytes), err);
}

static void file_close(struct sender *sender)
{
    struct file *file = (struct file *)sender;

    if (file->fd >= 0 && file->place->path)
        close(file->fd);
    free(file);
}

struct sender *file_sender(const struct target_place *place)
{
    struct file *file = mem_zero(sizeof(*file));

    *file = (struct file){{.send = file_send, .close = file_close}, place, -1};
    return &file->sender;
}

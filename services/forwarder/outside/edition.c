#include "forwarder/outside/edition.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A file as it was when it was read; one that was replaced, as Kubernetes does it, is another. */
struct stamp {
    char *path;
    dev_t device;
    ino_t node;
    off_t size;
    struct timespec changed;
};

struct owned {
    struct edition edition; /* first, so that an edition is one */
    atomic_size_t holders;
    struct forwarder_settings *settings; /* NULL: the worker's */
    struct settings *texts;              /* the same */
    struct stamp *stamps;
    size_t count, capacity;
};

static struct stamp stamp_of(const char *path)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return (struct stamp){0};
    return (struct stamp){NULL, status.st_dev, status.st_ino, status.st_size, status.st_mtim};
}

static bool is_same(const struct stamp *a, const struct stamp *b)
{
    return a->device == b->device && a->node == b->node && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* As it was before it was read: @earlier has what was seen then (NULL: nobody looked). */
static void add_file(struct owned *owned, const char *path, const struct owned *earlier)
{
    struct stamp stamp = stamp_of(path);

    for (size_t i = 0; earlier && i < earlier->count; i++) {
        if (strcmp(earlier->stamps[i].path, path) == 0)
            stamp = earlier->stamps[i];
    }
    owned->stamps = mem_grow(owned->stamps, owned->count, &owned->capacity, sizeof(*owned->stamps));
    stamp.path = mem_copy_text(path);
    owned->stamps[owned->count++] = stamp;
}

static void add_files(struct owned *owned, const struct settings *texts,
                      const struct owned *earlier)
{
    const struct target_settings *target = owned->edition.target;
    const char *const certificates[] = {target->tls.ca_file, target->tls.certificate_file,
                                        target->tls.key_file};
    const char *path;

    for (size_t i = 0; texts && (path = settings_secret_file(texts, i)); i++)
        add_file(owned, path, earlier);
    for (size_t i = 0; i < COUNT_OF(certificates); i++) {
        if (certificates[i])
            add_file(owned, certificates[i], earlier);
    }
}

static struct owned *make(const struct target_settings *target, uint64_t number)
{
    struct owned *owned = mem_zero(sizeof(*owned));

    owned->edition.target = target;
    owned->edition.number = number;
    atomic_init(&owned->holders, 1);
    return owned;
}

struct edition *edition_first(struct worker *worker, const struct target_settings *target)
{
    struct owned *owned = make(target, 1);

    add_files(owned, worker_settings(worker), NULL);
    return &owned->edition;
}

static void drop_stamps(struct owned *owned)
{
    for (size_t i = 0; i < owned->count; i++)
        free(owned->stamps[i].path);
    free(owned->stamps);
}

/* The files of @before as they are now. */
static void look(const struct owned *before, struct owned *now)
{
    for (size_t i = 0; i < before->count; i++)
        add_file(now, before->stamps[i].path, NULL);
}

struct edition *edition_next(struct worker *worker, const struct edition *before, struct error *err)
{
    struct owned earlier = {0};
    struct owned *fresh = NULL;
    struct forwarder_settings *settings = mem_zero(sizeof(*settings));
    const struct target_settings *target = NULL;

    look((const struct owned *)before, &earlier);
    struct settings *texts = worker_settings_again(worker, settings, err);

    if (texts) {
        target = forwarder_target_named(settings, worker_lane(worker));
        if (!target)
            error_set(err, -ENOENT, "forwarder.targets no longer has '%s'", worker_lane(worker));
    }
    if (target) {
        fresh = make(target, before->number + 1);
        fresh->settings = settings;
        fresh->texts = texts;
        add_files(fresh, texts, &earlier);
    } else {
        settings_free(texts);
        free(settings);
    }
    drop_stamps(&earlier);
    return fresh ? &fresh->edition : NULL;
}

bool edition_is_stale(const struct edition *edition)
{
    const struct owned *owned = (const struct owned *)edition;

    for (size_t i = 0; i < owned->count; i++) {
        const struct stamp now = stamp_of(owned->stamps[i].path);

        if (!is_same(&now, &owned->stamps[i]))
            return true;
    }
    return false;
}

struct edition *edition_hold(struct edition *edition)
{
    atomic_fetch_add(&((struct owned *)edition)->holders, 1);
    return edition;
}

void edition_release(struct edition *edition)
{
    struct owned *owned = (struct owned *)edition;

    if (!owned || atomic_fetch_sub(&owned->holders, 1) > 1)
        return;
    drop_stamps(owned);
    settings_free(owned->texts);
    free(owned->settings);
    free(owned);
}

#include "io/ioc_view.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ioc_brief.h"
#include "io/ioc_keys.h"

enum { NAME = 64, CHUNK = 512 * 1024, CHUNKS_AT_ONCE = 2, ENTRIES = 200, ASK_AT_ONCE = 1000 };

/* What the hash `version` says. */
struct edition {
    char version[NAME], generation[NAME], at[NAME];
    int64_t bits, size, count, cidrs;
};

struct ioc_view {
    struct redis *redis;
    struct edition edition; /* version empty: nothing is loaded */
    struct sieve *sieve;
    uint64_t changes; /* of the sieve */
    struct arena *ranges_arena;
    struct ioc_range *ranges;
    bool ranges_are_stale; /* they changed and could not be fetched yet */
    bool is_whole;         /* Redis has the edition that is loaded */
    void (*changed)(void *self, struct text key);
    void *self;
};

struct ioc_view *ioc_view_new(struct redis *redis)
{
    struct ioc_view *view = mem_zero(sizeof(*view));

    view->redis = redis;
    view->ranges_arena = arena_new(16384);
    return view;
}

void ioc_view_free(struct ioc_view *view)
{
    if (!view)
        return;
    sieve_free(view->sieve);
    arena_free(view->ranges_arena);
    free(view);
}

void ioc_view_on_change(struct ioc_view *view, void (*changed)(void *self, struct text key),
                        void *self)
{
    view->changed = changed;
    view->self = self;
}

static void tell(struct ioc_view *view, struct text key)
{
    if (view->changed)
        view->changed(view->self, key);
}

static struct text text_in(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_STRING)
        return (struct text){0};
    return (struct text){reply->str, (size_t)reply->len};
}

static void copy(struct text t, char into[NAME])
{
    size_t size = t.size < NAME ? t.size : NAME - 1;

    if (size > 0)
        memcpy(into, t.bytes, size);
    into[size] = 0;
}

static int64_t number_in(const redisReply *reply)
{
    int64_t value;

    return text_to_integer(text_in(reply), &value) ? value : 0;
}

static void ask(struct redis *redis, const char *command, const char *prefix, const char *name,
                const char *first, const char *second)
{
    char key[2 * NAME];
    struct text words[4] = {text_of(command)};
    size_t count = 2;

    snprintf(key, sizeof(key), "%s%s", prefix, name);
    words[1] = text_of(key);
    if (first)
        words[count++] = text_of(first);
    if (second)
        words[count++] = text_of(second);
    redis_ask(redis, words, count);
}

static void ask_edition(struct redis *redis)
{
    static const struct text words[] = {
        {"HMGET", 5},   {IOC_KEY_VERSION, sizeof(IOC_KEY_VERSION) - 1},
        {"version", 7}, {"generation", 10},
        {"at", 2},      {"bits", 4},
        {"size", 4},    {"count", 5},
        {"cidrs", 5}};

    redis_ask(redis, words, COUNT_OF(words));
}

/* False: there is none. */
static bool read_edition(const redisReply *reply, struct edition *edition)
{
    *edition = (struct edition){0};
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 7)
        return false;
    copy(text_in(reply->element[0]), edition->version);
    copy(text_in(reply->element[1]), edition->generation);
    copy(text_in(reply->element[2]), edition->at);
    edition->bits = number_in(reply->element[3]);
    edition->size = number_in(reply->element[4]);
    edition->count = number_in(reply->element[5]);
    edition->cidrs = number_in(reply->element[6]);
    return edition->version[0] && edition->bits >= 12 && edition->bits <= 40;
}

/* Loading an edition. */

static int fetch_filter(struct ioc_view *view, const struct edition *edition, struct buf *bytes,
                        struct error *err)
{
    redisReply *const *replies;
    size_t count;

    while (bytes->size < (size_t)edition->size) {
        for (size_t i = 0; i < CHUNKS_AT_ONCE; i++) {
            char from[NAME], to[NAME];

            snprintf(from, sizeof(from), "%zu", bytes->size + i * CHUNK);
            snprintf(to, sizeof(to), "%zu", bytes->size + (i + 1) * CHUNK - 1);
            ask(view->redis, "GETRANGE", IOC_KEY_FILTER, edition->version, from, to);
        }
        if (redis_run_strict(view->redis, &replies, &count, err) < 0)
            return err->code;
        size_t before = bytes->size;

        for (size_t i = 0; i < count; i++)
            buf_add(bytes, text_in(replies[i]));
        if (bytes->size == before)
            return error_set_class(err, ERROR_RETRY, -EAGAIN,
                                   "redis: the filter of version %s is gone", edition->version);
    }
    return 0;
}

static int fetch_ranges(struct ioc_view *view, const char *generation, struct sieve *sieve,
                        struct error *err)
{
    redisReply *const *replies;
    size_t count;

    ask(view->redis, "HGETALL", IOC_KEY_CIDR, generation, NULL, NULL);
    if (redis_run_strict(view->redis, &replies, &count, err) < 0)
        return err->code;
    const redisReply *all = replies[0];
    size_t size = all->type == REDIS_REPLY_ARRAY ? all->elements / 2 : 0, good = 0;
    struct cidr *ranges = mem_zero((size + 1) * sizeof(*ranges));

    arena_reset(view->ranges_arena, 0);
    view->ranges = arena_take(view->ranges_arena, (size + 1) * sizeof(*view->ranges));
    for (size_t i = 0; i < size; i++) {
        struct text key = text_in(all->element[2 * i]), tenant, value;
        enum ioc_type type;

        if (!ioc_key_parse(key, &tenant, &type, &value) || type != IOC_CIDR ||
            !cidr_parse(value, &ranges[good]))
            continue;
        view->ranges[good++] =
            (struct ioc_range){arena_copy(view->ranges_arena, key),
                               arena_copy(view->ranges_arena, text_in(all->element[2 * i + 1]))};
    }
    sieve_set_ranges(sieve, ranges, good);
    free(ranges);
    return 0;
}

static int load(struct ioc_view *view, const struct edition *edition, struct error *err)
{
    AUTO_BUF bytes = {0};

    if (fetch_filter(view, edition, &bytes, err) < 0)
        return err->code;
    struct bloom *filter = bloom_read(buf_text(&bytes), err);

    if (!filter)
        return err->code;
    AUTO(sieve) sieve = sieve_new(filter);

    if (fetch_ranges(view, edition->generation, sieve, err) < 0)
        return err->code;
    sieve_free(view->sieve);
    view->sieve = TAKE(sieve);
    view->ranges_are_stale = false;
    view->changes++;
    view->edition = *edition;
    tell(view, (struct text){0});
    return 0;
}

/* Following the stream. */

static void take_keys(struct ioc_view *view, struct text list, bool is_added)
{
    struct text key, tenant, value;
    enum ioc_type type;

    while (text_split(&list, '\n', &key)) {
        if (is_added && ioc_key_parse(key, &tenant, &type, &value))
            sieve_add(view->sieve, type, value);
        tell(view, key);
    }
}

static void take_entry(struct ioc_view *view, const redisReply *entry)
{
    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
        entry->element[1]->type != REDIS_REPLY_ARRAY)
        return;
    const redisReply *fields = entry->element[1];

    for (size_t i = 0; i + 1 < fields->elements; i += 2) {
        struct text name = text_in(fields->element[i]);

        if (text_is(name, "cidr"))
            view->ranges_are_stale = true;
        else
            take_keys(view, text_in(fields->element[i + 1]), text_is(name, "+"));
    }
    copy(text_in(entry->element[0]), view->edition.at);
}

/* How many entries there were; negative with @err. */
static long follow(struct ioc_view *view, const redisReply *entries, struct error *err)
{
    size_t count = entries->type == REDIS_REPLY_ARRAY ? entries->elements : 0;

    for (size_t i = 0; i < count; i++)
        take_entry(view, entries->element[i]);
    view->changes += count > 0 || view->ranges_are_stale;
    /* The entry that told of them is passed by now: until they are here, each time anew. */
    if (view->ranges_are_stale &&
        fetch_ranges(view, view->edition.generation, view->sieve, err) < 0)
        return err->code;
    view->ranges_are_stale = false;
    return (long)count;
}

static void ask_changes(struct ioc_view *view)
{
    char key[2 * NAME], from[NAME + 1];

    snprintf(key, sizeof(key), "%s%s", IOC_KEY_CHANGES, view->edition.generation);
    snprintf(from, sizeof(from), "(%s", view->edition.at);
    const struct text words[] = {TEXT("XRANGE"), text_of(key),  text_of(from),
                                 TEXT("+"),      TEXT("COUNT"), TEXT("200")};

    redis_ask(view->redis, words, COUNT_OF(words));
}

int ioc_view_refresh(struct ioc_view *view, struct error *err)
{
    redisReply *const *replies;
    struct edition edition;
    size_t count;

    for (long got = ENTRIES; got == ENTRIES;) {
        ask_edition(view->redis);
        if (view->sieve)
            ask_changes(view);
        if (redis_run_strict(view->redis, &replies, &count, err) < 0)
            return err->code;
        bool has_edition = read_edition(replies[0], &edition);

        view->is_whole = has_edition && strcmp(edition.version, view->edition.version) == 0;
        if (!has_edition)
            return 0; /* emptied, or never filled: what is loaded stays */
        if (!view->is_whole) {
            if (load(view, &edition, err) < 0)
                return err->code;
            view->is_whole = true;
            continue; /* what was added since the filter was made belongs to it */
        }
        view->edition.count = edition.count;
        got = follow(view, replies[1], err);
        if (got < 0)
            return err->code;
    }
    return 0;
}

bool ioc_view_is_outdated(const struct ioc_view *view)
{
    return view->sieve && !view->is_whole;
}

const struct sieve *ioc_view_sieve(const struct ioc_view *view)
{
    return view->sieve;
}

uint64_t ioc_view_edition(const struct ioc_view *view)
{
    return view->changes;
}

size_t ioc_view_count(const struct ioc_view *view)
{
    return (size_t)view->edition.count;
}

struct text ioc_view_version(const struct ioc_view *view)
{
    return text_of(view->edition.version);
}

struct ioc_range ioc_view_range(const struct ioc_view *view, long range)
{
    return view->ranges[range];
}

static int written_anew(struct error *err)
{
    return error_set_class(err, ERROR_RETRY, -EAGAIN,
                           "redis: the indicators are being written anew");
}

static int ask_some(struct ioc_view *view, const struct text *keys, size_t count,
                    struct text *briefs, struct arena *arena, struct error *err)
{
    redisReply *const *replies;
    size_t reply_count;
    struct edition edition;

    ask_edition(view->redis);
    for (size_t i = 0; i < count; i++) {
        struct ioc_place place;

        ioc_place_of(keys[i], text_of(view->edition.generation), (int)view->edition.bits, &place);
        const struct text words[] = {
            TEXT("HGET"), {place.hash, place.hash_size}, {place.field, place.field_size}};

        redis_ask(view->redis, words, COUNT_OF(words));
    }
    if (redis_run_strict(view->redis, &replies, &reply_count, err) < 0)
        return err->code;
    if (!read_edition(replies[0], &edition) ||
        strcmp(edition.generation, view->edition.generation) != 0) {
        view->is_whole = false;
        return written_anew(err);
    }
    for (size_t i = 0; i < count; i++)
        briefs[i] = arena_copy(arena, text_in(replies[i + 1]));
    return 0;
}

int ioc_view_ask(struct ioc_view *view, const struct text *keys, size_t count, struct text *briefs,
                 struct arena *arena, struct error *err)
{
    /* Not refreshed here: what the caller sifted points into the sieve and the ranges. */
    if (!view->is_whole)
        return written_anew(err);
    for (size_t at = 0; at < count; at += ASK_AT_ONCE) {
        size_t some = count - at < ASK_AT_ONCE ? count - at : ASK_AT_ONCE;

        if (ask_some(view, keys + at, some, briefs + at, arena, err) < 0)
            return err->code;
    }
    return 0;
}

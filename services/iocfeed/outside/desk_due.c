#include "iocfeed/outside/desk_due.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/keyed.h"
#include "base/moment.h"
#include "base/record.h"
#include "io/ioc_keys.h"

struct due {
    struct redis *redis;
    struct keyed *known; /* feed → when it is due, ms, in decimal */
    struct keyed *gone;  /* feed → since when, likewise */
    struct keyed *feeds; /* of both, and those that were told of */
};

struct due *desk_due_new(struct redis *redis)
{
    struct due *due = mem_zero(sizeof(*due));

    due->redis = redis;
    due->known = keyed_new();
    due->gone = keyed_new();
    due->feeds = keyed_new();
    return due;
}

void desk_due_free(struct due *due)
{
    if (!due)
        return;
    keyed_free(due->known);
    keyed_free(due->gone);
    keyed_free(due->feeds);
    free(due);
}

static struct text text_in(const redisReply *reply)
{
    return (struct text){reply->str, (size_t)reply->len};
}

/* Into a new *@into; all fields into @feeds too. */
static void take(const redisReply *all, struct keyed **into, struct keyed *feeds)
{
    keyed_free(*into);
    *into = keyed_new();
    for (size_t i = 0; all->type == REDIS_REPLY_ARRAY && i + 1 < all->elements; i += 2) {
        keyed_set(*into, text_in(all->element[i]), text_in(all->element[i + 1]));
        keyed_set(feeds, text_in(all->element[i]), (struct text){0});
    }
}

int desk_due_refresh(struct due *due)
{
    const struct text when[] = {TEXT("HGETALL"), TEXT(IOC_KEY_DUE)};
    const struct text gone[] = {TEXT("HGETALL"), TEXT(IOC_KEY_GONE)};
    const struct text told[] = {TEXT("HKEYS"), TEXT(IOC_KEY_FEEDS)};
    redisReply *const *replies;
    struct error err = {0};
    size_t count;

    redis_ask(due->redis, when, COUNT_OF(when));
    redis_ask(due->redis, gone, COUNT_OF(gone));
    redis_ask(due->redis, told, COUNT_OF(told));
    if (redis_run_strict(due->redis, &replies, &count, &err) < 0)
        return err.code;
    keyed_free(due->feeds);
    due->feeds = keyed_new();
    take(replies[0], &due->known, due->feeds);
    take(replies[1], &due->gone, due->feeds);
    for (size_t i = 0; replies[2]->type == REDIS_REPLY_ARRAY && i < replies[2]->elements; i++)
        keyed_set(due->feeds, text_in(replies[2]->element[i]), (struct text){0});
    return 0;
}

void desk_due_ask(const struct due *due, const char *feed, int64_t *due_ms)
{
    struct text value;

    *due_ms = 0;
    if (keyed_find(due->known, text_of(feed), &value))
        text_to_integer(value, due_ms);
}

/* Whether Redis heard it or not: what is lost is done again a second later. */
static void tell(struct due *due)
{
    redisReply *const *replies;
    size_t count;

    redis_run(due->redis, &replies, &count, NULL);
}

static void drop(struct due *due, const char *hash, const char *feed)
{
    const struct text words[] = {TEXT("HDEL"), text_of(hash), text_of(feed)};

    redis_ask(due->redis, words, COUNT_OF(words));
}

void desk_due_hurry(struct due *due, const char *feed)
{
    drop(due, IOC_KEY_DUE, feed);
    tell(due);
    keyed_drop(due->known, text_of(feed));
}

bool desk_due_next(const struct due *due, size_t *at, struct text *feed)
{
    struct text nothing;

    return keyed_next(due->feeds, at, feed, &nothing);
}

bool desk_due_is_gone(const struct due *due, const char *feed, int64_t *since_ms)
{
    struct text value;

    return keyed_find(due->gone, text_of(feed), &value) && text_to_integer(value, since_ms);
}

void desk_due_mark_gone(struct due *due, const char *feed, int64_t since_ms)
{
    char ms[24];

    snprintf(ms, sizeof(ms), "%" PRId64, since_ms);
    const struct text words[] = {TEXT("HSETNX"), TEXT(IOC_KEY_GONE), text_of(feed), text_of(ms)};

    redis_ask(due->redis, words, COUNT_OF(words));
    tell(due);
    keyed_set(due->gone, text_of(feed), text_of(ms));
}

void desk_due_unmark(struct due *due, const char *feed)
{
    drop(due, IOC_KEY_GONE, feed);
    tell(due);
    keyed_drop(due->gone, text_of(feed));
}

void desk_due_forget(struct due *due, const char *feed)
{
    drop(due, IOC_KEY_GONE, feed);
    drop(due, IOC_KEY_DUE, feed);
    drop(due, IOC_KEY_FEEDS, feed);
    tell(due);
    keyed_drop(due->gone, text_of(feed));
    keyed_drop(due->known, text_of(feed));
    keyed_drop(due->feeds, text_of(feed));
}

static void add_time(struct buf *json, const char *name, int64_t ms)
{
    buf_addf(json, ",\"%s\":", name);
    if (ms == RECORD_NULL || ms == 0) {
        buf_add_string(json, "null");
        return;
    }
    buf_add_byte(json, '"');
    moment_write(ms, json);
    buf_add_byte(json, '"');
}

void desk_due_tell(struct due *due, const struct due_state *state)
{
    redisReply *const *replies;
    AUTO_BUF json = {0};
    char ms[24];
    size_t count;

    buf_add_string(&json, "{\"feed\":");
    buf_add_json(&json, text_of(state->feed));
    buf_addf(&json, ",\"iocs\":%zu", state->iocs);
    add_time(&json, "last_contact", state->contact_ms);
    add_time(&json, "content_date", state->content_ms);
    add_time(&json, "due", state->due_ms);
    buf_add_string(&json, ",\"error\":");
    if (state->error[0])
        buf_add_json(&json, text_of(state->error));
    else
        buf_add_string(&json, "null");
    buf_add_byte(&json, '}');
    snprintf(ms, sizeof(ms), "%" PRId64, state->due_ms);
    const struct text when[] = {TEXT("HSET"), TEXT(IOC_KEY_DUE), text_of(state->feed), text_of(ms)};
    const struct text how[] = {TEXT("HSET"), TEXT(IOC_KEY_FEEDS), text_of(state->feed),
                               buf_text(&json)};

    if (!state->is_count_only)
        redis_ask(due->redis, when, COUNT_OF(when));
    redis_ask(due->redis, how, COUNT_OF(how));
    redis_run(due->redis, &replies, &count, NULL); /* else the feed is asked again a little early */
    if (!state->is_count_only)
        keyed_set(due->known, text_of(state->feed), text_of(ms));
}

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
    struct keyed *known; /* feed → ms, in decimal */
};

struct due *desk_due_new(struct redis *redis)
{
    struct due *due = mem_zero(sizeof(*due));

    due->redis = redis;
    due->known = keyed_new();
    return due;
}

void desk_due_free(struct due *due)
{
    if (!due)
        return;
    keyed_free(due->known);
    free(due);
}

int desk_due_refresh(struct due *due)
{
    const struct text words[] = {TEXT("HGETALL"), TEXT(IOC_KEY_DUE)};
    redisReply *const *replies;
    struct error err = {0};
    size_t count;

    redis_ask(due->redis, words, COUNT_OF(words));
    if (redis_run_strict(due->redis, &replies, &count, &err) < 0)
        return err.code;
    const redisReply *all = replies[0];

    keyed_free(due->known);
    due->known = keyed_new();
    for (size_t i = 0; all->type == REDIS_REPLY_ARRAY && i + 1 < all->elements; i += 2)
        keyed_set(due->known, (struct text){all->element[i]->str, (size_t)all->element[i]->len},
                  (struct text){all->element[i + 1]->str, (size_t)all->element[i + 1]->len});
    return 0;
}

void desk_due_ask(const struct due *due, const char *feed, int64_t *due_ms)
{
    struct text value;

    *due_ms = 0;
    if (keyed_find(due->known, text_of(feed), &value))
        text_to_integer(value, due_ms);
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

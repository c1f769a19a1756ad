#include "iocfeed/outside/retro.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/keyed.h"
#include "base/seen.h"
#include "io/ioc_keys.h"
#include "io/log.h"
#include "iocfeed/retro_event.h"

enum { MOST_WAITING = 1000000, ASK_AT_ONCE = 2000, MOST_DAYS = 32 };
enum { DAY_MS = RETRO_EVENT_DAY_MS, WAIT_MS = 25000, ANNOUNCE_EVERY_MS = 10000, RETRY_MS = 2000 };
enum { ARENA_BLOCK = 1 << 16 };

struct retro {
    int64_t window_ms, bytes; /* a day's */
    struct redis *redis;
    const struct table *table;
    struct publisher *publisher;
    struct arena *arena;           /* of one slice */
    struct keyed *waiting, *asked; /* keys of indicators; asked may be NULL */
    size_t at;                     /* of asked */
    struct keyed *told;            /* event ids that are on their way → key of the indicator */
    struct keyed *safe;            /* event ids that Kafka has, for Redis to hear */
    int64_t since_ms, announce_ms, retry_ms, now_ms;
    struct log_limit refused_limit;
    struct {
        struct counter *asked, *hits, *passed_over;
    } metrics;
};

/* An indicator that is looked for in each day's filter. */
struct hunted {
    struct text key;
    struct ioc ioc;
    uint64_t hash;
};

static struct counter *counter(struct metrics *metrics, const char *name, const char *help)
{
    return metrics_counter(metrics, name, help, NO_LABEL, NO_LABEL);
}

/* What stands in the way of telling: a hit is not lost for it. */
static void complain(struct retro *retro, const char *problem)
{
    uint64_t passed_over;

    if (log_limit(&retro->refused_limit, &passed_over))
        log_warn("retro_hit_waits", LOG_TEXT("error", problem), LOG_INT("others", passed_over),
                 LOG_TEXT("consequence", "it is looked for again"));
}

static void wait_for(struct retro *retro, struct text key)
{
    if (keyed_count(retro->waiting) == 0)
        retro->since_ms = retro->now_ms;
    keyed_set(retro->waiting, key, (struct text){0});
}

/* What was refused is looked for again, as if it had just become known. */
static void on_settled(void *self, struct text event_id, const char *problem)
{
    struct retro *retro = self;
    struct text key;

    if (!keyed_find(retro->told, event_id, &key))
        return;
    if (problem) {
        complain(retro, problem);
        wait_for(retro, key);
    } else {
        keyed_set(retro->safe, event_id, (struct text){0});
        metrics_add(retro->metrics.hits, 1);
    }
    keyed_drop(retro->told, event_id);
}

struct retro *retro_new(const struct iocfeed_settings *settings, struct redis *redis,
                        const struct table *table, struct publisher *publisher,
                        struct metrics *metrics)
{
    struct retro *retro = mem_zero(sizeof(*retro));

    retro_use(retro, settings);
    retro->redis = redis;
    retro->table = table;
    retro->publisher = publisher;
    retro->arena = arena_new(ARENA_BLOCK);
    retro->waiting = keyed_new();
    retro->told = keyed_new();
    retro->safe = keyed_new();
    publisher_hear_of_events(publisher, on_settled, retro);
    retro->metrics.asked = counter(metrics, "haechi_iocfeed_retro_asked_total",
                                   "New indicators looked for among what logs named before.");
    retro->metrics.hits = counter(metrics, "haechi_iocfeed_retro_hits_total",
                                  "Of those, seen before they were known.");
    retro->metrics.passed_over =
        counter(metrics, "haechi_iocfeed_retro_passed_over_total",
                "New indicators not looked for: ranges, and too many at once.");
    return retro;
}

void retro_use(struct retro *retro, const struct iocfeed_settings *settings)
{
    retro->window_ms = settings->retro_window_ms;
    retro->bytes = settings->retro_bytes;
}

void retro_free(struct retro *retro)
{
    if (!retro)
        return;
    publisher_hear_of_events(retro->publisher, NULL, NULL);
    keyed_free(retro->waiting);
    keyed_free(retro->asked);
    keyed_free(retro->told);
    keyed_free(retro->safe);
    arena_free(retro->arena);
    free(retro);
}

void retro_note(struct retro *retro, struct text key, const struct ioc *before,
                const struct ioc *now, int64_t now_ms)
{
    if (retro->window_ms == 0 || !now || !now->is_active || (before && before->is_active))
        return;
    if (now->ioc_type == IOC_CIDR || keyed_count(retro->waiting) >= MOST_WAITING) {
        metrics_add(retro->metrics.passed_over, 1);
        return;
    }
    retro->now_ms = now_ms;
    wait_for(retro, key);
}

/* Asking. */

static int days_of(const struct retro *retro)
{
    int64_t days = (retro->window_ms + DAY_MS - 1) / DAY_MS;

    return (int)(days < MOST_DAYS ? days : MOST_DAYS - 1);
}

static size_t bytes_of(const struct retro *retro)
{
    return (size_t)retro->bytes / SEEN_BLOCK * SEEN_BLOCK;
}

/* Detectors keep their books as long as they hear this. */
static void announce(struct retro *retro, int64_t now_ms)
{
    redisReply *const *replies;
    struct error err = {0};
    char facts[64];
    size_t count;

    if (now_ms < retro->announce_ms)
        return;
    retro->announce_ms = now_ms + ANNOUNCE_EVERY_MS;
    snprintf(facts, sizeof(facts), "%zu %d", bytes_of(retro), days_of(retro));
    const struct text words[] = {TEXT("SET"), TEXT(IOC_KEY_RETRO), text_of(facts), TEXT("EX"),
                                 TEXT("3600")};

    redis_ask(retro->redis, words, COUNT_OF(words));
    redis_run_strict(retro->redis, &replies, &count, &err);
}

static void ask_day(struct retro *retro, const struct hunted *hunted, int64_t day)
{
    size_t at = seen_block(hunted->hash, bytes_of(retro));
    struct text key = arena_textf(retro->arena, IOC_KEY_SEEN "%.*s",
                                  TEXT_ARG(retro_event_day(day, retro->arena)));
    const struct text words[] = {TEXT("GETRANGE"), key, arena_textf(retro->arena, "%zu", at),
                                 arena_textf(retro->arena, "%zu", at + SEEN_BLOCK - 1)};

    redis_ask(retro->redis, words, COUNT_OF(words));
}

/* The next ones that are still known; how many. */
static size_t take_slice(struct retro *retro, struct hunted *hunted, size_t most)
{
    struct text key, nothing, tenant, value;
    enum ioc_type type;
    size_t count = 0;

    while (count < most && keyed_next(retro->asked, &retro->at, &key, &nothing)) {
        struct hunted *next = &hunted[count];

        next->key = key;
        if (!ioc_key_parse(key, &tenant, &type, &value) ||
            !table_find(retro->table, key, retro->arena, &next->ioc) || !next->ioc.is_active)
            continue;
        next->hash = seen_hash(tenant, type, value);
        count++;
    }
    return count;
}

/* The newest day that has it; -1: none. */
static int find_day(redisReply *const *replies, int days, uint64_t hash)
{
    for (int i = 0; i <= days; i++) {
        const redisReply *block = replies[i];

        if (block->type == REDIS_REPLY_STRING && block->len == SEEN_BLOCK &&
            seen_has((const unsigned char *)block->str, hash))
            return i;
    }
    return -1;
}

/* False: not now. */
static bool was_told(struct retro *retro, struct text id, bool *told)
{
    struct text key = arena_textf(retro->arena, IOC_KEY_TOLD "%.*s", TEXT_ARG(id));
    const struct text words[] = {TEXT("EXISTS"), key};
    redisReply *const *replies;
    struct error err = {0};
    size_t count;

    redis_ask(retro->redis, words, COUNT_OF(words));
    if (redis_run_strict(retro->redis, &replies, &count, &err) < 0)
        return false;
    *told = replies[0]->type == REDIS_REPLY_INTEGER && replies[0]->integer == 1;
    return true;
}

static bool tell(struct retro *retro, const struct hunted *hunted, int64_t day, int64_t now_ms)
{
    struct event event;
    struct error err = {0};
    struct text nothing;
    bool told = false;

    retro_event_fill(&event, hunted->key, &hunted->ioc, day, now_ms, retro->arena);
    if (!was_told(retro, event.event_id, &told))
        return false;
    if (told || keyed_find(retro->told, event.event_id, &nothing) ||
        keyed_find(retro->safe, event.event_id, &nothing))
        return true;
    if (publisher_put_event(retro->publisher, &event, &err) < 0) {
        complain(retro, err.text);
        return false;
    }
    keyed_set(retro->told, event.event_id, hunted->key);
    return true;
}

/* True: all of the slice is settled. */
static bool hunt_slice(struct retro *retro, int64_t now_ms)
{
    int days = days_of(retro);
    size_t most = ASK_AT_ONCE / (size_t)(days + 1), reply_count;
    struct hunted *hunted = arena_take(retro->arena, most * sizeof(*hunted));
    int64_t today = now_ms / DAY_MS;
    redisReply *const *replies;
    struct error err = {0};
    size_t count = take_slice(retro, hunted, most);
    int *found = arena_take(retro->arena, (count + 1) * sizeof(*found));

    for (size_t i = 0; i < count; i++) {
        for (int day = 0; day <= days; day++)
            ask_day(retro, &hunted[i], today - day);
    }
    if (count == 0)
        return true;
    if (redis_run_strict(retro->redis, &replies, &reply_count, &err) < 0)
        return false;
    for (size_t i = 0; i < count; i++)
        found[i] = find_day(replies + i * (size_t)(days + 1), days, hunted[i].hash);
    for (size_t i = 0; i < count; i++) {
        if (found[i] >= 0 && !tell(retro, &hunted[i], today - found[i], now_ms))
            return false;
    }
    metrics_add(retro->metrics.asked, count);
    return true;
}

static void hunt(struct retro *retro, int64_t now_ms)
{
    size_t before = retro->at;
    struct text key, nothing;

    if (now_ms < retro->retry_ms)
        return;
    arena_reset(retro->arena, ARENA_BLOCK);
    if (!hunt_slice(retro, now_ms)) {
        retro->at = before;
        retro->retry_ms = now_ms + RETRY_MS;
        return;
    }
    size_t next = retro->at;

    if (keyed_next(retro->asked, &next, &key, &nothing))
        return;
    keyed_free(retro->asked);
    retro->asked = NULL;
}

/* What was acknowledged is not to be told again, by whoever leads then. */
static void remember_told(struct retro *retro)
{
    redisReply *const *replies;
    struct error err = {0};
    struct text id, nothing;
    char seconds[24];
    size_t at = 0, count;

    if (keyed_count(retro->safe) == 0)
        return;
    snprintf(seconds, sizeof(seconds), "%d", (days_of(retro) + 2) * (DAY_MS / 1000));
    arena_reset(retro->arena, ARENA_BLOCK);
    while (keyed_next(retro->safe, &at, &id, &nothing)) {
        const struct text words[] = {TEXT("SET"),
                                     arena_textf(retro->arena, IOC_KEY_TOLD "%.*s", TEXT_ARG(id)),
                                     TEXT("1"), TEXT("EX"), text_of(seconds)};

        redis_ask(retro->redis, words, COUNT_OF(words));
    }
    if (redis_run_strict(retro->redis, &replies, &count, &err) < 0)
        return;
    keyed_free(retro->safe);
    retro->safe = keyed_new();
}

static void forget(struct retro *retro)
{
    keyed_free(retro->asked);
    retro->asked = NULL;
    if (keyed_count(retro->waiting) == 0)
        return;
    keyed_free(retro->waiting);
    retro->waiting = keyed_new();
}

void retro_turn(struct retro *retro, bool leads, int64_t now_ms)
{
    if (retro->window_ms == 0)
        return;
    retro->now_ms = now_ms;
    if (!leads) {
        forget(retro);
        return;
    }
    announce(retro, now_ms);
    remember_told(retro);
    if (!retro->asked && keyed_count(retro->waiting) > 0 && now_ms >= retro->since_ms + WAIT_MS) {
        retro->asked = retro->waiting;
        retro->waiting = keyed_new();
        retro->at = 0;
    }
    if (retro->asked)
        hunt(retro, now_ms);
}

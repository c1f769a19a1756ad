#include "iocfeed/outside/keeper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ioc_brief.h"
#include "base/sieve.h"
#include "io/chance.h"
#include "io/clock.h"
#include "io/ioc_keys.h"
#include "iocfeed/outside/keeper_parts.h"

enum { SLICE = 5000, AT_ONCE = 1000, ARENA_BLOCK = 1 << 16, ARENA_KEPT = 1 << 20 };
enum { MOST_ENTRIES = 2000 /* of the stream, before a new filter spares readers from it */ };
enum { OLD_AFTER_MS = 5000 /* by then no reader looks at an older generation */ };
enum { GROWING_MS = 30000 /* a filter that is full so soon */, SETTLED_MS = 5000 };
enum { LONG_STREAM = 256 * 1024 /* bytes beyond which a new filter is less to read */ };
enum { CROWDED = 100 /* indicators a bucket: Redis packs no hash of more than 128 */ };

static const char publish_script[] =
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end\n"
    "redis.call('HSET', KEYS[2], 'version', ARGV[2], 'generation', ARGV[3], 'at', ARGV[4],\n"
    "    'bits', ARGV[5], 'size', ARGV[6], 'count', ARGV[7], 'cidrs', ARGV[8])\n"
    "redis.call('HSET', KEYS[3], ARGV[3], ARGV[5] .. ' ' .. ARGV[2])\n"
    "return 1\n";

static struct gauge *gauge(struct metrics *metrics, const char *name, const char *help)
{
    return metrics_gauge(metrics, name, help, NO_LABEL, NO_LABEL);
}

struct keeper *keeper_new(struct redis *redis, const struct lease *lease, const struct table *table,
                          struct metrics *metrics)
{
    struct keeper *keeper = mem_zero(sizeof(*keeper));

    keeper->redis = redis;
    keeper->lease = lease;
    keeper->table = table;
    keeper->arena = arena_new(ARENA_BLOCK);
    keeper->publish = redis_script(redis, publish_script);
    keeper->metrics.count =
        gauge(metrics, "haechi_iocfeed_cached_iocs", "Indicators that Redis has.");
    keeper->metrics.bytes =
        gauge(metrics, "haechi_iocfeed_filter_bytes", "Size of the detectors' filter.");
    keeper->metrics.editions = metrics_counter(metrics, "haechi_iocfeed_filters_total",
                                               "Filters made.", NO_LABEL, NO_LABEL);
    keeper->metrics.generations =
        metrics_counter(metrics, "haechi_iocfeed_generations_total",
                        "Times that all indicators were written to Redis.", NO_LABEL, NO_LABEL);
    return keeper;
}

void keeper_free(struct keeper *keeper)
{
    if (!keeper)
        return;
    sieve_free(keeper->sieve);
    arena_free(keeper->arena);
    buf_done(&keeper->added);
    buf_done(&keeper->removed);
    buf_done(&keeper->brief);
    free(keeper);
}

/* Room for a day's growth; with 18 bits a key that stays under 2.5 MB a million. While a large feed
 * comes in, as much again, lest the filter be made anew with each twentieth of it. */
static size_t room_for(const struct keeper *keeper, size_t count, int64_t now_ms)
{
    bool is_growing = keeper->sieve && now_ms - keeper->filter_ms < GROWING_MS &&
                      count > bloom_capacity(sieve_filter(keeper->sieve));

    return (is_growing ? 2 * count : count + count / 20) + 1000;
}

static void renew_sieve(struct keeper *keeper, int64_t now_ms)
{
    size_t room = room_for(keeper, table_count(keeper->table), now_ms);

    sieve_free(keeper->sieve);
    /* A hash that who writes logs does not foresee. */
    keeper->sieve = sieve_new(bloom_new(room, chance_number()));
    keeper->stale = 0;
    keeper->filter_ms = keeper->grown_ms = now_ms;
    keeper->grown_count = 0;
}

void keeper_begin(struct keeper *keeper, int64_t now_ms)
{
    size_t count = table_count(keeper->table);

    keeper_stop(keeper);
    snprintf(keeper->generation, sizeof(keeper->generation), "%llx%02x", (unsigned long long)now_ms,
             (unsigned)(chance_number() & 255));
    keeper->bits = ioc_place_bits(keeper->is_crowded ? 4 * count : count);
    keeper->is_crowded = false;
    keeper->state = KEEPER_BUILDING;
    keeper->at = 0;
    keeper->edition = 0;
    keeper->count = keeper->cidrs = 0;
    keeper->entries = 0;
    keeper->begun_ms = now_ms;
    keeper->old_gone = false;
    renew_sieve(keeper, now_ms);
}

void keeper_stop(struct keeper *keeper)
{
    keeper->state = KEEPER_IDLE;
    keeper->noted = 0;
    keeper->cidr_noted = false;
    buf_reset(&keeper->added);
    buf_reset(&keeper->removed);
}

bool keeper_is_building(const struct keeper *keeper)
{
    return keeper->state == KEEPER_BUILDING;
}

bool keeper_is_keeping(const struct keeper *keeper)
{
    return keeper->state == KEEPER_KEEPING;
}

int keeper_run(struct keeper *keeper, redisReply *const **replies, struct error *err)
{
    size_t count;

    keeper->noted = 0;
    return redis_run_strict(keeper->redis, replies, &count, err);
}

void keeper_key(const struct keeper *keeper, const char *prefix, char key[KEEPER_KEY])
{
    snprintf(key, KEEPER_KEY, "%s%s", prefix, keeper->generation);
}

/* What counts is looked for: active and not over. */
static bool counts(const struct ioc *ioc, int64_t now_ms)
{
    return ioc && ioc->is_active && (ioc->valid_until == RECORD_NULL || ioc->valid_until > now_ms);
}

/* Queues the command that puts @key where @brief says, empty: away. */
static void ask_put(struct keeper *keeper, struct text key, enum ioc_type type, struct text brief)
{
    struct text command = brief.size ? TEXT("HSET") : TEXT("HDEL");
    struct ioc_place place;
    char cidr[KEEPER_KEY];
    struct text hash, field;

    if (type == IOC_CIDR) {
        keeper_key(keeper, IOC_KEY_CIDR, cidr);
        hash = text_of(cidr);
        field = key;
        keeper->cidr_noted = true;
    } else {
        ioc_place_of(key, text_of(keeper->generation), keeper->bits, &place);
        hash = (struct text){place.hash, place.hash_size};
        field = (struct text){place.field, place.field_size};
    }
    const struct text words[] = {command, hash, field, brief};

    redis_ask(keeper->redis, words, brief.size ? 4 : 3);
    keeper->noted++;
}

static int build_one(struct keeper *keeper, struct text key, const struct ioc *ioc, int64_t now_ms,
                     struct error *err)
{
    struct text tenant, value;
    enum ioc_type type;
    redisReply *const *replies;

    if (!counts(ioc, now_ms) || !ioc_key_parse(key, &tenant, &type, &value))
        return 0;
    buf_reset(&keeper->brief);
    ioc_brief_write(ioc, &keeper->brief);
    ask_put(keeper, key, type, buf_text(&keeper->brief));
    sieve_add(keeper->sieve, type, value);
    keeper->count++;
    keeper->cidrs += type == IOC_CIDR;
    return keeper->noted >= AT_ONCE ? keeper_run(keeper, &replies, err) : 0;
}

/* So that whoever comes later finds what is left of it. */
static void ask_register(struct keeper *keeper)
{
    char facts[64];

    snprintf(facts, sizeof(facts), "%d %s.0", keeper->bits, keeper->generation);
    const struct text words[] = {TEXT("HSET"), TEXT(IOC_KEY_GENERATIONS),
                                 text_of(keeper->generation), text_of(facts)};

    redis_ask(keeper->redis, words, COUNT_OF(words));
    keeper->noted++;
}

int keeper_build(struct keeper *keeper, int64_t now_ms, struct error *err)
{
    redisReply *const *replies;
    struct text key;
    struct ioc ioc;
    int result = 0;
    bool more = true;

    if (keeper->at == 0)
        ask_register(keeper);
    for (int i = 0; i < SLICE && result == 0 && more; i++) {
        arena_reset(keeper->arena, ARENA_KEPT);
        more = table_next(keeper->table, &keeper->at, &key, keeper->arena, &ioc);
        if (more)
            result = build_one(keeper, key, &ioc, now_ms, err);
    }
    if (result == 0 && keeper->noted > 0)
        result = keeper_run(keeper, &replies, err);
    if (result == 0 && !more) {
        keeper->cidr_noted = false;
        result = keeper_publish(keeper, err);
        if (result == 0) {
            keeper->state = KEEPER_KEEPING;
            metrics_add(keeper->metrics.generations, 1);
        }
    }
    if (result < 0)
        keeper_stop(keeper);
    return result;
}

static void list(struct buf *list, struct text key)
{
    if (list->size > 0)
        buf_add_byte(list, '\n');
    buf_add(list, key);
}

void keeper_note(struct keeper *keeper, struct text key, const struct ioc *ioc, int64_t now_ms)
{
    struct text tenant, value;
    enum ioc_type type;

    if (keeper->state != KEEPER_KEEPING || !ioc_key_parse(key, &tenant, &type, &value))
        return;
    buf_reset(&keeper->brief);
    if (counts(ioc, now_ms))
        ioc_brief_write(ioc, &keeper->brief);
    ask_put(keeper, key, type, buf_text(&keeper->brief));
    if (keeper->brief.size == 0) {
        list(&keeper->removed, key);
        keeper->stale++;
    } else if (type != IOC_CIDR && !sieve_may_have(keeper->sieve, type, value)) {
        list(&keeper->added, key);
        sieve_add(keeper->sieve, type, value);
    }
}

static void add_field(struct text *words, size_t *count, const char *name, struct text value)
{
    words[(*count)++] = text_of(name);
    words[(*count)++] = value;
}

static int announce(struct keeper *keeper, struct error *err)
{
    redisReply *const *replies;
    char key[KEEPER_KEY];
    struct text words[16] = {TEXT("XADD"), {0},           TEXT("MAXLEN"),
                             TEXT("~"),    TEXT("20000"), TEXT("*")};
    size_t count = 6;

    keeper_key(keeper, IOC_KEY_CHANGES, key);
    words[1] = text_of(key);
    if (keeper->added.size)
        add_field(words, &count, "+", buf_text(&keeper->added));
    if (keeper->removed.size)
        add_field(words, &count, "-", buf_text(&keeper->removed));
    if (keeper->cidr_noted)
        add_field(words, &count, "cidr", TEXT("1"));
    if (count == 6)
        return 0;
    redis_ask(keeper->redis, words, count);
    keeper->announced += keeper->added.size + keeper->removed.size;
    buf_reset(&keeper->added);
    buf_reset(&keeper->removed);
    keeper->cidr_noted = false;
    keeper->entries++;
    return keeper_run(keeper, &replies, err);
}

int keeper_tell(struct keeper *keeper, struct error *err)
{
    redisReply *const *replies;
    int result = 0;

    if (keeper->state != KEEPER_KEEPING)
        return 0;
    if (keeper->noted > 0)
        result = keeper_run(keeper, &replies, err);
    if (result == 0)
        result = announce(keeper, err);
    if (result < 0)
        keeper_stop(keeper);
    return result;
}

/* The table's keys in a filter of the right size. */
static void refill(struct keeper *keeper, int64_t now_ms)
{
    struct text key, tenant, value;
    struct ioc ioc;
    enum ioc_type type;
    size_t at = 0;

    renew_sieve(keeper, now_ms);
    keeper->count = keeper->cidrs = 0;
    for (;;) {
        arena_reset(keeper->arena, ARENA_KEPT);
        if (!table_next(keeper->table, &at, &key, keeper->arena, &ioc))
            break;
        if (!counts(&ioc, now_ms) || !ioc_key_parse(key, &tenant, &type, &value))
            continue;
        sieve_add(keeper->sieve, type, value);
        keeper->count++;
        keeper->cidrs += type == IOC_CIDR;
    }
    keeper->entries = 0;
}

static bool needs_filter(struct keeper *keeper, int64_t now_ms)
{
    const struct bloom *filter = sieve_filter(keeper->sieve);
    size_t count = bloom_count(filter), capacity = bloom_capacity(filter);

    if (count != keeper->grown_count) {
        keeper->grown_count = count;
        keeper->grown_ms = now_ms;
    }
    bool is_roomy = capacity > count + count / 4 + 2000;

    return count > capacity || keeper->stale > 1000 + keeper->count / 10 ||
           keeper->entries > MOST_ENTRIES || (is_roomy && now_ms - keeper->grown_ms > SETTLED_MS);
}

static int tell_count(struct keeper *keeper, struct error *err)
{
    redisReply *const *replies;
    char count[24];

    keeper->told_count = table_count(keeper->table);
    snprintf(count, sizeof(count), "%zu", keeper->told_count);
    const struct text words[] = {TEXT("HSET"), TEXT(IOC_KEY_VERSION), TEXT("count"),
                                 text_of(count)};

    redis_ask(keeper->redis, words, COUNT_OF(words));
    metrics_set(keeper->metrics.count, (double)keeper->told_count);
    return keeper_run(keeper, &replies, err);
}

int keeper_tend(struct keeper *keeper, int64_t now_ms, struct error *err)
{
    redisReply *const *replies;
    const struct text words[] = {TEXT("HGET"), TEXT(IOC_KEY_VERSION), TEXT("generation")};
    int result;

    if (keeper->state != KEEPER_KEEPING)
        return 0;
    redis_ask(keeper->redis, words, COUNT_OF(words));
    result = keeper_run(keeper, &replies, err);
    if (result == 0 && (replies[0]->type != REDIS_REPLY_STRING ||
                        strcmp(replies[0]->str, keeper->generation) != 0))
        result =
            error_set_class(err, ERROR_RETRY, -ESTALE, "redis: the indicators are gone from it");
    if (result == 0 && table_count(keeper->table) != keeper->told_count)
        result = tell_count(keeper, err);
    if (result == 0 && table_count(keeper->table) >> keeper->bits > CROWDED) {
        keeper->is_crowded = true;
        keeper_stop(keeper);
        return 0;
    }
    if (result == 0 && needs_filter(keeper, now_ms)) {
        refill(keeper, now_ms);
        result = keeper_publish(keeper, err);
    }
    if (result == 0 && !keeper->old_gone && now_ms - keeper->begun_ms > OLD_AFTER_MS)
        result = keeper_remove_old(keeper, err);
    if (result < 0)
        keeper_stop(keeper);
    return result;
}

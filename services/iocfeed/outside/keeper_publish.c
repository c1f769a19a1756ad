#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/ioc_brief.h"
#include "io/ioc_keys.h"
#include "iocfeed/outside/keeper_parts.h"

enum { CHUNK = 512 * 1024, AT_ONCE = 1000 };

static int write_filter(struct keeper *keeper, const char *version, size_t *size, struct error *err)
{
    AUTO_BUF bytes = {0};
    redisReply *const *replies;
    char key[KEEPER_KEY];

    bloom_write(sieve_filter(keeper->sieve), &bytes);
    snprintf(key, sizeof(key), "%s%s", IOC_KEY_FILTER, version);
    for (size_t at = 0; at < bytes.size; at += CHUNK) {
        char from[24];

        snprintf(from, sizeof(from), "%zu", at);
        const struct text words[] = {TEXT("SETRANGE"), text_of(key), text_of(from),
                                     text_slice(buf_text(&bytes), at, at + CHUNK)};

        redis_ask(keeper->redis, words, COUNT_OF(words));
        if (keeper_run(keeper, &replies, err) < 0)
            return err->code;
    }
    *size = bytes.size;
    return 0;
}

/* The stream's last entry: what follows it is not in the filter. */
static int find_end(struct keeper *keeper, char at[64], struct error *err)
{
    redisReply *const *replies;
    char key[KEEPER_KEY];

    keeper_key(keeper, IOC_KEY_CHANGES, key);
    const struct text words[] = {TEXT("XREVRANGE"), text_of(key),  TEXT("+"),
                                 TEXT("-"),         TEXT("COUNT"), TEXT("1")};

    redis_ask(keeper->redis, words, COUNT_OF(words));
    if (keeper_run(keeper, &replies, err) < 0)
        return err->code;
    snprintf(at, 64, "0-0");
    if (replies[0]->type == REDIS_REPLY_ARRAY && replies[0]->elements == 1 &&
        replies[0]->element[0]->elements == 2)
        snprintf(at, 64, "%.60s", replies[0]->element[0]->element[0]->str);
    return 0;
}

static int point(struct keeper *keeper, const char *version, const char *at, size_t size,
                 struct error *err)
{
    redisReply *const *replies;
    char bits[24], bytes[24], count[24], cidrs[24];

    snprintf(bits, sizeof(bits), "%d", keeper->bits);
    snprintf(bytes, sizeof(bytes), "%zu", size);
    snprintf(count, sizeof(count), "%zu", keeper->count);
    snprintf(cidrs, sizeof(cidrs), "%zu", keeper->cidrs);
    const struct text words[] = {TEXT(IOC_KEY_LEASE),
                                 TEXT(IOC_KEY_VERSION),
                                 TEXT(IOC_KEY_GENERATIONS),
                                 lease_owner(keeper->lease),
                                 text_of(version),
                                 text_of(keeper->generation),
                                 text_of(at),
                                 text_of(bits),
                                 text_of(bytes),
                                 text_of(count),
                                 text_of(cidrs)};

    redis_ask_script(keeper->redis, keeper->publish, 3, words, COUNT_OF(words));
    if (keeper_run(keeper, &replies, err) < 0)
        return err->code;
    if (replies[0]->type != REDIS_REPLY_INTEGER || replies[0]->integer != 1)
        return error_set_class(err, ERROR_RETRY, -EAGAIN, "another iocfeed has the lease");
    return 0;
}

/* The version before stays, for readers in the midst of it; the one before that goes. */
static int remove_filter(struct keeper *keeper, int edition, struct error *err)
{
    redisReply *const *replies;
    char key[KEEPER_KEY];

    if (edition < 1)
        return 0;
    snprintf(key, sizeof(key), "%s%s.%d", IOC_KEY_FILTER, keeper->generation, edition);
    const struct text words[] = {TEXT("UNLINK"), text_of(key)};

    redis_ask(keeper->redis, words, COUNT_OF(words));
    return keeper_run(keeper, &replies, err);
}

/* What the stream says is in the filter now; who has an older one loads this one and no longer
 * follows. */
static int trim_changes(struct keeper *keeper, struct error *err)
{
    redisReply *const *replies;
    char key[KEEPER_KEY];

    keeper_key(keeper, IOC_KEY_CHANGES, key);
    const struct text words[] = {TEXT("XTRIM"), text_of(key), TEXT("MAXLEN"), TEXT("0")};

    redis_ask(keeper->redis, words, COUNT_OF(words));
    keeper->announced = 0;
    return keeper_run(keeper, &replies, err);
}

int keeper_publish(struct keeper *keeper, struct error *err)
{
    char version[64], at[64];
    size_t size = 0;

    snprintf(version, sizeof(version), "%s.%d", keeper->generation, keeper->edition + 1);
    if (find_end(keeper, at, err) < 0 || write_filter(keeper, version, &size, err) < 0 ||
        point(keeper, version, at, size, err) < 0 || trim_changes(keeper, err) < 0 ||
        remove_filter(keeper, keeper->edition - 1, err) < 0)
        return err->code;
    keeper->edition++;
    metrics_add(keeper->metrics.editions, 1);
    metrics_set(keeper->metrics.count, (double)keeper->count);
    metrics_set(keeper->metrics.bytes, (double)size);
    return 0;
}

/* Older generations. */

static int unlink_buckets(struct keeper *keeper, struct text generation, int bits,
                          struct error *err)
{
    redisReply *const *replies;

    for (uint64_t bucket = 0; bucket < (uint64_t)1 << bits; bucket++) {
        char name[64];
        size_t size = ioc_place_bucket(generation, bits, bucket, name);
        const struct text words[] = {TEXT("UNLINK"), {name, size}};

        redis_ask(keeper->redis, words, COUNT_OF(words));
        if (++keeper->noted == AT_ONCE && keeper_run(keeper, &replies, err) < 0)
            return err->code;
    }
    return keeper->noted > 0 ? keeper_run(keeper, &replies, err) : 0;
}

static void ask_unlink(struct keeper *keeper, const char *prefix, struct text name)
{
    AUTO_BUF key = {0};

    buf_add_string(&key, prefix);
    buf_add(&key, name);
    const struct text words[] = {TEXT("UNLINK"), buf_text(&key)};

    redis_ask(keeper->redis, words, COUNT_OF(words));
}

/* @facts: "<bits> <version>". */
static int remove_generation(struct keeper *keeper, struct text generation, struct text facts,
                             struct error *err)
{
    const struct text forget[] = {TEXT("HDEL"), TEXT(IOC_KEY_GENERATIONS), generation};
    redisReply *const *replies;
    struct text bits_text;
    int64_t bits = 0, edition = 0;

    text_split(&facts, ' ', &bits_text);
    size_t dot = text_find_byte(facts, '.');

    if (text_to_integer(bits_text, &bits) && bits >= 12 && bits <= 30 &&
        unlink_buckets(keeper, generation, (int)bits, err) < 0)
        return err->code;
    ask_unlink(keeper, IOC_KEY_CIDR, generation);
    ask_unlink(keeper, IOC_KEY_CHANGES, generation);
    ask_unlink(keeper, IOC_KEY_FILTER, facts);
    if (text_to_integer(text_slice(facts, dot + 1, facts.size), &edition) && edition > 1) {
        char before[64];

        snprintf(before, sizeof(before), "%.*s.%" PRId64, TEXT_ARG(generation), edition - 1);
        ask_unlink(keeper, IOC_KEY_FILTER, text_of(before));
    }
    redis_ask(keeper->redis, forget, COUNT_OF(forget));
    return keeper_run(keeper, &replies, err);
}

int keeper_remove_old(struct keeper *keeper, struct error *err)
{
    const struct text words[] = {TEXT("HGETALL"), TEXT(IOC_KEY_GENERATIONS)};
    redisReply *const *replies;

    arena_reset(keeper->arena, 0);
    redis_ask(keeper->redis, words, COUNT_OF(words));
    if (keeper_run(keeper, &replies, err) < 0)
        return err->code;
    const redisReply *all = replies[0];
    size_t count = all->type == REDIS_REPLY_ARRAY ? all->elements / 2 : 0;
    struct text *names = arena_take(keeper->arena, (2 * count + 1) * sizeof(*names));

    for (size_t i = 0; i < 2 * count; i++)
        names[i] = arena_copy(keeper->arena,
                              (struct text){all->element[i]->str, (size_t)all->element[i]->len});
    for (size_t i = 0; i < count; i++) {
        if (!text_is(names[2 * i], keeper->generation) &&
            remove_generation(keeper, names[2 * i], names[2 * i + 1], err) < 0)
            return err->code;
    }
    keeper->old_gone = true;
    return 0;
}

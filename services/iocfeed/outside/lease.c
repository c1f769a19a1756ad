#include "iocfeed/outside/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/chance.h"
#include "io/ioc_keys.h"

enum { TTL_MS = 6000, RENEW_US = 1000 * 1000, SPARE_US = 2000 * 1000 };

static const char tend_script[] = "local holder = redis.call('GET', KEYS[1])\n"
                                  "if holder and holder ~= ARGV[1] then return 0 end\n"
                                  "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])\n"
                                  "return 1\n";
static const char release_script[] =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end\n"
    "return 0\n";

struct lease {
    struct redis *redis;
    struct redis_script *tend, *release;
    char owner[128];
    int64_t until_us, ask_us;
};

struct lease *lease_new(struct redis *redis)
{
    struct lease *lease = mem_zero(sizeof(*lease));
    char host[64] = "";

    gethostname(host, sizeof(host) - 1); /* for people; the number tells owners apart */
    snprintf(lease->owner, sizeof(lease->owner), "%s:%ld:%llx", host, (long)getpid(),
             (unsigned long long)chance_number());
    lease->redis = redis;
    lease->tend = redis_script(redis, tend_script);
    lease->release = redis_script(redis, release_script);
    return lease;
}

void lease_free(struct lease *lease)
{
    free(lease);
}

int lease_tend(struct lease *lease, int64_t now_us, struct error *err)
{
    const struct text words[] = {TEXT(IOC_KEY_LEASE), text_of(lease->owner), TEXT("6000")};
    redisReply *const *replies;
    size_t count;

    if (now_us < lease->ask_us)
        return 0;
    lease->ask_us = now_us + RENEW_US;
    redis_ask_script(lease->redis, lease->tend, 1, words, COUNT_OF(words));
    if (redis_run_strict(lease->redis, &replies, &count, err) < 0)
        return err->code;
    bool is_ours = replies[0]->type == REDIS_REPLY_INTEGER && replies[0]->integer == 1;

    lease->until_us = is_ours ? now_us + TTL_MS * 1000 : 0;
    return 0;
}

bool lease_is_held(const struct lease *lease, int64_t now_us)
{
    return now_us + SPARE_US < lease->until_us;
}

void lease_release(struct lease *lease)
{
    const struct text words[] = {TEXT(IOC_KEY_LEASE), text_of(lease->owner)};
    redisReply *const *replies;
    size_t count;

    if (lease->until_us == 0)
        return;
    redis_ask_script(lease->redis, lease->release, 1, words, COUNT_OF(words));
    redis_run(lease->redis, &replies, &count, NULL);
    lease->until_us = 0;
}

struct text lease_owner(const struct lease *lease)
{
    return text_of(lease->owner);
}

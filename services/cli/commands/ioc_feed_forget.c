/* `haechi ioc feeds forget`: what feeds said that are no longer in the settings is withdrawn, by
 * iocfeed, which writes what feeds have; after it was said how much that is. */
#include "cli/commands/ioc_feed_forget.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/commands/cluster.h"
#include "cli/commands/ioc_feed_settings.h"
#include "cli/commands/ioc_topic.h"
#include "cli/commands/terminal.h"
#include "io/ioc_keys.h"
#include "io/redis.h"

struct forget_options {
    struct cluster_options cluster;
    bool is_sure;
};

/* What the topic has of a feed. */
struct held {
    const char *feed;
    size_t iocs, alone; /* alone: that nobody else has */
};

struct counting {
    struct held *of;
    size_t count;
};

static bool count_one(void *self, const struct ioc *ioc)
{
    const struct counting *counting = self;
    const struct ioc_source *sources = ioc->sources.items;

    for (size_t i = 0; i < ioc->sources.count; i++) {
        for (size_t k = 0; k < counting->count; k++) {
            struct held *held = &counting->of[k];
            bool is_his = text_is(sources[i].name, held->feed);

            held->iocs += is_his;
            held->alone += is_his && ioc->sources.count == 1;
        }
    }
    return true;
}

/* A feed that is in the settings would be read again at once. */
static int check_names(const struct arguments *arguments, struct error *err)
{
    const struct forget_options *options = arguments->config;
    struct iocfeed_settings iocfeed = {0};
    AUTO(settings) settings = ioc_feed_settings_load(options->cluster.config, &iocfeed, err);

    if (!settings)
        return -EINVAL;
    for (size_t i = 0; i < arguments->count; i++) {
        if (ioc_feed_settings_find(&iocfeed, arguments->operands[i]))
            return error_set(err, -EINVAL,
                             "feed '%.100s' is in the settings: take it out of iocfeed.feeds first "
                             "and have haechi-iocfeed read them (SIGHUP)",
                             arguments->operands[i]);
    }
    return 0;
}

/* As gone since ever: the leading iocfeed withdraws what it said. */
static int mark(const struct arguments *arguments, struct error *err)
{
    const struct forget_options *options = arguments->config;
    struct redis *redis = NULL;
    redisReply *const *replies;
    struct cluster cluster;
    size_t count;
    int result = cluster_open(&cluster, &options->cluster, RD_KAFKA_PRODUCER, err);

    if (result == 0) {
        redis = redis_open(&cluster.shared.redis, NULL, "cli");
        for (size_t i = 0; i < arguments->count; i++) {
            const struct text words[] = {TEXT("HSET"), TEXT(IOC_KEY_GONE),
                                         text_of(arguments->operands[i]), TEXT("0")};

            redis_ask(redis, words, COUNT_OF(words));
        }
        result = redis_run_strict(redis, &replies, &count, err);
    }
    redis_close(redis);
    cluster_close(&cluster);
    return result;
}

static int show(const struct arguments *arguments, const struct counting *counting)
{
    const struct forget_options *options = arguments->config;
    AUTO_BUF out = {0};

    for (size_t i = 0; i < counting->count; i++) {
        const struct held *held = &counting->of[i];

        buf_add_string(&out, "{\"feed\":");
        buf_add_json(&out, text_of(held->feed));
        buf_addf(&out, ",\"iocs\":%zu,\"of_nobody_else\":%zu,\"withdrawn\":%s}\n", held->iocs,
                 held->alone, options->is_sure ? "true" : "false");
    }
    if (!terminal_print_json(arguments, buf_text(&out)))
        return -EPIPE;
    if (!options->is_sure)
        fprintf(stderr, "nothing is withdrawn; with --yes haechi-iocfeed does it\n");
    return 0;
}

static int forget(const struct arguments *arguments, struct error *err)
{
    const struct forget_options *options = arguments->config;
    struct counting counting = {mem_zero((arguments->count + 1) * sizeof(*counting.of)),
                                arguments->count};
    int result = check_names(arguments, err);

    for (size_t i = 0; i < counting.count; i++)
        counting.of[i].feed = arguments->operands[i];
    if (result == 0)
        result = ioc_topic_visit(&options->cluster, NULL, count_one, &counting, err);
    if (result == 0 && options->is_sure)
        result = mark(arguments, err);
    if (result == 0)
        result = show(arguments, &counting);
    free(counting.of);
    return result;
}

static int run_forget(const struct arguments *arguments)
{
    struct error err = {0};
    int result = forget(arguments, &err);

    if (result < 0 && result != -EPIPE)
        terminal_complain(arguments, &err);
    return result == 0 ? 0 : result == -EINVAL ? 2 : 1;
}

static const struct option_row rows[] = {
    {"yes", 'y', OPTION_ON, offsetof(struct forget_options, is_sure), NULL,
     "withdraw it; without, only say how much it is", NULL, 0, 0},
    CLUSTER_OPTIONS(forget_options),
    {0},
};
static const struct example examples[] = {
    {"haechi ioc feeds forget old-list", "how much would go, and how much of it does nobody else "
                                         "have?"},
    {"haechi ioc feeds forget --yes old-list", "withdraw it now instead of after forget_after"},
    {0}};

const struct command ioc_feed_forget_command = {
    .name = "forget",
    .summary = "Withdraw what feeds said that are no longer in the settings",
    .operands = "NAME…",
    .least = 1,
    .most = SIZE_MAX,
    .about = "Says how many indicators have an entry of NAME, a feed or a --source of haechi ioc "
             "add and import, and how many of them nobody else has, which go. With --yes "
             "haechi-iocfeed takes these entries back within seconds. By itself it does so for a "
             "feed that has been gone from the settings for iocfeed.forget_after.",
    .examples = examples,
    .options = rows,
    .config_size = sizeof(struct forget_options),
    .run = run_forget};

/* `haechi ioc stats`: how many indicators there are, of which kinds and from whom, and how fresh
 * the feeds are. */
#include <errno.h>
#include <stdlib.h>

#include "base/keyed.h"
#include "cli/commands/cluster.h"
#include "cli/commands/ioc.h"
#include "cli/commands/ioc_topic.h"
#include "cli/commands/terminal.h"
#include "io/clock.h"
#include "io/ioc_keys.h"
#include "io/redis.h"

enum { DAY_MS = 86400000 };

struct stats_options {
    struct cluster_options cluster;
    const char *topic;
};

struct stats {
    size_t total, active, last_day, by_type[IOC_TYPES];
    struct keyed *by_threat, *by_source; /* counts, in decimal */
    int64_t now_ms;
};

static void count(struct keyed *counts, struct text name)
{
    char digits[24];
    struct text value;
    int64_t number = 0;

    if (keyed_find(counts, name, &value))
        text_to_integer(value, &number);
    snprintf(digits, sizeof(digits), "%lld", (long long)number + 1);
    keyed_set(counts, name, text_of(digits));
}

static bool count_one(void *self, const struct ioc *ioc)
{
    struct stats *stats = self;
    const struct ioc_source *sources = ioc->sources.items;

    stats->total++;
    stats->active += ioc->is_active;
    stats->last_day += ioc->first_seen > stats->now_ms - DAY_MS;
    stats->by_type[ioc->ioc_type]++;
    count(stats->by_threat, ioc->threat_type);
    for (size_t i = 0; i < ioc->sources.count; i++)
        count(stats->by_source, sources[i].name);
    return true;
}

static void add_counts(struct buf *out, const char *name, const struct keyed *counts)
{
    struct text key, value;
    size_t at = 0;
    bool is_first = true;

    buf_addf(out, ",\"%s\":{", name);
    for (; keyed_next(counts, &at, &key, &value); is_first = false) {
        buf_add_string(out, is_first ? "" : ",");
        buf_add_json(out, key);
        buf_add_byte(out, ':');
        buf_add(out, value);
    }
    buf_add_byte(out, '}');
}

static void write_stats(const struct stats *stats, struct buf *out)
{
    bool is_first = true;

    buf_addf(out, "{\"total\":%zu,\"active\":%zu,\"new_in_24h\":%zu,\"by_type\":{", stats->total,
             stats->active, stats->last_day);
    for (int i = 0; i < IOC_TYPES; i++) {
        if (stats->by_type[i] == 0)
            continue;
        buf_addf(out, "%s\"%s\":%zu", is_first ? "" : ",", ioc_types[i], stats->by_type[i]);
        is_first = false;
    }
    buf_add_byte(out, '}');
    add_counts(out, "by_threat_type", stats->by_threat);
    add_counts(out, "by_source", stats->by_source);
}

static void write_feeds(const redisReply *all, struct buf *out)
{
    buf_add_string(out, ",\"feeds\":[");
    for (size_t i = 1; all->type == REDIS_REPLY_ARRAY && i < all->elements; i += 2)
        buf_addf(out, "%s%s", i > 1 ? "," : "", all->element[i]->str);
    buf_add_byte(out, ']');
}

/* What Redis has: null where it does not say so. */
static void add_cache(const struct cluster_options *options, struct buf *out)
{
    const struct text count_words[] = {TEXT("HGET"), TEXT(IOC_KEY_VERSION), TEXT("count")};
    const struct text feed_words[] = {TEXT("HGETALL"), TEXT(IOC_KEY_FEEDS)};
    redisReply *const *replies;
    struct cluster cluster;
    struct error err = {0};
    size_t count;
    struct redis *redis = NULL;

    if (cluster_open(&cluster, options, RD_KAFKA_PRODUCER, &err) == 0)
        redis = redis_open(&cluster.shared.redis, NULL, "cli");
    if (redis) {
        redis_ask(redis, count_words, COUNT_OF(count_words));
        redis_ask(redis, feed_words, COUNT_OF(feed_words));
    }
    if (redis && redis_run_strict(redis, &replies, &count, &err) == 0) {
        buf_addf(out, ",\"cached\":%s",
                 replies[0]->type == REDIS_REPLY_STRING ? replies[0]->str : "0");
        write_feeds(replies[1], out);
    } else {
        buf_add_string(out, ",\"cached\":null,\"feeds\":null");
    }
    redis_close(redis);
    cluster_close(&cluster);
}

static int run_stats(const struct arguments *arguments)
{
    const struct stats_options *options = arguments->config;
    AUTO(keyed) threats = keyed_new();
    AUTO(keyed) sources = keyed_new();
    struct stats stats = {.by_threat = threats, .by_source = sources, .now_ms = clock_now_ms()};
    struct error err = {0};
    AUTO_BUF out = {0};
    int result = ioc_topic_visit(&options->cluster, options->topic, count_one, &stats, &err);

    if (result < 0) {
        terminal_complain(arguments, &err);
        return result == -EINVAL ? 2 : 1;
    }
    write_stats(&stats, &out);
    add_cache(&options->cluster, &out);
    buf_add_string(&out, "}\n");
    return terminal_print_json(arguments, buf_text(&out)) ? 0 : 1;
}

static const struct option_row rows[] = {
    {"topic", 't', OPTION_TEXT, offsetof(struct stats_options, topic), "TOPIC",
     "topic to read, instead of topics.iocs in the settings", NULL, 0, 0},
    CLUSTER_OPTIONS(stats_options),
    {0},
};
static const struct example examples[] = {
    {"haechi ioc stats", "how many there are, of which kinds, and from whom"}, {0}};

const struct command ioc_stats_command = {
    .name = "stats",
    .summary = "Count the indicators, and show how fresh the feeds are",
    .about =
        "Counts what the topic holds by type, threat type and source, and what came in the last "
        "24 hours; `cached` is what Redis has for the detectors, `feeds` as haechi ioc feeds "
        "list has them; both are null where Redis does not answer.",
    .examples = examples,
    .options = rows,
    .config_size = sizeof(struct stats_options),
    .run = run_stats};

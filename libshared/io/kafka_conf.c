#include "io/kafka_conf.h"

#include <errno.h>
#include <string.h>

#include "io/kafka_property.h"
#include "io/log.h"

struct property {
    const char *name;
    const char *value;
};

/* fetch.wait.max.ms: how long a broker may hold back an empty answer; a real one answers as soon
 * as there is data. fetch.max.bytes counts what may be eight times as much once it is unpacked, and
 * is added to a queue of at most queued.max.messages.kbytes: together they bound the memory. That
 * the queue can be short is due to fetching.h. */
static const struct property consumer_defaults[] = {
    {"client.id", "haechi"},
    {"partition.assignment.strategy", "range,roundrobin"},
    {"fetch.wait.max.ms", "50"},
    {"fetch.max.bytes", "1048576"},
    {"queued.max.messages.kbytes", "16384"},
    {"topic.metadata.refresh.interval.ms", "10000"}, /* how soon a regex sees a new topic */
    {NULL, NULL},
};

/* Of one consumer of many: what a fetch brings may be many times as much once it is unpacked. */
static const struct property slim[] = {
    {"queued.max.messages.kbytes", "4096"},
    {"max.partition.fetch.bytes", "32768"},
    {NULL, NULL},
};

/* A fetch brings all that it may of a partition before the next one's: ten thousands of messages,
 * by which one would then be ahead of the other. */
static const struct property in_turn[] = {
    {"max.partition.fetch.bytes", "131072"},
    {NULL, NULL},
};

/* message.max.bytes: a 1 MiB log with its headers must fit as a dead letter. The partitioner is
 * that of Java's clients, so that equal keys meet whoever wrote them. The queue is bounded by the
 * worker before these bounds are reached. */
static const struct property producer_defaults[] = {
    {"client.id", "haechi"},
    {"linger.ms", "1"},
    {"batch.num.messages", "10000"},
    {"compression.codec", "lz4"},
    {"enable.idempotence", "true"},
    {"message.max.bytes", "4194304"},
    {"queue.buffering.max.messages", "200000"},
    {"queue.buffering.max.kbytes", "262144"},
    {"partitioner", "murmur2_random"},
    {"topic.metadata.refresh.interval.ms", "10000"},
    {"topic.metadata.propagation.max.ms", "5000"}, /* how long a missing topic is hoped for */
    {NULL, NULL},
};

static const struct property consumer_fixed[] = {
    {"enable.auto.commit", "true"},
    {"auto.commit.interval.ms", "1000"},
    {"enable.auto.offset.store", "false"},
    {"enable.partition.eof", "true"}, /* who holds partitions back has to know */
    {"auto.offset.reset", "error"},   /* the consumer decides, and counts what is gone */
    {NULL, NULL},
};

static const struct property producer_fixed[] = {
    {"acks", "all"},
    {"message.timeout.ms", "0"},
    {NULL, NULL},
};

static const struct {
    const char *name;
    const char *instead;
} refused[] = {
    {"bootstrap.servers", "set kafka.bootstrap_servers"},
    {"metadata.broker.list", "set kafka.bootstrap_servers"},
    {"group.id", "set the service's group"},
    {"auto.offset.reset", "set the service's start_at"},
    {"enable.auto.commit", "delivery depends on it"},
    {"auto.commit.enable", "delivery depends on it"},
    {"auto.commit.interval.ms", "delivery depends on it"},
    {"enable.auto.offset.store", "delivery depends on it"},
    {"enable.partition.eof", "delivery depends on it"},
    {"acks", "delivery depends on it"},
    {"request.required.acks", "delivery depends on it"},
    {"message.timeout.ms", "delivery depends on it"},
    {"delivery.timeout.ms", "delivery depends on it"},
    {"transactional.id", "Haechi does not use transactions yet"},
};

static void on_log(const rd_kafka_t *rk, int syslog_level, const char *facility, const char *text)
{
    /* CONFWARN: "… is a consumer property and will be ignored by this producer instance". */
    enum log_level level = strcmp(facility, "CONFWARN") == 0 ? LOG_DEBUG
                           : syslog_level <= 4               ? LOG_WARN
                           : syslog_level <= 6               ? LOG_INFO
                                                             : LOG_DEBUG;
    const struct log_field fields[] = {LOG_TEXT("facility", facility),
                                       LOG_TEXT("client", rk ? rd_kafka_name(rk) : NULL),
                                       LOG_TEXT("message", text)};

    log_write(level, "kafka_client", fields, COUNT_OF(fields));
}

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, struct error *err)
{
    char text[256];

    if (rd_kafka_conf_set(conf, name, value, text, sizeof(text)) == RD_KAFKA_CONF_OK)
        return 0;
    return error_set(err, -EINVAL, "%s", text);
}

static int set_all(rd_kafka_conf_t *conf, const struct property *properties, struct error *err)
{
    for (; properties->name; properties++) {
        if (set(conf, properties->name, properties->value, err) < 0)
            return err ? err->code : -EINVAL;
    }
    return 0;
}

static int refuse_unknown(const char *name, struct error *err)
{
    AUTO_BUF meant = {0};

    kafka_property_nearest(name, &meant);
    if (meant.size > 0)
        return error_set(err, -EINVAL, "librdkafka has no such property; did you mean '%s'?",
                         buf_string(&meant));
    return error_set(err, -EINVAL,
                     "librdkafka has no such property; its CONFIGURATION.md lists those there are");
}

static int refuse_value(const char *name, const char *value, const char *why, struct error *err)
{
    AUTO_BUF range = {0};

    kafka_property_range(name, &range);
    value = settings_is_secret(text_of(name)) ? "***" : value;
    if (range.size > 0)
        return error_set(err, -EINVAL, "librdkafka does not take '%s'; it may be %s", value,
                         buf_string(&range));
    return error_set(err, -EINVAL, "librdkafka does not take '%s': %s", value, why);
}

static int set_given(rd_kafka_conf_t *conf, const char *name, const char *value, struct error *err)
{
    char text[256];

    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        if (strcmp(name, refused[i].name) == 0)
            return error_set(err, -EINVAL, "it cannot be set here; %s", refused[i].instead);
    }
    if (strcmp(name, "partition.assignment.strategy") == 0 && strstr(value, "cooperative"))
        return error_set(err, -EINVAL,
                         "'%s' loses partitions with librdkafka 2.0; it may be range, roundrobin "
                         "or both",
                         value);
    switch (rd_kafka_conf_set(conf, name, value, text, sizeof(text))) {
    case RD_KAFKA_CONF_OK:
        return 0;
    case RD_KAFKA_CONF_UNKNOWN:
        return refuse_unknown(name, err);
    default:
        return refuse_value(name, value, text, err);
    }
}

static int fill(rd_kafka_conf_t *conf, const struct kafka_settings *settings,
                const struct property *defaults, const struct property *fixed, struct error *err)
{
    const struct text_map *given = &settings->properties;

    rd_kafka_conf_set_log_cb(conf, on_log);
    if (set(conf, "bootstrap.servers", settings->bootstrap_servers, err) < 0 ||
        (defaults && set_all(conf, defaults, err) < 0))
        return -EINVAL;
    if (defaults == consumer_defaults) /* librdkafka before 2.2 has it not: see fetching.h */
        rd_kafka_conf_set(conf, "fetch.queue.backoff.ms", "10", NULL, 0);
    for (size_t i = 0; i < given->count; i++) {
        if (set_given(conf, given->names[i], given->values[i], err) < 0) {
            error_prefix(err, "kafka.properties.%s", given->names[i]);
            return -EINVAL;
        }
    }
    return fixed ? set_all(conf, fixed, err) : 0;
}

static rd_kafka_conf_t *make(const struct kafka_settings *settings, const struct property *defaults,
                             const struct property *fixed, struct error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    if (fill(conf, settings, defaults, fixed, err) == 0)
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}

int kafka_conf_check(const char *name, const char *value, struct error *err)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int status = set_given(conf, name, value, err);

    rd_kafka_conf_destroy(conf);
    return status;
}

rd_kafka_conf_t *kafka_conf_plain(const struct kafka_settings *settings, struct error *err)
{
    return make(settings, NULL, NULL, err);
}

static bool is_given(const struct kafka_settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->properties.count; i++) {
        if (strcmp(settings->properties.names[i], name) == 0)
            return true;
    }
    return false;
}

static int set_fetching(rd_kafka_conf_t *conf, const struct kafka_settings *settings,
                        enum kafka_fetch fetch, struct error *err)
{
    const struct property *property = fetch == KAFKA_FETCH_SLIM ? slim : in_turn;

    for (; fetch != KAFKA_FETCH_MUCH && property->name; property++) {
        if (!is_given(settings, property->name) &&
            set(conf, property->name, property->value, err) < 0)
            return -EINVAL;
    }
    return 0;
}

rd_kafka_conf_t *kafka_conf_consumer(const struct kafka_settings *settings, const char *group,
                                     enum kafka_fetch fetch, struct error *err)
{
    rd_kafka_conf_t *conf = make(settings, consumer_defaults, consumer_fixed, err);

    if (conf &&
        (set(conf, "group.id", group, err) < 0 || set_fetching(conf, settings, fetch, err) < 0)) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    return conf;
}

rd_kafka_conf_t *kafka_conf_producer(const struct kafka_settings *settings, struct error *err)
{
    return make(settings, producer_defaults, producer_fixed, err);
}

/* "ssl.ca.location failed: error:80000002:system library::No such file or directory" */
static void show_value(const struct kafka_settings *settings, const char *reason, struct buf *out)
{
    const struct text_map *given = &settings->properties;

    for (size_t i = 0; i < given->count; i++) {
        if (strstr(reason, given->names[i]) && !settings_is_secret(text_of(given->names[i]))) {
            buf_addf(out, "kafka.properties.%s is '%s': ", given->names[i], given->values[i]);
            return;
        }
    }
    buf_add_string(out, "kafka: ");
}

rd_kafka_t *kafka_conf_client(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                              const struct kafka_settings *settings, struct error *err)
{
    char reason[300];
    AUTO_BUF shown = {0};
    rd_kafka_t *kafka = rd_kafka_new(type, conf, reason, sizeof(reason));

    if (kafka)
        return kafka;
    rd_kafka_conf_destroy(conf);
    show_value(settings, reason, &shown);
    error_set(err, -EINVAL, "%s%s", buf_string(&shown), reason);
    return NULL;
}

static void keep_quiet(const rd_kafka_t *kafka, int level, const char *facility, const char *text)
{
    (void)kafka, (void)level, (void)facility, (void)text;
}

int kafka_conf_try(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                   const struct kafka_settings *settings, struct error *err)
{
    if (!conf)
        return -EINVAL;
    rd_kafka_conf_set(conf, "bootstrap.servers", "", NULL, 0);
    rd_kafka_conf_set_log_cb(conf, keep_quiet); /* that there are no brokers */
    rd_kafka_t *kafka = kafka_conf_client(type, conf, settings, err);

    if (!kafka)
        return -EINVAL;
    rd_kafka_destroy(kafka);
    return 0;
}

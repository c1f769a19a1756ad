/* Another topic, of this cluster or another: records with the alert's id as their key. Safe when
 * all in-sync replicas have them. */
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

#include "forwarder/outside/sender.h"
#include "io/clock.h"
#include "io/kafka_conf.h"
#include "io/refusal.h"

enum { TURN_MS = 50 };

struct kafka {
    struct sender sender; /* first, so that a sender is one */
    const struct target_place *place;
    struct kafka_settings settings;
    int64_t timeout_us;
    rd_kafka_t *handle;            /* NULL: not open */
    rd_kafka_resp_err_t *outcomes; /* of each record: what the broker said of it */
    size_t capacity;
    size_t waiting;    /* records without a report */
    bool is_refused;   /* the brokers do not let us in */
    char problem[300]; /* what was heard last of the connection */
};

static void on_report(rd_kafka_t *handle, const rd_kafka_message_t *message, void *self)
{
    struct kafka *kafka = self;
    rd_kafka_resp_err_t *outcome = message->_private;

    (void)handle;
    kafka->waiting--;
    *outcome = message->err;
}

static void on_error(rd_kafka_t *handle, int code, const char *reason, void *self)
{
    struct kafka *kafka = self;

    (void)handle;
    kafka->is_refused = code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL;
    snprintf(kafka->problem, sizeof(kafka->problem), "%s", reason);
}

static int open_producer(struct kafka *kafka, struct error *err)
{
    rd_kafka_conf_t *conf = kafka_conf_producer(&kafka->settings, err);

    if (!conf)
        return -EINVAL;
    rd_kafka_conf_set_opaque(conf, kafka);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_error_cb(conf, on_error);
    kafka->problem[0] = '\0';
    kafka->is_refused = false;
    kafka->handle = kafka_conf_client(RD_KAFKA_PRODUCER, conf, &kafka->settings, err);
    return kafka->handle ? 0 : -EINVAL;
}

/* What it still has is forgotten, and will be sent by another. */
static void close_producer(struct kafka *kafka)
{
    if (!kafka->handle)
        return;
    rd_kafka_purge(kafka->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_poll(kafka->handle, TURN_MS);
    rd_kafka_destroy(kafka->handle);
    kafka->handle = NULL;
    kafka->waiting = 0;
}

static rd_kafka_resp_err_t hand_over(struct kafka *kafka, const struct records *records, size_t i)
{
    struct text key = records->alerts[i]->alert_id, value = records_at(records, i);

    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = kafka->place->topic},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key.bytes, key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)value.bytes, value.size}},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = &kafka->outcomes[i]},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(kafka->handle, parts, COUNT_OF(parts));
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);

    if (error)
        rd_kafka_error_destroy(error);
    else
        kafka->waiting++;
    return code;
}

/* Until no more than @most are without a report. */
static int drain(struct kafka *kafka, size_t most, const struct keeper *keeper, struct error *err)
{
    int64_t until_us = clock_monotonic_us() + kafka->timeout_us;

    while (kafka->waiting > most) {
        rd_kafka_poll(kafka->handle, TURN_MS);
        if (!keeper->keep(keeper->self))
            return error_set_class(err, ERROR_RETRY, -EINTR, "no time is left");
        if (clock_monotonic_us() > until_us)
            return error_set_class(err, kafka->is_refused ? ERROR_CONFIG : ERROR_RETRY, -ETIMEDOUT,
                                   "topic '%s': %s", kafka->place->topic,
                                   kafka->problem[0] ? kafka->problem : "no answer in time");
    }
    return 0;
}

static int produce(struct kafka *kafka, const struct records *records, size_t i,
                   const struct keeper *keeper, struct error *err)
{
    /* A record that an empty queue has no room for (kafka.properties may make it small) is judged.
     */
    while ((kafka->outcomes[i] = hand_over(kafka, records, i)) == RD_KAFKA_RESP_ERR__QUEUE_FULL &&
           kafka->waiting > 0) {
        if (drain(kafka, kafka->waiting - 1, keeper, err) < 0)
            return err->code;
    }
    return 0;
}

/* A broker refuses a whole batch of records for the sake of one: who is guilty shows alone. */
static int produce_suspects(struct kafka *kafka, const struct records *records,
                            const struct keeper *keeper, struct error *err)
{
    for (size_t i = 0; i < records->count; i++) {
        if (!refusal_is_final(kafka->outcomes[i]))
            continue;
        if (produce(kafka, records, i, keeper, err) < 0 || drain(kafka, 0, keeper, err) < 0)
            return err->code;
    }
    return 0;
}

static bool is_for_an_operator(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        return true;
    default:
        return false;
    }
}

static enum verdict judge(struct kafka *kafka, const struct records *records, size_t i,
                          struct error *err)
{
    rd_kafka_resp_err_t code = kafka->outcomes[i];
    char problem[300];

    if (!code)
        return VERDICT_DELIVERED;
    if (refusal_is_final(code)) {
        error_set_class(err, ERROR_POISON, -EMSGSIZE,
                        "topic '%s' refuses a record of %zu bytes: %s", kafka->place->topic,
                        records_at(records, i).size, rd_kafka_err2str(code));
        return VERDICT_POISON;
    }
    refusal_describe(code, kafka->place->topic, problem, sizeof(problem));
    error_set_class(err, ERROR_RETRY, -EIO, "%s", problem);
    return is_for_an_operator(code) ? VERDICT_CONFIG : VERDICT_RETRY;
}

static int send_all(struct kafka *kafka, const struct records *records, const struct keeper *keeper,
                    struct error *err)
{
    for (size_t i = 0; i < records->count; i++) {
        if (produce(kafka, records, i, keeper, err) < 0)
            return err->code;
    }
    if (drain(kafka, 0, keeper, err) < 0 ||
        (records->count > 1 && produce_suspects(kafka, records, keeper, err) < 0))
        return err->code;
    for (size_t i = 0; i < records->count; i++)
        records->each[i] = judge(kafka, records, i, err);
    return 0;
}

static int kafka_send(struct sender *sender, const struct records *records,
                      const struct keeper *keeper, struct error *err)
{
    struct kafka *kafka = (struct kafka *)sender;

    if (!kafka->handle && open_producer(kafka, err) < 0)
        return err->code;
    if (records->count > kafka->capacity) {
        kafka->capacity = records->count;
        kafka->outcomes = mem_resize(kafka->outcomes, records->count * sizeof(*kafka->outcomes));
    }
    int result = send_all(kafka, records, keeper, err);
    char fatal[64];

    if (result < 0 || rd_kafka_fatal_error(kafka->handle, fatal, sizeof(fatal)))
        close_producer(kafka);
    return result;
}

static void kafka_close(struct sender *sender)
{
    struct kafka *kafka = (struct kafka *)sender;

    close_producer(kafka);
    free(kafka->outcomes);
    free(kafka);
}

struct sender *kafka_sender(const struct target_settings *settings,
                            const struct target_place *place, const struct kafka_settings *home)
{
    struct kafka *kafka = mem_zero(sizeof(*kafka));

    kafka->sender = (struct sender){.send = kafka_send, .close = kafka_close};
    kafka->place = place;
    kafka->timeout_us = settings->timeout_ms * 1000;
    kafka->settings =
        place->brokers ? (struct kafka_settings){place->brokers, *place->properties} : *home;
    return &kafka->sender;
}

/* Another topic, of this cluster or another: records with the alert's id as their key. Safe when
 * all in-sync replicas have them. */
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>

#include "forwarder/outside/sender.h"
#include "io/kafka_conf.h"

enum { TURN_MS = 50 };

struct kafka {
    struct sender sender; /* first, so that a sender is one */
    const struct target_place *place;
    struct kafka_settings settings;
    rd_kafka_t *handle; /* NULL: not open */
    size_t waiting;     /* records without a report */
    rd_kafka_resp_err_t problem;
};

static void on_report(rd_kafka_t *handle, const rd_kafka_message_t *message, void *self)
{
    struct kafka *kafka = self;

    (void)handle;
    kafka->waiting--;
    if (message->err)
        kafka->problem = message->err;
}

static int open_producer(struct kafka *kafka, struct error *err)
{
    char problem[256];
    rd_kafka_conf_t *conf = kafka_conf_producer(&kafka->settings, err);

    if (!conf)
        return -EINVAL;
    rd_kafka_conf_set_opaque(conf, kafka);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    kafka->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof(problem));
    if (kafka->handle)
        return 0;
    rd_kafka_conf_destroy(conf);
    return error_set(err, -EINVAL, "%s", problem);
}

static rd_kafka_resp_err_t produce(struct kafka *kafka, const struct records *records, size_t i)
{
    struct text key = records->alerts[i]->alert_id, value = records_at(records, i);

    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = kafka->place->topic},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key.bytes, key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)value.bytes, value.size}},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
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
    while (kafka->waiting > most) {
        rd_kafka_poll(kafka->handle, TURN_MS);
        if (!keeper->keep(keeper->self))
            return error_set_class(err, ERROR_RETRY, -EINTR, "no time is left");
    }
    return 0;
}

static int send_all(struct kafka *kafka, const struct records *records, const struct keeper *keeper,
                    struct error *err)
{
    kafka->problem = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (size_t i = 0; i < records->count; i++) {
        rd_kafka_resp_err_t code;

        while ((code = produce(kafka, records, i)) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            if (drain(kafka, kafka->waiting - 1, keeper, err) < 0)
                return err->code;
        }
        if (code)
            kafka->problem = code;
    }
    if (drain(kafka, 0, keeper, err) < 0)
        return err->code;
    return kafka->problem ? error_set_class(err, ERROR_RETRY, -EIO, "topic %s: %s",
                                            kafka->place->topic, rd_kafka_err2str(kafka->problem))
                          : 0;
}

static int kafka_send(struct sender *sender, const struct records *records,
                      const struct keeper *keeper, struct error *err)
{
    struct kafka *kafka = (struct kafka *)sender;

    if (!kafka->handle && open_producer(kafka, err) < 0)
        return err->code;
    return send_all(kafka, records, keeper, err);
}

static void kafka_close(struct sender *sender)
{
    struct kafka *kafka = (struct kafka *)sender;

    if (kafka->handle) {
        rd_kafka_purge(kafka->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_poll(kafka->handle, TURN_MS);
        rd_kafka_destroy(kafka->handle);
    }
    free(kafka);
}

struct sender *kafka_sender(const struct target_place *place, const struct kafka_settings *home)
{
    struct kafka *kafka = mem_zero(sizeof(*kafka));

    kafka->sender = (struct sender){kafka_send, kafka_close};
    kafka->place = place;
    kafka->settings =
        place->brokers ? (struct kafka_settings){place->brokers, *place->properties} : *home;
    return &kafka->sender;
}

/* forwarder: brings alerts to every target that the settings name.
 *
 *   alerts -> decode -> filter -> lane (outside/lane.h): one for each target -> receipts
 *
 * Each target is a lane with a consumer group and a thread of its own; one that is down holds its
 * own offsets and nobody else's. Start reading at forwarder_handle().
 */
#include <errno.h>
#include <stdlib.h>

#include "forwarder/filter.h"
#include "forwarder/forwarder_settings.h"
#include "forwarder/outside/lane.h"
#include "forwarder/outside/target_check.h"
#include "forwarder/redact.h"
#include "io/codec.h"
#include "io/log.h"
#include "io/topic_roles.h"
#include "io/worker.h"

/* What becomes of a message of the batch. */
enum fate { FATE_SENT, FATE_FILTERED, FATE_UNREADABLE };

struct forwarder {
    struct worker *worker;
    struct lane *lane;
    struct edition *edition; /* of the target's settings; held */
    struct redact *redact;   /* made from it */
    struct codec *codec;
    struct codec_output *receipt_format;
    struct worker_topic *receipts;
    struct item *items;
    struct fate_of {
        enum fate fate;
        const char *problem; /* of an UNREADABLE one; in the batch's arena */
    } * fates;
    size_t capacity;  /* of items and fates */
    struct buf value; /* of the receipt being written */
    size_t in_flight;
    struct {
        struct counter *consumed, *delivered, *dead, *filtered, *given_back;
        struct gauge *in_flight;
    } metrics;
};

/* Conservation: consumed = delivered + dead + filtered + given back + in flight. */
static void count_consumed(struct forwarder *f, size_t messages)
{
    metrics_add(f->metrics.consumed, messages);
    f->in_flight += messages;
    metrics_set(f->metrics.in_flight, (double)f->in_flight);
}

static void conclude(struct forwarder *f, struct counter *outcome)
{
    metrics_add(outcome, 1);
    f->in_flight--;
    metrics_set(f->metrics.in_flight, (double)f->in_flight);
}

/* An item is at its end. */
static void settled(void *self, struct batch *batch, const struct item *item,
                    const struct siem_delivery *receipt)
{
    struct forwarder *f = self;
    struct header headers[] = {{"haechi.schema", codec_schema(f->receipt_format)},
                               {"haechi.tenant", receipt->tenant},
                               {"content-type", codec_content_type(f->receipt_format)}};

    buf_reset(&f->value);
    codec_encode(f->receipt_format, receipt, &f->value, NULL); /* prepare_encoding() saw to it */
    const struct output output = {.topic = f->receipts,
                                  .key = receipt->alert_id,
                                  .value = buf_text(&f->value),
                                  .headers = headers,
                                  .header_count = COUNT_OF(headers)};

    if (receipt->status == SIEM_DELIVERED) {
        conclude(f, f->metrics.delivered);
    } else {
        conclude(f, f->metrics.dead);
        log_warn("alert_refused", LOG_TEXT("target", worker_lane(f->worker)),
                 LOG_VIEW("alert_id", receipt->alert_id), LOG_VIEW("reason", receipt->reason));
        worker_reject(batch, item->message, "target_refused",
                      arena_textf(batch->arena, "%.*s", TEXT_ARG(receipt->reason)).bytes);
    }
    worker_produce(batch, item->message, &output);
}

/* A dead letter that is replayed names the target that had refused it; the others have it. */
static bool is_for_us(const struct forwarder *f, const struct batch *batch, const struct item *item)
{
    const struct target_settings *target = f->edition->target;
    const struct text named = worker_header(batch, item->message, "haechi.target");

    return (named.size == 0 || text_is(named, target->name)) &&
           filter_passes(&target->filter, &item->alert);
}

static void find_unreadable(struct forwarder *f, struct batch *batch, size_t i,
                            const struct error *why)
{
    f->fates[i].fate = FATE_UNREADABLE;
    f->fates[i].problem = arena_textf(batch->arena, "%s", why->text).bytes;
}

/* Before anything of the batch is sent, the schemas that it is written by are there. RETRY: the
 * schema registry did not answer. */
static int prepare_reading(struct forwarder *f, struct batch *batch, struct error *err)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct error why = {0};

        f->fates[i] = (struct fate_of){FATE_FILTERED, NULL};
        int code = codec_prepare_reading(f->codec, &alert_type, batch->messages[i].value, &why);

        if (code < 0 && why.class != ERROR_POISON) {
            *err = why;
            return code;
        }
        if (code < 0)
            find_unreadable(f, batch, i, &why);
    }
    return 0;
}

/* Fates of all messages; those that are to be sent go to the lane. Returns how many. */
static size_t read_items(struct forwarder *f, struct batch *batch)
{
    size_t count = 0;

    for (size_t i = 0; i < batch->count; i++) {
        struct item *item = &f->items[count];
        struct error why = {0};
        struct text json;

        if (f->fates[i].fate == FATE_UNREADABLE)
            continue;
        *item = (struct item){.message = i};
        if (codec_decode_json(f->codec, &alert_type, batch->messages[i].value, batch->arena,
                              &item->alert, &json, &why) < 0) {
            find_unreadable(f, batch, i, &why);
        } else if (item->alert.alert_id.size == 0) {
            /* Identities are made of it: targets would take two such alerts for one. */
            error_set(&why, -EINVAL, "alert_id is missing or empty");
            find_unreadable(f, batch, i, &why);
        } else if (is_for_us(f, batch, item)) {
            f->fates[i].fate = FATE_SENT;
            count++;
            item->alert.json = json;
            redact_apply(f->redact, &item->alert, batch->arena);
            lane_add(f->lane, item);
        }
    }
    return count;
}

/* Messages that cannot be read are refused, those that the target does not want are passed over. */
static void settle_others(struct forwarder *f, struct batch *batch, size_t i)
{
    if (f->fates[i].fate == FATE_FILTERED) {
        conclude(f, f->metrics.filtered);
    } else if (f->fates[i].fate == FATE_UNREADABLE) {
        conclude(f, f->metrics.dead);
        worker_reject(batch, i, "undecodable", f->fates[i].problem);
    }
}

/* As in the correlator: the schema's id is had before anything of the batch is sent. */
static int prepare_encoding(struct forwarder *f, struct error *err)
{
    int result = codec_prepare(f->receipt_format, err);

    worker_condition(f->worker, "schema_registry", result < 0 ? err->text : NULL);
    return result;
}

static void make_room(struct forwarder *f, size_t messages)
{
    if (messages <= f->capacity)
        return;
    f->capacity = messages;
    f->items = mem_resize(f->items, messages * sizeof(*f->items));
    f->fates = mem_resize(f->fates, messages * sizeof(*f->fates));
}

/* The target as its settings are now: a token, or the key of pseudonyms, may have been replaced. */
static int renew(struct forwarder *f, struct error *err)
{
    struct edition *edition = lane_edition(f->lane);
    struct redact *redact = NULL;
    const bool is_new = !f->edition || edition->number != f->edition->number;

    if (is_new)
        redact = redact_new(&edition->target->redact, err);
    if (!redact) {
        edition_release(edition);
        return is_new ? -EINVAL : 0;
    }
    redact_free(f->redact);
    edition_release(f->edition);
    f->redact = redact;
    f->edition = edition;
    return 0;
}

static bool is_same_partition(const struct message *a, const struct message *b)
{
    return a->partition == b->partition && text_equal(a->topic, b->topic);
}

/* Is there one, from @from on and before @to, that is open, or is not, in message @i's partition?
 */
static bool has(const struct batch *batch, const bool *is_open, bool open, size_t i, size_t from,
                size_t to)
{
    for (size_t k = from; k < to; k++) {
        if (is_open[k] == open && is_same_partition(&batch->messages[i], &batch->messages[k]))
            return true;
    }
    return false;
}

/* What was not delivered in time, and what stands behind it and was not sent at all. False: some
 * that was delivered stands behind it, so that the position cannot stop between them. */
static bool find_open(const struct forwarder *f, const struct batch *batch, size_t item_count,
                      bool *is_open)
{
    bool can_stop = true;

    for (size_t i = 0; i < item_count; i++)
        is_open[f->items[i].message] = f->items[i].state == ITEM_OPEN;
    for (size_t i = 0; i < batch->count; i++) {
        if (f->fates[i].fate != FATE_SENT)
            is_open[i] = has(batch, is_open, true, i, 0, i);
    }
    for (size_t i = 0; i < batch->count; i++)
        can_stop = can_stop && !(is_open[i] && has(batch, is_open, false, i, i + 1, batch->count));
    return can_stop;
}

/* There is no more time: what is dealt with is settled, the rest is given back. */
static enum batch_outcome give_back(struct forwarder *f, struct batch *batch, size_t item_count)
{
    bool *is_open = arena_zero(batch->arena, batch->count * sizeof(bool));
    bool can_stop = find_open(f, batch, item_count, is_open);

    for (size_t i = 0; i < batch->count; i++) {
        if (is_open[i] || (!can_stop && f->fates[i].fate != FATE_SENT))
            conclude(f, f->metrics.given_back);
        else
            settle_others(f, batch, i);
    }
    for (size_t i = 0; can_stop && i < batch->count; i++) {
        if (is_open[i] && !has(batch, is_open, true, i, 0, i))
            worker_put_back(batch, i);
    }
    return can_stop ? BATCH_DONE : BATCH_RETRY;
}

static enum batch_outcome forwarder_handle(void *self, struct batch *batch, struct error *err)
{
    struct forwarder *f = self;

    make_room(f, batch->count);
    if (prepare_encoding(f, err) < 0 || renew(f, err) < 0 || prepare_reading(f, batch, err) < 0)
        return BATCH_RETRY;
    count_consumed(f, batch->count);
    lane_begin(f->lane, batch);
    const size_t item_count = read_items(f, batch);

    if (lane_finish(f->lane) < 0) {
        error_set_class(err, ERROR_RETRY, -1, "stopping before all was delivered");
        return give_back(f, batch, item_count);
    }
    for (size_t i = 0; i < batch->count; i++)
        settle_others(f, batch, i);
    return BATCH_DONE;
}

/* Starting, ending. */

static void forwarder_close(void *self)
{
    struct forwarder *f = self;

    lane_close(f->lane);
    redact_free(f->redact);
    edition_release(f->edition);
    codec_close(f->codec);
    buf_done(&f->value);
    free(f->items);
    free(f->fates);
    free(f);
}

static struct counter *alerts(struct forwarder *f, const char *outcome)
{
    return metrics_counter(worker_metrics(f->worker), "haechi_forwarder_alerts_total",
                           "Alerts by what became of them.", LABEL("outcome", outcome),
                           LABEL("target", worker_lane(f->worker)));
}

static void open_metrics(struct forwarder *f)
{
    struct metrics *metrics = worker_metrics(f->worker);
    const struct metric_label target = LABEL("target", worker_lane(f->worker));

    f->metrics.consumed = metrics_counter(metrics, "haechi_forwarder_alerts_consumed_total",
                                          "Alerts taken to be delivered.", target, NO_LABEL);
    f->metrics.in_flight = metrics_gauge(metrics, "haechi_forwarder_alerts_in_flight",
                                         "Of those, not yet at an end.", target, NO_LABEL);
    f->metrics.delivered = alerts(f, "delivered");
    f->metrics.dead = alerts(f, "dead");
    f->metrics.filtered = alerts(f, "filtered");
    f->metrics.given_back = alerts(f, "given_back");
}

static void *forwarder_open(struct worker *worker, const void *config, struct error *err)
{
    const struct topic_settings *topics = worker_topics(worker);
    struct forwarder *f = mem_zero(sizeof(*f));

    f->worker = worker;
    f->lane = lane_open(
        &(struct lane_settings){.target = forwarder_target_named(config, worker_lane(worker)),
                                .worker = worker,
                                .settled = settled,
                                .self = f});
    if (renew(f, err) < 0) {
        forwarder_close(f);
        return NULL;
    }
    f->codec = codec_open((enum value_format)topics->format, worker_registry(worker));
    codec_watch(f->codec, worker_metrics(f->worker), "forwarder");
    f->receipt_format = codec_output(f->codec, &siem_delivery_type, topics->siem_deliveries);
    f->receipts = worker_topic(worker, topics->siem_deliveries);
    open_metrics(f);
    worker_subscribe(worker, &topics->correlated_alerts, 1);
    return f;
}

/* As much as a request takes; and small batches, since a position moves batch by batch and each of
 * many lanes holds one: two requests for each connection, of which one is read while one travels.
 */
static struct worker_gather gather_for(const struct target_settings *target)
{
    const struct target_limits limits = forwarder_target_limits(target);
    const size_t most = 2 * limits.max_events * (size_t)target->concurrency;

    return (struct worker_gather){.messages = limits.max_events,
                                  .bytes = limits.max_bytes > 0 ? limits.max_bytes : SIZE_MAX,
                                  .wait_ms = target->max_wait_ms,
                                  .most = most > 100 ? most : 100};
}

static size_t forwarder_lanes(const void *config, struct worker_lane *lanes)
{
    const struct forwarder_settings *settings = config;

    for (size_t i = 0; lanes && i < settings->targets.count; i++) {
        const struct target_settings *target = forwarder_target(settings, i);

        lanes[i] = (struct worker_lane){.name = target->name,
                                        .group = target->group,
                                        .start_at = target->start_at,
                                        .gather = gather_for(target)};
    }
    return settings->targets.count;
}

static int forwarder_check(const void *config, struct error *err)
{
    const struct forwarder_settings *settings = config;

    for (size_t i = 0; i < settings->targets.count; i++) {
        if (target_check(forwarder_target(settings, i), err) < 0)
            return -1;
    }
    return 0;
}

/* No target may write where Haechi itself does: to the alerts' own topic, it would feed itself for
 * ever. */
static void forwarder_check_topics(const struct settings *settings, const void *config,
                                   const struct topic_settings *topics, struct buf *mistakes)
{
    const struct forwarder_settings *own = config;

    for (size_t i = 0; i < own->targets.count; i++) {
        const struct target_settings *target = forwarder_target(own, i);
        const struct target_ops *ops = target->type ? target_find(target->type) : NULL;
        struct target_place place = {0};
        AUTO_BUF key = {0};

        if (!ops || !ops->way || !target->options ||
            ops->way(target->options, &place) != TARGET_BY_KAFKA || place.brokers || !place.topic)
            continue;
        const char *role = topic_roles_of(topics, place.topic);

        buf_addf(&key, "forwarder.targets[%zu].topic", i);
        if (role)
            settings_mistake(settings, mistakes, buf_string(&key),
                             "target '%s': '%s' is topics.%s of the cluster that alerts come from; "
                             "a target needs a topic of its own, or brokers of another cluster",
                             target->name, place.topic, role);
    }
}

int main(int argc, char **argv)
{
    static const struct worker_ops forwarder = {
        .name = "forwarder",
        .summary = "Reads alerts from Kafka and delivers them to SIEMs.",
        .settings = forwarder_settings_rows,
        .config_size = sizeof(struct forwarder_settings),
        .default_port = 9466,
        .check = forwarder_check,
        .check_topics = forwarder_check_topics,
        .lanes = forwarder_lanes,
        .lane_word = "target",
        .open = forwarder_open,
        .handle = forwarder_handle,
        .close = forwarder_close,
    };

    return worker_main(argc, argv, &forwarder);
}

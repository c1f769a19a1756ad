/* forwarder: brings alerts to every target that the settings name.
 *
 *   alerts -> decode -> filter -> lane (outside/lane.h): one for each target -> receipts
 *
 * Each target is a lane with a consumer group and a thread of its own; one that is down holds its
 * own offsets and nobody else's. Start reading at forwarder_handle().
 */
#include <stdlib.h>

#include "forwarder/filter.h"
#include "forwarder/forwarder_settings.h"
#include "forwarder/outside/lane.h"
#include "forwarder/redact.h"
#include "io/codec.h"
#include "io/log.h"
#include "io/worker.h"

struct forwarder {
    struct worker *worker;
    const struct target_settings *target;
    struct keeper keeper;
    struct forwarder_settings *renewed; /* as last read while running, or NULL */
    struct settings *renewed_texts;
    struct log_limit renew_limit;
    struct lane *lane;
    struct redact *redact;
    struct codec *codec;
    struct codec_output *receipt_format;
    struct worker_topic *receipts;
    struct item *items;
    size_t item_capacity;
    struct buf value; /* of the receipt being written */
    struct {
        struct counter *delivered, *dead, *filtered;
    } metrics;
};

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
        metrics_add(f->metrics.delivered, 1);
    } else {
        metrics_add(f->metrics.dead, 1);
        log_warn("alert_refused", LOG_TEXT("target", f->target->name),
                 LOG_VIEW("alert_id", receipt->alert_id), LOG_VIEW("reason", receipt->reason));
        worker_reject(batch, item->message, "target_refused",
                      arena_textf(batch->arena, "%.*s", TEXT_ARG(receipt->reason)).bytes);
    }
    worker_produce(batch, item->message, &output);
}

/* A dead letter that is replayed names the target that had refused it; the others have it. */
static bool is_for_us(const struct forwarder *f, const struct batch *batch, const struct item *item)
{
    const struct text target = worker_header(batch, item->message, "haechi.target");

    return (target.size == 0 || text_is(target, f->target->name)) &&
           filter_passes(&f->target->filter, &item->alert);
}

/* Messages that cannot be read are refused, those that the target does not want are passed over.
 * RETRY: the schema registry did not answer. */
static int read_items(struct forwarder *f, struct batch *batch, size_t *count, struct error *err)
{
    *count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct item *item = &f->items[*count];
        struct error why = {0};

        *item = (struct item){.message = i};
        int code = codec_decode(f->codec, &alert_type, batch->messages[i].value, batch->arena,
                                &item->alert, &why);

        if (code < 0 && why.class != ERROR_POISON) {
            *err = why;
            return code;
        }
        if (code < 0)
            worker_reject(batch, i, "undecodable", why.text);
        else if (is_for_us(f, batch, item))
            redact_apply(f->redact, &f->items[(*count)++].alert, batch->arena);
        else
            metrics_add(f->metrics.filtered, 1);
    }
    return 0;
}

/* As in the correlator: the schema's id is had before anything of the batch is sent. */
static int prepare_encoding(struct forwarder *f, struct error *err)
{
    int result = codec_prepare(f->receipt_format, err);

    worker_condition(f->worker, "schema_registry", result < 0 ? err->text : NULL);
    return result;
}

static enum batch_outcome forwarder_handle(void *self, struct batch *batch, struct error *err)
{
    struct forwarder *f = self;
    size_t count;

    if (batch->count > f->item_capacity) {
        f->item_capacity = batch->count;
        f->items = mem_resize(f->items, batch->count * sizeof(*f->items));
    }
    if (prepare_encoding(f, err) < 0 || read_items(f, batch, &count, err) < 0)
        return BATCH_RETRY;
    if (lane_deliver(f->lane, batch, f->items, count) < 0) {
        error_set_class(err, ERROR_RETRY, -1, "stopping before all was delivered");
        return BATCH_RETRY;
    }
    return BATCH_DONE;
}

/* NULL: there is none of that name. */
static const struct target_settings *find_target(const struct forwarder_settings *settings,
                                                 const char *name)
{
    for (size_t i = 0; i < settings->targets.count; i++) {
        if (strcmp(forwarder_target(settings, i)->name, name) == 0)
            return forwarder_target(settings, i);
    }
    return NULL;
}

static void drop_renewed(struct forwarder *f)
{
    settings_free(f->renewed_texts);
    free(f->renewed);
    f->renewed_texts = NULL;
    f->renewed = NULL;
}

/* The settings before are still used by the lane while these are read. */
static const struct target_settings *renew(void *self)
{
    struct forwarder *f = self;
    struct forwarder_settings *settings = mem_zero(sizeof(*settings));
    struct error err = {0};
    struct settings *texts = worker_settings_again(f->worker, settings, &err);
    const struct target_settings *target = NULL;
    uint64_t passed_over;

    if (texts)
        target = find_target(settings, worker_lane(f->worker));
    if (!target) {
        if (log_limit(&f->renew_limit, &passed_over))
            log_warn("settings_not_renewed", LOG_TEXT("target", worker_lane(f->worker)),
                     LOG_TEXT("error", err.text), LOG_INT("passed_over", passed_over));
        settings_free(texts);
        free(settings);
        return NULL;
    }
    drop_renewed(f);
    f->renewed = settings;
    f->renewed_texts = texts;
    return target;
}

/* Starting, ending. */

static bool keep(void *self)
{
    return worker_keep(self);
}

static void forwarder_close(void *self)
{
    struct forwarder *f = self;

    lane_close(f->lane);
    drop_renewed(f);
    redact_free(f->redact);
    codec_close(f->codec);
    buf_done(&f->value);
    free(f->items);
    free(f);
}

static struct counter *alerts(struct forwarder *f, const char *outcome)
{
    return metrics_counter(worker_metrics(f->worker), "haechi_forwarder_alerts_total",
                           "Alerts by what became of them.", LABEL("outcome", outcome),
                           LABEL("target", f->target->name));
}

static void *forwarder_open(struct worker *worker, const void *config, struct error *err)
{
    const struct topic_settings *topics = worker_topics(worker);
    struct forwarder *f = mem_zero(sizeof(*f));

    f->worker = worker;
    f->target = find_target(config, worker_lane(worker));
    f->redact = redact_new(&f->target->redact, err);
    if (!f->redact) {
        forwarder_close(f);
        return NULL;
    }
    f->keeper = (struct keeper){keep, worker};
    f->codec = codec_open((enum value_format)topics->format, worker_registry(worker));
    codec_watch(f->codec, worker_metrics(f->worker), "forwarder");
    f->receipt_format = codec_output(f->codec, &siem_delivery_type, topics->siem_deliveries);
    f->receipts = worker_topic(worker, topics->siem_deliveries);
    f->metrics.delivered = alerts(f, "delivered");
    f->metrics.dead = alerts(f, "dead");
    f->metrics.filtered = alerts(f, "filtered");
    f->lane = lane_open(&(struct lane_settings){.target = f->target,
                                                .kafka = worker_kafka(worker),
                                                .worker = worker,
                                                .keeper = &f->keeper,
                                                .renew = renew,
                                                .settled = settled,
                                                .self = f});
    worker_subscribe(worker, &topics->correlated_alerts, 1);
    return f;
}

/* As much as a request takes. */
static struct worker_gather gather_for(const struct target_settings *target)
{
    const struct target_limits limits = forwarder_target_limits(target);

    return (struct worker_gather){.messages = limits.max_events,
                                  .bytes = limits.max_bytes > 0 ? limits.max_bytes : SIZE_MAX,
                                  .wait_ms = target->max_wait_ms};
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

int main(int argc, char **argv)
{
    static const struct worker_ops forwarder = {
        .name = "forwarder",
        .summary = "Reads alerts from Kafka and brings them to SIEMs.",
        .settings = forwarder_settings_rows,
        .config_size = sizeof(struct forwarder_settings),
        .default_port = 9466,
        .lanes = forwarder_lanes,
        .lane_word = "target",
        .open = forwarder_open,
        .handle = forwarder_handle,
        .close = forwarder_close,
    };

    return worker_main(argc, argv, &forwarder);
}

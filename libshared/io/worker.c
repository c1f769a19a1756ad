#include "io/worker.h"

#include <errno.h>
#include <getopt.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"
#include "io/conditions.h"
#include "io/consumer.h"
#include "io/http_server.h"
#include "io/log.h"
#include "io/process_metrics.h"
#include "io/producer.h"
#include "io/signals.h"

enum {
    POLL_MS = 100,
    STALL_POLL_MS = 10,
    RETRY_FIRST_MS = 50,
    RETRY_LAST_MS = 5000,
    ALIVE_WITHIN_US = 60 * 1000000,
    ARENA_BLOCK = 1 << 20,
    ARENA_KEEP = 16 << 20,
};

/* What is known of a message of the batch beside what the service sees. */
struct slot {
    rd_kafka_message_t *message;
    struct settlement_span *span;
    struct producer_source *source; /* once something was made from it */
    enum settlement_outcome outcome;
};

struct worker {
    const struct worker_ops *ops;
    struct shared_settings shared;
    struct worker_settings own;
    struct shared_worker_rows rows;
    void *config;
    struct settings *settings;
    struct metrics *metrics;
    struct conditions *conditions;
    struct signals *signals;
    struct http_server *http;
    struct producer *producer;
    struct settlement *settlement;
    struct consumer *consumer;
    rd_kafka_topic_partition_list_t *subscription;
    void *service;
    rd_kafka_message_t **taken;
    struct message *messages;
    struct slot *slots;
    struct arena *arena;
    char *cluster; /* librdkafka's; NULL: not known yet */
    _Atomic int64_t alive_us;
    int64_t ticked_us;
    struct settlement_counts counted; /* what the counters show */
    struct counter *consumed, *produced, *nothing, *dead_lettered, *given_back, *retries;
    struct gauge *in_flight;
    struct histogram *batch_seconds;
};

/* The batch, as services see it. */

static struct producer_source *source_of(struct worker *w, size_t i)
{
    struct slot *slot = &w->slots[i];

    if (!slot->source)
        slot->source = producer_source(w->producer, slot->message, slot->span);
    return slot->source;
}

static void stall(struct worker *w)
{
    w->alive_us = clock_monotonic_us();
    producer_poll(w->producer, STALL_POLL_MS);
    consumer_stall(w->consumer);
}

static void wait_for_room(struct worker *w)
{
    while (producer_is_full(w->producer) && !producer_is_lost(w->producer))
        stall(w);
}

void worker_produce(struct batch *batch, size_t i, const struct output *output)
{
    struct worker *w = batch->worker;

    wait_for_room(w);
    while (!producer_send(w->producer, source_of(w, i), output) && !producer_is_lost(w->producer))
        stall(w);
    w->slots[i].outcome = OUTCOME_PRODUCED;
}

static void count_dead_letter(struct worker *w, const char *reason)
{
    metrics_add(metrics_counter(w->metrics, "haechi_dead_letters_total",
                                "Messages sent to dead letters.", LABEL("service", w->ops->name),
                                LABEL("reason", reason)),
                1);
}

void worker_reject(struct batch *batch, size_t i, const char *reason, const char *sentence)
{
    struct worker *w = batch->worker;
    const struct message *message = &batch->messages[i];

    log_warn("dead_letter", LOG_TEXT("reason", reason), LOG_TEXT("error", sentence),
             LOG_VIEW("topic", message->topic), LOG_INT("partition", message->partition),
             LOG_INT("offset", message->offset));
    count_dead_letter(w, reason);
    wait_for_room(w);
    while (!producer_send_dead_letter(w->producer, source_of(w, i), reason, sentence) &&
           !producer_is_lost(w->producer))
        stall(w);
    w->slots[i].outcome = OUTCOME_DEAD_LETTERED;
}

struct text worker_header(const struct batch *batch, size_t i, const char *name)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t size;

    if (rd_kafka_message_headers(batch->worker->slots[i].message, &headers) !=
            RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return (struct text){NULL, 0};
    return (struct text){value, size};
}

/* One batch. */

static void fill(struct worker *w, size_t count)
{
    rd_kafka_topic_t *last = NULL;
    struct text topic = {NULL, 0};

    for (size_t i = 0; i < count; i++) {
        rd_kafka_message_t *m = w->taken[i];
        rd_kafka_timestamp_type_t type;

        if (m->rkt != last) {
            last = m->rkt;
            topic = text_of(rd_kafka_topic_name(m->rkt));
        }
        w->messages[i] = (struct message){.value = {m->payload, m->len},
                                          .key = {m->key, m->key_len},
                                          .topic = topic,
                                          .partition = m->partition,
                                          .offset = m->offset,
                                          .at_ms = rd_kafka_message_timestamp(m, &type)};
        w->slots[i] = (struct slot){
            .message = m,
            .span = settlement_take(w->settlement,
                                    settlement_partition(w->settlement, topic.bytes, m->partition),
                                    m->offset)};
    }
}

/* Grows from try to try, half of it chance, so that replicas do not come back in step. */
static void back_off(struct worker *w, int try)
{
    int64_t most = RETRY_FIRST_MS << (try < 7 ? try : 7);

    if (most > RETRY_LAST_MS)
        most = RETRY_LAST_MS;
    int64_t until = clock_monotonic_us() + most * 500 + clock_monotonic_us() % (most * 500);

    while (clock_monotonic_us() < until && !signals_want_end(w->signals))
        stall(w);
}

/* True: handled. False: the worker is to end first; nothing of it is stored. */
static bool handle(struct worker *w, size_t count)
{
    struct error err = {0};

    for (int try = 0;; try++) {
        struct batch batch = {.messages = w->messages,
                              .count = count,
                              .arena = w->arena,
                              .cluster = text_of(w->cluster),
                              .now_ms = clock_now_ms(),
                              .worker = w};
        enum batch_outcome outcome = w->ops->handle(w->service, &batch, &err);

        arena_reset(w->arena, ARENA_KEEP);
        if (outcome == BATCH_DONE)
            break;
        conditions_set(w->conditions, "batch", err.text);
        metrics_add(w->retries, 1);
        back_off(w, try);
        if (signals_want_end(w->signals) || producer_is_lost(w->producer))
            return false;
    }
    conditions_set(w->conditions, "batch", NULL);
    consumer_resume(w->consumer);
    return true;
}

static void end_batch(struct worker *w, size_t count, bool is_handled)
{
    for (size_t i = 0; i < count; i++) {
        if (is_handled)
            settlement_judge(w->slots[i].span, w->slots[i].outcome);
        if (w->slots[i].source)
            producer_drop(w->producer, w->slots[i].source);
        rd_kafka_message_destroy(w->slots[i].message);
    }
    if (is_handled)
        settlement_end_batch(w->settlement);
}

static void show_counts(struct worker *w)
{
    const struct settlement_counts *now = settlement_counts(w->settlement);

    metrics_add(w->consumed, now->consumed - w->counted.consumed);
    metrics_add(w->produced, now->produced - w->counted.produced);
    metrics_add(w->nothing, now->nothing - w->counted.nothing);
    metrics_add(w->dead_lettered, now->dead_lettered - w->counted.dead_lettered);
    metrics_add(w->given_back, now->given_back - w->counted.given_back);
    metrics_set(w->in_flight, (double)now->in_flight);
    w->counted = *now;
}

static void settle(struct worker *w)
{
    producer_poll(w->producer, 0);
    consumer_store(w->consumer);
    show_counts(w);
}

static void tick(struct worker *w)
{
    int64_t now_us = clock_monotonic_us();

    w->alive_us = now_us;
    if (now_us - w->ticked_us < 1000000)
        return;
    w->ticked_us = now_us;
    consumer_measure(w->consumer);
    if (w->ops->tick)
        w->ops->tick(w->service, clock_now_ms());
}

static void reload(struct worker *w)
{
    struct error err = {0};

    if (!w->ops->reload)
        return;
    if (w->ops->reload(w->service, &err) < 0)
        log_error("reload_failed", LOG_TEXT("error", err.text),
                  LOG_TEXT("consequence", "what was loaded before stays in force"));
    else
        log_info("reloaded");
}

static void one_round(struct worker *w)
{
    size_t count = consumer_take(w->consumer, w->taken, (size_t)w->own.batch_max_messages, POLL_MS);

    if (count > 0) {
        int64_t began_us = clock_monotonic_us();

        while (!w->cluster && !signals_want_end(w->signals))
            w->cluster = rd_kafka_clusterid(producer_client(w->producer), POLL_MS);
        fill(w, count);
        end_batch(w, count, w->cluster && handle(w, count));
        metrics_observe(w->batch_seconds, (double)(clock_monotonic_us() - began_us) / 1e6);
    }
    settle(w);
    tick(w);
    if (signals_want_reload(w->signals))
        reload(w);
}

/* Starting and ending. */

static int healthz(void *context, struct buf *out, const char **type)
{
    struct worker *w = context;
    bool is_alive = clock_monotonic_us() - w->alive_us < ALIVE_WITHIN_US;

    *type = "text/plain";
    buf_add_string(out, is_alive ? "ok\n" : "the worker's loop stands still\n");
    return is_alive ? 200 : 503;
}

static int readyz(void *context, struct buf *out, const char **type)
{
    struct worker *w = context;

    *type = "application/json";
    conditions_render(w->conditions, out);
    return conditions_all_well(w->conditions) ? 200 : 503;
}

static int metrics_page(void *context, struct buf *out, const char **type)
{
    struct worker *w = context;

    *type = "text/plain; version=0.0.4; charset=utf-8";
    metrics_render(w->metrics, out);
    process_metrics_render(out);
    return 200;
}

static struct counter *outcome_counter(struct worker *w, const char *outcome)
{
    char name[80];

    snprintf(name, sizeof(name), "haechi_%s_logs_total", w->ops->name);
    return metrics_counter(w->metrics, name, "Messages by what became of them.",
                           LABEL("outcome", outcome), NO_LABEL);
}

static void make_metrics(struct worker *w)
{
    char name[80];

    snprintf(name, sizeof(name), "haechi_%s_logs_consumed_total", w->ops->name);
    w->consumed = metrics_counter(w->metrics, name, "Messages read.", NO_LABEL, NO_LABEL);
    w->produced = outcome_counter(w, "produced");
    w->nothing = outcome_counter(w, "nothing");
    w->dead_lettered = outcome_counter(w, "dead_lettered");
    w->given_back = outcome_counter(w, "given_back");
    snprintf(name, sizeof(name), "haechi_%s_logs_in_flight", w->ops->name);
    w->in_flight = metrics_gauge(w->metrics, name, "Messages not yet settled.", NO_LABEL, NO_LABEL);
    snprintf(name, sizeof(name), "haechi_%s_batch_retries_total", w->ops->name);
    w->retries = metrics_counter(w->metrics, name, "Batches that had to wait.", NO_LABEL, NO_LABEL);
    snprintf(name, sizeof(name), "haechi_%s_batch_seconds", w->ops->name);
    w->batch_seconds =
        metrics_histogram(w->metrics, name, "From taking a batch to its end.", NO_LABEL);
}

static int open_clients(struct worker *w, struct error *err)
{
    const struct consumer_options options = {.kafka = &w->shared.kafka,
                                             .topics = &w->shared.topics,
                                             .group = w->own.group,
                                             .start_at = w->own.start_at,
                                             .service = w->ops->name};

    w->producer = producer_open(&w->shared.kafka, w->ops->name, w->shared.topics.dead_letters,
                                w->metrics, w->conditions, err);
    if (!w->producer)
        return -1;
    w->consumer =
        consumer_open(&options, w->settlement, w->producer, w->metrics, w->conditions, err);
    return w->consumer ? 0 : -1;
}

static int open_all(struct worker *w, struct error *err)
{
    static const struct http_server_route routes[] = {
        {"/healthz", healthz}, {"/readyz", readyz}, {"/metrics", metrics_page}, {NULL, NULL}};

    w->alive_us = clock_monotonic_us();
    w->http = http_server_start(w->own.metrics_address, (int)w->own.metrics_port, routes, w, err);
    if (!w->http || open_clients(w, err) < 0)
        return -1;
    w->service = w->ops->open(w, w->config, err);
    if (!w->service)
        return -1;
    log_info("started", LOG_TEXT("version", HAECHI_VERSION),
             LOG_INT("metrics_port", http_server_port(w->http)));
    return consumer_subscribe(w->consumer, w->subscription, err);
}

static void prepare(struct worker *w)
{
    size_t limit = (size_t)w->own.batch_max_messages;

    log_start(w->ops->name, (enum log_level)w->own.log_level);
    w->signals = signals_start(w->own.shutdown_timeout_ms);
    w->metrics = metrics_new();
    w->conditions = conditions_new();
    w->settlement = settlement_new();
    w->arena = arena_new(ARENA_BLOCK);
    w->taken = mem_zero(limit * sizeof(*w->taken));
    w->messages = mem_zero(limit * sizeof(*w->messages));
    w->slots = mem_zero(limit * sizeof(*w->slots));
    w->subscription = rd_kafka_topic_partition_list_new(4);
    make_metrics(w);
}

static void close_all(struct worker *w)
{
    consumer_close(w->consumer);
    if (w->service)
        w->ops->close(w->service);
    producer_close(w->producer);
    http_server_stop(w->http);
    signals_stop(w->signals);
    rd_kafka_topic_partition_list_destroy(w->subscription);
    settlement_free(w->settlement);
    conditions_free(w->conditions);
    metrics_free(w->metrics);
    arena_free(w->arena);
    free(w->taken);
    free(w->messages);
    free(w->slots);
}

static int run(struct worker *w)
{
    struct error err = {0};
    int status = 1;

    prepare(w);
    if (open_all(w, &err) < 0) {
        fprintf(stderr, "haechi-%s: %s\n", w->ops->name, err.text);
    } else {
        while (!signals_want_end(w->signals) && !producer_is_lost(w->producer))
            one_round(w);
        log_info("ending");
        while (producer_in_flight(w->producer) > 0 && !producer_is_lost(w->producer))
            producer_poll(w->producer, STALL_POLL_MS);
        settle(w);
        status = producer_is_lost(w->producer);
    }
    close_all(w);
    return status;
}

/* The command line. */

static const char *environment(const char *name)
{
    return getenv(name);
}

static void print_help(const struct worker_ops *ops)
{
    printf("haechi-%s: %s\n\n"
           "usage: haechi-%s [--config FILE] [--check | --print-config]\n\n"
           "  --config FILE   settings; else HAECHI_CONFIG, else /etc/haechi/haechi.yaml\n"
           "  --check         say whether settings and rules are good, and end\n"
           "  --print-config  print the settings in force, secrets as ***, and end\n"
           "  --help          print this and end\n"
           "  --version       print the version and end\n\n"
           "example: haechi-%s --config haechi.yaml --check\n",
           ops->name, ops->summary, ops->name, ops->name);
}

struct arguments {
    const char *config;
    bool check, print;
};

/* -1: go on; else the exit status. */
static int read_arguments(int argc, char **argv, const struct worker_ops *ops,
                          struct arguments *arguments)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
        {"print-config", no_argument, NULL, 'p'}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0}};

    for (int option; (option = getopt_long(argc, argv, "c:hv", options, NULL)) != -1;) {
        switch (option) {
        case 'c':
            arguments->config = optarg;
            break;
        case 'k':
            arguments->check = true;
            break;
        case 'p':
            arguments->print = true;
            break;
        case 'h':
            print_help(ops);
            return 0;
        case 'v':
            printf("haechi-%s %s\n", ops->name, HAECHI_VERSION);
            return 0;
        default:
            fprintf(stderr, "haechi-%s --help shows what is understood\n", ops->name);
            return 2;
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "haechi-%s: '%s' is not an option; --help shows what is understood\n",
            ops->name, argv[optind]);
    return 2;
}

static int load_and_run(struct worker *w, const struct arguments *arguments)
{
    struct settings_section sections[SHARED_SETTINGS_SECTIONS + 2];
    struct error err = {0};

    shared_settings_sections(&w->shared, sections);
    shared_settings_worker(w->ops->name, w->ops->default_port, &w->rows);
    sections[SHARED_SETTINGS_SECTIONS] =
        (struct settings_section){w->ops->name, w->rows.rows, &w->own};
    sections[SHARED_SETTINGS_SECTIONS + 1] =
        (struct settings_section){w->ops->name, w->ops->settings, w->config};
    w->settings = settings_load(shared_settings_path(arguments->config, environment), sections,
                                COUNT_OF(sections), environment, &err);
    if (w->settings && arguments->print) {
        AUTO_BUF out = {0};

        settings_print(sections, COUNT_OF(sections), &out);
        fwrite(out.bytes, 1, out.size, stdout);
        return 0;
    }
    if (!w->settings || (arguments->check && w->ops->check && w->ops->check(w->config, &err) < 0)) {
        fprintf(stderr, "haechi-%s: %s\n", w->ops->name, err.text);
        return 2;
    }
    return arguments->check ? 0 : run(w);
}

int worker_main(int argc, char **argv, const struct worker_ops *ops)
{
    struct arguments arguments = {0};
    int status = read_arguments(argc, argv, ops, &arguments);

    if (status >= 0)
        return status;
    struct worker *w = mem_zero(sizeof(*w));

    w->ops = ops;
    w->config = mem_zero(ops->config_size);
    status = load_and_run(w, &arguments);
    settings_free(w->settings);
    free(w->config);
    free(w);
    return status;
}

void worker_subscribe(struct worker *w, const char *const *topics, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(w->subscription, topics[i], RD_KAFKA_PARTITION_UA);
}

struct worker_topic *worker_topic(struct worker *w, const char *name)
{
    return producer_topic(w->producer, name);
}

struct metrics *worker_metrics(struct worker *w)
{
    return w->metrics;
}

const struct topic_settings *worker_topics(const struct worker *w)
{
    return &w->shared.topics;
}

const struct redis_settings *worker_redis(const struct worker *w)
{
    return &w->shared.redis;
}

const struct registry_settings *worker_registry(const struct worker *w)
{
    return &w->shared.registry;
}

void worker_condition(struct worker *w, const char *name, const char *problem)
{
    conditions_set(w->conditions, name, problem);
}

#include "cli/commands/topics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands/cluster.h"
#include "cli/commands/output.h"
#include "cli/table.h"

/* A broker that answers does so at once; who waits longer is told for what. */
enum { ANSWER_MS = 30000, SILENT_MS = 3000, CONTROLLER_MS = 5000, NOT_SAID = 0 };

/* The topics that Haechi writes. Topics of raw logs are yours: a typing mistake in
 * the settings should not make one. */
struct kind {
    size_t name; /* offset in struct topic_settings */
    int64_t partitions;
    const char *settings[3][2]; /* names and values, NULL after the last */
};

static const struct kind kinds[] = {
    {offsetof(struct topic_settings, detected_events),
     12,
     {{"cleanup.policy", "delete"}, {"retention.ms", "604800000"}}}, /* 7 days */
    {offsetof(struct topic_settings, correlated_alerts),
     12,
     {{"cleanup.policy", "delete"}, {"retention.ms", "2592000000"}}}, /* 30 days */
    {offsetof(struct topic_settings, siem_deliveries),
     6,
     {{"cleanup.policy", "delete"}, {"retention.ms", "7776000000"}}}, /* 90 days: evidence */
    /* The newest record of each IOC for ever; a removal is seen by whoever was away for a week. */
    {offsetof(struct topic_settings, iocs),
     6,
     {{"cleanup.policy", "compact"}, {"delete.retention.ms", "604800000"}}},
    {offsetof(struct topic_settings, compliance_findings),
     3,
     {{"cleanup.policy", "delete"},
      {"retention.ms", "34560000000"}}}, /* 400 days: a year's audit */
    /* 4 MiB: a log of 1 MiB with its headers fits. */
    {offsetof(struct topic_settings, dead_letters),
     6,
     {{"cleanup.policy", "delete"},
      {"retention.ms", "2592000000"},
      {"max.message.bytes", "4194304"}}},
};

struct topics_options {
    struct cluster_options cluster;
    int64_t partitions;  /* NOT_SAID: each kind's own */
    int64_t replication; /* NOT_SAID: the broker's default */
    bool dry_run;
    int output;
};

enum status { STATUS_CREATED, STATUS_WOULD_CREATE, STATUS_EXISTS, STATUS_DIFFERS, STATUS_FAILED };

static const char *const status_names[] = {
    [STATUS_CREATED] = "created", [STATUS_WOULD_CREATE] = "would be created",
    [STATUS_EXISTS] = "exists",   [STATUS_DIFFERS] = "differs",
    [STATUS_FAILED] = "failed",
};
static const enum paint status_paints[] = {
    [STATUS_CREATED] = PAINT_GOOD, [STATUS_WOULD_CREATE] = PAINT_GOOD,
    [STATUS_EXISTS] = PAINT_DIM,   [STATUS_DIFFERS] = PAINT_MEDIUM,
    [STATUS_FAILED] = PAINT_BAD,
};

/* What one of the kinds came to. */
struct topic {
    const struct kind *kind;
    const char *name;
    int64_t partitions;  /* wished for, or there */
    int64_t replication; /* NOT_SAID: the broker's default */
    enum status status;
    struct buf details;
};

struct creation {
    const struct arguments *arguments;
    const struct topics_options *options;
    struct cluster cluster;
    rd_kafka_queue_t *queue;
    bool has_controller; /* among the brokers */
    struct topic topics[COUNT_OF(kinds)];
};

static struct topic *topic_named(struct creation *c, const char *name)
{
    for (size_t i = 0; i < COUNT_OF(c->topics); i++) {
        if (strcmp(c->topics[i].name, name) == 0)
            return &c->topics[i];
    }
    return NULL;
}

static void add_detail(struct topic *topic, enum status status, const char *what, const char *is,
                       const char *wanted)
{
    if (topic->status != STATUS_FAILED)
        topic->status = status;
    buf_addf(&topic->details, "%s%s", topic->details.size ? "; " : "", what);
    if (wanted)
        buf_addf(&topic->details, ": %s, not %s", is, wanted);
}

static void add_number(struct topic *topic, const char *what, int64_t is, int64_t wanted)
{
    char found[24], want[24];

    if (is == wanted || wanted == NOT_SAID)
        return;
    snprintf(found, sizeof(found), "%" PRId64, is);
    snprintf(want, sizeof(want), "%" PRId64, wanted);
    add_detail(topic, STATUS_DIFFERS, what, found, want);
}

static void look_at(struct topic *topic, const rd_kafka_metadata_topic_t *there)
{
    topic->status = STATUS_EXISTS;
    add_number(topic, "partitions", there->partition_cnt, topic->partitions);
    topic->partitions = there->partition_cnt;
    if (there->partition_cnt == 0)
        return;
    add_number(topic, "replication", there->partitions[0].replica_cnt, topic->replication);
    topic->replication = there->partitions[0].replica_cnt;
}

static rd_kafka_AdminOptions_t *admin_options(struct creation *c, rd_kafka_admin_op_t operation)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(c->cluster.kafka, operation);
    char reason[256];

    rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, reason, sizeof(reason));
    return options;
}

/* Waits for the answer to a request of ours, which is to @what. NULL with @err. */
static rd_kafka_event_t *answer(struct creation *c, const char *what, struct error *err)
{
    const char *brokers = c->cluster.shared.kafka.bootstrap_servers;
    rd_kafka_event_t *event = rd_kafka_queue_poll(c->queue, SILENT_MS);
    struct error waiting;
    char failed[64];

    if (!event) {
        error_set(&waiting, -EAGAIN, "waiting for %.100s to %s, for %d s at most", brokers, what,
                  ANSWER_MS / 1000);
        terminal_complain(c->arguments, &waiting);
        event = rd_kafka_queue_poll(c->queue, 2 * ANSWER_MS);
    }
    rd_kafka_resp_err_t code = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;

    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return event;
    if (code == RD_KAFKA_RESP_ERR__TIMED_OUT)
        error_set(err, -EIO,
                  "%.100s did not %s within %d s (%s); it must be a Kafka cluster that takes admin "
                  "requests, and its controller must be reachable from here",
                  brokers, what, ANSWER_MS / 1000,
                  event ? rd_kafka_event_error_string(event) : "no answer");
    else {
        snprintf(failed, sizeof(failed), "cannot %s", what);
        cluster_fail(&c->cluster, failed, code, err);
    }
    rd_kafka_event_destroy(event);
    return NULL;
}

static void compare_settings(struct topic *topic, const rd_kafka_ConfigResource_t *resource)
{
    size_t count = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resource);

    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        add_detail(topic, STATUS_FAILED, "its settings cannot be read: ", NULL, NULL);
        buf_add_string(&topic->details, rd_kafka_err2str(code));
        return;
    }
    for (size_t i = 0; i < COUNT_OF(topic->kind->settings) && topic->kind->settings[i][0]; i++) {
        const char *name = topic->kind->settings[i][0], *wanted = topic->kind->settings[i][1];

        for (size_t k = 0; k < count; k++) {
            const char *value = rd_kafka_ConfigEntry_value(entries[k]);

            if (strcmp(rd_kafka_ConfigEntry_name(entries[k]), name) == 0 &&
                (!value || strcmp(value, wanted) != 0))
                add_detail(topic, STATUS_DIFFERS, name, value ? value : "hidden", wanted);
        }
    }
}

static int describe(struct creation *c, struct error *err)
{
    rd_kafka_ConfigResource_t *asked[COUNT_OF(kinds)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(c->topics); i++) {
        if (c->topics[i].status == STATUS_EXISTS || c->topics[i].status == STATUS_DIFFERS)
            asked[count++] =
                rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, c->topics[i].name);
    }
    if (count == 0)
        return 0;
    rd_kafka_AdminOptions_t *options = admin_options(c, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);

    rd_kafka_DescribeConfigs(c->cluster.kafka, asked, count, options, c->queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy_array(asked, count);

    rd_kafka_event_t *event = answer(c, "tell the settings of topics", err);

    if (!event)
        return -EIO;
    const rd_kafka_ConfigResource_t **found = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event), &count);

    for (size_t i = 0; i < count; i++) {
        struct topic *topic = topic_named(c, rd_kafka_ConfigResource_name(found[i]));

        if (topic)
            compare_settings(topic, found[i]);
    }
    rd_kafka_event_destroy(event);
    return 0;
}

/* NULL: what is wished for cannot even be said; the topic tells. */
static rd_kafka_NewTopic_t *wish(struct topic *topic)
{
    char reason[256];
    rd_kafka_NewTopic_t *wish = rd_kafka_NewTopic_new(
        topic->name, (int)topic->partitions,
        topic->replication == NOT_SAID ? -1 : (int)topic->replication, reason, sizeof(reason));

    if (!wish) {
        add_detail(topic, STATUS_FAILED, reason, NULL, NULL);
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(topic->kind->settings) && topic->kind->settings[i][0]; i++)
        rd_kafka_NewTopic_set_config(wish, topic->kind->settings[i][0],
                                     topic->kind->settings[i][1]);
    return wish;
}

static void note_results(struct creation *c, rd_kafka_event_t *event)
{
    size_t count = 0;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);

    for (size_t i = 0; i < count; i++) {
        struct topic *topic = topic_named(c, rd_kafka_topic_result_name(results[i]));
        const char *reason = rd_kafka_topic_result_error_string(results[i]);

        if (topic && rd_kafka_topic_result_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR)
            add_detail(topic, STATUS_FAILED,
                       reason ? reason : rd_kafka_err2str(rd_kafka_topic_result_error(results[i])),
                       NULL, NULL);
    }
}

/* Topics are made by the controller. A cluster is without one while it elects another, and
 * librdkafka's mock cluster names one that is none of its brokers. */
static bool has_controller(struct creation *c, const struct rd_kafka_metadata *metadata)
{
    int32_t id = rd_kafka_controllerid(c->cluster.kafka, CONTROLLER_MS);

    for (int i = 0; i < metadata->broker_cnt; i++) {
        if (metadata->brokers[i].id == id)
            return true;
    }
    return false;
}

/* Makes what is missing; with --dry-run the broker only says whether it would. */
static int create(struct creation *c, struct error *err)
{
    rd_kafka_NewTopic_t *wishes[COUNT_OF(kinds)];
    size_t count = 0;
    char reason[256];

    for (size_t i = 0; i < COUNT_OF(c->topics); i++) {
        if (c->topics[i].status == STATUS_CREATED || c->topics[i].status == STATUS_WOULD_CREATE) {
            wishes[count] = wish(&c->topics[i]);
            count += wishes[count] != NULL;
        }
    }
    if (count == 0)
        return 0;
    if (!c->has_controller) {
        rd_kafka_NewTopic_destroy_array(wishes, count);
        return error_set(err, -EIO,
                         "cannot create topics at %.100s: none of its brokers is the controller; "
                         "try again once one is elected (the broker of scripts/demo never has one)",
                         c->cluster.shared.kafka.bootstrap_servers);
    }
    rd_kafka_AdminOptions_t *options = admin_options(c, RD_KAFKA_ADMIN_OP_CREATETOPICS);

    rd_kafka_AdminOptions_set_operation_timeout(options, ANSWER_MS, reason, sizeof(reason));
    rd_kafka_AdminOptions_set_validate_only(options, c->options->dry_run, reason, sizeof(reason));
    rd_kafka_CreateTopics(c->cluster.kafka, wishes, count, options, c->queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy_array(wishes, count);

    rd_kafka_event_t *event = answer(c, "create topics", err);

    if (!event)
        return -EIO;
    note_results(c, event);
    rd_kafka_event_destroy(event);
    return 0;
}

static void plan(struct creation *c, const struct rd_kafka_metadata *metadata)
{
    const struct topics_options *options = c->options;

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct topic *topic = &c->topics[i];
        const char *const *name =
            (const char *const *)(const void *)((const char *)&c->cluster.shared.topics +
                                                kinds[i].name);
        const rd_kafka_metadata_topic_t *there = cluster_topic(metadata, *name);

        topic->kind = &kinds[i];
        topic->name = *name;
        topic->partitions = options->partitions ? options->partitions : kinds[i].partitions;
        topic->replication = options->replication;
        if (there)
            look_at(topic, there);
        else
            topic->status = options->dry_run ? STATUS_WOULD_CREATE : STATUS_CREATED;
    }
}

static void add_json(const struct topic *topic, struct buf *out)
{
    buf_add_string(out, "{\"topic\":");
    buf_add_json(out, text_of(topic->name));
    buf_addf(out, ",\"status\":\"%s\",\"partitions\":%" PRId64 ",\"replication\":",
             status_names[topic->status], topic->partitions);
    if (topic->replication == NOT_SAID)
        buf_add_string(out, "null");
    else
        buf_addf(out, "%" PRId64, topic->replication);
    buf_add_string(out, ",\"settings\":{");
    for (size_t i = 0; i < COUNT_OF(topic->kind->settings) && topic->kind->settings[i][0]; i++)
        buf_addf(out, "%s\"%s\":\"%s\"", i ? "," : "", topic->kind->settings[i][0],
                 topic->kind->settings[i][1]);
    buf_add_string(out, "},\"details\":");
    buf_add_json(out, buf_text(&topic->details));
    buf_add_string(out, "}\n");
}

static void add_table(struct creation *c, const struct terminal *terminal, struct buf *out)
{
    struct table table = {
        .columns = {{.title = "TOPIC", .least = TABLE_WHOLE},
                    {.title = "PARTITIONS", .right = true, .least = TABLE_WHOLE, .drop = 2},
                    {.title = "REPLICATION", .right = true, .least = TABLE_WHOLE, .drop = 1},
                    {.title = "STATUS", .least = TABLE_WHOLE},
                    {.title = "DETAILS"}},
        .count = 5,
        .colour = terminal->colour};
    struct cell rows[COUNT_OF(kinds)][5];
    char numbers[COUNT_OF(kinds)][2][24];

    for (size_t i = 0; i < COUNT_OF(c->topics); i++) {
        const struct topic *topic = &c->topics[i];

        snprintf(numbers[i][0], sizeof(numbers[i][0]), "%" PRId64, topic->partitions);
        snprintf(numbers[i][1], sizeof(numbers[i][1]), "%" PRId64, topic->replication);
        rows[i][0] = (struct cell){text_of(topic->name), PAINT_BOLD};
        rows[i][1] = (struct cell){text_of(numbers[i][0]), PAINT_NONE};
        rows[i][2] = (struct cell){
            topic->replication == NOT_SAID ? TEXT("default") : text_of(numbers[i][1]), PAINT_NONE};
        rows[i][3] =
            (struct cell){text_of(status_names[topic->status]), status_paints[topic->status]};
        rows[i][4] = (struct cell){buf_text(&topic->details), PAINT_NONE};
    }
    table_write(&table, rows[0], COUNT_OF(c->topics), terminal->width, out);
}

static bool show(struct creation *c, const struct arguments *arguments)
{
    struct terminal terminal = terminal_of(stdout);
    const enum output output = output_of(c->options->output, &terminal);
    AUTO_BUF out = {0};
    bool is_good = true;

    if (output == OUTPUT_TABLE) {
        add_table(c, &terminal, &out);
    } else {
        for (size_t i = 0; i < COUNT_OF(c->topics); i++)
            add_json(&c->topics[i], &out);
    }
    for (size_t i = 0; i < COUNT_OF(c->topics); i++)
        is_good = is_good && c->topics[i].status != STATUS_FAILED;
    return output_print(arguments, output, buf_text(&out)) && is_good;
}

static int work(struct creation *c, struct error *err)
{
    const struct rd_kafka_metadata *metadata = NULL;

    if (cluster_open(&c->cluster, &c->options->cluster, RD_KAFKA_PRODUCER, err) < 0)
        return -EINVAL;
    if (cluster_metadata(&c->cluster, &metadata, err) < 0)
        return -EIO;
    plan(c, metadata);
    c->has_controller = has_controller(c, metadata);
    rd_kafka_metadata_destroy(metadata);
    c->queue = rd_kafka_queue_new(c->cluster.kafka);
    return describe(c, err) < 0 || create(c, err) < 0 ? -EIO : 0;
}

static int run(const struct arguments *arguments)
{
    struct creation c = {.arguments = arguments, .options = arguments->config};
    struct error err = {0};
    int result = work(&c, &err);
    int status = result == -EINVAL ? 2 : 1; /* settings are usage */

    if (result < 0)
        terminal_complain(arguments, &err);
    else if (show(&c, arguments))
        status = 0;
    for (size_t i = 0; i < COUNT_OF(c.topics); i++)
        buf_done(&c.topics[i].details);
    if (c.queue)
        rd_kafka_queue_destroy(c.queue);
    cluster_close(&c.cluster);
    return status;
}

static const struct option_row create_rows[] = {
    CLUSTER_OPTIONS(topics_options),
    {"partitions", 'p', OPTION_INTEGER, offsetof(struct topics_options, partitions), "N",
     "partitions of every topic (default: 3 to 12, depending on the topic)", NULL, 1, 10000},
    {"replication", 'r', OPTION_INTEGER, offsetof(struct topics_options, replication), "N",
     "replicas of every partition (default: the cluster's own)", NULL, 1, 100},
    {"dry-run", 'n', OPTION_ON, offsetof(struct topics_options, dry_run), NULL,
     "let the broker check the request, but create nothing", NULL, 0, 0},
    OUTPUT_OPTION(topics_options, output),
    {0},
};

static const struct example create_examples[] = {
    {"haechi topics create --dry-run",
     "show what would be created on the cluster named in the settings"},
    {"haechi topics create -b kafka1:9092 --replication 3",
     "create them, with three replicas of each partition"},
    {0},
};

static const struct command create_command = {
    .name = "create",
    .summary = "Create the topics that Haechi writes",
    .about = "Creates the topics named in the settings with suitable partitions, retention and "
             "compaction: events are kept 7 days, alerts and dead letters 30, receipts 90, "
             "findings 400; IOCs are compacted; a dead letter may be up to 4 MiB.\n\nA topic that "
             "exists is left as it is; differences from what would be created are shown. The "
             "topics of your logs are not created. Exit status 1: a topic could not be created.",
    .examples = create_examples,
    .options = create_rows,
    .config_size = sizeof(struct topics_options),
    .run = run};

static const struct command *const commands[] = {&create_command, NULL};

static const struct example group_examples[] = {
    {"haechi topics create --dry-run", "which topics are missing?"},
    {0},
};

const struct command topics_command = {.name = "topics",
                                       .summary = "Create Kafka topics",
                                       .examples = group_examples,
                                       .commands = commands};

/* kafka: another topic, of this or another cluster. The key is the alert's id, so that all
 * revisions of an alert stay in one partition and in order. */
#include "base/topic_pattern.h"
#include "forwarder/body.h"
#include "forwarder/target.h"

struct kafka {
    const char *topic;
    const char *brokers;
    struct text_map properties;
    int body; /* enum body_form */
};

#define AT(member) .offset = offsetof(struct kafka, member)
static const struct setting kafka_settings[] = {
    {"topic", SETTING_TEXT, AT(topic), .required = true, .help = "Where alerts go.",
     .check = topic_pattern_check_name},
    {"brokers", SETTING_TEXT, AT(brokers),
     .help = "Of another cluster, as host:port,…; by default the one that alerts come from."},
    {"properties", SETTING_TEXT_MAP, AT(properties),
     .help = "librdkafka's, for the producer of this target (TLS, SASL)."},
    {"body", SETTING_CHOICE, AT(body), .fallback = "native", .choices = body_forms,
     .help = "What a value looks like: Haechi's own JSON, the Elastic Common Schema, or an OCSF "
             "Detection Finding."},
    {0},
};
#undef AT

static enum target_way kafka_way(const void *config, struct target_place *place)
{
    const struct kafka *kafka = config;

    place->topic = kafka->topic;
    place->brokers = kafka->brokers && *kafka->brokers ? kafka->brokers : NULL;
    place->properties = &kafka->properties;
    return TARGET_BY_KAFKA;
}

static void kafka_write(const void *config, const struct target_context *context,
                        const struct alert *alert, struct buf *out)
{
    const struct kafka *kafka = config;

    body_write(alert, (enum body_form)kafka->body, context->host, out);
}

const struct target_ops target_kafka = {
    .name = "kafka",
    .settings = kafka_settings,
    .config_size = sizeof(struct kafka),
    .way = kafka_way,
    .write = kafka_write,
};

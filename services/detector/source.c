#include "detector/source.h"

#include <errno.h>
#include <stdlib.h>

#include "base/topic_pattern.h"
#include "detector/format.h"

static const char *const format_names[] = {
    [SOURCE_AUTO] = "auto",     [SOURCE_JSON] = "json",   [SOURCE_CLF] = "clf",
    [SOURCE_SYSLOG] = "syslog", [SOURCE_PLAIN] = "plain", NULL,
};

static int check_timezone(const char *name, const char *value, struct error *err)
{
    (void)name;
    struct zone *zone = zone_open(value, err);

    zone_close(zone);
    return zone ? 0 : -EINVAL;
}

const struct setting source_rows[] = {
    {.name = "topics",
     .type = SETTING_TEXT_LIST,
     .offset = offsetof(struct source_settings, topics),
     .help = "names of topics, or regular expressions that start with ^",
     .minimum = 1,
     .maximum = 1000,
     .check = topic_pattern_check,
     .required = true},
    {.name = "format",
     .type = SETTING_CHOICE,
     .offset = offsetof(struct source_settings, format),
     .fallback = "auto",
     .help = "how the logs are written; auto decides log by log",
     .choices = format_names},
    {.name = "tenant",
     .type = SETTING_TEXT,
     .offset = offsetof(struct source_settings, tenant),
     .fallback = "default",
     .help = "whose logs these are"},
    {.name = "tenant_field",
     .type = SETTING_TEXT,
     .offset = offsetof(struct source_settings, tenant_field),
     .help = "path of the field that says whose log it is; where a log has none, tenant counts"},
    {.name = "timezone",
     .type = SETTING_TEXT,
     .offset = offsetof(struct source_settings, timezone),
     .fallback = "UTC",
     .check = check_timezone,
     .help = "zone of times that name none, as Asia/Seoul"},
    {.name = "logsource",
     .type = SETTING_TEXT_MAP,
     .offset = offsetof(struct source_settings, logsource),
     .help = "product, category, service: what rules ask for by `where`"},
    {.name = "fields",
     .type = SETTING_TEXT_MAP,
     .offset = offsetof(struct source_settings, fields),
     .check = json_fields_check,
     .help = "field: path in the log, tried before the built-in ones"},
    {0},
};

struct topic {
    struct text name;
    regex_t regex; /* if the name starts with ^ */
    bool is_regex;
};

struct source {
    const struct source_settings *settings;
    struct zone *zone;
    struct json_fields *fields;
    struct topic *topics;
    size_t topic_count;
};

static int add_topic(struct source *source, const char *name, struct error *err)
{
    struct topic *topic = &source->topics[source->topic_count];

    topic->name = text_of(name);
    if (name[0] == '^') {
        if (topic_pattern_compile(name, &topic->regex, err) < 0) {
            error_prefix(err, "topics");
            return -EINVAL;
        }
        topic->is_regex = true;
    }
    source->topic_count++;
    return 0;
}

struct source *source_new(const struct source_settings *settings, struct error *err)
{
    AUTO(source) source = mem_zero(sizeof(*source));

    source->settings = settings;
    source->zone = zone_open(settings->timezone ? settings->timezone : "UTC", err);
    if (!source->zone) {
        error_prefix(err, "timezone");
        return NULL;
    }
    source->fields = json_fields_new(&settings->fields, err);
    if (!source->fields)
        return NULL;
    source->topics = mem_zero(settings->topics.count * sizeof(*source->topics));
    for (size_t i = 0; i < settings->topics.count; i++) {
        if (add_topic(source, settings->topics.items[i], err) < 0)
            return NULL;
    }
    return TAKE(source);
}

void source_free(struct source *source)
{
    if (!source)
        return;
    for (size_t i = 0; i < source->topic_count; i++) {
        if (source->topics[i].is_regex)
            regfree(&source->topics[i].regex);
    }
    free(source->topics);
    json_fields_free(source->fields);
    zone_close(source->zone);
    free(source);
}

const struct source_settings *source_of(const struct source *source)
{
    return source->settings;
}

bool source_has_topic(const struct source *source, struct text topic)
{
    char name[256]; /* Kafka allows 249 */

    if (topic.size == 0 || topic.size >= sizeof(name) || memchr(topic.bytes, 0, topic.size))
        return false;
    memcpy(name, topic.bytes, topic.size);
    name[topic.size] = '\0';
    for (size_t i = 0; i < source->topic_count; i++) {
        const struct topic *own = &source->topics[i];

        if (own->is_regex ? regexec(&own->regex, name, 0, NULL, 0) == 0
                          : text_equal(own->name, topic))
            return true;
    }
    return false;
}

static void fill_tenant(const struct source_settings *settings, struct arena *arena,
                        struct entry *entry)
{
    if (settings->tenant_field)
        entry->tenant = entry_get(entry, text_of(settings->tenant_field), arena);
    if (entry->tenant.size == 0)
        entry->tenant = settings->tenant ? text_of(settings->tenant) : TEXT("default");
}

struct moment source_moment(const struct source *source, int64_t ms)
{
    /* A zone is asked by wall-clock time, which is ms and the offset that is to be found: the
     * second answer can be wrong only within an hour of a change of the clocks. */
    int32_t offset = zone_offset_minutes(source->zone, ms);

    offset = zone_offset_minutes(source->zone, ms + offset * 60000LL);
    return (struct moment){ms, offset};
}

static struct format_context context_of(const struct source *source, int64_t kafka_ms,
                                        struct arena *arena)
{
    return (struct format_context){
        .fields = source->fields, .zone = source->zone, .kafka_ms = kafka_ms, .arena = arena};
}

/* Adds to @entry what it has not got yet. */
static int parse(const struct source *source, const struct format_context *context,
                 struct entry *entry, struct error *err)
{
    enum source_format setting = (enum source_format)source->settings->format;
    int status = format_of(setting, entry->raw)->parse(context, entry->raw, entry, err);

    /* Who can break a log's format must not hide it from the rules by that. */
    if (status == -EBADMSG && setting == SOURCE_AUTO)
        status = format_plain.parse(context, entry->raw, entry, err);
    if (status == 0)
        fill_tenant(source->settings, context->arena, entry);
    return status;
}

int source_parse(const struct source *source, struct text log, int64_t kafka_ms,
                 struct arena *arena, struct entry *entry, struct error *err)
{
    const struct format_context context = context_of(source, kafka_ms, arena);

    *entry = (struct entry){.raw = log};
    return parse(source, &context, entry, err);
}

int source_parse_message(const struct source *source, struct text log, int64_t kafka_ms,
                         struct arena *arena, struct entry *entry, struct error *err)
{
    enum source_format setting = (enum source_format)source->settings->format;
    const struct format_context context = context_of(source, kafka_ms, arena);
    const struct format_ops *format;

    /* Of all formats but JSON the line is the message: which it is in can wait. */
    if (setting == SOURCE_AUTO)
        format = format_json.maybe(log) ? &format_json : &format_plain;
    else
        format = format_of(setting, log);
    if (!format->parse_message)
        return source_parse(source, log, kafka_ms, arena, entry, err);
    *entry = (struct entry){.raw = log, .is_partial = true, .kafka_ms = kafka_ms};
    int status = format->parse_message(&context, log, entry, err);

    if (status == -EBADMSG && setting == SOURCE_AUTO)
        status = format_plain.parse_message(&context, log, entry, err);
    return status;
}

void source_parse_rest(const struct source *source, struct arena *arena, struct entry *entry)
{
    if (!entry->is_partial)
        return;
    const struct format_context context = context_of(source, entry->kafka_ms, arena);

    entry->is_partial = false;
    parse(source, &context, entry, NULL); /* valid: the message was had */
}

/* `haechi ioc export`: what the topic of IOCs holds. */
#include <errno.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/ioc.h"
#include "base/moment.h"
#include "base/record_json.h"
#include "cli/commands/cluster.h"
#include "cli/commands/ioc.h"
#include "cli/commands/ioc_topic.h"
#include "cli/commands/terminal.h"

enum { PIECE = 1 << 16 };
enum export_format { EXPORT_JSON, EXPORT_CSV, EXPORT_STIX, EXPORT_TXT };

struct export_options {
    struct cluster_options cluster;
    const char *topic;
    int format;
    bool all; /* inactive ones too */
};

struct export
{
    const struct arguments *arguments;
    const struct export_options *options;
    struct buf out;
    bool has_begun;
};

static void add_csv(struct buf *out, struct text text)
{
    bool is_plain = true;

    for (size_t i = 0; i < text.size; i++)
        is_plain = is_plain && !strchr("\",\r\n", text.bytes[i]);
    if (is_plain) {
        buf_add(out, text);
        return;
    }
    buf_add_byte(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '"')
            buf_add_byte(out, '"');
        buf_add_byte(out, text.bytes[i]);
    }
    buf_add_byte(out, '"');
}

static void write_csv(const struct ioc *ioc, struct buf *out)
{
    const struct ioc_source *sources = ioc->sources.items;
    AUTO_BUF names = {0};

    buf_addf(out, "%s,", ioc_types[ioc->ioc_type]);
    add_csv(out, ioc->value);
    buf_add_byte(out, ',');
    add_csv(out, ioc->threat_type);
    buf_addf(out, ",%g,", ioc->confidence);
    moment_write(ioc->first_seen, out);
    buf_add_byte(out, ',');
    moment_write(ioc->last_seen, out);
    buf_addf(out, ",%s,", ioc->is_active ? "true" : "false");
    for (size_t i = 0; i < ioc->sources.count; i++) {
        buf_add_string(&names, i ? ";" : "");
        buf_add(&names, sources[i].name);
    }
    add_csv(out, buf_text(&names));
    buf_add_byte(out, '\n');
}

/* A name-based UUID (RFC 9562, version 5 in form, by MD5): the same indicator keeps its id. */
static void add_stix_id(const struct ioc *ioc, struct buf *out)
{
    const struct text parts[] = {ioc->tenant, text_of(ioc_types[ioc->ioc_type]), ioc->value};
    char hex[33];

    digest_md5(parts, COUNT_OF(parts), hex);
    buf_addf(out, "%.8s-%.4s-5%.3s-8%.3s-%.12s", hex, hex + 8, hex + 13, hex + 17, hex + 20);
}

/* STIX 2.1: a quote in a pattern's text is written \\'. */
static void write_stix(const struct ioc *ioc, struct buf *out)
{
    static const char *const paths[] = {
        "ipv4-addr:value", "ipv4-addr:value",     "domain-name:value",     "url:value",
        "file:hashes.MD5", "file:hashes.'SHA-1'", "file:hashes.'SHA-256'", "email-addr:value"};
    bool is_v6 = (ioc->ioc_type == IOC_IP || ioc->ioc_type == IOC_CIDR) &&
                 text_find_byte(ioc->value, ':') < ioc->value.size;
    AUTO_BUF pattern = {0}, id = {0};

    buf_addf(&pattern, "[%s = '", is_v6 ? "ipv6-addr:value" : paths[ioc->ioc_type]);
    for (size_t i = 0; i < ioc->value.size; i++) {
        if (ioc->value.bytes[i] == '\'' || ioc->value.bytes[i] == '\\')
            buf_add_byte(&pattern, '\\');
        buf_add_byte(&pattern, ioc->value.bytes[i]);
    }
    buf_add_string(&pattern, "']");
    add_stix_id(ioc, &id);
    buf_addf(out, "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--%s\",",
             buf_string(&id));
    buf_add_string(out, "\"pattern_type\":\"stix\",\"pattern\":");
    buf_add_json(out, buf_text(&pattern));
    buf_add_string(out, ",\"created\":\"");
    moment_write(ioc->first_seen, out);
    buf_add_string(out, "\",\"modified\":\"");
    moment_write(ioc->last_seen, out);
    buf_add_string(out, "\",\"valid_from\":\"");
    moment_write(ioc->first_seen, out);
    buf_addf(out, "\",\"confidence\":%d}", (int)(ioc->confidence * 100 + 0.5));
}

static void begin(struct export *export)
{
    switch (export->options->format) {
    case EXPORT_CSV:
        buf_add_string(
            &export->out,
            "type,value,threat_type,confidence,first_seen,last_seen,is_active,sources\n");
        break;
    case EXPORT_STIX:
        buf_add_string(&export->out,
                       "{\"type\":\"bundle\","
                       "\"id\":\"bundle--00000000-0000-4000-8000-000000000000\",\"objects\":[");
        break;
    default:
        break;
    }
}

/* CSV and plain values hold what others wrote as it is. */
static bool print(struct export *export)
{
    const struct text text = buf_text(&export->out);
    const int format = export->options->format;
    bool is_written = format == EXPORT_JSON || format == EXPORT_STIX
                          ? terminal_print_json(export->arguments, text)
                          : terminal_print_raw(export->arguments, text);

    buf_reset(&export->out);
    return is_written;
}

static bool export_one(void *self, const struct ioc *ioc)
{
    struct export *export = self;
    struct buf *out = &export->out;

    if (!ioc->is_active && !export->options->all)
        return true;
    switch (export->options->format) {
    case EXPORT_JSON:
        record_json_write(&ioc_record, ioc, out);
        buf_add_byte(out, '\n');
        break;
    case EXPORT_CSV:
        write_csv(ioc, out);
        break;
    case EXPORT_STIX:
        buf_add_string(out, export->has_begun ? ",\n" : "\n");
        write_stix(ioc, out);
        break;
    default:
        buf_add(out, ioc->value);
        buf_add_byte(out, '\n');
        break;
    }
    export->has_begun = true;
    return out->size < PIECE || print(export);
}

static int status_of(const struct arguments *arguments, int result, const struct error *err)
{
    if (result < 0 && result != -EPIPE)
        terminal_complain(arguments, err);
    return result == 0 ? 0 : result == -EINVAL ? 2 : 1;
}

static int run_export(const struct arguments *arguments)
{
    struct export export = {.arguments = arguments, .options = arguments->config};
    struct error err = {0};

    begin(&export);
    int result =
        ioc_topic_visit(&export.options->cluster, export.options->topic, export_one, &export, &err);

    if (result == 0 && export.options->format == EXPORT_STIX)
        buf_add_string(&export.out, "]}\n");
    if (result == 0 && !print(&export))
        result = -EPIPE;
    buf_done(&export.out);
    return status_of(arguments, result, &err);
}

static const char *const formats[] = {"json", "csv", "stix", "txt", NULL};

static const struct option_row export_rows[] = {
    {"format", 'f', OPTION_CHOICE, offsetof(struct export_options, format), "FORMAT",
     "json (one record per line), csv (its sources with ; between them), stix (a 2.1 bundle) or "
     "txt (one value per line)",
     formats, 0, 0},
    {"all", 0, OPTION_ON, offsetof(struct export_options, all), NULL,
     "include those that have expired", NULL, 0, 0},
    {"topic", 't', OPTION_TEXT, offsetof(struct export_options, topic), "TOPIC",
     "topic to read, instead of topics.iocs in the settings", NULL, 0, 0},
    CLUSTER_OPTIONS(export_options),
    {0},
};
static const struct example export_examples[] = {
    {"haechi ioc export --format csv >iocs.csv", "all that is looked for, for another tool"}, {0}};

const struct command ioc_export_command = {.name = "export",
                                           .summary = "Export all indicators",
                                           .examples = export_examples,
                                           .options = export_rows,
                                           .config_size = sizeof(struct export_options),
                                           .run = run_export};

/* qradar: IBM QRadar: LEEF to its HTTP Receiver, or by syslog over UDP, TCP or TLS.
 *
 * IBM DSM guide: "LEEF event components", "HTTP Receiver protocol configuration options", "TLS
 * Syslog protocol configuration options". Messages end with a line feed, also over TLS. The syslog
 * header's host decides the log source, which is best made by hand. Nothing acknowledges but TCP,
 * and the receiver by an HTTP status.
 *
 * Some post to /api/ariel/events: QRadar has no such call. Its REST interface searches events; it
 * does not take them.
 */
#include <errno.h>

#include "forwarder/relay.h"

struct qradar {
    struct relay relay;
    int version; /* index: 2.0, 1.0 */
    const char *delimiter;
    int header; /* index into headers */
    int64_t facility;
    const char *hostname;
    const char *endpoint_url; /* of that call, refused */
    const char *api_key;
};

static const char *const versions[] = {"2.0", "1.0", NULL};
static const char *const headers[] = {"rfc3164", "rfc5424", NULL};

/* What QRadar takes of a payload by default (not verified). */
enum { TCP_FRAME = 4096, UDP_FRAME = 1024 };

#define AT(member) .offset = offsetof(struct qradar, member)
static const struct setting qradar_settings[] = {
    {"transport", SETTING_CHOICE, AT(relay.transport), .fallback = "tls",
     .choices = relay_transports,
     .help = "Syslog by UDP (best effort), TCP or TLS, or `http`: the HTTP Receiver protocol."},
    {"host", SETTING_TEXT, AT(relay.host), .help = "The event collector; all but http."},
    {"port", SETTING_INTEGER, AT(relay.port), .fallback = "0", .minimum = 0, .maximum = 65535,
     .help = "0: 514, or 6514 for TLS."},
    {"url", SETTING_URL, AT(relay.url),
     .help = "Of the HTTP Receiver, as https://qradar.example:12469."},
    {"leef_version", SETTING_CHOICE, AT(version), .fallback = "2.0", .choices = versions,
     .help = "1.0 parts attributes by TABs, which relays may change."},
    {"delimiter", SETTING_TEXT, AT(delimiter), .fallback = "^",
     .help = "Of LEEF 2.0. Keep it: QRadar's custom properties are bound to it."},
    {"header", SETTING_CHOICE, AT(header), .fallback = "rfc3164", .choices = headers,
     .help = "The syslog header before LEEF."},
    {"facility", SETTING_INTEGER, AT(facility), .fallback = "1", .minimum = 0, .maximum = 23,
     .help = "The syslog facility."},
    {"hostname", SETTING_TEXT, AT(hostname),
     .help = "The log source identifier: this machine's name by default. QRadar cannot route by an "
             "IPv6 address."},
    {"max_frame", SETTING_SIZE, AT(relay.max_frame), .fallback = "0", .minimum = 0,
     .maximum = 32767,
     .help = "A longer event loses the ends of its texts. 0: 4,096 bytes, or 1,024 for UDP; raise "
             "it together with QRadar's maximum payload length."},
    {"endpoint_url", SETTING_TEXT, AT(endpoint_url),
     .help = "No longer: see docs/targets/qradar.md."},
    {"api_key", SETTING_SECRET, AT(api_key), .help = "No longer: see docs/targets/qradar.md."},
    {0},
};
#undef AT

static const char *refused(void)
{
    return "QRadar takes no events by REST: /api/ariel searches them, and /api/ariel/events does "
           "not exist. Send LEEF by syslog (transport tls and host), or to the HTTP Receiver "
           "protocol (transport http and url, as https://qradar.example:12469); see "
           "docs/targets/qradar.md";
}

static int qradar_check(const void *config, struct error *err)
{
    const struct qradar *q = config;
    char delimiter;

    if ((q->endpoint_url && *q->endpoint_url) || (q->api_key && *q->api_key))
        return error_set(err, -EINVAL, "endpoint_url and api_key: %s", refused());
    if (q->relay.url && strstr(q->relay.url, "/api/ariel"))
        return error_set(err, -EINVAL, "url is '%s': %s", q->relay.url, refused());
    if (q->hostname && strchr(q->hostname, ':'))
        return error_set(err, -EINVAL,
                         "hostname is '%s'; QRadar needs a name or an IPv4 address there",
                         q->hostname);
    if (relay_check(&q->relay, err) < 0)
        return -EINVAL;
    return leef_parse_delimiter(text_of(q->delimiter), &delimiter, err);
}

static enum target_way qradar_way(const void *config, struct target_place *place)
{
    const struct qradar *q = config;

    return relay_way(&q->relay, place);
}

static void qradar_write(const void *config, const struct target_context *context,
                         const struct alert *alert, struct buf *out)
{
    const struct qradar *q = config;
    struct syslog_form form = {
        .header = q->header == 0 ? SYSLOG_RFC3164 : SYSLOG_SHORT,
        .body = SYSLOG_LEEF,
        .leef = {.version = q->version == 0 ? 2 : 1},
        .facility = (int)q->facility,
        .host = q->hostname && *q->hostname ? text_of(q->hostname) : context->host,
    };
    struct relay relay = q->relay;

    relay.framing = RELAY_LF;
    leef_parse_delimiter(text_of(q->delimiter), &form.leef.delimiter, NULL);
    relay_write(&relay, alert, &form, TCP_FRAME, UDP_FRAME, out);
}

/* The HTTP Receiver parts a body by its Message Pattern: an event a line. */
static void qradar_render(const void *config, const struct target_context *context,
                          const struct parcel *parcel, struct request *request)
{
    const struct qradar *q = config;

    buf_add_string(&request->url, q->relay.url);
    request_header(request, "Content-Type", TEXT("text/plain; charset=utf-8"));
    for (size_t i = 0; i < parcel->count; i++)
        qradar_write(config, context, parcel->alerts[i], &request->body);
}

static void qradar_judge(const void *config, const struct parcel *parcel, const struct reply *reply,
                         struct judgement *judgement)
{
    (void)config;
    target_judge_status(parcel, reply, judgement);
}

const struct target_ops target_qradar = {
    .name = "qradar",
    .settings = qradar_settings,
    .config_size = sizeof(struct qradar),
    .check = qradar_check,
    .way = qradar_way,
    .render = qradar_render,
    .judge = qradar_judge,
    .write = qradar_write,
};

/* arcsight: ArcSight, and whatever else takes CEF: by HTTP, or by syslog over UDP, TCP or TLS.
 *
 * SmartConnectors ("Syslog Daemon") take CEF behind a syslog header and end messages by a line
 * feed. By HTTP a FlexConnector or another receiver takes a line an event, or {"events": […]} of
 * CEF texts.
 */
#include <errno.h>

#include "forwarder/cef.h"
#include "forwarder/object.h"
#include "forwarder/relay.h"

enum arcsight_form { FORM_LINES, FORM_JSON };

struct arcsight {
    struct relay relay;
    int header; /* index into headers */
    int form;   /* enum arcsight_form */
    const char *token;
    int64_t facility;
    const char *hostname;
};

static const char *const headers[] = {"rfc3164", "rfc5424", NULL};
static const char *const forms[] = {"lines", "json", NULL};

enum { TCP_FRAME = 8096, UDP_FRAME = 2048 }; /* as target_syslog.c */

#define AT(member) .offset = offsetof(struct arcsight, member)
static const struct setting arcsight_settings[] = {
    {"transport", SETTING_CHOICE, AT(relay.transport), .fallback = "tls",
     .choices = relay_transports, .help = "Syslog by UDP (best effort), TCP or TLS, or `http`."},
    {"host", SETTING_TEXT, AT(relay.host), .help = "The connector; all but http."},
    {"port", SETTING_INTEGER, AT(relay.port), .fallback = "0", .minimum = 0, .maximum = 65535,
     .help = "0: 514, or 6514 for TLS."},
    {"header", SETTING_CHOICE, AT(header), .fallback = "rfc3164", .choices = headers,
     .help = "The syslog header before CEF."},
    {"framing", SETTING_CHOICE, AT(relay.framing), .fallback = "lf", .choices = relay_framings,
     .help = "How messages are told apart on TCP and TLS."},
    {"url", SETTING_URL, AT(relay.url), .help = "For http, with its path."},
    {"form", SETTING_CHOICE, AT(form), .fallback = "lines", .choices = forms,
     .help = "For http: a line of CEF an event, or {\"events\": […]} of CEF texts."},
    {"token", SETTING_SECRET, AT(token), .help = "For http: sent as `Authorization: Bearer …`."},
    {"facility", SETTING_INTEGER, AT(facility), .fallback = "1", .minimum = 0, .maximum = 23,
     .help = "The syslog facility."},
    {"hostname", SETTING_TEXT, AT(hostname), .help = "In the header; this machine's by default."},
    {"max_frame", SETTING_SIZE, AT(relay.max_frame), .fallback = "0", .minimum = 0,
     .maximum = 1 << 20,
     .help = "A longer message loses the ends of its texts. 0: 8,096 bytes, or 2,048 for UDP."},
    {0},
};
#undef AT

static int arcsight_check(const void *config, struct error *err)
{
    const struct arcsight *a = config;

    if (a->relay.transport != RELAY_HTTP && a->token && *a->token)
        return error_set(err, -EINVAL, "token goes with transport http; syslog has none");
    return relay_check(&a->relay, err);
}

static enum target_way arcsight_way(const void *config, struct target_place *place)
{
    const struct arcsight *a = config;

    return relay_way(&a->relay, place);
}

static void arcsight_write(const void *config, const struct target_context *context,
                           const struct alert *alert, struct buf *out)
{
    const struct arcsight *a = config;
    struct syslog_form form = {
        .header = a->header == 0 ? SYSLOG_RFC3164 : SYSLOG_RFC5424,
        .body = SYSLOG_CEF,
        .facility = (int)a->facility,
        .host = a->hostname && *a->hostname ? text_of(a->hostname) : context->host,
        .app = TEXT("haechi"),
    };

    relay_write(&a->relay, alert, &form, TCP_FRAME, UDP_FRAME, out);
}

static void add_event(const struct arcsight *a, const struct alert *alert, struct buf *out)
{
    const size_t limit = a->relay.max_frame > 0 ? (size_t)a->relay.max_frame : TCP_FRAME;
    AUTO_BUF cef = {0};

    cef_write(alert, limit, &cef);
    if (a->form == FORM_JSON) {
        object_item(out, buf_text(&cef));
    } else {
        buf_add(out, buf_text(&cef));
        buf_add_byte(out, '\n');
    }
}

static void arcsight_render(const void *config, const struct target_context *context,
                            const struct parcel *parcel, struct request *request)
{
    const struct arcsight *a = config;
    const bool json = a->form == FORM_JSON;

    (void)context;
    buf_add_string(&request->url, a->relay.url);
    request_header(request, "Content-Type",
                   json ? TEXT("application/json") : TEXT("text/plain; charset=utf-8"));
    if (a->token && *a->token)
        request_authorize(request, "Bearer", text_of(a->token));
    buf_add_string(&request->body, json ? "{\"events\":[" : "");
    for (size_t i = 0; i < parcel->count; i++)
        add_event(a, parcel->alerts[i], &request->body);
    buf_add_string(&request->body, json ? "]}" : "");
}

static void arcsight_judge(const void *config, const struct parcel *parcel,
                           const struct reply *reply, struct judgement *judgement)
{
    (void)config;
    target_judge_status(parcel, reply, judgement);
}

const struct target_ops target_arcsight = {
    .name = "arcsight",
    .settings = arcsight_settings,
    .config_size = sizeof(struct arcsight),
    .check = arcsight_check,
    .way = arcsight_way,
    .render = arcsight_render,
    .judge = arcsight_judge,
    .write = arcsight_write,
};

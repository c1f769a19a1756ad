/* syslog: RFC 5424 or 3164 by UDP, TCP or TLS (syslog.h).
 *
 * Syslog has no acknowledgement: over TCP and TLS an alert counts as delivered when the other
 * machine has it, and what was on its way when a connection broke is sent again; over UDP when it
 * is sent. RELP, which has one, is left out: librelp is under GPLv3, and a program that links it
 * has to be passed on under that too.
 */
#include <errno.h>

#include "forwarder/relay.h"

struct syslog {
    struct relay relay;
    int format; /* enum syslog_header: RFC 5424 or 3164 */
    int body;   /* enum syslog_body */
    const char *leef_delimiter;
    int64_t facility;
    const char *hostname;
    const char *app_name;
    bool structured_data;
    int64_t enterprise;
    bool bom;
};

static const char *const formats[] = {"rfc5424", "rfc3164", NULL};
static const char *const bodies[] = {"json", "cef", "leef", NULL};

/* rsyslog's default takes 8,096 bytes and splits longer frames in two; RFC 5426 says 2,048. */
enum { TCP_FRAME = 8096, UDP_FRAME = 2048 };

#define AT(member) .offset = offsetof(struct syslog, member)
static const struct setting syslog_settings[] = {
    {"transport", SETTING_CHOICE, AT(relay.transport), .fallback = "tcp",
     .choices = relay_bare_transports,
     .help = "UDP is best effort: what gets lost on the way is lost."},
    {"host", SETTING_TEXT, AT(relay.host), .required = true, .help = "The receiver."},
    {"port", SETTING_INTEGER, AT(relay.port), .fallback = "0", .minimum = 0, .maximum = 65535,
     .help = "0: 514, or 6514 for TLS."},
    {"format", SETTING_CHOICE, AT(format), .fallback = "rfc5424", .choices = formats,
     .help = "The header. RFC 3164 has neither year nor zone: its times are UTC."},
    {"framing", SETTING_CHOICE, AT(relay.framing), .fallback = "octet_counting",
     .choices = relay_framings,
     .help = "How messages are told apart on TCP and TLS (RFC 6587). RFC 5425 has octet_counting "
             "alone for TLS; some receivers want lf there."},
    {"body", SETTING_CHOICE, AT(body), .fallback = "json", .choices = bodies,
     .help = "What the message is: JSON, CEF or LEEF 2.0."},
    {"leef_delimiter", SETTING_TEXT, AT(leef_delimiter), .fallback = "^",
     .help = "Between LEEF's attributes; a TAB (x09) does not survive every relay."},
    {"facility", SETTING_INTEGER, AT(facility), .fallback = "1", .minimum = 0, .maximum = 23,
     .help = "1 is user, 13 log audit, 16 to 23 local0 to local7."},
    {"hostname", SETTING_TEXT, AT(hostname), .help = "In the header; this machine's by default."},
    {"app_name", SETTING_TEXT, AT(app_name), .fallback = "haechi", .help = "In the header."},
    {"structured_data", SETTING_BOOLEAN, AT(structured_data), .fallback = "true",
     .help = "RFC 5424: whether alert_id, revision, status, severity and rule_id are in the header "
             "too."},
    {"enterprise", SETTING_INTEGER, AT(enterprise), .fallback = "32473", .minimum = 1,
     .maximum = 4294967295.0,
     .help = "Your private enterprise number, for the structured data's id; 32473 is the one for "
             "examples."},
    {"bom", SETTING_BOOLEAN, AT(bom), .fallback = "false",
     .help = "RFC 5424: whether JSON that is not ASCII has a byte order mark before it. Readers of "
             "JSON mostly refuse it."},
    {"max_frame", SETTING_SIZE, AT(relay.max_frame), .fallback = "0", .minimum = 0,
     .maximum = 1 << 20,
     .help = "A longer message loses the ends of its texts. 0: 8,096 bytes, or 2,048 for UDP."},
    {0},
};
#undef AT

static int syslog_check(const void *config, struct error *err)
{
    const struct syslog *s = config;
    char delimiter;
    int code = relay_check(&s->relay, err);

    if (code == 0)
        code = leef_parse_delimiter(text_of(s->leef_delimiter), &delimiter, err);
    if (code == 0 && s->bom && s->body != SYSLOG_JSON)
        code = error_set(err, -EINVAL,
                         "bom goes with body json: readers of %s do not find its "
                         "start behind a mark",
                         bodies[s->body]);
    return code;
}

static enum target_way syslog_way(const void *config, struct target_place *place)
{
    const struct syslog *s = config;

    return relay_way(&s->relay, place);
}

static void syslog_target_write(const void *config, const struct target_context *context,
                                const struct alert *alert, struct buf *out)
{
    const struct syslog *s = config;
    struct syslog_form form = {
        .header = s->format == SYSLOG_RFC3164 ? SYSLOG_RFC3164 : SYSLOG_RFC5424,
        .body = (enum syslog_body)s->body,
        .leef = {.version = 2},
        .facility = (int)s->facility,
        .host = s->hostname && *s->hostname ? text_of(s->hostname) : context->host,
        .app = text_of(s->app_name),
        .enterprise = s->enterprise,
        .structured = s->structured_data,
        .bom = s->bom,
    };

    leef_parse_delimiter(text_of(s->leef_delimiter), &form.leef.delimiter, NULL);
    relay_write(&s->relay, alert, &form, TCP_FRAME, UDP_FRAME, out);
}

const struct target_ops target_syslog = {
    .name = "syslog",
    .settings = syslog_settings,
    .config_size = sizeof(struct syslog),
    .check = syslog_check,
    .way = syslog_way,
    .write = syslog_target_write,
};

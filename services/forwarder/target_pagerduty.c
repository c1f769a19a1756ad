/* pagerduty: the Events API v2.
 *
 * https://developer.pagerduty.com/docs/events-api-v2/overview. The alert's id is the dedup_key: a
 * new alert triggers, an update triggers again, which adds to the same PagerDuty alert, and a
 * resolved one resolves it. That a key drops doubles holds while that alert is open (not
 * verified). At most 512 KB.
 */
#include <assert.h>

#include "forwarder/field.h"
#include "forwarder/native.h"
#include "forwarder/object.h"
#include "forwarder/target.h"

struct pagerduty {
    const char *url;
    const char *routing_key;
};

#define AT(member) .offset = offsetof(struct pagerduty, member)
static const struct setting pagerduty_settings[] = {
    {"routing_key", SETTING_SECRET, AT(routing_key), .required = true,
     .help = "The integration key of a service's Events API v2 integration."},
    {"url", SETTING_URL, AT(url), .fallback = "https://events.pagerduty.com/v2/enqueue",
     .help = "In the EU: https://events.eu.pagerduty.com/v2/enqueue."},
    {0},
};
#undef AT

enum { SUMMARY = 1024, DETAILS = 400000 };

static struct target_limits pagerduty_limits(const void *config)
{
    (void)config;
    return (struct target_limits){.max_events = 1, .max_bytes = 512000};
}

/* The affected system, which PagerDuty wants to be something. */
static struct text source_of(const struct alert *alert)
{
    if (alert->host.size > 0)
        return alert->host;
    if (alert->target_ip.size > 0)
        return alert->target_ip;
    return alert->source_ip.size > 0 ? alert->source_ip : TEXT("haechi");
}

static void write_payload(const struct alert *alert, struct text host, struct buf *out)
{
    static const char *const severities[] = {"info", "warning", "error", "critical"};
    AUTO_BUF summary = {0};

    buf_add(&summary, alert->title);
    if (alert->description.size > 0) {
        buf_add(&summary, TEXT(": "));
        buf_add(&summary, alert->description);
    }
    object_open(out, "payload", '{');
    object_text(out, "summary",
                summary.size > 0 ? text_cut(buf_text(&summary), SUMMARY)
                                 : TEXT("Security Event Detected"));
    object_text(out, "source", source_of(alert));
    object_text(out, "severity", text_of(severities[alert->severity]));
    object_time(out, "timestamp", alert->timestamp);
    object_text(out, "component", alert->rule_id);
    object_text(out, "group", alert->tenant);
    object_text(out, "class", field_event_type(alert));
    object_name(out, "custom_details");
    native_write_within(alert, host, DETAILS, out);
    buf_add_byte(out, '}');
}

static void pagerduty_render(const void *config, const struct target_context *context,
                             const struct parcel *parcel, struct request *request)
{
    const struct pagerduty *pagerduty = config;
    const struct alert *alert = parcel->alerts[0];
    const bool resolved = alert->status == ALERT_RESOLVED;
    struct buf *out = &request->body;

    assert(parcel->count == 1); /* as limits() says */
    buf_add_string(&request->url, pagerduty->url);
    request_header(request, "Content-Type", TEXT("application/json"));
    request_hide(request, text_of(pagerduty->routing_key));
    buf_add_byte(out, '{');
    object_text(out, "routing_key", text_of(pagerduty->routing_key));
    object_text(out, "event_action", resolved ? TEXT("resolve") : TEXT("trigger"));
    object_text(out, "dedup_key", text_cut(alert->alert_id, 255));
    object_text(out, "client", TEXT("Haechi"));
    if (!resolved)
        write_payload(alert, context->host, out);
    buf_add_byte(out, '}');
}

/* 202 alone is taken. A 400 that complains of the key is no event's fault. */
static void pagerduty_judge(const void *config, const struct parcel *parcel,
                            const struct reply *reply, struct judgement *judgement)
{
    (void)config;
    target_judge_own(parcel, reply, reply->status == 202, judgement);
    if (reply->status == 400 && (text_find(reply->body, TEXT("routing_key")) < reply->body.size ||
                                 text_find(reply->body, TEXT("outing key")) < reply->body.size))
        target_judge_all(parcel, VERDICT_CONFIG, judgement);
}

const struct target_ops target_pagerduty = {
    .name = "pagerduty",
    .settings = pagerduty_settings,
    .config_size = sizeof(struct pagerduty),
    .limits = pagerduty_limits,
    .render = pagerduty_render,
    .judge = pagerduty_judge,
};

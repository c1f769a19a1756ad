/* slack: an incoming webhook of a channel.
 *
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. One message a second;
 * alerts that come faster share a message, a section each. `verbatim` keeps Slack from making links
 * and mentions of what an attacker wrote; &, < and > are escaped. Slack drops no doubles.
 */
#include <errno.h>

#include "forwarder/line.h"
#include "forwarder/object.h"
#include "forwarder/target.h"

struct slack {
    const char *url;
};

#define AT(member) .offset = offsetof(struct slack, member)
static const struct setting slack_settings[] = {
    {"url", SETTING_SECRET, AT(url), .required = true,
     .help = "Of the incoming webhook, as https://hooks.slack.com/services/…; who knows it may "
             "post."},
    {0},
};
#undef AT

static int slack_check(const void *config, struct error *err)
{
    const struct slack *slack = config;

    if (strncmp(slack->url, "https://", 8) != 0 && strncmp(slack->url, "http://", 7) != 0)
        return error_set(err, -EINVAL, "url is not an http or https address");
    return 0;
}

static struct target_limits slack_limits(const void *config)
{
    (void)config;
    return (struct target_limits){.max_events = 10, .max_rate = 1};
}

/* As many whole characters as take @most bytes when they are escaped: what an attacker writes into
 * one field costs no other its place. */
static void add(struct buf *out, struct text t, size_t most)
{
    const size_t end = out->size + most;

    while (t.size > 0) {
        const char byte = t.bytes[0];
        const struct line_glyph glyph =
            line_plain(&t, '\0'); /* of one byte where it is an escape */
        const struct text shown = byte == '&'   ? TEXT("&amp;")
                                  : byte == '<' ? TEXT("&lt;")
                                  : byte == '>' ? TEXT("&gt;")
                                                : (struct text){glyph.bytes, glyph.size};

        if (out->size + shown.size > end)
            return;
        buf_add(out, shown);
    }
}

/* "label: value", after " · " unless first. */
static void add_part(struct buf *out, const char *label, struct text value)
{
    enum { MOST = 150 };

    if (value.size == 0)
        return;
    if (out->size > 0 && out->bytes[out->size - 1] != '\n')
        buf_add(out, TEXT(" \xC2\xB7 "));
    buf_add_string(out, label);
    buf_add_byte(out, ' ');
    add(out, value, MOST);
}

/* A section's text may have 3,000 characters: with these bounds, six parts of 150 and their labels
 * it has at most 2,900 bytes. */
static void add_text(const struct alert *alert, struct buf *out)
{
    enum { TITLE = 400, DESCRIPTION = 1400 };
    const bool resolved = alert->status == ALERT_RESOLVED;

    buf_addf(out, "*%s%s* ", resolved ? "resolved " : "", event_levels[alert->severity]);
    add(out, alert->title, TITLE);
    buf_add_byte(out, '\n');
    add(out, alert->description, DESCRIPTION);
    buf_add_byte(out, '\n');
    add_part(out, "source", alert->source_ip);
    add_part(out, "target", alert->target_ip);
    add_part(out, "user", alert->user);
    add_part(out, "host", alert->host);
    add_part(out, "rule", alert->rule_id);
    add_part(out, "alert", alert->alert_id);
}

static void add_summary(const struct parcel *parcel, struct buf *out)
{
    const struct alert *first = parcel->alerts[0];

    buf_addf(out, "%s ", event_levels[first->severity]);
    add(out, first->title, 400);
    if (parcel->count > 1)
        buf_addf(out, " and %zu more", parcel->count - 1);
}

static void slack_render(const void *config, const struct target_context *context,
                         const struct parcel *parcel, struct request *request)
{
    const struct slack *slack = config;
    struct buf *out = &request->body;
    AUTO_BUF summary = {0};

    (void)context;
    buf_add_string(&request->url, slack->url);
    request_hide(request, text_of(slack->url));
    request_header(request, "Content-Type", TEXT("application/json"));
    add_summary(parcel, &summary);
    buf_add_byte(out, '{');
    object_text(out, "text", buf_text(&summary)); /* of the notification */
    object_open(out, "blocks", '[');
    for (size_t i = 0; i < parcel->count; i++) {
        AUTO_BUF text = {0};

        add_text(parcel->alerts[i], &text);
        buf_add_string(out, i > 0 ? ",{" : "{");
        object_text(out, "type", TEXT("section"));
        object_open(out, "text", '{');
        object_text(out, "type", TEXT("mrkdwn"));
        object_boolean(out, "verbatim", true);
        object_text(out, "text", buf_text(&text));
        buf_add(out, TEXT("}}"));
    }
    buf_add(out, TEXT("]}"));
}

/* Taken is "ok". 403, 404 and 410 are the channel's or the webhook's end (no_service,
 * channel_is_archived, …). */
static void slack_judge(const void *config, const struct parcel *parcel, const struct reply *reply,
                        struct judgement *judgement)
{
    const bool is_ok = reply->status == 200 && text_is(text_trim(reply->body), "ok");

    (void)config;
    target_judge_own(parcel, reply, is_ok, judgement);
}

const struct target_ops target_slack = {
    .name = "slack",
    .settings = slack_settings,
    .config_size = sizeof(struct slack),
    .check = slack_check,
    .limits = slack_limits,
    .render = slack_render,
    .judge = slack_judge,
};

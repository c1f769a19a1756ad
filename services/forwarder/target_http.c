/* http: JSON to any address that takes it.
 *
 *   batch    {"events":[…]} with a Bearer token
 *   webhook  one alert a request, in the form of Standard Webhooks (webhook.h) and signed
 *
 * A receiver of webhooks drops doubles by webhook-id; one of batches by alert_id and revision.
 */
#include <assert.h>
#include <errno.h>

#include "base/number.h"
#include "forwarder/body.h"
#include "forwarder/field.h"
#include "forwarder/object.h"
#include "forwarder/target.h"
#include "forwarder/webhook.h"

enum http_mode { HTTP_BATCH, HTTP_WEBHOOK };

struct http {
    const char *url;
    int mode; /* enum http_mode */
    int body; /* enum body_form */
    const char *token;
    const char *secret;
    const char *previous_secret;
    struct text_map headers;
    bool compress;
};

static const char *const modes[] = {"batch", "webhook", NULL};

#define AT(member) .offset = offsetof(struct http, member)
static const struct setting http_settings[] = {
    {"url", SETTING_URL, AT(url), .required = true, .help = "Where alerts are posted."},
    {"mode", SETTING_CHOICE, AT(mode), .fallback = "batch", .choices = modes,
     .help = "`batch` posts {\"events\": […]}; `webhook` one alert a request, as Standard Webhooks "
             "has it."},
    {"body", SETTING_CHOICE, AT(body), .fallback = "native", .choices = body_forms,
     .help = "What an alert looks like: Haechi's own JSON, the Elastic Common Schema, or an OCSF "
             "Detection Finding."},
    {"token", SETTING_SECRET, AT(token), .help = "Sent as `Authorization: Bearer …`."},
    {"secret", SETTING_SECRET, AT(secret),
     .help = "Of a webhook: whsec_… as the receiver shows it. Signs each request."},
    {"previous_secret", SETTING_SECRET, AT(previous_secret),
     .help = "While the secret is being changed: the one before. Requests carry a signature by "
             "each."},
    {"headers", SETTING_TEXT_MAP, AT(headers), .help = "More headers."},
    {"compress", SETTING_BOOLEAN, AT(compress), .fallback = "false",
     .help = "Whether batches are sent with gzip."},
    {0},
};
#undef AT

static bool is_set(const char *text)
{
    return text && *text;
}

static int http_check(const void *config, struct error *err)
{
    const struct http *http = config;
    struct webhook_key key;

    if (http->mode == HTTP_BATCH && (is_set(http->secret) || is_set(http->previous_secret)))
        return error_set(err, -EINVAL, "secret signs webhooks; with it mode has to be webhook");
    if (http->mode == HTTP_WEBHOOK && http->compress)
        return error_set(err, -EINVAL,
                         "compress does not go with mode webhook: what is signed is what is sent");
    if (is_set(http->previous_secret) && !is_set(http->secret))
        return error_set(err, -EINVAL, "previous_secret is there without a secret");
    if (is_set(http->secret) && webhook_parse_secret(text_of(http->secret), &key, err) < 0)
        return err ? err->code : -EINVAL;
    if (is_set(http->previous_secret))
        return webhook_parse_secret(text_of(http->previous_secret), &key, err);
    return 0;
}

static struct target_limits http_limits(const void *config)
{
    const struct http *http = config;

    return (struct target_limits){.max_events = http->mode == HTTP_WEBHOOK ? 1 : 0};
}

static void render_batch(const struct http *http, const struct target_context *context,
                         const struct parcel *parcel, struct request *request)
{
    buf_add(&request->body, TEXT("{\"events\":["));
    for (size_t i = 0; i < parcel->count; i++) {
        if (i > 0)
            buf_add_byte(&request->body, ',');
        body_write(parcel->alerts[i], (enum body_form)http->body, context->host, &request->body);
    }
    buf_add(&request->body, TEXT("]}"));
    if (http->compress)
        request_compress(request);
}

static void sign(const struct http *http, const struct target_context *context, struct text id,
                 struct request *request)
{
    struct webhook_key keys[2];
    const char *const secrets[] = {http->secret, http->previous_secret};
    AUTO_BUF signature = {0};
    char digits[NUMBER_DIGITS];
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        if (is_set(secrets[i]) &&
            webhook_parse_secret(text_of(secrets[i]), &keys[count], NULL) == 0)
            count++;
    }
    request_header(request, "webhook-id", id);
    request_header(request, "webhook-timestamp", number_digits(context->now_ms / 1000, digits));
    if (count == 0)
        return;
    webhook_sign(keys, count, id, context->now_ms / 1000, buf_text(&request->body), &signature);
    request_header(request, "webhook-signature", buf_text(&signature));
}

/* {"type":…,"timestamp":…,"data":{…}}, as the specification recommends. */
static void render_webhook(const struct http *http, const struct target_context *context,
                           const struct alert *alert, struct request *request)
{
    AUTO_BUF type = {0};
    AUTO_BUF id = {0};

    buf_addf(&type, "alert.%s", alert_statuses[alert->status]);
    field_identity(alert, &id);
    buf_add_byte(&request->body, '{');
    object_text(&request->body, "type", buf_text(&type));
    object_time(&request->body, "timestamp", alert->emitted_at);
    object_name(&request->body, "data");
    body_write(alert, (enum body_form)http->body, context->host, &request->body);
    buf_add_byte(&request->body, '}');
    sign(http, context, buf_text(&id), request);
}

static void http_render(const void *config, const struct target_context *context,
                        const struct parcel *parcel, struct request *request)
{
    const struct http *http = config;

    buf_add_string(&request->url, http->url);
    request_header(request, "Content-Type", TEXT("application/json"));
    if (is_set(http->token))
        request_authorize(request, "Bearer", text_of(http->token));
    for (size_t i = 0; i < http->headers.count; i++)
        request_veiled_header(request, http->headers.names[i], text_of(http->headers.values[i]));
    assert(http->mode == HTTP_BATCH || parcel->count == 1);
    if (http->mode == HTTP_WEBHOOK)
        render_webhook(http, context, parcel->alerts[0], request);
    else
        render_batch(http, context, parcel, request);
}

static void http_judge(const void *config, const struct parcel *parcel, const struct reply *reply,
                       struct judgement *judgement)
{
    (void)config;
    target_judge_status(parcel, reply, judgement);
}

const struct target_ops target_http = {
    .name = "http",
    .settings = http_settings,
    .config_size = sizeof(struct http),
    .check = http_check,
    .limits = http_limits,
    .render = http_render,
    .judge = http_judge,
};

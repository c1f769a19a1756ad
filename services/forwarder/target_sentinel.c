/* sentinel: Microsoft Sentinel, by the Logs Ingestion API of Azure Monitor.
 *
 * https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview. An array of
 * rows to a stream of a data collection rule (deploy/sentinel has templates of it and of the
 * table). 204 is taken; a body that is no array gets 204 too, and nothing is stored
 * (azure-sdk-for-net #32562). At most 1 MB a call, compressed and not. The API refuses no doubles:
 * AlertId and Revision tell them.
 *
 * The HTTP Data Collector API (workspace_id, shared_key) was switched off on 14 September
 * 2026.
 */
#include <errno.h>
#include <yyjson.h>

#include "base/ascii.h"
#include "forwarder/entra.h"
#include "forwarder/field.h"
#include "forwarder/line.h"
#include "forwarder/native.h"
#include "forwarder/object.h"
#include "forwarder/target.h"

enum sentinel_identity {
    IDENTITY_SECRET,
    IDENTITY_CERTIFICATE,
    IDENTITY_WORKLOAD,
    IDENTITY_MANAGED
};

struct sentinel {
    const char *endpoint;
    const char *rule_id;
    const char *stream;
    int identity; /* enum sentinel_identity */
    const char *tenant_id;
    const char *client_id;
    const char *client_secret;
    const char *certificate;
    const char *certificate_key;
    const char *token_file;
    const char *authority;
    const char *metadata_url;
    const char *audience;
    bool compress;
    const char *workspace_id; /* of the Data Collector API, refused */
    const char *shared_key;
};

static const char *const identities[] = {"secret", "certificate", "workload", "managed", NULL};

#define AT(member) .offset = offsetof(struct sentinel, member)
static const struct setting sentinel_settings[] = {
    {"endpoint", SETTING_URL, AT(endpoint),
     .help =
         "Of logs ingestion: the data collection rule's own or a data collection endpoint's, as "
         "https://<name>.<region>.ingest.monitor.azure.com."},
    {"rule_id", SETTING_TEXT, AT(rule_id),
     .help = "The data collection rule's immutable id, as dcr-0123456789abcdef0123456789abcdef."},
    {"stream", SETTING_TEXT, AT(stream), .fallback = "Custom-HaechiAlerts_CL",
     .help = "The stream in the rule."},
    {"identity", SETTING_CHOICE, AT(identity), .fallback = "secret", .choices = identities,
     .help = "How to prove who asks: a client secret, a certificate, the token that Kubernetes "
             "projects (workload identity), or the machine's managed identity."},
    {"tenant_id", SETTING_TEXT, AT(tenant_id), .help = "The Entra tenant; all but managed."},
    {"client_id", SETTING_TEXT, AT(client_id),
     .help = "The application; for managed the identity's, where a machine has several."},
    {"client_secret", SETTING_SECRET, AT(client_secret), .help = "For secret."},
    {"certificate", SETTING_SECRET, AT(certificate),
     .help = "For certificate, in PEM form; best by certificate_file."},
    {"certificate_key", SETTING_SECRET, AT(certificate_key),
     .help = "Its RSA key, in PEM form and without a passphrase; best by certificate_key_file."},
    {"token_file", SETTING_TEXT, AT(token_file),
     .fallback = "/var/run/secrets/azure/tokens/azure-identity-token",
     .help = "For workload: AZURE_FEDERATED_TOKEN_FILE. Read anew each time."},
    {"authority", SETTING_URL, AT(authority), .fallback = "https://login.microsoftonline.com",
     .help = "Of other clouds: https://login.microsoftonline.us, "
             "https://login.partner.microsoftonline.cn."},
    {"metadata_url", SETTING_URL, AT(metadata_url), .fallback = "http://169.254.169.254",
     .help = "Where managed identities ask."},
    {"audience", SETTING_URL, AT(audience), .fallback = "https://monitor.azure.com",
     .help = "Of other clouds: https://monitor.azure.us, https://monitor.azure.cn."},
    {"compress", SETTING_BOOLEAN, AT(compress), .fallback = "true",
     .help = "Whether bodies are sent with gzip."},
    {"workspace_id", SETTING_TEXT, AT(workspace_id),
     .help = "No longer: see docs/targets/sentinel.md."},
    {"shared_key", SETTING_SECRET, AT(shared_key),
     .help = "No longer: see docs/targets/sentinel.md."},
    {0},
};
#undef AT

static bool is_set(const char *text)
{
    return text && *text;
}

/* Does it stay one part of an address? */
static bool is_plain(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (!ascii_is_alnum(*c) && !strchr("-_.", *c))
            return false;
    }
    return true;
}

static int require(bool is_there, const char *name, const char *identity, struct error *err)
{
    if (is_there)
        return 0;
    return error_set(err, -EINVAL, "%s is missing; identity %s needs it", name, identity);
}

static int check_identity(const struct sentinel *s, struct error *err)
{
    const char *identity = identities[s->identity];

    if (s->identity == IDENTITY_MANAGED)
        return 0;
    if (require(is_set(s->tenant_id), "tenant_id", identity, err) < 0 ||
        require(is_set(s->client_id), "client_id", identity, err) < 0)
        return -EINVAL;
    if (!is_plain(s->tenant_id))
        return error_set(err, -EINVAL, "tenant_id is '%s'; it is a GUID or a domain", s->tenant_id);
    if (s->identity == IDENTITY_SECRET)
        return require(is_set(s->client_secret), "client_secret", identity, err);
    if (s->identity == IDENTITY_WORKLOAD)
        return require(is_set(s->token_file), "token_file", identity, err);
    if (require(is_set(s->certificate), "certificate", identity, err) < 0)
        return -EINVAL;
    return require(is_set(s->certificate_key), "certificate_key", identity, err);
}

static int sentinel_check(const void *config, struct error *err)
{
    const struct sentinel *s = config;

    if (is_set(s->workspace_id) || is_set(s->shared_key))
        return error_set(
            err, -EINVAL,
            "workspace_id and shared_key are of the HTTP Data Collector API, off since 14 "
            "September 2026. Its successor is the Logs Ingestion API: make table and data "
            "collection rule by deploy/sentinel, give an application Monitoring Metrics Publisher "
            "on the rule, set endpoint, rule_id, tenant_id, client_id, client_secret "
            "(docs/targets/sentinel.md)");
    if (!is_set(s->endpoint) || !is_set(s->rule_id))
        return error_set(err, -EINVAL, "%s is missing; the data collection rule shows it",
                         is_set(s->endpoint) ? "rule_id" : "endpoint");
    if (!is_plain(s->rule_id) || !is_plain(s->stream))
        return error_set(err, -EINVAL,
                         "rule_id and stream may hold letters, digits, '-', '_', '.'");
    if (strncmp(s->stream, "Custom-", 7) != 0 && strncmp(s->stream, "Microsoft-", 10) != 0)
        return error_set(err, -EINVAL, "stream is '%s'; its name begins with Custom- or Microsoft-",
                         s->stream);
    return check_identity(s, err);
}

/* "1 MB": a million, to be on the safe side of both readings. */
static struct target_limits sentinel_limits(const void *config)
{
    (void)config;
    return (struct target_limits){.max_bytes = 1000000};
}

/* TimeGenerated older than two days is replaced by the service, so the alert's own time has a
 * column of its own. Lists are `dynamic` columns. */
static void write_row(const struct alert *alert, struct text host, struct buf *out)
{
    buf_add_byte(out, '{');
    object_time(out, "TimeGenerated", alert->emitted_at);
    object_time(out, "AlertTime", alert->timestamp);
    object_text(out, "AlertId", alert->alert_id);
    object_integer(out, "Revision", alert->revision);
    object_text(out, "Status", text_of(alert_statuses[alert->status]));
    object_text(out, "Severity", text_of(event_levels[alert->severity]));
    object_text(out, "Title", alert->title);
    object_text(out, "Description", alert->description);
    object_text(out, "EventType", field_event_type(alert));
    object_text(out, "SourceIp", alert->source_ip);
    object_text(out, "TargetIp", alert->target_ip);
    object_text(out, "UserName", alert->user);
    object_text(out, "HostName", alert->host);
    object_real(out, "Confidence", alert->confidence);
    object_text(out, "RuleId", alert->rule_id);
    object_integer(out, "EventCount", alert->event_count);
    object_time(out, "FirstSeen", alert->first_seen);
    object_time(out, "LastSeen", alert->last_seen);
    object_list(out, "Indicators", &alert->indicators);
    object_list(out, "Tags", &alert->tags);
    object_list(out, "RecommendedActions", &alert->recommended_actions);
    object_list(out, "EventIds", &alert->event_ids);
    object_text(out, "RawPayload", alert->raw_payload);
    object_text(out, "TenantName", alert->tenant);
    object_text(out, "Forwarder", host);
    object_text(out, "Product", TEXT("Haechi"));
    object_text(out, "ProductVersion", TEXT(HAECHI_VERSION));
    buf_add_byte(out, '}');
}

static void add_base(const char *base, struct request *request)
{
    struct text url = text_of(base);

    while (text_ends(url, TEXT("/")))
        url.size--;
    buf_add(&request->url, url);
}

static void sentinel_render(const void *config, const struct target_context *context,
                            const struct parcel *parcel, struct request *request)
{
    const struct sentinel *s = config;

    add_base(s->endpoint, request);
    buf_addf(&request->url, "/dataCollectionRules/%s/streams/%s?api-version=2023-01-01", s->rule_id,
             s->stream);
    request_authorize(request, "Bearer", context->token);
    request_header(request, "Content-Type", TEXT("application/json"));
    buf_add_byte(&request->body, '[');
    for (size_t i = 0; i < parcel->count; i++) {
        if (i > 0)
            buf_add_byte(&request->body, ',');
        write_row(parcel->alerts[i], context->host, &request->body);
    }
    buf_add_byte(&request->body, ']');
    if (s->compress)
        request_compress(request);
}

/* Does {"error":{"code":"InvalidStream",…}} speak of what the address names, or of the rule's
 * transformation (InvalidTransformOutput), and of no row? */
static bool is_of_rule(struct text body)
{
    static const char *const words[] = {"Stream",     "Dcr",      "DataCollection",
                                        "ApiVersion", "Endpoint", "Transform"};
    yyjson_doc *doc = body.size > 0 ? yyjson_read(body.bytes, body.size, 0) : NULL;
    yyjson_val *value = yyjson_ptr_get(yyjson_doc_get_root(doc), "/error/code");
    const struct text code = {yyjson_get_str(value), yyjson_get_len(value)};
    bool is_found = false;

    for (size_t i = 0; i < COUNT_OF(words); i++)
        is_found = is_found || text_find(code, text_of(words[i])) < code.size;
    yyjson_doc_free(doc);
    return is_found;
}

/* 403 comes for up to half an hour after the role was given, so nothing is thrown away for it; nor
 * for a 400 that the rule or the stream is to blame for, as every row gets it. */
static void sentinel_judge(const void *config, const struct parcel *parcel,
                           const struct reply *reply, struct judgement *judgement)
{
    (void)config;
    target_judge_own(parcel, reply, reply->status == 204, judgement);
    if (reply->status == 400 && is_of_rule(reply->body))
        target_judge_all(parcel, VERDICT_CONFIG, judgement);
}

static void ask_metadata(const struct sentinel *s, struct request *request)
{
    AUTO_BUF query = {0};

    entra_add_parameter(&query, "api-version", TEXT("2018-02-01"));
    entra_add_parameter(&query, "resource", text_of(s->audience));
    if (is_set(s->client_id))
        entra_add_parameter(&query, "client_id", text_of(s->client_id));
    request->method = "GET";
    request->is_metadata = true;
    add_base(s->metadata_url, request);
    buf_add(&request->url, TEXT("/metadata/identity/oauth2/token?"));
    buf_add(&request->url, buf_text(&query));
    request_header(request, "Metadata", TEXT("true"));
}

static int sentinel_authorize(const void *config, const struct target_context *context,
                              struct request *request, struct error *err)
{
    const struct sentinel *s = config;
    AUTO_BUF scope = {0};
    AUTO_BUF assertion = {0};
    const struct text client = text_of(s->client_id);

    if (s->identity == IDENTITY_MANAGED) {
        ask_metadata(s, request);
        return 0;
    }
    add_base(s->authority, request);
    buf_addf(&request->url, "/%s/oauth2/v2.0/token", s->tenant_id);
    request_header(request, "Content-Type", TEXT("application/x-www-form-urlencoded"));
    buf_addf(&scope, "%s/.default", s->audience);
    if (s->identity == IDENTITY_SECRET) {
        entra_write_secret(client, text_of(s->client_secret), buf_text(&scope), &request->body);
        request_hide(request, buf_text(&request->body));
        return 0;
    }
    if (s->identity == IDENTITY_WORKLOAD)
        buf_add(&assertion, context->evidence);
    else if (entra_write_token(client, buf_text(&request->url), text_of(s->certificate),
                               text_of(s->certificate_key), context->unique, context->now_ms / 1000,
                               &assertion, err) < 0)
        return -EINVAL;
    entra_write_assertion(client, buf_text(&assertion), buf_text(&scope), &request->body);
    request_hide(request, buf_text(&request->body));
    return 0;
}

/* Entra answers 400 (invalid_request, unauthorized_client, …) and 401 where settings are wrong. */
static enum verdict sentinel_grant(const void *config, const struct reply *reply, struct buf *token,
                                   int64_t *lifetime_ms, struct error *err)
{
    AUTO_BUF said = {0};
    int64_t lifetime_s;

    (void)config;
    if (reply->status == 200) {
        if (entra_read_reply(reply->body, token, &lifetime_s, err) < 0)
            return VERDICT_RETRY;
        *lifetime_ms = lifetime_s * 1000;
        return VERDICT_DELIVERED;
    }
    entra_read_refusal(reply->body, &said);
    const enum verdict verdict = verdict_of_http(reply->status);
    const bool is_config = verdict == VERDICT_CONFIG || verdict == VERDICT_POISON;

    error_set_class(err, is_config ? ERROR_CONFIG : ERROR_RETRY, -EACCES, "no token: HTTP %d%s%.*s",
                    reply->status, said.size > 0 ? ": " : "", TEXT_ARG(buf_text(&said)));
    return is_config ? VERDICT_CONFIG : VERDICT_RETRY;
}

static const char *sentinel_token_file(const void *config)
{
    const struct sentinel *s = config;

    return s->identity == IDENTITY_WORKLOAD ? s->token_file : NULL;
}

const struct target_ops target_sentinel = {
    .name = "sentinel",
    .settings = sentinel_settings,
    .config_size = sizeof(struct sentinel),
    .check = sentinel_check,
    .limits = sentinel_limits,
    .render = sentinel_render,
    .judge = sentinel_judge,
    .authorize = sentinel_authorize,
    .grant = sentinel_grant,
    .token_file = sentinel_token_file,
};

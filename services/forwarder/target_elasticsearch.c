/* elasticsearch, opensearch: `_bulk` (bulk.h).
 *
 * An alert that is sent twice is there once: its `_id` is <alert_id>-<revision>. That holds within
 * one index; a repeat across a data stream's rollover is there twice (not verified).
 */
#include <errno.h>

#include "forwarder/base64.h"
#include "forwarder/bulk.h"
#include "forwarder/target.h"

enum elastic_body { ELASTIC_NATIVE, ELASTIC_ECS };

struct elastic {
    const char *url;
    const char *index;
    int body; /* enum elastic_body */
    const char *api_key;
    const char *username;
    const char *password;
    bool compress;
};

static const char *const bodies[] = {"native", "ecs", NULL};

#define AT(member) .offset = offsetof(struct elastic, member)
static const struct setting elastic_settings[] = {
    {"url", SETTING_URL, AT(url), .required = true,
     .help = "Of the cluster, as https://es.example:9200, without a path."},
    {"index", SETTING_TEXT, AT(index), .fallback = "haechi-alerts",
     .help = "An index or, better, a data stream."},
    {"body", SETTING_CHOICE, AT(body), .fallback = "ecs", .choices = bodies,
     .help = "What a document looks like: the Elastic Common Schema, or Haechi's own JSON with "
             "@timestamp."},
    {"api_key", SETTING_SECRET, AT(api_key),
     .help = "`encoded` as Elasticsearch shows it. Needs no more than create_doc on the index."},
    {"username", SETTING_TEXT, AT(username), .help = "Instead of an API key."},
    {"password", SETTING_SECRET, AT(password), .help = "Of the user."},
    {"compress", SETTING_BOOLEAN, AT(compress), .fallback = "true",
     .help = "Whether bodies are sent with gzip."},
    {0},
};
#undef AT

static bool is_set(const char *text)
{
    return text && *text;
}

/* Elasticsearch's rules for names of indices, as far as they keep the address what it is. */
static int elastic_check(const void *config, struct error *err)
{
    const struct elastic *elastic = config;

    for (const char *c = elastic->index; *c; c++) {
        if (*c <= ' ' || (*c >= 'A' && *c <= 'Z') || strchr("\\/*?\"<>|,#:%", *c))
            return error_set(err, -EINVAL,
                             "index is '%s'; it may hold no capital letters, blanks or any of \\ / "
                             "* ? \" < > | , # : %%",
                             elastic->index);
    }
    if (is_set(elastic->api_key) && is_set(elastic->username))
        return error_set(err, -EINVAL, "api_key and username are both there; one is enough");
    if (is_set(elastic->username) != is_set(elastic->password))
        return error_set(err, -EINVAL, "username and password go together");
    return 0;
}

/* A megabyte of alerts is plenty for a cluster, and below every cap (AWS: 10 MB). */
static struct target_limits elastic_limits(const void *config)
{
    (void)config;
    return (struct target_limits){.max_bytes = 1000000};
}

static void authorize(const struct elastic *elastic, struct request *request)
{
    AUTO_BUF pair = {0};
    AUTO_BUF encoded = {0};

    if (is_set(elastic->api_key)) {
        request_authorize(request, "ApiKey", text_of(elastic->api_key));
    } else if (is_set(elastic->username)) {
        buf_addf(&pair, "%s:%s", elastic->username, elastic->password);
        base64_add(&encoded, buf_text(&pair));
        request_authorize(request, "Basic", buf_text(&encoded));
    }
}

static void start(const struct elastic *elastic, struct request *request)
{
    struct text url = text_of(elastic->url);

    while (text_ends(url, TEXT("/")))
        url.size--;
    buf_add(&request->url, url);
    buf_add_byte(&request->url, '/');
    authorize(elastic, request);
}

static void elastic_render(const void *config, const struct target_context *context,
                           const struct parcel *parcel, struct request *request)
{
    const struct elastic *elastic = config;

    start(elastic, request);
    buf_add_string(&request->url, elastic->index);
    buf_add(&request->url, TEXT("/_bulk"));
    request_header(request, "Content-Type", TEXT("application/x-ndjson"));
    for (size_t i = 0; i < parcel->count; i++)
        bulk_write(parcel->alerts[i], context->host, elastic->body == ELASTIC_ECS, &request->body);
    if (elastic->compress)
        request_compress(request);
}

static const enum verdict verdicts[] = {
    [BULK_TAKEN] = VERDICT_DELIVERED,
    [BULK_RETRY] = VERDICT_RETRY,
    [BULK_CONFIG] = VERDICT_CONFIG,
    [BULK_POISON] = VERDICT_POISON,
};

/* The request as a whole. What the status calls settings or poison means several things, which the
 * body tells. */
static void judge_refusal(const struct parcel *parcel, const struct reply *reply,
                          struct judgement *judgement)
{
    AUTO(arena) arena = arena_new(4096);
    const enum verdict verdict = verdict_of_http(reply->status);

    target_judge_status(parcel, reply, judgement);
    if (verdict == VERDICT_CONFIG || verdict == VERDICT_POISON)
        target_judge_all(parcel, verdicts[bulk_judge_refusal(reply->body, arena)], judgement);
}

static void elastic_judge(const void *config, const struct parcel *parcel,
                          const struct reply *reply, struct judgement *judgement)
{
    AUTO(arena) arena = arena_new(4096);
    enum bulk_outcome *outcomes = arena_take(arena, parcel->count * sizeof(*outcomes));
    struct text reason;

    (void)config;
    if (reply->status < 200 || reply->status >= 300) {
        judge_refusal(parcel, reply, judgement);
    } else if (!bulk_read_reply(reply->body, parcel->count, arena, outcomes, &reason)) {
        /* 200 from something else than a cluster: nothing is known to be stored. */
        target_judge_all(parcel, VERDICT_CONFIG, judgement);
        buf_add(&judgement->reason,
                TEXT("the reply is not one of _bulk; is url that of a cluster?"));
    } else {
        for (size_t i = 0; i < parcel->count; i++)
            judgement->each[i] = verdicts[outcomes[i]];
        buf_add(&judgement->reason, text_cut(reason, 300));
    }
}

const struct target_ops target_elasticsearch = {
    .name = "elasticsearch",
    .settings = elastic_settings,
    .config_size = sizeof(struct elastic),
    .check = elastic_check,
    .limits = elastic_limits,
    .render = elastic_render,
    .judge = elastic_judge,
};

const struct target_ops target_opensearch = {
    .name = "opensearch",
    .settings = elastic_settings,
    .config_size = sizeof(struct elastic),
    .check = elastic_check,
    .limits = elastic_limits,
    .render = elastic_render,
    .judge = elastic_judge,
};

/* splunk: Splunk's HTTP Event Collector (hec.h).
 *
 * HEC refuses no doubles: an alert whose reply was lost is there twice, with the same alert_id and
 * revision. With `acknowledge` an alert counts as delivered once the indexers say that they have
 * replicated it; what they do not say in time is sent again.
 */
#include <errno.h>

#include "base/number.h"
#include "forwarder/hec.h"
#include "forwarder/target.h"

struct splunk {
    const char *url;
    const char *token;
    const char *index;
    const char *source;
    const char *sourcetype;
    bool acknowledge;
    int64_t acknowledge_timeout_ms;
    bool compress;
};

#define AT(member) .offset = offsetof(struct splunk, member)
static const struct setting splunk_settings[] = {
    {"url", SETTING_URL, AT(url), .required = true,
     .help = "Of the collector, as https://splunk.example:8088 (Splunk Cloud: "
             "https://http-inputs-<stack>.splunkcloud.com), without a path or "
             "with /services/collector/event."},
    {"token", SETTING_SECRET, AT(token), .required = true, .help = "Of the HEC input."},
    {"index", SETTING_TEXT, AT(index), .fallback = "security",
     .help =
         "Has to be among the token's allowed indexes, and to exist: Splunk takes events for an "
         "index that does not exist and drops them."},
    {"source", SETTING_TEXT, AT(source), .fallback = "security_monitoring",
     .help = "Their source."},
    {"sourcetype", SETTING_TEXT, AT(sourcetype), .fallback = "security_event",
     .help = "Their sourcetype."},
    {"acknowledge", SETTING_BOOLEAN, AT(acknowledge), .fallback = "false",
     .help = "Whether to wait until the indexers have replicated an alert; the token needs indexer "
             "acknowledgement (useACK)."},
    {"acknowledge_timeout", SETTING_DURATION, AT(acknowledge_timeout_ms), .fallback = "5m",
     .minimum = 1000, .maximum = 3600 * 1000,
     .help =
         "With acknowledge: what the indexers have not replicated so long after they took it is "
         "sent again."},
    {"compress", SETTING_BOOLEAN, AT(compress), .fallback = "true",
     .help = "Whether bodies are sent with gzip."},
    {0},
};
#undef AT

/* Uncompressed. Cloud documents 1 MB, older Enterprise versions have 1,000,000. */
static struct target_limits splunk_limits(const void *config)
{
    const struct splunk *splunk = config;

    return (struct target_limits){.max_bytes = 900000,
                                  .max_pending_ms = splunk->acknowledge_timeout_ms};
}

/* @url without the path of events, which many write at its end. */
static struct text base_of(const char *url)
{
    static const char *const ends[] = {"/services/collector", "/services/collector/event",
                                       "/services/collector/event/1.0"};
    struct text base = text_of(url);

    while (text_ends(base, TEXT("/")))
        base.size--;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        if (text_ends(base, text_of(ends[i])))
            return text_slice(base, 0, base.size - strlen(ends[i]));
    }
    return base;
}

static int splunk_check(const void *config, struct error *err)
{
    const struct splunk *splunk = config;
    const struct text base = base_of(splunk->url);

    if (strpbrk(splunk->url, "?#") || text_find(base, TEXT("/services/collector")) < base.size)
        return error_set(err, -EINVAL,
                         "url is '%s'; it may be the collector's, as https://splunk.example:8088, "
                         "or end with /services/collector/event",
                         splunk->url);
    return 0;
}

/* The collector's address, then @path. */
static void start(const struct splunk *splunk, const char *path, struct request *request)
{
    buf_add(&request->url, base_of(splunk->url));
    buf_add_string(&request->url, path);
}

static void splunk_render(const void *config, const struct target_context *context,
                          const struct parcel *parcel, struct request *request)
{
    const struct splunk *splunk = config;
    const struct hec_form form = {
        .index = text_of(splunk->index),
        .source = text_of(splunk->source),
        .sourcetype = text_of(splunk->sourcetype),
        .host = context->host,
    };

    start(splunk, "/services/collector/event", request);
    request_authorize(request, "Splunk", text_of(splunk->token));
    request_header(request, "Content-Type", TEXT("application/json"));
    if (splunk->acknowledge)
        request_header(request, "X-Splunk-Request-Channel", context->unique);
    for (size_t i = 0; i < parcel->count; i++)
        hec_write(parcel->alerts[i], &form, &request->body);
    if (splunk->compress)
        request_compress(request);
}

/* Those before @guilty are indexed, it never will be, those behind it were not looked at. Who wants
 * acknowledgements gets none for a part: then those before it are sent again, as doubles. */
static void judge_part(const struct splunk *splunk, const struct parcel *parcel, size_t guilty,
                       enum verdict of_guilty, struct judgement *judgement)
{
    const enum verdict before = splunk->acknowledge ? VERDICT_RETRY : VERDICT_DELIVERED;

    for (size_t i = 0; i < parcel->count; i++)
        judgement->each[i] = i < guilty ? before : i == guilty ? of_guilty : VERDICT_RETRY;
}

static void judge_taken(const struct splunk *splunk, const struct parcel *parcel,
                        const struct hec_reply *said, struct judgement *judgement)
{
    enum { NEARLY_FULL = 24, ACKS_NEARLY_FULL = 25 };

    if (splunk->acknowledge && said->ack < 0) {
        target_judge_all(parcel, VERDICT_CONFIG, judgement);
        buf_add(&judgement->reason,
                TEXT("it took the events and gave no ackId: the token has no indexer "
                     "acknowledgement; turn it on, or set acknowledge: false"));
        return;
    }
    target_judge_all(parcel, splunk->acknowledge ? VERDICT_PENDING : VERDICT_DELIVERED, judgement);
    judgement->receipt = said->ack;
    judgement->slow_down = said->code == NEARLY_FULL || said->code == ACKS_NEARLY_FULL;
}

static void splunk_judge(const void *config, const struct parcel *parcel, const struct reply *reply,
                         struct judgement *judgement)
{
    static const enum verdict whole[] = {
        [HEC_RETRY] = VERDICT_RETRY,
        [HEC_CONFIG] = VERDICT_CONFIG,
        [HEC_BAD_BODY] = VERDICT_POISON, /* which is at fault shows when it is alone */
        [HEC_TOO_LARGE] = VERDICT_TOO_LARGE,
    };
    const struct hec_reply said = hec_read_reply(reply->body);
    const enum hec_outcome outcome = hec_judge(reply->status, &said, parcel->count);

    switch (outcome) {
    case HEC_TAKEN:
        judge_taken(config, parcel, &said, judgement);
        return;
    case HEC_BAD_EVENT:
        judge_part(config, parcel, (size_t)said.event, VERDICT_POISON, judgement);
        break;
    case HEC_BAD_INDEX: /* all have the same index, so it is the token's or the setting's fault */
        judge_part(config, parcel, (size_t)said.event - 1, VERDICT_CONFIG, judgement);
        break;
    default:
        target_judge_all(parcel, whole[outcome], judgement);
    }
    target_add_reason(reply, judgement);
}

static void splunk_ask(const void *config, const struct target_context *context, int64_t receipt,
                       struct request *request)
{
    const struct splunk *splunk = config;

    /* As the documentation's example asks; the header is what a balancer may look at. */
    start(splunk, "/services/collector/ack?channel=", request);
    buf_add(&request->url, context->unique);
    request_authorize(request, "Splunk", text_of(splunk->token));
    request_header(request, "Content-Type", TEXT("application/json"));
    request_header(request, "X-Splunk-Request-Channel", context->unique);
    buf_add(&request->body, TEXT("{\"acks\":["));
    number_write_integer(receipt, &request->body);
    buf_add(&request->body, TEXT("]}"));
}

/* What only stands in the way of the question, as a proxy that does not know its path (404), may
 * pass: to ask again costs nothing, to send the events again makes doubles. */
static enum verdict splunk_hear(const void *config, int64_t receipt, const struct reply *reply)
{
    enum { UNAUTHORIZED = 401, FORBIDDEN = 403 };
    const struct hec_reply said = hec_read_reply(reply->body);
    const enum hec_outcome outcome = hec_judge(reply->status, &said, 1);
    const bool is_refused =
        said.code != HEC_UNKNOWN || reply->status == UNAUTHORIZED || reply->status == FORBIDDEN;

    (void)config;
    if (outcome == HEC_TAKEN && hec_is_acknowledged(reply->body, receipt))
        return VERDICT_DELIVERED;
    return outcome == HEC_CONFIG && is_refused ? VERDICT_CONFIG : VERDICT_PENDING;
}

static void splunk_greet(const void *config, struct request *request)
{
    request->method = "GET";
    start(config, "/services/collector/health", request);
}

/* Codes 18, 19, 20 and 23. Receivers that have no such page answer something else. */
static enum verdict splunk_welcome(const void *config, const struct reply *reply)
{
    enum { UNAVAILABLE = 503 };
    const struct hec_reply said = hec_read_reply(reply->body);

    (void)config;
    return reply->status == UNAVAILABLE && said.code != HEC_UNKNOWN ? VERDICT_RETRY
                                                                    : VERDICT_DELIVERED;
}

const struct target_ops target_splunk = {
    .name = "splunk",
    .settings = splunk_settings,
    .config_size = sizeof(struct splunk),
    .check = splunk_check,
    .limits = splunk_limits,
    .render = splunk_render,
    .judge = splunk_judge,
    .ask = splunk_ask,
    .hear = splunk_hear,
    .greet = splunk_greet,
    .welcome = splunk_welcome,
};

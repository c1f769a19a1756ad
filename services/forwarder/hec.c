#include "forwarder/hec.h"

#include <yyjson.h>

#include "base/number.h"
#include "forwarder/native.h"
#include "forwarder/object.h"
#include "forwarder/reply.h"
#include "forwarder/verdict.h"

void hec_write(const struct alert *alert, const struct hec_form *form, struct buf *out)
{
    const int64_t ms = alert->timestamp > 0 ? alert->timestamp : 0;
    const struct text host = alert->host.size > 0 ? alert->host : form->host;
    char digits[NUMBER_DIGITS];

    /* Seconds; milliseconds survive as three decimals. */
    buf_addf(out, "{\"time\":%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
    object_optional(out, "host", host);
    object_optional(out, "source", form->source);
    object_optional(out, "sourcetype", form->sourcetype);
    object_optional(out, "index", form->index);
    object_name(out, "event");
    native_write(alert, form->host, out);
    object_open(out, "fields", '{');
    object_text(out, "alert_id", alert->alert_id);
    object_text(out, "revision", number_digits(alert->revision, digits));
    buf_add(out, TEXT("}}\n"));
}

static int64_t integer_of(yyjson_val *root, const char *name)
{
    yyjson_val *value = yyjson_obj_get(root, name);

    return yyjson_is_int(value) ? yyjson_get_sint(value) : HEC_UNKNOWN;
}

/* A number, or one that is written as a text. */
static int64_t receipt_of(yyjson_val *root, const char *name)
{
    yyjson_val *value = yyjson_obj_get(root, name);
    int64_t receipt;

    if (yyjson_is_str(value) &&
        text_to_integer((struct text){yyjson_get_str(value), yyjson_get_len(value)}, &receipt))
        return receipt;
    return integer_of(root, name);
}

/* Old receivers answer a plain OK, and some nothing at all. */
static bool is_plain_word(struct text body)
{
    return body.size == 0 || text_equal_nocase(body, TEXT("ok")) ||
           text_equal_nocase(body, TEXT("success"));
}

struct hec_reply hec_read_reply(struct text body)
{
    yyjson_doc *doc = body.size > 0 ? yyjson_read(body.bytes, body.size, 0) : NULL;
    yyjson_val *root = yyjson_doc_get_root(doc);
    const struct hec_reply reply = {
        .code = integer_of(root, "code"),
        .event = integer_of(root, "invalid-event-number"),
        .ack = receipt_of(root, "ackId"),
        .is_word = doc || is_plain_word(text_trim(body)),
        .is_page = reply_is_page(body),
    };

    yyjson_doc_free(doc);
    return reply;
}

/* By the status; but a log-in page's 200, and the 400 of a proxy that wants a certificate, are not
 * the collector's. */
static enum hec_outcome judge_status(int status, const struct hec_reply *reply)
{
    switch (verdict_of_http(status)) {
    case VERDICT_DELIVERED:
        return reply->is_word ? HEC_TAKEN : HEC_CONFIG;
    case VERDICT_CONFIG:
        return HEC_CONFIG;
    case VERDICT_TOO_LARGE:
        return HEC_TOO_LARGE;
    case VERDICT_POISON:
        return reply->is_page ? HEC_CONFIG : HEC_BAD_BODY;
    default:
        return HEC_RETRY;
    }
}

/* By the code alone, for which 200 and 400 leave it open what became of the events. All others of
 * the table's statuses say it themselves, and a gateway on the way that answers with codes of its
 * own (gRPC's 5 is "not found", its 13 "internal") is not to be taken for the collector. */
static bool is_open(int status)
{
    return (status >= 200 && status < 300) || status == 400;
}

/* Does the number name one of the events? Splunk Cloud names the first of several when the body as
 * a whole is too long for it. */
static bool is_blamed(int64_t event, size_t count)
{
    return event >= 0 && (size_t)event < count && (event > 0 || count == 1);
}

enum hec_outcome hec_judge(int status, const struct hec_reply *reply, size_t count)
{
    switch (is_open(status) ? reply->code : HEC_UNKNOWN) {
    case 6:  /* Invalid data format */
    case 12: /* Event field is required */
    case 13: /* Event field cannot be blank */
    case 15: /* Error in handling indexed fields */
        return is_blamed(reply->event, count) ? HEC_BAD_EVENT : HEC_BAD_BODY;
    case 7: /* Incorrect index; the number is one past the event's */
        return reply->event > 0 && (size_t)reply->event <= count ? HEC_BAD_INDEX : HEC_CONFIG;
    case 5: /* No data: a body that held none is a fault of ours, but no event's */
        return HEC_BAD_BODY;
    case 1: /* Token disabled; required; Invalid authorization; Invalid token: 401 and 403 too */
    case 2:
    case 3:
    case 4:
    case 10: /* Data channel is missing; Invalid data channel */
    case 11:
    case 14: /* ACK is disabled */
    case 16: /* Query string authorization is not enabled */
    case 21: /* of the health check: Invalid token; Token disabled */
    case 22:
    case 28: /* Cloud: channel missing, sticky sessions */
        return HEC_CONFIG;
    case 8: /* Internal server error; Server is busy; these come with 429 or 5xx, which say it too
             */
    case 9:
    case 18: /* HEC is unhealthy: queues, acknowledgements, both */
    case 19:
    case 20:
    case 23: /* Server is shutting down */
    case 26: /* queue, acknowledgement channel at capacity */
    case 27:
        return HEC_RETRY;
    default: /* 0, 17, 24 and 25 (taken, slow down), and what later versions add */
        return judge_status(status, reply);
    }
}

bool hec_is_acknowledged(struct text body, int64_t ack)
{
    yyjson_doc *doc = body.size > 0 ? yyjson_read(body.bytes, body.size, 0) : NULL;
    yyjson_val *acks = yyjson_obj_get(yyjson_doc_get_root(doc), "acks");
    char digits[NUMBER_DIGITS];
    const struct text key = number_digits(ack, digits);
    const bool is_true = yyjson_is_true(yyjson_obj_getn(acks, key.bytes, key.size));

    yyjson_doc_free(doc);
    return is_true;
}

/* hec: the bodies of Splunk's HTTP Event Collector and its replies.
 *
 * Source: Splunk, "Format events for HTTP Event Collector" and "Troubleshoot HTTP Event Collector"
 * (codes); limits and partial failure as one user measured and published them for Enterprise 10.4.3
 * and Cloud 10.5 in September 2026.
 */
#pragma once

#include <stdint.h>

#include "base/alert.h"
#include "base/buf.h"

struct hec_form {
    struct text index; /* empty: the token's default */
    struct text source;
    struct text sourcetype;
    struct text host; /* of events whose alert names none */
};

/* One event: an object and a line end. Events follow one another without commas. alert_id and
 * revision are indexed fields too, so that a search drops doubles fast (`| dedup alert_id`). */
void hec_write(const struct alert *alert, const struct hec_form *form, struct buf *out);

enum { HEC_UNKNOWN = -1 };

struct hec_reply {
    int64_t code;  /* of Splunk's table, or HEC_UNKNOWN: the body is not its JSON */
    int64_t event; /* invalid-event-number, or HEC_UNKNOWN */
    int64_t ack;   /* ackId, or HEC_UNKNOWN */
    bool is_word;  /* nothing, JSON, or a plain OK, as the receivers that speak HEC write it */
    bool is_page;  /* HTML: something else answers */
};

struct hec_reply hec_read_reply(struct text body);

/* What has become of the events, by @status and the code. */
enum hec_outcome {
    HEC_TAKEN,     /* all */
    HEC_RETRY,     /* none, and nothing is wrong with them */
    HEC_CONFIG,    /* none: token, index or channel; or it is no collector that answers */
    HEC_BAD_EVENT, /* those before reply.event; that one never will be, the rest were not looked at
                    */
    HEC_BAD_INDEX, /* the same, for an index that the token may not write to */
    HEC_BAD_BODY,  /* none; which of them is at fault is not said */
    HEC_TOO_LARGE,
};

/* @count is that of the events sent. */
enum hec_outcome hec_judge(int status, const struct hec_reply *reply, size_t count);

/* What a reply to /services/collector/ack says of @ack: true for replicated. Splunk forgets that
 * once it was said. */
bool hec_is_acknowledged(struct text body, int64_t ack);

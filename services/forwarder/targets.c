/* Every target there is. Plain data: no constructors, no registration order. */
#include "base/mem.h"
#include "forwarder/line.h"
#include "forwarder/reply.h"
#include "forwarder/target.h"

extern const struct target_ops target_splunk;
extern const struct target_ops target_qradar;
extern const struct target_ops target_arcsight;
extern const struct target_ops target_sentinel;
extern const struct target_ops target_syslog;
extern const struct target_ops target_elasticsearch;
extern const struct target_ops target_opensearch;
extern const struct target_ops target_http;
extern const struct target_ops target_kafka;
extern const struct target_ops target_file;
extern const struct target_ops target_stdout;
extern const struct target_ops target_pagerduty;
extern const struct target_ops target_slack;

static const struct target_ops *const targets[] = {
    &target_splunk,     &target_qradar, &target_arcsight,
    &target_sentinel,   &target_syslog, &target_elasticsearch,
    &target_opensearch, &target_http,   &target_kafka,
    &target_file,       &target_stdout, &target_pagerduty,
    &target_slack,      NULL,
};

const struct target_ops *target_find(const char *name)
{
    for (size_t i = 0; targets[i]; i++) {
        if (strcmp(targets[i]->name, name) == 0)
            return targets[i];
    }
    return NULL;
}

const struct target_ops *const *target_list(void)
{
    return targets;
}

void target_add_reason(const struct reply *reply, struct judgement *judgement)
{
    enum { MOST = 200 };

    buf_addf(&judgement->reason, "HTTP %d", reply->status);
    if (reply->body.size == 0)
        return;
    buf_add(&judgement->reason, TEXT(": "));
    line_fill(&judgement->reason, text_cut(text_trim(reply->body), MOST), line_plain, '\0',
              SIZE_MAX);
}

void target_judge_all(const struct parcel *parcel, enum verdict verdict,
                      struct judgement *judgement)
{
    for (size_t i = 0; i < parcel->count; i++)
        judgement->each[i] = verdict;
}

void target_judge_own(const struct parcel *parcel, const struct reply *reply, bool is_taken,
                      struct judgement *judgement)
{
    const enum verdict verdict = verdict_of_http(reply->status);

    if (is_taken ||
        (verdict == VERDICT_POISON ? !reply_is_page(reply->body) : verdict != VERDICT_DELIVERED)) {
        target_judge_status(parcel, reply, judgement);
        return;
    }
    target_judge_all(parcel, VERDICT_CONFIG, judgement);
    buf_add(&judgement->reason, TEXT("the reply is not the target's own; what answers there? "));
    target_add_reason(reply, judgement);
}

void target_judge_status(const struct parcel *parcel, const struct reply *reply,
                         struct judgement *judgement)
{
    const enum verdict verdict = verdict_of_http(reply->status);

    target_judge_all(parcel, verdict, judgement);
    if (verdict != VERDICT_DELIVERED)
        target_add_reason(reply, judgement);
}

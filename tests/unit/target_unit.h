/* target_unit: a target with its settings as a user would write them, and what it makes of alerts
 * and replies. */
#pragma once

#include <stdlib.h>

#include "forwarder/target.h"
#include "hostile_alert.h"

struct target_unit {
    const struct target_ops *ops;
    struct settings *settings;
    void *config; /* owned */
};

static inline const char *target_unit_environment(const char *name)
{
    (void)name;
    return NULL;
}

/* @yaml are its options, one a line, indented by two blanks. */
static inline int target_unit_open(struct target_unit *unit, const char *name, const char *yaml,
                                   struct error *err)
{
    AUTO_BUF text = {0};

    *unit = (struct target_unit){.ops = target_find(name)};
    assert_non_null(unit->ops);
    unit->config = mem_zero(unit->ops->config_size);
    const struct settings_section section = {"target", unit->ops->settings, unit->config};

    buf_addf(&text, "target:\n%s", yaml);
    unit->settings =
        settings_parse("test.yaml", buf_text(&text), &section, 1, target_unit_environment, err);
    if (!unit->settings)
        return -1;
    return unit->ops->check ? unit->ops->check(unit->config, err) : 0;
}

static inline void target_unit_close(struct target_unit *unit)
{
    settings_free(unit->settings);
    free(unit->config);
}

static inline struct target_unit target_unit_must(const char *name, const char *yaml)
{
    struct target_unit unit;
    struct error err = {0};

    if (target_unit_open(&unit, name, yaml, &err) < 0)
        fail_msg("%s: %s", name, err.text);
    return unit;
}

static inline struct target_context target_unit_context(void)
{
    return (struct target_context){
        .host = TEXT("relay-1"),
        .now_ms = INT64_C(1767225662000),
        .token = TEXT("token-1"),
        .evidence = TEXT("projected.token.x\n"),
        .unique = TEXT("0f2cb0f4-6a5e-4a7e-9f11-000000000001"),
    };
}

/* The request for three alerts that differ by their revision, or as many as it takes. */
static inline void target_unit_render(const struct target_unit *unit, struct request *request)
{
    const struct target_context context = target_unit_context();
    struct alert alerts[3] = {sample_alert(), sample_alert(), sample_alert()};
    const struct alert *list[3] = {alerts, alerts + 1, alerts + 2};
    const struct target_limits limits =
        unit->ops->limits ? unit->ops->limits(unit->config) : (struct target_limits){0};
    const struct parcel parcel = {list, limits.max_events == 1 ? 1 : 3};

    for (int i = 0; i < 3; i++)
        alerts[i].revision = i;
    unit->ops->render(unit->config, &context, &parcel, request);
}

/* "delivered poison retry" for a reply to three alerts. The receipt, if wanted, to @receipt. */
static inline void target_unit_judge(const struct target_unit *unit, int status, const char *body,
                                     struct buf *verdicts, struct buf *reason, int64_t *receipt)
{
    struct alert alert = sample_alert();
    const struct alert *list[3] = {&alert, &alert, &alert};
    const struct parcel parcel = {list, 3};
    const struct reply reply = {status, text_of(body)};
    enum verdict each[3] = {VERDICT_PENDING, VERDICT_PENDING, VERDICT_PENDING};
    struct judgement judgement = {.each = each};

    unit->ops->judge(unit->config, &parcel, &reply, &judgement);
    for (size_t i = 0; i < 3; i++)
        buf_addf(verdicts, "%s%s", i > 0 ? " " : "", verdict_name(each[i]));
    if (reason)
        buf_add(reason, buf_text(&judgement.reason));
    if (receipt)
        *receipt = judgement.receipt;
    buf_done(&judgement.reason);
}

struct target_unit_reply {
    const char *name;
    int status;
    const char *body;
    const char *want;
};

/* Each reply is judged as its row says, and whoever was not delivered is told why. */
static inline void target_unit_replies(const char *target, const char *yaml,
                                       const struct target_unit_reply *cases, size_t count)
{
    struct target_unit unit = target_unit_must(target, yaml);

    for (size_t i = 0; i < count; i++) {
        AUTO_BUF got = {0};
        AUTO_BUF reason = {0};

        target_unit_judge(&unit, cases[i].status, cases[i].body, &got, &reason, NULL);
        unit_text(cases[i].name, buf_text(&got), cases[i].want);
        const bool delivered =
            text_find(buf_text(&got), TEXT("delivered delivered delivered")) == 0;

        if (!delivered && text_find(buf_text(&got), TEXT("pending")) == got.size &&
            reason.size == 0)
            fail_msg("%s: without a reason", cases[i].name);
    }
    target_unit_close(&unit);
}

/* Settings that are refused, and what the error has to say. */
struct target_unit_refusal {
    const char *yaml, *want;
};

static inline void target_unit_refusals(const char *target, const struct target_unit_refusal *cases,
                                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct target_unit unit;
        struct error err = {0};

        if (target_unit_open(&unit, target, cases[i].yaml, &err) == 0)
            fail_msg("taken: %s", cases[i].yaml);
        if (!strstr(err.text, cases[i].want))
            fail_msg("%s: got '%s', want '%s'", cases[i].yaml, err.text, cases[i].want);
        target_unit_close(&unit);
    }
}

/* The value of the header @name, or NULL. */
static inline const char *target_unit_header(const struct request *request, const char *name)
{
    for (const char *h = NULL; (h = request_next_header(request, h));) {
        const size_t size = strlen(name);

        if (strncmp(h, name, size) == 0 && strncmp(h + size, ": ", 2) == 0)
            return h + size + 2;
    }
    return NULL;
}

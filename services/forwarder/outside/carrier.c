#include "forwarder/outside/carrier.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "forwarder/outside/sender.h"
#include "io/clock.h"

enum {
    TURN_MS = 20,
    ASK_FIRST_MS = 200, /* between questions about what is pending; doubles */
    ASK_LIMIT_MS = 10000,
    TOKEN_EARLY_MS = 5 * 60 * 1000, /* before its end a token is renewed */
};

struct carrier {
    const struct target_settings *settings;
    const struct target_ops *ops;
    const struct keeper *keeper;
    struct http *http;     /* or */
    struct sender *sender; /* for records */
    struct target_place place;
    char host[256];
    char *channel; /* the same as long as the process lives */
    bool is_greeted;
    struct buf token;
    int64_t token_until_ms;
    struct http_answer answer;
    struct buf bytes; /* of records */
    size_t *ends;
    size_t capacity;
};

static struct sender *open_sender(struct carrier *carrier, enum target_way way,
                                  const struct kafka_settings *kafka, struct tail *tail)
{
    switch (way) {
    case TARGET_BY_UDP:
        return datagrams_sender(carrier->settings, &carrier->place);
    case TARGET_BY_KAFKA:
        return kafka_sender(carrier->settings, &carrier->place, kafka);
    case TARGET_BY_FILE:
    case TARGET_BY_STDOUT:
        return file_sender(&carrier->place);
    default:
        return stream_sender(carrier->settings, way, &carrier->place, tail);
    }
}

struct carrier *carrier_open(const struct target_settings *settings,
                             const struct kafka_settings *kafka, const struct keeper *keeper,
                             struct tail *tail)
{
    struct carrier *carrier = mem_zero(sizeof(*carrier));
    enum target_way way;

    carrier->settings = settings;
    carrier->ops = target_find(settings->type);
    carrier->keeper = keeper;
    if (gethostname(carrier->host, sizeof(carrier->host) - 1) < 0)
        snprintf(carrier->host, sizeof(carrier->host), "haechi");
    carrier->channel = g_uuid_string_random();
    way =
        carrier->ops->way ? carrier->ops->way(settings->options, &carrier->place) : TARGET_BY_HTTP;
    if (way == TARGET_BY_HTTP)
        carrier->http = http_open(settings);
    else
        carrier->sender = open_sender(carrier, way, kafka, tail);
    return carrier;
}

void carrier_close(struct carrier *carrier)
{
    if (!carrier)
        return;
    http_close(carrier->http);
    if (carrier->sender)
        carrier->sender->close(carrier->sender);
    http_answer_done(&carrier->answer);
    buf_done(&carrier->token);
    buf_done(&carrier->bytes);
    g_free(carrier->channel);
    free(carrier->ends);
    free(carrier);
}

bool carrier_wait(const struct keeper *keeper, int64_t ms)
{
    int64_t until_us = clock_monotonic_us() + ms * 1000;

    while (keeper->keep(keeper->self)) {
        int64_t left_ms = (until_us - clock_monotonic_us() + 999) / 1000;

        if (left_ms <= 0)
            return true;
        poll(NULL, 0, left_ms < TURN_MS ? (int)left_ms : TURN_MS);
    }
    return false;
}

static void judge_all(struct attempt *attempt, size_t count, enum verdict verdict)
{
    for (size_t i = 0; i < count; i++)
        attempt->each[i] = verdict;
}

static void say(struct attempt *attempt, const char *why)
{
    buf_reset(&attempt->reason);
    buf_add_string(&attempt->reason, why);
}

/* Nobody answered. */
static int judge_error(struct attempt *attempt, size_t count, const struct error *err)
{
    if (err->code == -EINTR)
        return -EINTR;
    judge_all(attempt, count, err->class == ERROR_CONFIG ? VERDICT_CONFIG : VERDICT_RETRY);
    say(attempt, err->text);
    return 0;
}

/* Records. */

static void write_records(struct carrier *carrier, const struct alert *const *alerts, size_t count)
{
    const struct target_context context = {.host = text_of(carrier->host),
                                           .now_ms = clock_now_ms(),
                                           .unique = text_of(carrier->channel)};

    if (count > carrier->capacity) {
        carrier->capacity = count;
        carrier->ends = mem_resize(carrier->ends, count * sizeof(*carrier->ends));
    }
    buf_reset(&carrier->bytes);
    for (size_t i = 0; i < count; i++) {
        carrier->ops->write(carrier->settings->options, &context, alerts[i], &carrier->bytes);
        carrier->ends[i] = carrier->bytes.size;
    }
}

static int attempt_records(struct carrier *carrier, const struct alert *const *alerts, size_t count,
                           struct attempt *attempt)
{
    struct error err = {0};

    write_records(carrier, alerts, count);
    const struct records records = {&carrier->bytes, carrier->ends, alerts, count, attempt->each};

    judge_all(attempt, count, VERDICT_DELIVERED);
    if (carrier->sender->send(carrier->sender, &records, carrier->keeper, &err) < 0)
        return judge_error(attempt, count, &err);
    say(attempt, err.text);
    return 0;
}

/* HTTP. */

static struct target_context context_of(const struct carrier *carrier)
{
    return (struct target_context){.host = text_of(carrier->host),
                                   .now_ms = clock_now_ms(),
                                   .token = buf_text(&carrier->token),
                                   .unique = text_of(carrier->channel)};
}

struct reply carrier_reply(const struct carrier *carrier)
{
    return (struct reply){carrier->answer.status, buf_text(&carrier->answer.body)};
}

static int read_evidence(const char *path, struct buf *evidence, struct error *err)
{
    gchar *bytes;
    gsize size;
    GError *problem = NULL;

    if (!path)
        return 0;
    if (!g_file_get_contents(path, &bytes, &size, &problem)) {
        int code = error_set(err, -ENOENT, "%s", problem->message);

        g_error_free(problem);
        return code;
    }
    buf_add(evidence, text_trim((struct text){bytes, size}));
    g_free(bytes);
    return 0;
}

static int ask_token(struct carrier *carrier, struct attempt *attempt, struct error *err)
{
    const struct target_ops *ops = carrier->ops;
    const void *options = carrier->settings->options;
    AUTO_REQUEST request = {0};
    AUTO_BUF evidence = {0};
    gchar *unique = g_uuid_string_random();
    struct target_context context = context_of(carrier);
    int64_t lifetime_ms = 0;
    int code = read_evidence(ops->token_file ? ops->token_file(options) : NULL, &evidence, err);

    context.unique = text_of(unique);
    context.evidence = buf_text(&evidence);
    if (code == 0)
        code = ops->authorize(options, &context, &request, err);
    g_free(unique);
    if (code == 0)
        code = http_exchange(carrier->http, &request, carrier->keeper, &carrier->answer, err);
    if (code < 0)
        return code;
    const struct reply reply = carrier_reply(carrier);

    attempt->asked_wait_ms = carrier->answer.retry_after_ms;
    buf_reset(&carrier->token);
    if (ops->grant(options, &reply, &carrier->token, &lifetime_ms, err) != VERDICT_DELIVERED)
        return err->code;
    carrier->token_until_ms =
        clock_now_ms() +
        (lifetime_ms > 2 * TOKEN_EARLY_MS ? lifetime_ms - TOKEN_EARLY_MS : lifetime_ms / 2);
    return 0;
}

static int need_token(struct carrier *carrier, struct attempt *attempt, struct error *err)
{
    if (!carrier->ops->authorize || clock_now_ms() < carrier->token_until_ms)
        return 0;
    return ask_token(carrier, attempt, err);
}

/* Asks about @receipt until the target says that it is safe, or as long as it may be pending. What
 * it said last is in @carrier->answer. */
static int await(struct carrier *carrier, int64_t receipt, enum verdict *verdict)
{
    int64_t until_us =
        clock_monotonic_us() + forwarder_target_limits(carrier->settings).max_pending_ms * 1000;
    int64_t wait_ms = ASK_FIRST_MS;

    *verdict = VERDICT_PENDING;
    while (*verdict == VERDICT_PENDING) {
        AUTO_REQUEST request = {0};
        struct target_context context = context_of(carrier);
        struct error err = {0};

        if (clock_monotonic_us() > until_us) {
            *verdict = VERDICT_RETRY;
            break;
        }
        if (!carrier_wait(carrier->keeper, wait_ms))
            return -EINTR;
        wait_ms = wait_ms * 2 < ASK_LIMIT_MS ? wait_ms * 2 : ASK_LIMIT_MS;
        carrier->ops->ask(carrier->settings->options, &context, receipt, &request);
        int code = http_exchange(carrier->http, &request, carrier->keeper, &carrier->answer, &err);

        if (code == -EINTR)
            return -EINTR;
        if (code < 0)
            continue; /* it is still pending, and the connection may come back */
        const struct reply reply = carrier_reply(carrier);

        *verdict = carrier->ops->hear(carrier->settings->options, receipt, &reply);
    }
    return 0;
}

static void say_unsafe(const struct carrier *carrier, struct attempt *attempt)
{
    struct judgement judgement = {.reason = attempt->reason};
    const struct reply last = carrier_reply(carrier);

    buf_reset(&judgement.reason);
    buf_add(&judgement.reason, TEXT("the target took it, and does not say that it is safe"));
    if (last.status > 0) {
        buf_add(&judgement.reason, TEXT("; asked, it says: "));
        target_add_reason(&last, &judgement);
    }
    attempt->reason = judgement.reason;
}

static int judge_reply(struct carrier *carrier, const struct parcel *parcel,
                       struct attempt *attempt)
{
    struct judgement judgement = {.each = attempt->each, .reason = attempt->reason};
    const struct reply reply = carrier_reply(carrier);
    enum verdict verdict;

    buf_reset(&judgement.reason);
    carrier->ops->judge(carrier->settings->options, parcel, &reply, &judgement);
    attempt->reason = judgement.reason;
    attempt->http_status = reply.status;
    attempt->asked_wait_ms = carrier->answer.retry_after_ms;
    if (judgement.slow_down && attempt->asked_wait_ms == 0)
        attempt->asked_wait_ms = 1000;
    if (attempt->each[0] != VERDICT_PENDING)
        return 0;
    if (await(carrier, judgement.receipt, &verdict) < 0)
        return -EINTR;
    judge_all(attempt, parcel->count, verdict);
    if (verdict != VERDICT_DELIVERED)
        say_unsafe(carrier, attempt);
    return 0;
}

/* Once, before the first parcel. RETRY fills in @attempt; @is_well says whether to go on. */
static int greet(struct carrier *carrier, size_t count, struct attempt *attempt, bool *is_well)
{
    AUTO_REQUEST request = {0};
    struct error err = {0};

    *is_well = carrier->is_greeted || !carrier->ops->greet;
    if (*is_well)
        return 0;
    carrier->ops->greet(carrier->settings->options, &request);
    if (http_exchange(carrier->http, &request, carrier->keeper, &carrier->answer, &err) < 0)
        return judge_error(attempt, count, &err);
    const struct reply reply = carrier_reply(carrier);

    *is_well = carrier->ops->welcome(carrier->settings->options, &reply) == VERDICT_DELIVERED;
    carrier->is_greeted = *is_well;
    if (*is_well)
        return 0;
    struct judgement judgement = {.reason = attempt->reason};

    judge_all(attempt, count, VERDICT_RETRY);
    target_add_reason(&reply, &judgement);
    attempt->reason = judgement.reason;
    attempt->http_status = reply.status;
    attempt->asked_wait_ms = carrier->answer.retry_after_ms;
    return 0;
}

static int attempt_http_once(struct carrier *carrier, const struct parcel *parcel,
                             struct attempt *attempt)
{
    AUTO_REQUEST request = {0};
    struct error err = {0};
    size_t cap = forwarder_target_limits(carrier->settings).max_bytes;

    if (need_token(carrier, attempt, &err) < 0)
        return judge_error(attempt, parcel->count, &err);
    const struct target_context context = context_of(carrier);

    carrier->ops->render(carrier->settings->options, &context, parcel, &request);
    size_t rendered = request.rendered ? request.rendered : request.body.size;

    if (cap > 0 && rendered > cap) {
        judge_all(attempt, parcel->count, VERDICT_TOO_LARGE);
        say(attempt, "larger than the target takes");
        return 0;
    }
    if (http_exchange(carrier->http, &request, carrier->keeper, &carrier->answer, &err) < 0)
        return judge_error(attempt, parcel->count, &err);
    return judge_reply(carrier, parcel, attempt);
}

static int attempt_http(struct carrier *carrier, const struct alert *const *alerts, size_t count,
                        struct attempt *attempt)
{
    enum { UNAUTHORIZED = 401 };
    const struct parcel parcel = {alerts, count};
    bool is_well;
    int code = greet(carrier, count, attempt, &is_well);

    if (code < 0 || !is_well)
        return code;
    code = attempt_http_once(carrier, &parcel, attempt);
    if (code == 0 && attempt->http_status == UNAUTHORIZED && carrier->ops->authorize) {
        carrier->token_until_ms = 0; /* it may have been taken back early */
        code = attempt_http_once(carrier, &parcel, attempt);
    }
    return code;
}

int carrier_attempt(struct carrier *carrier, const struct alert *const *alerts, size_t count,
                    struct attempt *attempt)
{
    attempt->http_status = 0;
    attempt->asked_wait_ms = 0;
    buf_reset(&attempt->reason);
    return carrier->http ? attempt_http(carrier, alerts, count, attempt)
                         : attempt_records(carrier, alerts, count, attempt);
}

void carrier_tend(struct carrier *carrier)
{
    if (carrier->sender && carrier->sender->tend)
        carrier->sender->tend(carrier->sender, carrier->keeper);
}

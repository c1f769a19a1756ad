#include "correlator/outside/silences.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "correlator/outside/silence_claims.h"

enum { ASK_AGAIN_MS = 60 * 1000, NUMBER_SIZE = 24 };

/* What detectors are to watch for. A target that is new, or was not asked for too long, counts as
 * seen now: who is silent from the start is told of, after its time. */
static const char ask_script[] =
    "local now = tonumber(ARGV[1])\n"
    "redis.call('HSETNX', KEYS[1], 'j', ARGV[1])\n"
    "for i = 3, #ARGV do\n"
    "  local asked = redis.call('HGET', KEYS[1], 'w' .. ARGV[i])\n"
    "  if not asked or now - tonumber(asked) > tonumber(ARGV[2])\n"
    "     or redis.call('HEXISTS', KEYS[1], 's' .. ARGV[i]) == 0 then\n"
    "    redis.call('HSET', KEYS[1], 's' .. ARGV[i], ARGV[1])\n"
    "    local version = tonumber(redis.call('HGET', KEYS[1], 'v') or '0') + 1\n"
    "    if version < now then version = now end\n"
    "    redis.call('HSET', KEYS[1], 'v', string.format('%.0f', version))\n"
    "  end\n"
    "  redis.call('HSET', KEYS[1], 'w' .. ARGV[i], ARGV[1])\n"
    "end\n"
    "return 1\n";

static const char forward_script[] = "local judged = redis.call('HGET', KEYS[1], ARGV[1])\n"
                                     "if judged and tonumber(judged) < tonumber(ARGV[2]) then\n"
                                     "  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])\n"
                                     "end\n"
                                     "return 1\n";

/* A value of a rule; without one: whether the rule can be judged. */
struct expected {
    const struct correlation *rule;
    struct text value;
    struct buf seen_field, record_field; /* of haechi:expect */
    struct silence_record record;
    struct silence_facts facts;
    bool is_known; /* by Redis */
};

struct silences {
    struct redis *redis;
    struct redis_script *ask, *forward;
    struct silence_claims *claims;
    struct silences_settings settings;
    struct expected *items;
    size_t count;
    int64_t began_ms;
    int64_t ask_ms; /* not before */
    int64_t judged_ms;
    struct watch_view view;
    struct arena *arena;
    struct alert *alerts;
    size_t alert_count;
    struct gauge *silent;
};

struct silences *silences_open(struct redis *redis, struct metrics *metrics)
{
    struct silences *silences = mem_zero(sizeof(*silences));

    silences->redis = redis;
    silences->ask = redis_script(redis, ask_script);
    silences->claims = silence_claims_new(redis);
    silences->forward = redis_script(redis, forward_script);
    silences->arena = arena_new(16 * 1024);
    silences->silent = metrics_gauge(metrics, "haechi_correlator_silent_values",
                                     "Expected values whose logs do not come.", NO_LABEL, NO_LABEL);
    return silences;
}

static void free_items(struct silences *silences)
{
    for (size_t i = 0; i < silences->count; i++) {
        buf_done(&silences->items[i].seen_field);
        buf_done(&silences->items[i].record_field);
    }
    free(silences->items);
    silences->items = NULL;
    silences->count = 0;
}

void silences_close(struct silences *silences)
{
    if (!silences)
        return;
    silence_claims_free(silences->claims);
    free_items(silences);
    arena_free(silences->arena);
    free(silences->alerts);
    free(silences);
}

static void drop_claims(struct silences *silences)
{
    silence_claims_begin(silences->claims);
    silences->alert_count = 0;
}

/* Rules. */

static void add(struct silences *silences, const struct correlation *rule, struct text value)
{
    struct expected *item = &silences->items[silences->count++];
    AUTO_BUF target = {0};

    *item = (struct expected){.rule = rule, .value = value};
    buf_add_byte(&item->record_field, 'a');
    buf_addf(&item->record_field, "%zu:", rule->id.size);
    buf_add(&item->record_field, rule->id);
    if (value.size == 0) {
        buf_add_byte(&item->seen_field, 'j');
        return;
    }
    watch_target_write(&(struct watch_target){rule->expect.tenant, rule->expect.field.name, value},
                       &target);
    buf_add(&item->record_field, buf_text(&target));
    buf_add_byte(&item->seen_field, 's');
    buf_add(&item->seen_field, buf_text(&target));
}

static bool is_judged(const struct correlation *rule)
{
    return rule->type == CORRELATION_SILENCE && rule->alerts;
}

void silences_change_rules(struct silences *silences, const struct correlations *rules,
                           const struct silences_settings *settings, int64_t now_ms)
{
    size_t count = 0;

    drop_claims(silences);
    free_items(silences);
    silences->settings = *settings;
    silences->began_ms = now_ms;
    silences->ask_ms = 0;
    for (size_t i = 0; i < correlations_count(rules); i++) {
        const struct correlation *rule = correlations_rule(rules, i);

        count += is_judged(rule) ? rule->expect.count + 1 : 0;
    }
    silences->items = mem_zero((count + 1) * sizeof(*silences->items));
    for (size_t i = 0; i < correlations_count(rules); i++) {
        const struct correlation *rule = correlations_rule(rules, i);

        if (!is_judged(rule))
            continue;
        add(silences, rule, (struct text){NULL, 0});
        for (size_t k = 0; k < rule->expect.count; k++)
            add(silences, rule, rule->expect.values[k]);
    }
}

/* What Redis knows. */

static struct text number_text(int64_t value, char into[NUMBER_SIZE])
{
    snprintf(into, NUMBER_SIZE, "%" PRId64, value);
    return text_of(into);
}

static struct text text_in(const redisReply *reply)
{
    bool is_text = reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS;

    return is_text ? (struct text){reply->str, reply->len} : (struct text){NULL, 0};
}

static void ask_for_watch(struct silences *silences, int64_t now_ms)
{
    char now[NUMBER_SIZE], keep[NUMBER_SIZE];
    struct text *words = arena_take(silences->arena, (silences->count + 3) * sizeof(*words));
    size_t count = 3;

    words[0] = WATCH_EXPECT;
    words[1] = number_text(now_ms, now);
    words[2] = number_text(WATCH_KEEP_MS, keep);
    for (size_t i = 0; i < silences->count; i++) {
        struct text field = buf_text(&silences->items[i].seen_field);

        if (silences->items[i].value.size > 0)
            words[count++] = text_slice(field, 1, field.size);
    }
    redis_ask_script(silences->redis, silences->ask, 1, words, count);
    silences->ask_ms = now_ms + ASK_AGAIN_MS;
}

static void ask_field(struct silences *silences, struct text field)
{
    redis_ask(silences->redis, (const struct text[]){TEXT("HGET"), WATCH_EXPECT, field}, 3);
}

static int64_t number_in(const redisReply *reply)
{
    int64_t number = 0;

    text_to_integer(text_in(reply), &number);
    return number;
}

/* Detectors' words; returns how many commands to forget some are queued. */
static size_t hear_detectors(struct silences *silences, const redisReply *all, int64_t version,
                             int64_t now_ms)
{
    size_t forgotten = 0;

    silences->view = WATCH_VIEW;
    for (size_t i = 0; all->type == REDIS_REPLY_ARRAY && i + 1 < all->elements; i += 2) {
        struct watch_word word;

        if (watch_word_read(text_in(all->element[i + 1]), &word) &&
            watch_view_add(&silences->view, &word, now_ms, version))
            continue;
        redis_ask(silences->redis,
                  (const struct text[]){TEXT("HDEL"), WATCH_ALIVE, text_in(all->element[i])}, 3);
        forgotten++;
    }
    return forgotten;
}

static enum silence_cause cause_of(const struct watch_view *view)
{
    return view->reading == 0 ? SILENCE_CAUSE_NOBODY : SILENCE_CAUSE_BEHIND;
}

static void hear_item(struct silences *silences, struct expected *item, const redisReply *seen,
                      const redisReply *record, int64_t now_ms)
{
    const struct watch_view *view = &silences->view;
    bool is_whole = watch_view_is_whole(view);

    item->is_known = text_to_integer(text_in(seen), &item->facts.seen_ms) &&
                     silence_read(text_in(record), &item->record);
    item->facts.now_ms = now_ms;
    item->facts.cause = SILENCE_CAUSE_NONE;
    item->facts.until_ms = is_whole ? view->until_ms : WATCH_NEVER;
    item->facts.since_ms = view->since_ms;
    if (item->value.size > 0)
        return;
    /* Logs are judged up to where detectors have seen them. A correlator that has just come looks
     * on for a while before it complains. */
    item->facts.until_ms = now_ms;
    item->facts.since_ms = silences->began_ms;
    item->facts.cause = cause_of(view);
    if (is_whole && view->until_ms > item->facts.seen_ms)
        item->facts.seen_ms = view->until_ms;
}

static int look(struct silences *silences, int64_t now_ms, struct error *err)
{
    redisReply *const *replies;
    size_t count;
    char judged[NUMBER_SIZE];

    if (now_ms >= silences->ask_ms)
        ask_for_watch(silences, now_ms);
    redis_ask_script(
        silences->redis, silences->forward, 1,
        (const struct text[]){WATCH_EXPECT, TEXT("j"), number_text(silences->judged_ms, judged)},
        3);
    for (size_t i = 0; i < silences->count; i++) {
        ask_field(silences, buf_text(&silences->items[i].seen_field));
        ask_field(silences, buf_text(&silences->items[i].record_field));
    }
    ask_field(silences, TEXT("v"));
    redis_ask(silences->redis, (const struct text[]){TEXT("HGETALL"), WATCH_ALIVE}, 2);
    int result = redis_run_strict(silences->redis, &replies, &count, err);

    if (result < 0)
        return result;
    size_t forgotten =
        hear_detectors(silences, replies[count - 1], number_in(replies[count - 2]), now_ms);
    redisReply *const *of_items = replies + count - 2 - 2 * silences->count;

    for (size_t i = 0; i < silences->count; i++) {
        hear_item(silences, &silences->items[i], of_items[2 * i], of_items[2 * i + 1], now_ms);
        if (!silences->items[i].is_known) /* emptied */
            silences->ask_ms = 0;
    }
    if (watch_view_is_whole(&silences->view) && silences->view.until_ms > silences->judged_ms)
        silences->judged_ms = silences->view.until_ms;
    return forgotten > 0 ? redis_run(silences->redis, &replies, &count, err) : 0;
}

/* Judging. */

static void step(struct silences *silences)
{
    size_t silent = 0;

    for (size_t i = 0; i < silences->count; i++) {
        const struct expected *item = &silences->items[i];
        struct silence_record next;

        silent += item->value.size > 0 && item->record.phase != SILENCE_NONE;
        int64_t within_ms = item->value.size > 0 ? item->rule->expect.within_ms
                                                 : silences->settings.unjudged_after_ms;

        if (item->is_known && silence_step(&item->record, &item->facts, within_ms,
                                           silences->settings.lease_ms, &next))
            silence_claims_make(silences->claims, i, buf_text(&item->record_field), &item->record,
                                &next);
    }
    metrics_set(silences->silent, (double)silent);
}

static void write_alerts(struct silences *silences, int64_t now_ms)
{
    size_t count = silence_claims_count(silences->claims);

    silences->alerts = mem_resize(silences->alerts, (count + 1) * sizeof(*silences->alerts));
    for (size_t i = 0; i < count; i++) {
        const struct silence_claim *claim = silence_claims_at(silences->claims, i);
        const struct expected *item = &silences->items[claim->item];
        const struct silence_case of = {.rule = item->rule,
                                        .value = item->value,
                                        .record = claim->record,
                                        .now_ms = now_ms,
                                        .actions = silences->settings.actions,
                                        .language = silences->settings.language};

        silence_alert(&of, silences->arena, &silences->alerts[i]);
    }
    silences->alert_count = count;
}

int silences_tick(struct silences *silences, int64_t now_ms, struct error *err)
{
    arena_reset(silences->arena, SIZE_MAX);
    drop_claims(silences);
    int result = silences->count > 0 ? look(silences, now_ms, err) : 0;

    if (result == 0)
        step(silences);
    if (result == 0)
        result = silence_claims_put(silences->claims, err);
    if (result == 0)
        write_alerts(silences, now_ms);
    return result;
}

size_t silences_take(struct silences *silences, const struct alert **alerts)
{
    *alerts = silences->alerts;
    return silences->alert_count;
}

struct receipt silences_receipt(struct silences *silences, size_t alert)
{
    return silence_claims_receipt(silences->claims, alert);
}

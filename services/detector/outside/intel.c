#include "detector/outside/intel.h"

#include <stdlib.h>

#include "base/keyed.h"
#include "base/observable.h"
#include "detector/outside/daybook.h"
#include "io/ioc_view.h"
#include "io/log.h"

enum { MOST_CACHED = 50000, KEYS = 2 /* of a suspect: everybody's, the tenant's */ };

struct intel {
    const struct detector_settings *settings;
    struct worker *worker;
    struct redis *redis;
    struct ioc_view *view;
    struct daybook *book;  /* NULL without Redis */
    struct keyed *answers; /* key → until (ms, 8 bytes), brief */
    char shown[64];        /* the version last logged */
    const struct detect_lookups *places;
    const struct finding *finding;
    struct detect_lookups lookups;
    struct {
        struct counter *observables, *filtered, *asked, *cached, *confirmed, *false_maybes;
        struct counter *unanswered;
        struct gauge *iocs, *bytes;
    } metrics;
};

/* One key of one suspect. */
struct question {
    struct text key, brief;
    bool is_answered;
};

static void forget(void *self, struct text key)
{
    struct intel *intel = self;

    if (key.size) {
        keyed_drop(intel->answers, key);
    } else {
        keyed_free(intel->answers);
        intel->answers = keyed_new();
    }
}

static struct counter *counter(struct metrics *metrics, const char *name, const char *help)
{
    return metrics_counter(metrics, name, help, NO_LABEL, NO_LABEL);
}

static void make_metrics(struct intel *intel, struct metrics *metrics)
{
    intel->metrics.observables =
        counter(metrics, "haechi_detector_ioc_observables_total",
                "Addresses, names, URLs and hashes in logs, held against the filter.");
    intel->metrics.filtered = counter(metrics, "haechi_detector_ioc_filtered_total",
                                      "Of those, certainly no indicators.");
    intel->metrics.asked =
        counter(metrics, "haechi_detector_ioc_asked_total", "Keys that Redis was asked for.");
    intel->metrics.cached = counter(metrics, "haechi_detector_ioc_cached_total",
                                    "Keys whose answer was still at hand.");
    intel->metrics.confirmed =
        counter(metrics, "haechi_detector_ioc_confirmed_total", "Indicators found in logs.");
    intel->metrics.false_maybes = counter(metrics, "haechi_detector_ioc_false_maybes_total",
                                          "What the filter let through and Redis did not know.");
    intel->metrics.unanswered =
        counter(metrics, "haechi_detector_ioc_unanswered_total",
                "What the filter let through while Redis could not be asked.");
    intel->metrics.iocs = metrics_gauge(metrics, "haechi_detector_iocs", "Indicators looked for.",
                                        NO_LABEL, NO_LABEL);
    intel->metrics.bytes = metrics_gauge(metrics, "haechi_detector_ioc_filter_bytes",
                                         "Size of the filter.", NO_LABEL, NO_LABEL);
}

struct intel *intel_open(const struct detector_settings *settings, struct worker *worker)
{
    struct intel *intel = mem_zero(sizeof(*intel));

    intel->settings = settings;
    intel->worker = worker;
    intel->answers = keyed_new();
    if (!worker || !settings->ioc_enabled)
        return intel;
    make_metrics(intel, worker_metrics(worker));
    intel->redis = redis_open(worker_redis(worker), NULL, "detector");
    intel->view = ioc_view_new(intel->redis);
    intel->book = daybook_new(intel->redis);
    ioc_view_on_change(intel->view, forget, intel);
    intel_tick(intel, 0);
    return intel;
}

void intel_close(struct intel *intel)
{
    if (!intel)
        return;
    ioc_view_free(intel->view);
    daybook_free(intel->book);
    redis_close(intel->redis);
    keyed_free(intel->answers);
    free(intel);
}

static void refresh(struct intel *intel)
{
    struct error err = {0};
    int result = ioc_view_refresh(intel->view, &err);
    const struct sieve *sieve = ioc_view_sieve(intel->view);

    worker_condition(intel->worker, "ioc_cache", result < 0 ? err.text : NULL);
    metrics_set(intel->metrics.iocs, (double)ioc_view_count(intel->view));
    metrics_set(intel->metrics.bytes, sieve ? (double)bloom_bytes(sieve_filter(sieve)) : 0);
    if (text_is(ioc_view_version(intel->view), intel->shown))
        return;
    struct text version = text_cut(ioc_view_version(intel->view), sizeof(intel->shown) - 1);

    memcpy(intel->shown, version.bytes, version.size);
    intel->shown[version.size] = 0;
    log_info("iocs_loaded", LOG_INT("iocs", ioc_view_count(intel->view)),
             LOG_TEXT("version", intel->shown));
}

void intel_tick(struct intel *intel, int64_t now_ms)
{
    if (!intel->view)
        return;
    daybook_tend(intel->book, now_ms);
    refresh(intel);
}

void intel_begin(struct intel *intel)
{
    if (intel->view && ioc_view_is_outdated(intel->view))
        refresh(intel);
}

/* The log as what it names is looked for in it. */
static struct text plain(const struct intel *intel, struct text log, struct arena *arena)
{
    bool is_json = log.size && (log.bytes[0] == '{' || log.bytes[0] == '[');

    return observable_plain(log, is_json, intel->settings->ioc_defanged, arena);
}

struct intel_case *intel_sift(const struct intel *intel, struct text log, const struct entry *entry,
                              struct sieve_memory *memory, struct arena *arena,
                              struct sieve_counts *counts)
{
    const struct sieve *sieve = intel->view ? ioc_view_sieve(intel->view) : NULL;
    struct suspect *suspects;

    if (!sieve)
        return NULL;
    log = plain(intel, log, arena);
    sieve_memory_use(memory, ioc_view_edition(intel->view));
    size_t count = sieve_sift(sieve, log, memory, arena, &suspects, counts);

    if (count == 0)
        return NULL;
    struct intel_case *found = arena_take(arena, sizeof(*found));

    *found = (struct intel_case){
        .entry = *entry, .log = log, .suspects = suspects, .count = count, .reputation = -1};
    return found;
}

void intel_note(const struct intel *intel, const struct source *source, struct text log,
                const struct entry *entry, struct arena *arena)
{
    if (!intel->book || !daybook_is_open(intel->book))
        return;
    struct arena_mark mark = arena_mark(arena);
    struct entry whole = *entry;

    source_parse_rest(source, arena, &whole); /* whose it is */
    daybook_note(intel->book, plain(intel, log, arena), whole.tenant, arena);
    arena_rewind(arena, mark);
}

void intel_count(struct intel *intel, const struct sieve_counts *counts)
{
    if (counts->asked == 0)
        return;
    metrics_add(intel->metrics.observables, counts->asked);
    metrics_add(intel->metrics.filtered, counts->filtered);
}

/* Asking. */

static bool is_at_hand(struct intel *intel, struct question *question, int64_t now_ms,
                       struct arena *arena)
{
    struct text value;
    int64_t until_ms;

    if (!keyed_find(intel->answers, question->key, &value) || value.size < sizeof(until_ms))
        return false;
    memcpy(&until_ms, value.bytes, sizeof(until_ms));
    if (until_ms <= now_ms)
        return false;
    question->brief = arena_copy(arena, text_slice(value, sizeof(until_ms), value.size));
    question->is_answered = true;
    metrics_add(intel->metrics.cached, 1);
    return true;
}

static void keep(struct intel *intel, const struct question *question, int64_t now_ms)
{
    int64_t until_ms = now_ms + intel->settings->ioc_cache_ttl_ms;
    AUTO_BUF value = {0};

    if (keyed_count(intel->answers) >= MOST_CACHED)
        forget(intel, (struct text){0});
    buf_add(&value, (struct text){(const char *)&until_ms, sizeof(until_ms)});
    buf_add(&value, question->brief);
    keyed_set(intel->answers, question->key, buf_text(&value));
}

/* Two questions for each suspect that is no range. */
static struct question *list_questions(const struct finding *findings, size_t count,
                                       struct arena *arena, size_t *question_count)
{
    struct question *questions;
    size_t all = 0, next = 0;

    for (size_t i = 0; i < count; i++)
        all += findings[i].suspected ? findings[i].suspected->count * KEYS : 0;
    questions = arena_zero(arena, all * sizeof(*questions));
    for (size_t i = 0; i < count; i++) {
        const struct intel_case *c = findings[i].suspected;

        for (size_t j = 0; c && j < c->count; j++) {
            const struct suspect *suspect = &c->suspects[j];

            if (suspect->type == IOC_CIDR)
                continue;
            questions[next++].key = ioc_key((struct text){0}, suspect->type, suspect->value, arena);
            questions[next++].key = ioc_key(c->entry.tenant, suspect->type, suspect->value, arena);
        }
    }
    *question_count = next;
    return questions;
}

static int ask(struct intel *intel, struct question *questions, size_t count, int64_t now_ms,
               struct arena *arena, struct error *err)
{
    struct text *keys = arena_take(arena, (count + 1) * sizeof(*keys));
    struct text *briefs = arena_zero(arena, (count + 1) * sizeof(*briefs));
    size_t open = 0, next = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_at_hand(intel, &questions[i], now_ms, arena))
            keys[open++] = questions[i].key;
    }
    if (open == 0)
        return 0;
    int result = ioc_view_ask(intel->view, keys, open, briefs, arena, err);

    if (result < 0)
        return result;
    metrics_add(intel->metrics.asked, open);
    for (size_t i = 0; i < count; i++) {
        if (questions[i].is_answered)
            continue;
        questions[i].brief = briefs[next++];
        questions[i].is_answered = true;
        keep(intel, &questions[i], now_ms);
    }
    return 0;
}

/* Judging. */

static bool read_brief(struct text line, int64_t now_ms, struct ioc_brief *brief)
{
    return line.size && ioc_brief_read(line, brief) &&
           (brief->valid_until == RECORD_NULL || brief->valid_until > now_ms);
}

/* The narrowest range that is everybody's or the tenant's. */
static bool judge_range(struct intel *intel, const struct suspect *suspect, struct text tenant,
                        int64_t now_ms, struct ioc_hit *hit)
{
    const struct sieve *sieve = ioc_view_sieve(intel->view);

    for (long at = suspect->range; at != CIDR_TABLE_NONE; at = sieve_wider(sieve, at)) {
        struct ioc_range range = ioc_view_range(intel->view, at);
        struct text whose;

        if (ioc_key_parse(range.key, &whose, &hit->type, &hit->value) &&
            (whose.size == 0 || text_equal(whose, tenant)) &&
            read_brief(range.brief, now_ms, &hit->brief))
            return true;
    }
    return false;
}

/* The tenant's own word counts before everybody's. */
static bool judge_answers(struct intel *intel, const struct question *questions, int64_t now_ms,
                          struct ioc_hit *hit)
{
    if (!questions[0].is_answered) {
        metrics_add(intel->metrics.unanswered, 1);
        hit->is_certain = false;
        hit->brief = (struct ioc_brief){.confidence = 0.5,
                                        .reputation = 0.5,
                                        .first_seen = RECORD_NULL,
                                        .last_seen = RECORD_NULL,
                                        .valid_until = RECORD_NULL};
        return intel->settings->ioc_on_redis_failure == IOC_FIRE;
    }
    return read_brief(questions[1].brief, now_ms, &hit->brief) ||
           read_brief(questions[0].brief, now_ms, &hit->brief);
}

static void note_reputation(struct intel_case *c, const struct ioc_hit *hit)
{
    struct address source, seen;

    if ((hit->type == IOC_IP || hit->type == IOC_CIDR) && hit->is_certain &&
        address_parse_endpoint(c->entry.fields[ENTRY_SOURCE_IP], &source) &&
        address_parse(hit->seen, &seen) && memcmp(&source, &seen, sizeof(seen)) == 0 &&
        (c->reputation < 0 || hit->brief.reputation < c->reputation))
        c->reputation = hit->brief.reputation;
}

static void add_event(struct intel *intel, struct finding *finding, const struct ioc_hit *hit,
                      const struct detect_origin *origin, struct arena *arena)
{
    struct intel_case *c = finding->suspected;
    struct detection *all = arena_zero(arena, (finding->count + 1) * sizeof(*all));

    if (finding->count > 0)
        memcpy(all, finding->detections, finding->count * sizeof(*all));
    ioc_hit_fill(&all[finding->count], hit, c->log, finding->inlet->source, &c->entry, origin,
                 &intel->settings->detect, &intel->settings->ioc_levels, arena);
    finding->detections = all;
    finding->count++;
    note_reputation(c, hit);
}

static void judge(struct intel *intel, struct finding *finding, const struct question **next,
                  const struct detect_origin *origin, const struct batch *batch)
{
    struct intel_case *c = finding->suspected;

    for (size_t i = 0; i < c->count; i++) {
        const struct suspect *suspect = &c->suspects[i];
        struct ioc_hit hit = {.type = suspect->type,
                              .value = suspect->value,
                              .seen = suspect->seen,
                              .is_certain = true};
        bool is_known;

        if (suspect->type == IOC_CIDR) {
            is_known = judge_range(intel, suspect, c->entry.tenant, batch->now_ms, &hit);
        } else {
            is_known = judge_answers(intel, *next, batch->now_ms, &hit);
            *next += KEYS;
        }
        if (is_known)
            add_event(intel, finding, &hit, origin, batch->arena);
        if (hit.is_certain)
            metrics_add(is_known ? intel->metrics.confirmed : intel->metrics.false_maybes, 1);
    }
}

int intel_confirm(struct intel *intel, struct finding *findings, size_t count,
                  const struct batch *batch,
                  struct detect_origin (*origin)(const struct batch *, size_t), struct error *err)
{
    struct error problem = {0};
    size_t question_count = 0;
    bool is_needed = false;

    for (size_t i = 0; i < count; i++) {
        if (findings[i].suspected) {
            is_needed = true;
            source_parse_rest(findings[i].inlet->source, batch->arena,
                              &findings[i].suspected->entry);
        }
    }
    if (!is_needed)
        return 0;
    struct question *questions = list_questions(findings, count, batch->arena, &question_count);
    const struct question *next = questions;
    int result = ask(intel, questions, question_count, batch->now_ms, batch->arena, &problem);

    if (result < 0 && intel->settings->ioc_on_redis_failure == IOC_WAIT) {
        *err = problem;
        return result;
    }
    for (size_t i = 0; i < count; i++) {
        if (findings[i].suspected) {
            struct detect_origin where = origin(batch, findings[i].message);

            judge(intel, &findings[i], &next, &where, batch);
        }
    }
    return 0;
}

/* Look-ups for finishing. */

static bool place(void *self, const struct address *address, struct text *country, int64_t *asn,
                  bool *anonymous, bool *tor)
{
    const struct intel *intel = self;

    return intel->places->place &&
           intel->places->place(intel->places->self, address, country, asn, anonymous, tor);
}

static bool reputation(void *self, const struct address *address, double *score)
{
    const struct intel *intel = self;

    (void)address; /* of the log's source, as the case's is */
    *score = intel->finding->suspected->reputation;
    return *score >= 0;
}

const struct detect_lookups *intel_lookups(struct intel *intel, const struct finding *finding,
                                           const struct detect_lookups *places)
{
    if (!finding->suspected)
        return places;
    intel->places = places;
    intel->finding = finding;
    intel->lookups = (struct detect_lookups){place, reputation, intel};
    return &intel->lookups;
}

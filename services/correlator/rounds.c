#include "correlator/rounds.h"

#include <errno.h>
#include <stdlib.h>

/* Each round that a group loses is one that another correlator won: so many are no contention. */
enum {
    MOST_ROUNDS = 1000,
    SHORTEST_TTL_MS = 1000,
    LONGER_TTL_MS = 10 * 60 * 1000, /* of what is added to: not to be set with each addition */
    BEGIN_WITH = 32,                /* writes: a send costs as much as making one */
};

/* Whose an alert is. */
struct made {
    size_t visit;
    size_t event;
    bool is_lost;
};

void rounds_done(struct rounds *rounds)
{
    life_done(&rounds->life);
    buf_done(&rounds->states);
    free(rounds->visits);
    free(rounds->alerts);
    free(rounds->pending);
    free(rounds->writes);
    free(rounds->recents);
    free(rounds->made);
    free(rounds->taken);
    free(rounds->receipts);
}

void rounds_begin(struct rounds *rounds, int64_t now_ms)
{
    rounds->count = rounds->alert_count = rounds->made_count = 0;
    rounds->life.count = 0;
    rounds->life.now_ms = now_ms;
}

struct visit *rounds_visit(struct rounds *rounds, struct cached *cached, uint64_t batch)
{
    if (cached->batch == batch)
        return &rounds->visits[cached->visit];
    rounds->visits =
        mem_grow(rounds->visits, rounds->count, &rounds->capacity, sizeof(*rounds->visits));
    cached->batch = batch;
    cached->visit = rounds->count++;
    struct visit *visit = &rounds->visits[cached->visit];

    *visit = (struct visit){.cached = cached};
    return visit;
}

/* A permutation of all numbers (splitmix64, Steele et al. 2014), so that none comes again. */
static uint64_t next_version(struct rounds *rounds)
{
    uint64_t x = rounds->seed += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return x ? x : next_version(rounds);
}

/* Alerts since the last call are those of @visit and @event. */
static void note_alerts(struct rounds *rounds, size_t visit, size_t event)
{
    while (rounds->made_count < rounds->life.count) {
        rounds->made = mem_grow(rounds->made, rounds->made_count, &rounds->made_capacity,
                                sizeof(*rounds->made));
        rounds->made[rounds->made_count++] = (struct made){visit, event, false};
    }
}

/* Those of a visit, from place @from on, stand by time, which is mostly how they come. */
static void note_recent(struct rounds *rounds, size_t from, const struct share *share)
{
    size_t at = rounds->recent_count++;

    rounds->recents =
        mem_grow(rounds->recents, at, &rounds->recent_capacity, sizeof(*rounds->recents));
    for (; at > from && rounds->recents[at - 1].event_time > share->at_ms; at--)
        rounds->recents[at] = rounds->recents[at - 1];
    rounds->recents[at] = (struct store_recent){share->event_id, share->at_ms};
}

static void note_taken(struct rounds *rounds, const struct visit_share *share)
{
    rounds->taken = mem_grow(rounds->taken, rounds->taken_count, &rounds->taken_capacity,
                             sizeof(*rounds->taken));
    rounds->taken[rounds->taken_count++] = (struct group_taken){&share->share, share->result};
}

static int by_alert_id(const void *a, const void *b)
{
    const struct group_receipt *x = a, *y = b;

    return text_compare(x->alert_id, y->alert_id);
}

static void confirm(struct rounds *rounds, const struct visit *visit)
{
    rounds->receipt_count = 0;
    for (struct visit_receipt *receipt = visit->receipts; receipt; receipt = receipt->next) {
        rounds->receipts = mem_grow(rounds->receipts, rounds->receipt_count,
                                    &rounds->receipt_capacity, sizeof(*rounds->receipts));
        rounds->receipts[rounds->receipt_count++] = receipt->receipt;
    }
    if (rounds->receipt_count == 0)
        return;
    qsort(rounds->receipts, rounds->receipt_count, sizeof(*rounds->receipts), by_alert_id);
    group_confirm(visit->cached->group, rounds->receipts, rounds->receipt_count, &rounds->life);
}

static void apply(struct rounds *rounds, size_t i)
{
    struct visit *visit = &rounds->visits[i];
    struct group *group = visit->cached->group;

    confirm(rounds, visit);
    if (visit->fires)
        group_fire(group, rounds->limits, &rounds->life);
    note_alerts(rounds, i, 0);
    for (struct visit_share *share = visit->first; share; share = share->next) {
        share->result = group_take(group, &share->share, rounds->limits, &rounds->life);
        note_alerts(rounds, i, share->event);
    }
}

static void note_shares(struct rounds *rounds, struct visit *visit)
{
    rounds->taken_count = 0;
    visit->recents_at = rounds->recent_count;
    for (struct visit_share *share = visit->first; share; share = share->next) {
        note_taken(rounds, share);
        if (!share->share.plan)
            note_recent(rounds, visit->recents_at, &share->share);
    }
    visit->recent_count = rounds->recent_count - visit->recents_at;
}

/* Less and less of it, until it can be read again. */
static struct group_state_facts shrink(struct rounds *rounds, const struct visit *visit)
{
    struct group *group = visit->cached->group;
    struct group_state_facts facts = {.is_huge = true};

    rounds->totals.huge_states++;
    while (facts.is_huge && group_shrink(group, &rounds->life)) {
        rounds->states.size = visit->state_at;
        facts = group_codec_write(rounds->codec, group, rounds->life.now_ms, &rounds->states);
    }
    return facts;
}

static void encode(struct rounds *rounds, struct visit *visit)
{
    struct group *group = visit->cached->group;
    int64_t now_ms = rounds->life.now_ms;
    struct group_state_facts facts;

    visit->state_at = rounds->states.size;
    visit->is_addition =
        !visit->is_done && group_codec_add(rounds->codec, group, rounds->taken, rounds->taken_count,
                                           now_ms, &rounds->states, &facts);
    if (!visit->is_addition)
        facts = group_codec_write(rounds->codec, group, now_ms, &rounds->states);
    if (facts.is_huge) {
        visit->is_addition = false;
        facts = shrink(rounds, visit);
        note_alerts(rounds, (size_t)(visit - rounds->visits), visit->last ? visit->last->event : 0);
    }
    visit->state_size = rounds->states.size - visit->state_at;
    visit->expires_ms = facts.expires_ms;
    visit->memory = facts.memory;
}

static void attempt(struct rounds *rounds, size_t i)
{
    if (!rounds->visits[i].is_done)
        apply(rounds, i);
    note_shares(rounds, &rounds->visits[i]);
    encode(rounds, &rounds->visits[i]);
}

static int64_t ttl_of(const struct rounds *rounds, const struct visit *visit)
{
    int64_t ttl_ms = visit->expires_ms - rounds->life.now_ms;

    if (visit->is_addition)
        ttl_ms += LONGER_TTL_MS;
    return ttl_ms > SHORTEST_TTL_MS ? ttl_ms : SHORTEST_TTL_MS;
}

static struct store_write write_of(struct rounds *rounds, const struct visit *visit)
{
    const struct cached *cached = visit->cached;
    const struct group *group = cached->group;
    int64_t due_ms = group->due_ms == GROUP_NEVER ? STORE_NEVER : group->due_ms;

    return (struct store_write){
        .id = group->id,
        .base = cached->version,
        .version = next_version(rounds),
        .state = {rounds->states.bytes + visit->state_at, visit->state_size},
        .is_addition = visit->is_addition,
        .ttl_ms = ttl_of(rounds, visit),
        .due_ms = due_ms,
        /* A claim has moved the timer of what fires. */
        .keeps_due = !visit->fires && cached->knows_due && cached->due_ms == due_ms,
        .keeps_ttl = visit->is_addition && cached->kept_ms >= visit->expires_ms,
        .recents = rounds->recents ? rounds->recents + visit->recents_at : NULL,
        .recent_count = visit->recent_count,
    };
}

/* What is stored takes the place of what was thought to be. */
static void take_stored(struct rounds *rounds, struct cached *cached,
                        const struct store_write *write)
{
    const struct group *old = cached->group;
    struct group *group =
        group_codec_read(rounds->codec, write->found_state, rounds->types_window_ms, NULL);

    if (group && !text_equal(group->key, old->key)) {
        group_free(group);
        group = NULL;
    }
    if (!group) { /* nobody can read it: its windows begin anew */
        group = group_new(old->key, old->tenant, old->names, old->values, old->count,
                          rounds->types_window_ms);
        rounds->totals.unreadable_states++;
    }
    group_cache_replace(rounds->cache, cached, group);
    cached->version = write->found_version;
    cached->knows_due = false;
    cached->kept_ms = 0;
}

/* What is stored is what was written. */
static void note_written(struct rounds *rounds, const struct visit *visit,
                         const struct store_write *write)
{
    struct cached *cached = visit->cached;

    cached->version = write->version;
    cached->due_ms = write->due_ms;
    cached->knows_due = true;
    if (!write->keeps_ttl)
        cached->kept_ms = rounds->life.now_ms + write->ttl_ms;
    group_cache_set_memory(rounds->cache, cached, visit->memory);
}

static void lose_alerts(struct rounds *rounds, size_t visit)
{
    for (size_t i = 0; i < rounds->made_count; i++)
        rounds->made[i].is_lost |= rounds->made[i].visit == visit;
}

/* Returns how many are still pending. */
static size_t settle(struct rounds *rounds, size_t count)
{
    size_t lost = 0;

    for (size_t i = 0; i < count; i++) {
        const struct store_write *write = &rounds->writes[i];
        struct visit *visit = &rounds->visits[rounds->pending[i]];

        rounds->totals.writes++;
        rounds->totals.additions += write->is_addition;
        rounds->totals.state_bytes += write->state.size;
        if (write->result == STORE_WRITTEN) {
            note_written(rounds, visit, write);
            continue;
        }
        rounds->totals.conflicts++;
        visit->is_done = write->result == STORE_GONE;
        if (!visit->is_done) {
            take_stored(rounds, visit->cached, write);
            lose_alerts(rounds, rounds->pending[i]);
        }
        rounds->pending[lost++] = rounds->pending[i];
    }
    return lost;
}

static int by_event(const void *a, const void *b)
{
    const struct rounds_alert *x = a, *y = b;

    if (x->event != y->event)
        return x->event < y->event ? -1 : 1;
    if (x->visit != y->visit)
        return x->visit < y->visit ? -1 : 1;
    return (x->alert > y->alert) - (x->alert < y->alert); /* as they were made */
}

static void gather_alerts(struct rounds *rounds)
{
    rounds->alerts = mem_resize(rounds->alerts, (rounds->made_count + 1) * sizeof(*rounds->alerts));
    for (size_t i = 0; i < rounds->made_count; i++) {
        const struct made *made = &rounds->made[i];

        if (!made->is_lost)
            rounds->alerts[rounds->alert_count++] =
                (struct rounds_alert){&rounds->life.alerts[i], made->event, made->visit};
    }
    qsort(rounds->alerts, rounds->alert_count, sizeof(*rounds->alerts), by_event);
}

/* Only now: what they point to moves while more is made. */
static void make_writes(struct rounds *rounds, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        rounds->writes[i] = write_of(rounds, &rounds->visits[rounds->pending[i]]);
}

static int commit(struct rounds *rounds, size_t count, struct error *err)
{
    struct store *store = rounds->store;
    size_t begun = 0;

    rounds->recent_count = 0;
    buf_reset(&rounds->states);
    for (size_t i = 0; i < count; i++) {
        attempt(rounds, rounds->pending[i]);
        if (!store->begin || (i + 1) % BEGIN_WITH != 0 || i + 1 == count)
            continue;
        make_writes(rounds, begun, i + 1);
        begun += store->begin(store, rounds->writes + begun, i + 1 - begun);
    }
    make_writes(rounds, begun, count);
    rounds->totals.rounds++;
    return rounds->store->commit(rounds->store, rounds->writes, count, err);
}

static int fail(struct rounds *rounds, int result)
{
    for (size_t i = 0; i < rounds->count; i++)
        group_cache_drop(rounds->cache, rounds->visits[i].cached);
    rounds->count = 0;
    return result;
}

int rounds_run(struct rounds *rounds, struct error *err)
{
    size_t count = rounds->count;

    rounds->pending = mem_resize(rounds->pending, (count + 1) * sizeof(*rounds->pending));
    rounds->writes = mem_resize(rounds->writes, (count + 1) * sizeof(*rounds->writes));
    for (size_t i = 0; i < count; i++)
        rounds->pending[i] = i;
    for (int round = 0; count > 0; round++) {
        int result =
            round == MOST_ROUNDS
                ? error_set_class(err, ERROR_RETRY, -EAGAIN,
                                  "others wrote the same groups %d times in a row", MOST_ROUNDS)
                : commit(rounds, count, err);

        if (result < 0)
            return fail(rounds, result);
        count = settle(rounds, count);
    }
    gather_alerts(rounds);
    return 0;
}

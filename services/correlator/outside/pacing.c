#include "correlator/outside/pacing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "io/chance.h"

enum {
    TELL_MS = 1000,    /* how often, while nothing waits */
    GRACE_MS = 1500,   /* after a rebalance: until all have told where they are */
    STALE_MS = 10000,  /* who has not said anything for so long does not count */
    FORGET_MS = 60000, /* and is forgotten */
    WORD_SIZE = 64,
};

struct pacing {
    struct worker *worker;
    struct redis *redis;
    struct pace pace;
    size_t capacity; /* of its partitions */
    uint64_t generation;
    int64_t grace_until_ms; /* 0: to be set with the next tick */
    int64_t tell_ms;        /* not before */
    struct buf prefix;      /* of this group's fields */
    struct buf field;       /* this worker's */
    struct pace_item *items;
    size_t *order, *waits; /* by item, by partition */
    size_t count, item_capacity;
    struct gauge *held;
    struct counter *put_back;
};

struct pacing *pacing_open(struct worker *worker, struct redis *redis, int64_t max_lateness_ms)
{
    struct metrics *metrics = worker_metrics(worker);
    struct pacing *pacing = mem_zero(sizeof(*pacing));

    pacing->worker = worker;
    pacing->redis = redis;
    pacing->generation = UINT64_MAX;
    pacing->pace.ahead_ms = max_lateness_ms / 2;
    pacing->pace.others_ms = PACE_UNKNOWN;
    buf_addf(&pacing->prefix, "%s ", worker_group(worker));
    buf_addf(&pacing->field, "%s%016" PRIx64, buf_string(&pacing->prefix), chance_number());
    pacing->held = metrics_gauge(metrics, "haechi_correlator_held_partitions",
                                 "Partitions that wait for slower ones.", NO_LABEL, NO_LABEL);
    pacing->put_back =
        metrics_counter(metrics, "haechi_correlator_put_back_total",
                        "Times a partition was made to wait for slower ones.", NO_LABEL, NO_LABEL);
    return pacing;
}

void pacing_close(struct pacing *pacing)
{
    if (!pacing)
        return;
    free(pacing->pace.partitions);
    free(pacing->items);
    free(pacing->order);
    free(pacing->waits);
    buf_done(&pacing->prefix);
    buf_done(&pacing->field);
    free(pacing);
}

/* Of other partitions than before nothing is known. */
static void begin_anew(struct pacing *pacing, size_t count)
{
    if (count > pacing->capacity) {
        pacing->capacity = count;
        pacing->pace.partitions =
            mem_resize(pacing->pace.partitions, count * sizeof(*pacing->pace.partitions));
        pacing->waits = mem_resize(pacing->waits, count * sizeof(*pacing->waits));
    }
    for (size_t i = 0; i < count; i++)
        pacing->pace.partitions[i] = (struct pace_partition){.reached_ms = PACE_UNKNOWN};
    pacing->pace.count = count;
    pacing->pace.others_ms = PACE_UNKNOWN;
    pacing->grace_until_ms = 0;
    pacing->tell_ms = 0;
}

static size_t look(struct pacing *pacing, const struct standing **standings)
{
    uint64_t generation;
    size_t count = worker_standings(pacing->worker, standings, &generation);

    if (generation != pacing->generation)
        begin_anew(pacing, count);
    pacing->generation = generation;
    for (size_t i = 0; i < count; i++) {
        pacing->pace.partitions[i].is_at_end = (*standings)[i].is_at_end;
        pacing->pace.partitions[i].is_held = (*standings)[i].is_held;
    }
    return count;
}

/* Batches. */

void pacing_begin(struct pacing *pacing, size_t count)
{
    const struct standing *standings;

    look(pacing, &standings);
    if (count > pacing->item_capacity) {
        pacing->item_capacity = count;
        pacing->items = mem_resize(pacing->items, count * sizeof(*pacing->items));
        pacing->order = mem_resize(pacing->order, count * sizeof(*pacing->order));
    }
    pacing->count = count;
}

static size_t find(struct pacing *pacing, const struct message *message, size_t guess)
{
    const struct standing *standings;
    uint64_t generation;
    size_t count = worker_standings(pacing->worker, &standings, &generation);

    for (size_t tried = 0; tried < count; tried++) {
        size_t i = (guess + tried) % count;

        if (standings[i].partition == message->partition &&
            text_equal(standings[i].topic, message->topic))
            return i;
    }
    return 0;
}

void pacing_set(struct pacing *pacing, const struct batch *batch, size_t i, int64_t at_ms)
{
    const struct message *message = &batch->messages[i];
    bool is_same = i > 0 && batch->messages[i - 1].partition == message->partition &&
                   text_equal(batch->messages[i - 1].topic, message->topic);
    size_t guess = i > 0 ? pacing->items[i - 1].partition : 0;

    pacing->items[i] = (struct pace_item){is_same ? guess : find(pacing, message, guess), at_ms};
}

size_t pacing_plan(struct pacing *pacing, const struct batch *batch, const size_t **order)
{
    *order = pacing->order;
    return pace_plan(&pacing->pace, pacing->items, pacing->count, batch->now_ms, pacing->order,
                     pacing->waits);
}

void pacing_end(struct pacing *pacing, struct batch *batch)
{
    pace_note(&pacing->pace, pacing->items, pacing->count, batch->now_ms, pacing->waits);
    for (size_t p = 0; p < pacing->pace.count; p++) {
        if (pacing->waits[p] == pacing->count)
            continue;
        worker_put_back(batch, pacing->waits[p]);
        metrics_add(pacing->put_back, 1);
        pacing->tell_ms = 0; /* others wait for this, perhaps */
    }
}

/* Others. */

static struct text position_word(int64_t position, char into[WORD_SIZE])
{
    if (position == PACE_NOBODY)
        return TEXT("all");
    if (position == PACE_UNKNOWN)
        return TEXT("none");
    snprintf(into, WORD_SIZE, "%" PRId64, position);
    return text_of(into);
}

static int64_t position_of(struct text word)
{
    int64_t position = PACE_UNKNOWN;

    if (text_is(word, "all"))
        return PACE_NOBODY;
    text_to_integer(word, &position);
    return position;
}

static void tell(struct pacing *pacing, int64_t now_ms)
{
    char word[WORD_SIZE], value[2 * WORD_SIZE];
    struct text position = position_word(pace_slowest(&pacing->pace, pacing->pace.count), word);

    snprintf(value, sizeof(value), "%.*s %" PRId64, TEXT_ARG(position), now_ms);
    const struct text words[] = {TEXT("HSET"), TEXT("haechi:progress"), buf_text(&pacing->field),
                                 text_of(value)};

    redis_ask(pacing->redis, words, COUNT_OF(words));
    redis_ask(pacing->redis, (const struct text[]){TEXT("HGETALL"), TEXT("haechi:progress")}, 2);
}

/* What another said, unless it is long ago. Returns 1 if a command to forget it is queued. */
static size_t hear_one(struct pacing *pacing, struct text field, struct text value, int64_t now_ms,
                       int64_t *slowest)
{
    struct text word = {NULL, 0};
    int64_t said_ms = 0;

    if (!text_starts(field, buf_text(&pacing->prefix)) ||
        text_equal(field, buf_text(&pacing->field)))
        return 0;
    text_split(&value, ' ', &word);
    text_to_integer(value, &said_ms);
    if (now_ms - said_ms <= STALE_MS && position_of(word) < *slowest)
        *slowest = position_of(word);
    if (now_ms - said_ms <= FORGET_MS)
        return 0;
    redis_ask(pacing->redis, (const struct text[]){TEXT("HDEL"), TEXT("haechi:progress"), field},
              3);
    return 1;
}

static int exchange(struct pacing *pacing, int64_t now_ms, struct error *err)
{
    redisReply *const *replies;
    size_t count, forgotten = 0;
    int64_t slowest = PACE_NOBODY;

    tell(pacing, now_ms);
    int result = redis_run(pacing->redis, &replies, &count, err);

    if (result < 0)
        return result;
    const redisReply *all = replies[1];

    for (size_t i = 0; all->type == REDIS_REPLY_ARRAY && i + 1 < all->elements; i += 2)
        forgotten += hear_one(pacing, (struct text){all->element[i]->str, all->element[i]->len},
                              (struct text){all->element[i + 1]->str, all->element[i + 1]->len},
                              now_ms, &slowest);
    if (forgotten > 0)
        redis_run(pacing->redis, &replies, &count, NULL);
    if (pacing->grace_until_ms == 0)
        pacing->grace_until_ms = now_ms + GRACE_MS;
    pacing->pace.others_ms = now_ms < pacing->grace_until_ms ? PACE_UNKNOWN : slowest;
    return 0;
}

static void let_go(struct pacing *pacing)
{
    size_t held = 0;

    for (size_t p = 0; p < pacing->pace.count; p++) {
        struct pace_partition *partition = &pacing->pace.partitions[p];

        if (partition->is_held && pace_may_go(&pacing->pace, p) &&
            worker_let_go(pacing->worker, p)) {
            partition->is_held = false;
            partition->reached_ms = partition->head_ms; /* where it is until it is read */
        }
        held += partition->is_held;
    }
    metrics_set(pacing->held, (double)held);
}

/* Without a partition of its own, as before the first ones come, it cannot tell whether the others
 * have them all. */
int64_t pacing_read_ms(const struct pacing *pacing)
{
    const struct pace *pace = &pacing->pace;
    int64_t own_ms = pace_slowest(pace, pace->count);

    if (pace->count == 0 || !worker_reaches_kafka(pacing->worker))
        return PACE_UNKNOWN;
    return own_ms < pace->others_ms ? own_ms : pace->others_ms;
}

int pacing_tick(struct pacing *pacing, int64_t now_ms, struct error *err)
{
    const struct standing *standings;
    size_t count = look(pacing, &standings);
    bool is_waiting = pacing->pace.others_ms == PACE_UNKNOWN;

    for (size_t p = 0; p < count; p++)
        is_waiting |= pacing->pace.partitions[p].is_held;
    if (!is_waiting && now_ms < pacing->tell_ms)
        return 0;
    int result = exchange(pacing, now_ms, err);

    if (result < 0)
        return result;
    pacing->tell_ms = now_ms + TELL_MS;
    let_go(pacing);
    return 0;
}

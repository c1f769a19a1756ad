#include "detector/outside/watching.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/number.h"
#include "detector/lookout.h"
#include "io/chance.h"
#include "io/redis.h"

/* Only forwards, and only what correlators still ask for. */
static const char see_script[] = "for i = 1, #ARGV, 2 do\n"
                                 "  local seen = redis.call('HGET', KEYS[1], ARGV[i])\n"
                                 "  if seen and tonumber(seen) < tonumber(ARGV[i + 1]) then\n"
                                 "    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])\n"
                                 "  end\n"
                                 "end\n"
                                 "return 1\n";

enum {
    LIVE_MS = 30 * 1000, /* logs of partitions that are read so far are as new as they come in */
    MOST_WORDS = 2001,   /* in one call of the script: the key, then two a target */
};

struct position {
    bool is_known;
    int64_t newest_ms; /* of what was read */
};

struct watching {
    struct worker *worker;
    struct redis *redis;
    struct redis_script *see;
    struct lookout **lookouts; /* one a thread; the first gathers what all have seen */
    size_t lookout_count;
    struct buf field; /* of this detector's word */
    struct buf text;
    struct watch_word word; /* the last that was said */
    int64_t version;        /* of the list; 0: none was heard */
    int64_t since_ms;       /* of the word */
    int64_t until_ms;
    bool has_read; /* logs, since it started */
    struct position *positions;
    size_t capacity;
    uint64_t generation;
    struct text words[MOST_WORDS]; /* of a call of the script */
    struct buf texts;
    struct counter *skipped;
    struct gauge *watched;
};

struct watching *watching_open(struct worker *worker, size_t members)
{
    struct metrics *metrics = worker_metrics(worker);
    struct watching *watching = mem_zero(sizeof(*watching));

    watching->worker = worker;
    watching->redis = redis_open(worker_redis(worker), NULL, "detector");
    watching->see = redis_script(watching->redis, see_script);
    watching->lookout_count = members;
    watching->lookouts = mem_zero(members * sizeof(struct lookout *));
    for (size_t i = 0; i < members; i++)
        watching->lookouts[i] = lookout_new();
    watching->generation = UINT64_MAX;
    watching->until_ms = watching->since_ms = WATCH_NEVER;
    buf_addf(&watching->field, "%s %016" PRIx64, worker_group(worker), chance_number());
    watching->skipped = metrics_counter(metrics, "haechi_detector_last_seen_skipped_total",
                                        "Times Redis could not be told what was last seen when.",
                                        NO_LABEL, NO_LABEL);
    watching->watched = metrics_gauge(metrics, "haechi_detector_expected_values",
                                      "Values whose logs correlators expect.", NO_LABEL, NO_LABEL);
    return watching;
}

/* How far partitions are read. */

static size_t look(struct watching *watching, const struct standing **standings)
{
    uint64_t generation;
    size_t count = worker_standings(watching->worker, standings, &generation);

    if (count > watching->capacity) {
        watching->capacity = count;
        watching->positions = mem_resize(watching->positions, count * sizeof(*watching->positions));
    }
    if (generation != watching->generation && count > 0)
        memset(watching->positions, 0, count * sizeof(*watching->positions));
    watching->generation = generation;
    return count;
}

static void note(struct watching *watching, const struct message *message, int64_t now_ms)
{
    const struct standing *standings;
    size_t count = look(watching, &standings);
    int64_t at_ms = message->at_ms < 0 || message->at_ms > now_ms ? now_ms : message->at_ms;

    for (size_t i = 0; i < count; i++) {
        struct position *position = &watching->positions[i];

        if (standings[i].partition != message->partition ||
            !text_equal(standings[i].topic, message->topic))
            continue;
        if (!position->is_known || at_ms > position->newest_ms)
            *position = (struct position){true, at_ms};
        return;
    }
}

static bool is_same_partition(const struct message *a, const struct message *b)
{
    return a->partition == b->partition && text_equal(a->topic, b->topic);
}

void watching_begin(struct watching *watching, const struct batch *batch)
{
    watching->has_read = true;
    for (size_t i = 0; i < batch->count; i++) { /* the last of each run of a partition */
        if (i + 1 == batch->count ||
            !is_same_partition(&batch->messages[i], &batch->messages[i + 1]))
            note(watching, &batch->messages[i], batch->now_ms);
    }
}

/* Up to when all logs of all its partitions are seen. Where nothing is behind what was read, that
 * is now; while Kafka cannot be reached nobody knows. */
static int64_t seen_until(struct watching *watching, int64_t now_ms, bool *reads)
{
    const struct standing *standings;
    size_t count = look(watching, &standings);
    int64_t until_ms = now_ms - WATCH_MARGIN_MS;

    *reads = count > 0;
    for (size_t i = 0; i < count; i++) {
        const struct position *position = &watching->positions[i];

        if (standings[i].is_at_end)
            continue;
        if (!position->is_known)
            return WATCH_NEVER;
        if (position->newest_ms < until_ms)
            until_ms = position->newest_ms;
    }
    return worker_reaches_kafka(watching->worker) ? until_ms : WATCH_NEVER;
}

/* A log that comes in now is a sign of life of now, whatever its time says; one of a backlog is as
 * old as its record. */
void watching_see(struct watching *watching, size_t member, const struct batch *batch, size_t i,
                  const struct source *source, struct entry *entry, struct arena *arena)
{
    struct lookout *lookout = watching->lookouts[member];
    const struct message *message = &batch->messages[i];
    int64_t at_ms = batch->now_ms;

    if (!lookout_is_looking(lookout))
        return;
    if (watching->until_ms < batch->now_ms - LIVE_MS && message->at_ms >= 0 &&
        message->at_ms < at_ms)
        at_ms = message->at_ms;
    lookout_see(lookout, source, message->topic, entry, at_ms, arena);
}

/* Redis. */

static void ask_see(struct watching *watching, size_t count)
{
    if (count > 1)
        redis_ask_script(watching->redis, watching->see, 1, watching->words, count);
}

/* What the texts of all that is to be told take. */
static size_t room_for_news(const struct watching *watching)
{
    struct text target;
    int64_t at_ms;
    size_t room = 1;

    for (size_t at = 0; lookout_next_news(watching->lookouts[0], &at, &target, &at_ms);)
        room += 1 + target.size + NUMBER_DIGITS;
    return room;
}

/* Words are views of @texts, in which there is room for all, so that they stay where they are. */
static void tell_seen(struct watching *watching)
{
    struct buf *texts = &watching->texts;
    struct text target;
    int64_t at_ms;
    size_t count = 1;

    watching->words[0] = WATCH_EXPECT;
    buf_reset(texts);
    buf_reserve(texts, room_for_news(watching));
    for (size_t at = 0; lookout_next_news(watching->lookouts[0], &at, &target, &at_ms);) {
        size_t from = texts->size;

        buf_add_byte(texts, 's');
        buf_add(texts, target);
        size_t middle = texts->size;

        number_write_integer(at_ms, texts);
        watching->words[count++] = text_slice(buf_text(texts), from, middle);
        watching->words[count++] = text_slice(buf_text(texts), middle, texts->size);
        if (count == MOST_WORDS) {
            ask_see(watching, count);
            count = 1;
        }
    }
    ask_see(watching, count);
}

static void ask_word(struct watching *watching)
{
    buf_reset(&watching->text);
    watch_word_write(&watching->word, &watching->text);
    redis_ask(watching->redis,
              (const struct text[]){TEXT("HSET"), WATCH_ALIVE, buf_text(&watching->field),
                                    buf_text(&watching->text)},
              4);
}

static void tell(struct watching *watching, int64_t now_ms)
{
    bool reads;
    int64_t until_ms = seen_until(watching, now_ms, &reads);

    if (until_ms > watching->until_ms)
        watching->until_ms = until_ms;
    watching->word = (struct watch_word){.reads = reads,
                                         .until_ms = watching->until_ms,
                                         .since_ms = watching->since_ms,
                                         .at_ms = now_ms,
                                         .version = watching->version};
    for (size_t i = 1; i < watching->lookout_count; i++)
        lookout_merge(watching->lookouts[0], watching->lookouts[i]);
    tell_seen(watching);
    ask_word(watching);
    redis_ask(watching->redis, (const struct text[]){TEXT("HGET"), WATCH_EXPECT, TEXT("v")}, 3);
}

static struct text text_in(const redisReply *reply)
{
    bool is_text = reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS;

    return is_text ? (struct text){reply->str, reply->len} : (struct text){NULL, 0};
}

static void watch(struct watching *watching, const redisReply *all, int64_t now_ms)
{
    size_t count = 0, pairs = all->type == REDIS_REPLY_ARRAY ? all->elements / 2 : 0;
    struct text *targets = mem_zero((pairs + 1) * sizeof(*targets));

    for (size_t i = 0; i < pairs; i++) {
        struct text field = text_in(all->element[2 * i]), value = text_in(all->element[2 * i + 1]);
        int64_t asked_ms;

        if (!text_starts(field, TEXT("w")) || !text_to_integer(value, &asked_ms) ||
            now_ms - asked_ms > WATCH_KEEP_MS)
            continue;
        targets[count++] = text_slice(field, 1, field.size);
    }
    for (size_t i = 0; i < watching->lookout_count; i++)
        lookout_watch(watching->lookouts[i], targets, count);
    metrics_set(watching->watched, (double)lookout_count(watching->lookouts[0]));
    free(targets);
}

/* What is watched for is not what it was. */
static int hear_list(struct watching *watching, int64_t version, int64_t now_ms)
{
    redisReply *const *replies;
    size_t count;

    redis_ask(watching->redis, (const struct text[]){TEXT("HGETALL"), WATCH_EXPECT}, 2);
    int result = redis_run_strict(watching->redis, &replies, &count, NULL);

    if (result < 0)
        return result;
    watch(watching, replies[0], now_ms);
    watching->version = version;
    watching->since_ms = watching->has_read ? now_ms : WATCH_NEVER;
    return 0;
}

static int speak(struct watching *watching, int64_t now_ms)
{
    redisReply *const *replies;
    size_t count;
    int64_t version = 0;

    tell(watching, now_ms);
    /* Full, for one: what was seen is told again. */
    int result = redis_run_strict(watching->redis, &replies, &count, NULL);

    if (result < 0)
        return result;
    text_to_integer(text_in(replies[count - 1]), &version);
    lookout_told(watching->lookouts[0]);
    return version == watching->version ? 0 : hear_list(watching, version, now_ms);
}

void watching_tick(struct watching *watching, int64_t now_ms)
{
    if (speak(watching, now_ms) < 0)
        metrics_add(watching->skipped, 1);
    for (size_t i = 0; i < watching->lookout_count; i++)
        lookout_begin(watching->lookouts[i]);
}

/* Or others would wait for it. */
static void say_farewell(struct watching *watching)
{
    redisReply *const *replies;
    size_t count;

    if (!watching->word.reads)
        return;
    watching->word.leaves = true;
    tell_seen(watching);
    ask_word(watching);
    redis_run(watching->redis, &replies, &count, NULL);
}

void watching_close(struct watching *watching)
{
    if (!watching)
        return;
    say_farewell(watching);
    redis_close(watching->redis);
    for (size_t i = 0; i < watching->lookout_count; i++)
        lookout_free(watching->lookouts[i]);
    free(watching->lookouts);
    buf_done(&watching->field);
    buf_done(&watching->text);
    buf_done(&watching->texts);
    free(watching->positions);
    free(watching);
}

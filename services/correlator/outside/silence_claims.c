#include "correlator/outside/silence_claims.h"

#include <glib.h>
#include <stdlib.h>

/* A field of this value gets another; only one correlator can. Empty: there is none. */
static const char replace_script[] =
    "if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end\n"
    "if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1])\n"
    "else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end\n"
    "return 1\n";

struct silence_claims {
    struct redis *redis;
    struct redis_script *replace;
    GPtrArray *made;      /* struct silence_claim */
    GHashTable *waiting;  /* number -> struct silence_claim: for Kafka */
    GPtrArray *confirmed; /* struct silence_claim, for Redis to hear */
    uint64_t number;
};

static void free_claim(void *data)
{
    struct silence_claim *claim = data;

    buf_done(&claim->field);
    buf_done(&claim->before);
    buf_done(&claim->after);
    free(claim);
}

struct silence_claims *silence_claims_new(struct redis *redis)
{
    struct silence_claims *claims = mem_zero(sizeof(*claims));

    claims->redis = redis;
    claims->replace = redis_script(redis, replace_script);
    claims->made = g_ptr_array_new();
    claims->confirmed = g_ptr_array_new_with_free_func(free_claim);
    claims->waiting = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_claim);
    return claims;
}

void silence_claims_free(struct silence_claims *claims)
{
    silence_claims_begin(claims);
    g_ptr_array_free(claims->made, TRUE);
    g_ptr_array_free(claims->confirmed, TRUE);
    g_hash_table_destroy(claims->waiting);
    free(claims);
}

void silence_claims_begin(struct silence_claims *claims)
{
    for (guint i = 0; i < claims->made->len; i++) {
        if (claims->made->pdata[i])
            free_claim(claims->made->pdata[i]);
    }
    g_ptr_array_set_size(claims->made, 0);
}

void silence_claims_make(struct silence_claims *claims, size_t item, struct text field,
                         const struct silence_record *record, const struct silence_record *next)
{
    struct silence_claim *claim = mem_zero(sizeof(*claim));

    claim->record = *next;
    claim->item = item;
    buf_add(&claim->field, field);
    silence_write(record, &claim->before);
    silence_write(next, &claim->after);
    g_ptr_array_add(claims->made, claim);
}

static void ask(struct silence_claims *claims, const struct silence_claim *claim)
{
    redis_ask_script(claims->redis, claims->replace, 1,
                     (const struct text[]){WATCH_EXPECT, buf_text(&claim->field),
                                           buf_text(&claim->before), buf_text(&claim->after)},
                     4);
}

static void keep_won(struct silence_claims *claims, redisReply *const *replies)
{
    size_t won = 0;

    for (guint i = 0; i < claims->made->len; i++) {
        struct silence_claim *claim = claims->made->pdata[i];

        if (replies[i]->integer == 1)
            claims->made->pdata[won++] = claim;
        else /* another correlator's */
            free_claim(claim);
    }
    g_ptr_array_set_size(claims->made, (gint)won);
}

/* A confirmation that fails is forgotten: the lease will end. */
int silence_claims_put(struct silence_claims *claims, struct error *err)
{
    redisReply *const *replies;
    size_t count;

    if (claims->made->len + claims->confirmed->len == 0)
        return 0;
    for (guint i = 0; i < claims->made->len; i++)
        ask(claims, claims->made->pdata[i]);
    for (guint i = 0; i < claims->confirmed->len; i++)
        ask(claims, claims->confirmed->pdata[i]);
    int result = redis_run_strict(claims->redis, &replies, &count, err);

    g_ptr_array_set_size(claims->confirmed, 0);
    if (result == 0)
        keep_won(claims, replies);
    else
        silence_claims_begin(claims);
    return result;
}

size_t silence_claims_count(const struct silence_claims *claims)
{
    return claims->made->len;
}

const struct silence_claim *silence_claims_at(const struct silence_claims *claims, size_t i)
{
    return claims->made->pdata[i];
}

static void on_settled(void *self, uint64_t number, bool is_safe)
{
    struct silence_claims *claims = self;
    void *key, *found;

    if (!g_hash_table_steal_extended(claims->waiting, &number, &key, &found))
        return;
    struct silence_claim *claim = found;

    if (!is_safe) {
        free_claim(claim);
        return;
    }
    const struct silence_record next = silence_confirmed(&claim->record);

    buf_reset(&claim->before);
    buf_add(&claim->before, buf_text(&claim->after));
    buf_reset(&claim->after);
    silence_write(&next, &claim->after);
    g_ptr_array_add(claims->confirmed, claim);
}

struct receipt silence_claims_receipt(struct silence_claims *claims, size_t i)
{
    struct silence_claim *claim = claims->made->pdata[i];

    claims->made->pdata[i] = NULL;
    claim->number = claims->number++;
    g_hash_table_insert(claims->waiting, &claim->number, claim);
    return (struct receipt){on_settled, claims, claim->number};
}

#include "correlator/outside/redis_store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "correlator/outside/redis_scripts.h"

enum { KEY_SIZE = 80, NUMBER_SIZE = 24, VERSION_SIZE = 8, WORDS_FIXED = 9 };

struct redis_store {
    struct store interface; /* first, so that a store is one of these */
    struct redis *redis;
    struct redis_store_settings settings;
    struct redis_script *write, *claim, *forget;
    struct buf value;
    unsigned first_tag; /* that claim() begins with */
    size_t begun;       /* writes that are asked for already */
    bool is_checked;
};

static struct redis_store *of(struct store *store)
{
    return (struct redis_store *)(void *)store;
}

/* Words. */

/* snprintf() takes eight times as long, and a batch has thousands of numbers. */
static struct text number(int64_t value, char into[NUMBER_SIZE])
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t at = NUMBER_SIZE;

    do
        into[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        into[--at] = '-';
    return (struct text){into + at, NUMBER_SIZE - at};
}

static struct text version_text(uint64_t version, char into[VERSION_SIZE])
{
    memcpy(into, &version, VERSION_SIZE);
    return (struct text){into, VERSION_SIZE};
}

static uint64_t split_version(const redisReply *reply, struct text *state)
{
    uint64_t version = 0;

    *state = (struct text){NULL, 0};
    if (reply->type != REDIS_REPLY_STRING || reply->len <= VERSION_SIZE)
        return 0;
    memcpy(&version, reply->str, VERSION_SIZE);
    *state = (struct text){reply->str + VERSION_SIZE, reply->len - VERSION_SIZE};
    return version;
}

static struct text due_key(unsigned tag, char into[KEY_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    memcpy(into, "haechi:{b00}:due", sizeof("haechi:{b00}:due"));
    into[sizeof("haechi:{b") - 1] = digits[tag >> 4 & 15];
    into[sizeof("haechi:{b")] = digits[tag & 15];
    return text_of(into);
}

static unsigned tag_of(const char *id)
{
    const char digits[3] = {id[0], id[1], '\0'};

    return (unsigned)strtoul(digits, NULL, 16);
}

static int fail(struct error *err, const char *what)
{
    return error_set_class(err, ERROR_RETRY, -EIO, "redis: %s", what);
}

/* One round trip; a server that was not seen to be sound yet is asked first. */
static int run(struct redis_store *store, redisReply *const **replies, size_t *count,
               struct error *err)
{
    int result = redis_run(store->redis, replies, count, err);

    if (result < 0)
        store->is_checked = false;
    return result;
}

static int ensure_checked(struct redis_store *store, struct error *err)
{
    return store->is_checked ? 0 : redis_store_check(store, err);
}

/* Writing. */

/* "=" before what need not be written. */
static struct text due_word(const struct store_write *write, char into[NUMBER_SIZE + 1])
{
    char digits[NUMBER_SIZE];
    struct text due = write->due_ms == STORE_NEVER ? TEXT("") : number(write->due_ms, digits);
    size_t mark = write->keeps_due;

    into[0] = '=';
    memcpy(into + mark, due.bytes, due.size);
    return (struct text){into, mark + due.size};
}

static void ask_write(struct redis_store *store, const struct store_write *write)
{
    char state[KEY_SIZE], due[KEY_SIZE], recent[KEY_SIZE], base[VERSION_SIZE];
    char version[VERSION_SIZE], ttl[NUMBER_SIZE], due_at[NUMBER_SIZE + 1];
    char scores[REDIS_STORE_RECENT][NUMBER_SIZE];
    struct text words[WORDS_FIXED + 2 * REDIS_STORE_RECENT];
    size_t skipped =
        write->recent_count > REDIS_STORE_RECENT ? write->recent_count - REDIS_STORE_RECENT : 0;
    size_t count = 0;

    buf_reset(&store->value);
    if (write->state.size > 0) {
        buf_add(&store->value, version_text(write->version, version));
        buf_add(&store->value, write->is_addition ? (struct text){0} : write->state);
    }
    words[count++] = group_id_state_key(write->id, state, sizeof(state));
    words[count++] = due_key(tag_of(write->id), due);
    words[count++] = group_id_key("recent", write->id, recent, sizeof(recent));
    words[count++] = version_text(write->base, base);
    words[count++] = buf_text(&store->value);
    words[count++] = write->keeps_ttl ? TEXT("") : number(write->ttl_ms, ttl);
    words[count++] = text_of(write->id);
    words[count++] = due_word(write, due_at);
    words[count++] = write->is_addition ? write->state : TEXT("");
    for (size_t i = skipped; i < write->recent_count; i++) {
        words[count++] = number(write->recents[i].event_time, scores[i - skipped]);
        words[count++] = write->recents[i].event_id;
    }
    redis_ask_script(store->redis, store->write, 3, words, count);
}

static void ask_wait(struct redis_store *store)
{
    char replicas[NUMBER_SIZE], wait[NUMBER_SIZE];

    if (store->settings.wait_replicas == 0)
        return;
    const struct text words[] = {TEXT("WAIT"), number(store->settings.wait_replicas, replicas),
                                 number(store->settings.wait_ms, wait)};

    redis_ask(store->redis, words, COUNT_OF(words));
}

static int check_wait(const struct redis_store *store, const redisReply *reply, struct error *err)
{
    int64_t wanted = store->settings.wait_replicas;

    if (reply->type == REDIS_REPLY_ERROR)
        return fail(err, reply->str);
    if (reply->integer >= wanted)
        return 0;
    return error_set_class(err, ERROR_RETRY, -EAGAIN,
                           "redis: %lld replicas have the last writes; redis.wait_replicas is "
                           "%" PRId64,
                           reply->integer, wanted);
}

static int read_write(struct store_write *write, const redisReply *reply, struct error *err)
{
    switch (reply->type) {
    case REDIS_REPLY_INTEGER:
        write->result = reply->integer ? STORE_WRITTEN : STORE_GONE;
        return 0;
    case REDIS_REPLY_STRING:
        write->result = STORE_LOST;
        write->found_version = split_version(reply, &write->found_state);
        return write->found_version ? 0 : fail(err, "a group's state is too short to be one");
    case REDIS_REPLY_ERROR:
        return fail(err, reply->str);
    default:
        return fail(err, "the script that writes a group's state gave an answer of another kind");
    }
}

static size_t begin(struct store *self, const struct store_write *writes, size_t count)
{
    struct redis_store *store = of(self);

    if (!store->is_checked)
        return 0;
    for (size_t i = 0; i < count; i++)
        ask_write(store, &writes[i]);
    store->begun += count;
    redis_push(store->redis);
    return count;
}

static int commit(struct store *self, struct store_write *writes, size_t count, struct error *err)
{
    struct redis_store *store = of(self);
    redisReply *const *replies;
    size_t reply_count, begun = store->begun;

    store->begun = 0;
    if (count == 0)
        return 0;
    if (ensure_checked(store, err) < 0) /* it is, where something is begun */
        return -EIO;
    for (size_t i = begun; i < count; i++)
        ask_write(store, &writes[i]);
    ask_wait(store);
    if (run(store, &replies, &reply_count, err) < 0)
        return -EIO;
    for (size_t i = 0; i < count; i++) {
        if (read_write(&writes[i], replies[i], err) < 0)
            return -EIO;
    }
    return reply_count > count ? check_wait(store, replies[count], err) : 0;
}

static int load(struct store *self, struct store_read *reads, size_t count, struct error *err)
{
    struct redis_store *store = of(self);
    redisReply *const *replies;
    size_t reply_count;
    char key[KEY_SIZE];

    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const struct text words[] = {TEXT("GET"),
                                     group_id_state_key(reads[i].id, key, sizeof(key))};

        redis_ask(store->redis, words, COUNT_OF(words));
    }
    if (run(store, &replies, &reply_count, err) < 0)
        return -EIO;
    for (size_t i = 0; i < count; i++) {
        if (replies[i]->type == REDIS_REPLY_ERROR)
            return fail(err, replies[i]->str);
        reads[i].version = split_version(replies[i], &reads[i].state);
    }
    return 0;
}

/* Timers: each tag has its own set of them, so a claim asks all, a few each, and again those that
 * may have more. */

struct claiming {
    struct redis_store *store;
    int64_t now_ms, lease_ms;
    bool may_have_more[REDIS_STORE_TAGS];
    unsigned asked[REDIS_STORE_TAGS]; /* in this round */
    size_t asked_count, each;
};

static void ask_claim(const struct claiming *claiming, unsigned tag)
{
    char due[KEY_SIZE], now[NUMBER_SIZE], until[NUMBER_SIZE], most[NUMBER_SIZE];
    const struct text words[] = {due_key(tag, due), number(claiming->now_ms, now),
                                 number(claiming->now_ms + claiming->lease_ms, until),
                                 number((int64_t)claiming->each, most)};

    redis_ask_script(claiming->store->redis, claiming->store->claim, 1, words, COUNT_OF(words));
}

/* Asks for @most more; false: there is none. */
static bool ask_round(struct claiming *claiming, size_t most)
{
    unsigned first = claiming->store->first_tag;

    claiming->asked_count = 0;
    for (unsigned i = 0; i < REDIS_STORE_TAGS && claiming->asked_count < most; i++) {
        unsigned tag = (first + i) % REDIS_STORE_TAGS;

        if (claiming->may_have_more[tag])
            claiming->asked[claiming->asked_count++] = tag;
    }
    if (claiming->asked_count == 0)
        return false;
    claiming->each = most / claiming->asked_count;
    claiming->store->first_tag = (first + 1) % REDIS_STORE_TAGS;
    for (size_t i = 0; i < claiming->asked_count; i++)
        ask_claim(claiming, claiming->asked[i]);
    return true;
}

static int hear_round(struct claiming *claiming, char (*ids)[GROUP_ID_SIZE], size_t *count,
                      struct error *err)
{
    redisReply *const *replies;
    size_t reply_count;

    if (run(claiming->store, &replies, &reply_count, err) < 0)
        return -EIO;
    for (size_t i = 0; i < claiming->asked_count; i++) {
        const redisReply *reply = replies[i];

        if (reply->type == REDIS_REPLY_ERROR)
            return fail(err, reply->str);
        for (size_t k = 0; k < reply->elements; k++)
            snprintf(ids[(*count)++], GROUP_ID_SIZE, "%s", reply->element[k]->str);
        claiming->may_have_more[claiming->asked[i]] = reply->elements == claiming->each;
    }
    return 0;
}

static int claim(struct store *self, int64_t now_ms, int64_t lease_ms, char (*ids)[GROUP_ID_SIZE],
                 size_t most, size_t *count, struct error *err)
{
    struct claiming claiming = {.store = of(self), .now_ms = now_ms, .lease_ms = lease_ms};
    int result = 0;

    *count = 0;
    for (unsigned tag = 0; tag < REDIS_STORE_TAGS; tag++)
        claiming.may_have_more[tag] = true;
    while (result == 0 && *count < most && ask_round(&claiming, most - *count))
        result = hear_round(&claiming, ids, count, err);
    return result;
}

static int forget(struct store *self, const char *const *ids, size_t count, struct error *err)
{
    struct redis_store *store = of(self);
    redisReply *const *replies;
    size_t reply_count;

    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        char state[KEY_SIZE], due[KEY_SIZE];
        const struct text words[] = {group_id_state_key(ids[i], state, sizeof(state)),
                                     due_key(tag_of(ids[i]), due), text_of(ids[i])};

        redis_ask_script(store->redis, store->forget, 2, words, COUNT_OF(words));
    }
    return run(store, &replies, &reply_count, err);
}

/* The server. */

static int check_policy(const redisReply *reply, struct error *err)
{
    const struct text name = TEXT("maxmemory_policy:");
    struct text info = {reply->str, reply->len}, line;

    if (reply->type != REDIS_REPLY_STRING)
        return fail(err, "INFO is refused; allow it to the user of redis.user");
    while (text_split(&info, '\n', &line)) {
        struct text policy = text_trim(text_slice(line, name.size, line.size));

        if (!text_starts(line, name) || text_is(policy, "noeviction"))
            continue;
        return error_set_class(
            err, ERROR_CONFIG, -EPERM,
            "redis: maxmemory-policy is '%.*s': a group that it evicts is a lost "
            "alert; set noeviction there, or redis.allow_eviction here",
            TEXT_ARG(policy));
    }
    return 0;
}

int redis_store_check(struct redis_store *store, struct error *err)
{
    const struct text words[] = {TEXT("INFO"), TEXT("memory")};
    redisReply *const *replies;
    size_t count;

    store->is_checked = false;
    redis_ask(store->redis, words, COUNT_OF(words));
    if (run(store, &replies, &count, err) < 0)
        return -EIO;
    if (!store->settings.allow_eviction && check_policy(replies[0], err) < 0)
        return -EPERM;
    store->is_checked = true;
    return 0;
}

struct redis_store *redis_store_open(struct redis *redis,
                                     const struct redis_store_settings *settings)
{
    struct redis_store *store = mem_zero(sizeof(*store));

    store->interface = (struct store){commit, load, claim, forget, begin};
    store->redis = redis;
    store->settings = *settings;
    store->write = redis_script(redis, redis_script_write);
    store->claim = redis_script(redis, redis_script_claim);
    store->forget = redis_script(redis, redis_script_forget);
    return store;
}

void redis_store_close(struct redis_store *store)
{
    if (!store)
        return;
    buf_done(&store->value);
    free(store);
}

struct store *redis_store_interface(struct redis_store *store)
{
    return &store->interface;
}

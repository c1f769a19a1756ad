#include "io/redis.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/number.h"
#include "base/patience.h"
#include "io/chance.h"
#include "io/clock.h"

enum { BACKOFF_FIRST_MS = 50, BACKOFF_LIMIT_MS = 5000, SHA1_HEX = 41 };

struct redis_script {
    struct redis_script *next;
    const char *source;
    char sha1[SHA1_HEX];
};

struct redis {
    const struct redis_settings *settings;
    redisContext *context;        /* NULL: not connected */
    struct redis_script *scripts; /* owned */
    struct buf queue;             /* commands, as they go over the wire; kept for a repetition */
    size_t queued;
    size_t pushed;         /* bytes of the queue that this connection has been given */
    int64_t push_begin_us; /* when the first of them went */
    redisReply **replies;
    size_t reply_count, reply_capacity;
    struct patience patience;
    int64_t not_before_us; /* no connecting earlier */
    struct error problem;  /* why the circuit is open */
    struct histogram *seconds;
    struct counter *failures;
};

struct redis *redis_open(const struct redis_settings *settings, struct metrics *metrics,
                         const char *service)
{
    struct redis *redis = mem_zero(sizeof(*redis));
    char name[96];

    redis->settings = settings;
    redis->patience = (struct patience){BACKOFF_FIRST_MS, BACKOFF_LIMIT_MS, 0};
    if (!metrics)
        return redis;
    snprintf(name, sizeof(name), "haechi_%s_redis_seconds", service);
    redis->seconds = metrics_histogram(metrics, name, "Time of a round trip to Redis.", NO_LABEL);
    snprintf(name, sizeof(name), "haechi_%s_redis_failures_total", service);
    redis->failures =
        metrics_counter(metrics, name, "Round trips to Redis that failed.", NO_LABEL, NO_LABEL);
    return redis;
}

static void drop_replies(struct redis *redis)
{
    for (size_t i = 0; i < redis->reply_count; i++)
        freeReplyObject(redis->replies[i]);
    redis->reply_count = 0;
}

static void disconnect(struct redis *redis)
{
    if (redis->context)
        redisFree(redis->context);
    redis->context = NULL;
    redis->pushed = 0;
}

void redis_close(struct redis *redis)
{
    if (!redis)
        return;
    disconnect(redis);
    drop_replies(redis);
    free(redis->replies);
    buf_done(&redis->queue);
    while (redis->scripts) {
        struct redis_script *script = redis->scripts;

        redis->scripts = script->next;
        free(script);
    }
    free(redis);
}

static char *put(char *at, const char *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

/* A number behind its mark, as RESP counts words and bytes. */
static char *put_count(char *at, char mark, size_t count)
{
    char room[NUMBER_DIGITS];
    struct text digits = number_digits((int64_t)count, room);

    *at++ = mark;
    return put(put(at, digits.bytes, digits.size), "\r\n", 2);
}

enum { COUNT_SIZE = NUMBER_DIGITS + 3 };

static void add_count(struct redis *redis, char mark, size_t count)
{
    char *end = put_count(buf_reserve(&redis->queue, COUNT_SIZE), mark, count);

    redis->queue.size = (size_t)(end - redis->queue.bytes);
}

/* A batch has ten thousands of words, most of them short: room is made once for each. */
static void add_word(struct redis *redis, struct text word)
{
    char *at = buf_reserve(&redis->queue, COUNT_SIZE + word.size + 2);

    at = put_count(at, '$', word.size);
    if (word.size > 0)
        at = put(at, word.bytes, word.size);
    redis->queue.size = (size_t)(put(at, "\r\n", 2) - redis->queue.bytes);
}

void redis_ask(struct redis *redis, const struct text *words, size_t count)
{
    add_count(redis, '*', count);
    for (size_t i = 0; i < count; i++)
        add_word(redis, words[i]);
    redis->queued++;
}

struct redis_script *redis_script(struct redis *redis, const char *source)
{
    struct redis_script *script = mem_zero(sizeof(*script));
    unsigned char digest[SHA_DIGEST_LENGTH];

    SHA1((const unsigned char *)source, strlen(source), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(script->sha1 + 2 * i, 3, "%02x", digest[i]);
    script->source = source;
    script->next = redis->scripts;
    redis->scripts = script;
    return script;
}

void redis_ask_script(struct redis *redis, struct redis_script *script, size_t key_count,
                      const struct text *keys_and_arguments, size_t count)
{
    char keys[24];

    snprintf(keys, sizeof(keys), "%zu", key_count);
    add_count(redis, '*', count + 3);
    add_word(redis, TEXT("EVALSHA"));
    add_word(redis, text_of(script->sha1));
    add_word(redis, text_of(keys));
    for (size_t i = 0; i < count; i++)
        add_word(redis, keys_and_arguments[i]);
    redis->queued++;
}

static int fail(struct redis *redis, enum error_class class, const char *what, struct error *err)
{
    return error_set_class(err, class, -EIO, "redis at %s:%d: %s", redis->settings->host,
                           (int)redis->settings->port, what);
}

static int fail_context(struct redis *redis, struct error *err)
{
    const redisContext *context = redis->context;

    if (!context)
        return fail(redis, ERROR_RETRY, "out of memory", err);
    if (context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK))
        return error_set_class(err, ERROR_RETRY, -ETIMEDOUT,
                               "redis at %s:%d: no answer within %d ms", redis->settings->host,
                               (int)redis->settings->port, (int)redis->settings->timeout_ms);
    return fail(redis, ERROR_RETRY, context->errstr, err);
}

/* Errors that are about the server's state, not about one command. */
static int judge_reply(struct redis *redis, const redisReply *reply, struct error *err)
{
    static const char *const passing[] = {"LOADING ", "MASTERDOWN ", "READONLY ", "BUSY "};
    static const char *const lasting[] = {"NOAUTH ", "WRONGPASS "};

    if (reply->type != REDIS_REPLY_ERROR)
        return 0;
    for (size_t i = 0; i < COUNT_OF(passing); i++) {
        if (strncmp(reply->str, passing[i], strlen(passing[i])) == 0)
            return fail(redis, ERROR_RETRY, reply->str, err);
    }
    for (size_t i = 0; i < COUNT_OF(lasting); i++) {
        if (strncmp(reply->str, lasting[i], strlen(lasting[i])) == 0)
            return fail(redis, ERROR_CONFIG, reply->str, err);
    }
    return 0;
}

/* One command of the handshake; anything but a good answer is a failure. */
static int greet(struct redis *redis, int count, const char **words, struct error *err)
{
    redisReply *reply = redisCommandArgv(redis->context, count, words, NULL);

    if (!reply)
        return fail_context(redis, err);
    int result = judge_reply(redis, reply, err);

    if (result == 0 && reply->type == REDIS_REPLY_ERROR)
        result = fail(redis, ERROR_CONFIG, reply->str, err);
    freeReplyObject(reply);
    return result;
}

static int introduce(struct redis *redis, struct error *err)
{
    const struct redis_settings *settings = redis->settings;
    const char *words[3] = {"AUTH"};
    char database[24];
    int count = 1;

    if (settings->user)
        words[count++] = settings->user;
    if (settings->password) {
        words[count++] = settings->password;
        int result = greet(redis, count, words, err);

        if (result < 0)
            return result;
    }
    if (settings->database == 0)
        return 0;
    snprintf(database, sizeof(database), "%d", (int)settings->database);
    words[0] = "SELECT";
    words[1] = database;
    return greet(redis, 2, words, err);
}

/* A new context each time, never redisReconnect(): in hiredis 0.14 that forgets the time-out. */
static int connect_anew(struct redis *redis, struct error *err)
{
    const struct redis_settings *settings = redis->settings;
    const struct timeval limit = {.tv_sec = settings->timeout_ms / 1000,
                                  .tv_usec = settings->timeout_ms % 1000 * 1000};

    disconnect(redis);
    redis->context = redisConnectWithTimeout(settings->host, (int)settings->port, limit);
    if (!redis->context || redis->context->err)
        return fail_context(redis, err);
    if (redisSetTimeout(redis->context, limit) != REDIS_OK)
        return fail_context(redis, err);
    return introduce(redis, err);
}

/* Between two runs nothing may arrive: an end, an error or bytes out of turn all mean that this
 * connection is of no more use. */
static bool is_stale(const redisContext *context)
{
    char byte;
    ssize_t got = recv(context->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/* Replies to what was pushed may have arrived: then it says nothing that something has. */
static int ensure_connected(struct redis *redis, struct error *err)
{
    if (redis->context && (redis->pushed > 0 || !is_stale(redis->context)))
        return 0;
    return connect_anew(redis, err);
}

void redis_push(struct redis *redis)
{
    if (!redis->context || (redis->pushed == 0 && is_stale(redis->context)))
        return;
    if (redis->pushed == 0)
        redis->push_begin_us = clock_monotonic_us();
    ssize_t sent = send(redis->context->fd, redis->queue.bytes + redis->pushed,
                        redis->queue.size - redis->pushed, MSG_DONTWAIT | MSG_NOSIGNAL);

    redis->pushed += sent > 0 ? (size_t)sent : 0;
}

static int collect(struct redis *redis, struct error *err)
{
    if (redis->reply_capacity < redis->queued) {
        redis->reply_capacity = redis->queued;
        redis->replies = mem_resize(redis->replies, redis->reply_capacity * sizeof(redisReply *));
    }
    if (redisAppendFormattedCommand(redis->context, redis->queue.bytes + redis->pushed,
                                    redis->queue.size - redis->pushed) != REDIS_OK)
        return fail_context(redis, err);
    redis->pushed = 0;
    while (redis->reply_count < redis->queued) {
        void *reply = NULL;

        if (redisGetReply(redis->context, &reply) != REDIS_OK)
            return fail_context(redis, err);
        redis->replies[redis->reply_count++] = reply;
        if (judge_reply(redis, reply, err) < 0)
            return -EIO;
    }
    return 0;
}

static bool lacks_script(const struct redis *redis)
{
    for (size_t i = 0; i < redis->reply_count; i++) {
        const redisReply *reply = redis->replies[i];

        if (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOSCRIPT", 8) == 0)
            return true;
    }
    return false;
}

static int load_scripts(struct redis *redis, struct error *err)
{
    for (const struct redis_script *script = redis->scripts; script; script = script->next) {
        const char *words[] = {"SCRIPT", "LOAD", script->source};

        if (greet(redis, 3, words, err) < 0)
            return -EIO;
    }
    return 0;
}

static int exchange(struct redis *redis, struct error *err)
{
    if (ensure_connected(redis, err) < 0 || collect(redis, err) < 0)
        return -EIO;
    if (!redis->scripts || !lacks_script(redis))
        return 0;
    drop_replies(redis);
    return load_scripts(redis, err) < 0 ? -EIO : collect(redis, err);
}

static void open_circuit(struct redis *redis, const struct error *problem)
{
    disconnect(redis);
    drop_replies(redis);
    redis->problem = *problem;
    redis->not_before_us =
        clock_monotonic_us() + 1000 * patience_wait(&redis->patience, 0, chance_number());
}

static int run(struct redis *redis, struct error *err)
{
    struct error problem = {0};
    int64_t start_us = redis->pushed > 0 ? redis->push_begin_us : clock_monotonic_us();

    drop_replies(redis);
    if (redis->patience.ceiling_ms > 0 && start_us < redis->not_before_us) {
        problem = redis->problem;
    } else if (exchange(redis, &problem) == 0) {
        patience_reset(&redis->patience);
        if (redis->seconds)
            metrics_observe(redis->seconds, (double)(clock_monotonic_us() - start_us) / 1e6);
        return 0;
    } else {
        open_circuit(redis, &problem);
    }
    if (redis->failures)
        metrics_add(redis->failures, 1);
    if (err)
        *err = problem;
    return problem.code;
}

int redis_run(struct redis *redis, redisReply *const **replies, size_t *count, struct error *err)
{
    if (redis->queued == 0)
        redis_ask(redis, &TEXT("PING"), 1);
    int result = run(redis, err);

    buf_reset(&redis->queue);
    redis->queued = 0;
    if (result == 0) {
        *replies = redis->replies;
        *count = redis->reply_count;
    }
    return result;
}

int redis_run_strict(struct redis *redis, redisReply *const **replies, size_t *count,
                     struct error *err)
{
    int result = redis_run(redis, replies, count, err);

    for (size_t i = 0; result == 0 && i < *count; i++) {
        if ((*replies)[i]->type == REDIS_REPLY_ERROR)
            result = fail(redis, ERROR_RETRY, (*replies)[i]->str, err);
    }
    return result;
}

/* redis: one connection that mends itself, used in pipelines.
 *
 * Commands are queued, then all sent in one round trip. A lost connection, a time-out or a server
 * that is loading is ERROR_RETRY, a refused password ERROR_CONFIG; either way the next run connects
 * again, no sooner than the back-off (up to 50 ms, doubling to 5 s, full jitter) allows: until then
 * it fails at once, without touching the network (circuit). A connection that the server closed
 * while it was idle is replaced without a failure.
 *
 * No TLS: hiredis 0.14 has none, and a sidecar (stunnel) gives it to both versions alike. Not
 * thread-safe. The process must ignore SIGPIPE, as worker_main() does.
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stddef.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/text.h"
#include "io/shared_settings.h"

struct redis;

/* Connects at the first run. @settings are borrowed. @service is in the metrics' names; @metrics
 * NULL: nothing is measured. */
struct redis *redis_open(const struct redis_settings *settings, struct metrics *metrics,
                         const char *service);
void redis_close(struct redis *redis); /* NULL is fine */

/* Queues one command; @words are copied. */
void redis_ask(struct redis *redis, const struct text *words, size_t count);

/* A script that runs by its SHA-1; NOSCRIPT loads it and the whole run is repeated by itself, so
 * everything that is queued beside a script must be safe to repeat. @source is borrowed for the
 * life of @redis. */
struct redis_script;
struct redis_script *redis_script(struct redis *redis, const char *source);
void redis_ask_script(struct redis *redis, struct redis_script *script, size_t key_count,
                      const struct text *keys_and_arguments, size_t count);

/* Sends of what is queued as much as goes without waiting, so that the server begins while more is
 * asked; redis_run() sends the rest. Where there is no connection, or it breaks, nothing happens:
 * redis_run() says so. Between this and redis_run() the queue is only added to. */
void redis_push(struct redis *redis);

/* Sends what is queued and waits for all replies, which belong to @redis and live until the next
 * run. On failure the queue is emptied and nothing is known of what was done. An error reply to a
 * single command is no failure of the run: it is in its reply. Nothing queued: connects and asks
 * for a PING, to see whether the server is there. */
int redis_run(struct redis *redis, redisReply *const **replies, size_t *count, struct error *err);
/* The same for those to whom no command may fail: an error reply (no right to it, memory full, a
 * key that holds something else) is a failure of the run, RETRY. */
int redis_run_strict(struct redis *redis, redisReply *const **replies, size_t *count,
                     struct error *err);

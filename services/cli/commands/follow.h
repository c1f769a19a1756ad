/* follow: all partitions of a topic from some position on, without a consumer group, so that
 * watching disturbs nobody and leaves nothing behind. */
#pragma once

#include "cli/commands/cluster.h"

enum follow_from { FOLLOW_EARLIEST, FOLLOW_LATEST, FOLLOW_TIME };

struct follow;

/* What the option called @option says: earliest, latest, a time as RFC 3339 has it, or how long ago
 * (15m, 2h, 1d); @fallback where @word is NULL. @at_ms is set for FOLLOW_TIME. -EINVAL with @err.
 */
int follow_parse_from(const char *option, const char *word, enum follow_from fallback,
                      enum follow_from *from, int64_t *at_ms, struct error *err);
#define FOLLOW_FROM_HELP                                                                         \
    "where to start: earliest, latest, a time (2026-01-31T13:55:36Z) or how long ago (15m, 2h, " \
    "1d)"

/* Starts at @from; FOLLOW_TIME: at the first record of @from_ms or later. With @to_end, it ends
 * where each partition ended when it got there. NULL with @err: no such topic, no answer. */
struct follow *follow_open(struct cluster *cluster, const char *topic, enum follow_from from,
                           int64_t from_ms, bool to_end, struct error *err);
void follow_close(struct follow *follow); /* NULL is fine */

enum follow_result { FOLLOW_MESSAGE, FOLLOW_NOTHING, FOLLOW_END, FOLLOW_FAILED };

/* Waits at most @timeout_ms. The caller destroys *@message. FOLLOW_NOTHING: time is up, or the
 * brokers are away, which passes; FOLLOW_FAILED: it will not pass, see @err. */
enum follow_result follow_next(struct follow *follow, int timeout_ms, rd_kafka_message_t **message,
                               struct error *err);

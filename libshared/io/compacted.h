/* compacted: reads a compacted topic from its beginning and goes on: every partition, no group, no
 * positions kept. Who needs the whole state of such a topic in memory has one of these.
 *
 * Not thread-safe.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "io/shared_settings.h"

struct compacted;

/* NULL with @err for settings that are wrong; brokers that are away and a topic that is not there
 * yet are waited for. @topic is copied. */
struct compacted *compacted_open(const struct kafka_settings *kafka, const char *topic,
                                 struct error *err);
void compacted_close(struct compacted *compacted); /* NULL is fine */

struct compacted_record {
    struct text key;
    struct text value; /* bytes NULL: the key is removed */
    int32_t partition;
    int64_t offset;
};

/* Takes a record, which is borrowed until it returns. Negative with @err: not now; it and all
 * behind it are kept, and handed on by the next calls of compacted_read(). */
typedef int compacted_sink(void *self, const struct compacted_record *record, struct error *err);

/* Hands on what there is, up to @most records; waits up to @wait_ms for the first. How many, or
 * with @err why there are none: RETRY (the brokers are away, the topic is missing: call again), or
 * what the sink said. */
long compacted_read(struct compacted *compacted, int wait_ms, size_t most, compacted_sink *sink,
                    void *self, struct error *err);

/* Asks where the topic ends now; compacted_is_current() is true once all before that has been read.
 * RETRY with @err. */
int compacted_mark_end(struct compacted *compacted, struct error *err);
bool compacted_is_current(const struct compacted *compacted);

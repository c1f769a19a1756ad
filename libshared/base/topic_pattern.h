/* topic_pattern: names of Kafka topics as librdkafka's list of regexes. */
#pragma once

#include "base/buf.h"
#include "base/settings.h"

/* Appends a regex that matches exactly @name: "a.b" becomes "^a\.b$"; a comma before it if there is
 * something already. */
void topic_pattern_add(struct buf *list, const char *name);

/* The same for each of @names that is not in @except. */
void topic_pattern_add_all(struct buf *list, const char *const *names, size_t count,
                           const struct text_list *except);

/* topic_pattern: names of Kafka topics, and regexes of them as librdkafka takes them. */
#pragma once

#include <regex.h>

#include "base/buf.h"
#include "base/settings.h"

/* Appends a regex that matches exactly @name: "a.b" becomes "^a\.b$"; a comma before it if there is
 * something already. */
void topic_pattern_add(struct buf *list, const char *name);

/* The same for each of @names that is not in @except. */
void topic_pattern_add_all(struct buf *list, const char *const *names, size_t count,
                           const struct text_list *except);

/* A source's topic that starts with ^: POSIX extended, unanchored at the end, which is what
 * librdkafka makes of the same text when it subscribes. -EINVAL with @err, else @regex is to be
 * freed. */
int topic_pattern_compile(const char *pattern, regex_t *regex, struct error *err);

/* Checks of settings (settings.h): a topic's name, as Kafka allows it; that or a regex. */
int topic_pattern_check_name(const char *name, const char *value, struct error *err);
int topic_pattern_check(const char *name, const char *value, struct error *err);

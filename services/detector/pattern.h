/* pattern: one regular expression, as PCRE2 means it.
 *
 * Logs are bytes: classes and case folding are ASCII, `.` is any byte but \n unless (?s) says so. A
 * pattern that wants Unicode begins with (*UCP); it then reads the log as UTF-8, passing over what
 * is none. Compiled patterns are read-only and shared; each thread has a matcher.
 */
#pragma once

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"

enum { PATTERN_MAX_BYTES = 8192, PATTERN_MAX_CAPTURES = 8 };

struct pattern_capture {
    struct text name; /* of the group, which is one of an event's fields */
    struct text value;
};

struct pattern;

/* Compiles @source (copied). NULL with @err: not PCRE2 syntax, too long, or it can match the empty
 * text and so would fire on everything. */
struct pattern *pattern_new(struct text source, struct error *err);
void pattern_free(struct pattern *pattern);
AUTO_FREE(pattern)

/* Machine code, worth its time for a pattern that will run often. */
void pattern_speed_up(struct pattern *pattern);

struct text pattern_source(const struct pattern *pattern);
bool pattern_is_unicode(const struct pattern *pattern);

struct pattern_matcher;
struct pattern_matcher *pattern_matcher_new(void);
void pattern_matcher_free(struct pattern_matcher *matcher);
AUTO_FREE(pattern_matcher)

enum pattern_result {
    PATTERN_ABSENT,
    PATTERN_FOUND,
    PATTERN_LIMIT, /* gave up: too many steps, too much memory */
};

enum pattern_result pattern_find(const struct pattern *pattern, struct pattern_matcher *matcher,
                                 struct text text);

/* After PATTERN_FOUND in @text: what the groups named source_ip, target_ip, user, host or
 * user_agent took, borrowed from @text. Groups that took nothing are left out. */
size_t pattern_captures(const struct pattern *pattern, const struct pattern_matcher *matcher,
                        struct text text, struct pattern_capture into[PATTERN_MAX_CAPTURES]);

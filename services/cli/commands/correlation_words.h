/* correlation_words: what a correlation says, in words and in a drawing. */
#pragma once

#include "base/buf.h"
#include "correlator/correlations.h"

/* ">= 5", ">= 10 of user", "all of 2". */
void correlation_words_condition(const struct correlation *rule, struct buf *out);
/* "90s", "5m", "1h", "2d". */
void correlation_words_span(int64_t ms, struct buf *out);
/* "alert", "shadow", or "off": a part of other rules. */
const char *correlation_words_mode(const struct correlation *rule);
/* "source_ip, user", or "-". */
void correlation_words_groups(const struct correlation *rule, struct buf *out);

/* source: what a topic's logs look like and how they become entries. */
#pragma once

#include "base/error.h"
#include "base/settings.h"
#include "detector/entry.h"

/* One item of `detector.sources` (docs/logs.md). */
struct source_settings {
    struct text_list topics;
    int format; /* enum source_format */
    const char *tenant;
    const char *tenant_field;
    const char *timezone;
    struct text_map logsource; /* product, category, service */
    struct text_map fields;    /* normalised field -> path in the log, tried first */
};

enum source_format { SOURCE_AUTO, SOURCE_JSON, SOURCE_CLF, SOURCE_SYSLOG, SOURCE_PLAIN };

extern const struct setting source_rows[]; /* for a SETTING_LIST of struct source_settings */

struct source;

/* @settings are borrowed. NULL with @err: unknown zone, unknown field name, a topic's regex that
 * does not compile (POSIX extended, as librdkafka takes it). */
struct source *source_new(const struct source_settings *settings, struct error *err);
void source_free(struct source *source);
AUTO_FREE(source)

const struct source_settings *source_of(const struct source *source);
/* Does a name or regex of its topics match? */
bool source_has_topic(const struct source *source, struct text topic);

/* @ms as the clocks of the source show it: in its `timezone`. */
struct moment source_moment(const struct source *source, int64_t ms);

/* Makes @entry of @log; it is valid until @arena is reset and @log goes. @kafka_ms (-1: none) helps
 * where a format's time lacks its year. 0, or POISON: -EBADMSG not valid in its format, -ELOOP
 * nested beyond 64 levels. With SOURCE_AUTO a log that is of no other format is a plain one: only
 * nesting is refused. Any number of threads may share @source. */
int source_parse(const struct source *source, struct text log, int64_t kafka_ms,
                 struct arena *arena, struct entry *entry, struct error *err);

/* The same in two steps, as most logs match nothing and most rules look at nothing but the message:
 * first that and whether the log is valid, then, if it is wanted, all else. The first step is a
 * tenth of the whole for a line (240 instructions of 2,500), half of it for JSON. */
int source_parse_message(const struct source *source, struct text log, int64_t kafka_ms,
                         struct arena *arena, struct entry *entry, struct error *err);
/* Does nothing to an entry that is whole. */
void source_parse_rest(const struct source *source, struct arena *arena, struct entry *entry);

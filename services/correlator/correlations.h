/* correlations: a set of correlation rules, loaded file by file.
 *
 * A file is one map (Sigma's form), a list of such maps, or several YAML documents. A later file's
 * rule takes the place of an earlier file's rule of the same id; `{id: x, mode: off}` switches it
 * off. Every mistake is refused with file, line, rule, what was found and what is allowed.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "correlator/correlation.h"

/* What the correlator's settings say about all rules. */
struct correlation_limits {
    int64_t members;     /* of a rule and group: a threshold over it is refused */
    int64_t suppress_ms; /* of rules that do not say suppress.for */
};
#define CORRELATION_LIMITS_DEFAULT ((struct correlation_limits){20000, INT64_C(3600000)})

struct correlations;

struct correlations *correlations_new(struct correlation_limits limits);
void correlations_free(struct correlations *set);
AUTO_FREE(correlations)

/* From now on a mistake does not end the reading: it is a line of @lines, which is borrowed; of
 * more than 20 the others are only counted, which link() says last. add() tells then of nothing,
 * link() fails if there was one. */
void correlations_gather(struct correlations *set, struct buf *lines);
/* How many there were. */
size_t correlations_mistakes(const struct correlations *set);

/* Adds a file's rules; a directory adds its *.yaml and *.yml in the order of their names. That
 * there is no rule is a mistake. After a failure only correlations_free() is to be called. */
int correlations_add(struct correlations *set, const char *path, struct error *err);
int correlations_add_bytes(struct correlations *set, const char *name, struct text bytes,
                           struct error *err);

/* Resolves what rules say about each other, once, when all files are added. What follows is only
 * for a set that is linked. */
int correlations_link(struct correlations *set, struct error *err);

/* In the order in which their ids were first named; those with alerts == false too. */
size_t correlations_count(const struct correlations *set);
const struct correlation *correlations_rule(const struct correlations *set, size_t i);
/* By id or name. */
const struct correlation *correlations_find(const struct correlations *set, struct text id);

/* 16 hex digits over the content of all rules: `haechi.ruleset_version` of alerts. */
const char *correlations_version(const struct correlations *set);

/* The paths of log fields that rules look at (fields.<path>), each once: what the detector has to
 * put into events. */
size_t correlations_fields(const struct correlations *set, const struct text **paths);

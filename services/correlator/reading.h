/* reading: what all parts of a rule file share: errors that say where, keys, plain values. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/document.h"
#include "base/error.h"
#include "base/mistakes.h"
#include "correlator/correlations.h"

struct reading {
    const char *file; /* of what is being read; as long-lived as the arena */
    struct arena *arena;
    struct correlation_limits limits;
    struct text rule;    /* its id; empty outside a rule */
    size_t *test_events; /* read so far, of all rules */
};

/* Whether to go on behind @err, which is then among @mistakes: where these have no lines, the first
 * ends the reading. */
bool reading_goes_on(struct mistakes *mistakes, const struct error *err);

/* Fills in an error that begins with file, line and, inside one, rule. Returns -EINVAL. */
int reading_refuse(const struct reading *reading, int line, struct error *err, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));
/* "<key> is <what @node is>; it must be <allowed>". */
int reading_refuse_value(const struct reading *reading, const struct node *node, const char *key,
                         const char *allowed, struct error *err);

/* A key that a map may have. */
struct reading_key {
    const char *name;
    const char *reason; /* not NULL: known, and refused for it */
};

/* Whether @map is one, with no keys but these (ended by a row without a name); others are refused
 * with the nearest that is allowed. */
int reading_keys(const struct reading *reading, const struct node *map, const char *what,
                 const struct reading_key *keys, struct error *err);

/* Letters, digits, '_' and '-': an id, the name of a selection or alias. */
int reading_name(const struct reading *reading, const struct node *node, const char *key,
                 struct error *err);
int reading_text(const struct reading *reading, const struct node *node, const char *key,
                 size_t limit, struct text *text, struct error *err);
/* A list of texts that are not empty; one text is a list of one. */
int reading_texts(const struct reading *reading, const struct node *node, const char *key,
                  const struct text **texts, size_t *count, struct error *err);
int reading_boolean(const struct reading *reading, const struct node *node, const char *key,
                    bool *value, struct error *err);
int reading_whole(const struct reading *reading, const struct node *node, const char *key,
                  int64_t least, int64_t most, int64_t *value, struct error *err);
/* "90s", "5m", "1h", "7d": as Sigma has it; "0" where @least_ms is 0. */
int reading_duration(const struct reading *reading, const struct node *node, const char *key,
                     int64_t least_ms, int64_t *ms, struct error *err);
/* A field that rules may look at (field.h). */
int reading_field(const struct reading *reading, const struct node *node, const char *key,
                  struct correlation_field *field, struct error *err);

/* actions: what to do about an alert: the rule's own words, or a table's (deploy/actions.yaml). */
#pragma once

#include "base/record.h"
#include "correlator/reading.h"

enum actions_language { ACTIONS_EN, ACTIONS_KO };

extern const char *const actions_languages[]; /* "en", "ko": for settings */

struct actions;

/* A table without rows. */
struct actions *actions_new(void);
void actions_free(struct actions *actions);
AUTO_FREE(actions)

/* Adds a file's rows behind those that are there. */
int actions_add(struct actions *actions, const char *path, struct error *err);
int actions_add_bytes(struct actions *actions, const char *name, struct text bytes,
                      struct error *err);

/* For an alert of @severity, whose earliest event is of @type. @rule is NULL for a single
 * event's alert. The list is in @arena, its texts are the rule's or the table's. @actions may be
 * NULL: no table. */
struct record_texts actions_of(const struct actions *actions, enum actions_language language,
                               const struct correlation *rule, int severity, struct text type,
                               struct arena *arena);

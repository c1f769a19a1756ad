/* desk_changes: what a harvest changes of what a feed said, and its way to the topic. */
#pragma once

#include "iocfeed/outside/publisher.h"
#include "iocfeed/roster.h"
#include "iocfeed/table.h"

struct desk_changes;

struct desk_changes *desk_changes_new(void);
void desk_changes_free(struct desk_changes *changes); /* NULL is fine */

/* Holds @sightings against @roster (roster_compare()); the changes are those from now on. What was
 * sighted is borrowed until they are published. */
struct roster_counts desk_changes_compare(struct desk_changes *changes, const struct roster *roster,
                                          const struct sightings *sightings, bool is_complete,
                                          int64_t now_ms);
void desk_changes_clear(struct desk_changes *changes);
size_t desk_changes_count(const struct desk_changes *changes);
bool desk_changes_are_published(const struct desk_changes *changes);

/* Publishes the next ones: each record as @table has it now, with the word of @feed changed. How
 * many. */
size_t desk_changes_publish(struct desk_changes *changes, const char *feed,
                            const struct table *table, struct publisher *publisher, int64_t now_ms);

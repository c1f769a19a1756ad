/* topic_roles: which topic of the settings is whose, so that nothing reads what it writes. */
#pragma once

#include "io/shared_settings.h"

enum { TOPIC_ROLES_WRITTEN = 6 };

/* The topics that Haechi writes, by the settings. */
void topic_roles_written(const struct topic_settings *topics,
                         const char *written[TOPIC_ROLES_WRITTEN]);

/* The key below `topics` of the one that is called @name ("dead_letters"); NULL: Haechi does not
 * write it. */
const char *topic_roles_of(const struct topic_settings *topics, const char *name);

/* Each must be a topic of its own, and none of them a topic of raw logs: a line of @mistakes for
 * each that is not. */
void topic_roles_check(const struct settings *settings, const struct topic_settings *topics,
                       struct buf *mistakes);

/* The same of @sources, topics of logs that stand at @key of the settings. */
void topic_roles_check_sources(const struct settings *settings, const struct topic_settings *topics,
                               const char *key, const struct text_list *sources,
                               struct buf *mistakes);

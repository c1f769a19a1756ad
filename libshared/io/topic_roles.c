#include "io/topic_roles.h"

#include <string.h>

static const struct {
    const char *key;
    size_t name; /* offset in struct topic_settings */
} roles[TOPIC_ROLES_WRITTEN] = {
    {"detected_events", offsetof(struct topic_settings, detected_events)},
    {"correlated_alerts", offsetof(struct topic_settings, correlated_alerts)},
    {"siem_deliveries", offsetof(struct topic_settings, siem_deliveries)},
    {"iocs", offsetof(struct topic_settings, iocs)},
    {"compliance_findings", offsetof(struct topic_settings, compliance_findings)},
    {"dead_letters", offsetof(struct topic_settings, dead_letters)},
};

static const char *name_of(const struct topic_settings *topics, size_t role)
{
    return *(const char *const *)(const void *)((const char *)topics + roles[role].name);
}

void topic_roles_written(const struct topic_settings *topics,
                         const char *written[TOPIC_ROLES_WRITTEN])
{
    for (size_t i = 0; i < TOPIC_ROLES_WRITTEN; i++)
        written[i] = name_of(topics, i);
}

const char *topic_roles_of(const struct topic_settings *topics, const char *name)
{
    for (size_t i = 0; i < TOPIC_ROLES_WRITTEN; i++) {
        if (strcmp(name_of(topics, i), name) == 0)
            return roles[i].key;
    }
    return NULL;
}

/* Of two that are the same the mistake is the later one, unless only the earlier one is given. */
static void refuse_same(const struct settings *settings, const char *earlier, const char *later,
                        const char *name, struct buf *mistakes)
{
    AUTO_BUF key = {0};

    buf_addf(&key, "topics.%s", later);
    if (settings_line(settings, buf_string(&key)) == 0) {
        const char *other = later;

        later = earlier;
        earlier = other;
        buf_reset(&key);
        buf_addf(&key, "topics.%s", later);
    }
    settings_mistake(settings, mistakes, buf_string(&key),
                     "'%s' is topics.%s too; each must be a topic of its own", name, earlier);
}

void topic_roles_check(const struct settings *settings, const struct topic_settings *topics,
                       struct buf *mistakes)
{
    for (size_t later = 1; later < TOPIC_ROLES_WRITTEN; later++) {
        for (size_t earlier = 0; earlier < later; earlier++) {
            const char *name = name_of(topics, later);

            if (strcmp(name_of(topics, earlier), name) == 0)
                refuse_same(settings, roles[earlier].key, roles[later].key, name, mistakes);
        }
    }
    topic_roles_check_sources(settings, topics, "topics.raw_logs", &topics->raw_logs, mistakes);
}

void topic_roles_check_sources(const struct settings *settings, const struct topic_settings *topics,
                               const char *key, const struct text_list *sources,
                               struct buf *mistakes)
{
    for (size_t i = 0; i < sources->count; i++) {
        const char *role = topic_roles_of(topics, sources->items[i]);
        AUTO_BUF item = {0};

        if (!role)
            continue;
        buf_addf(&item, "%s[%zu]", key, i);
        settings_mistake(settings, mistakes, buf_string(&item),
                         "'%s' is topics.%s, which Haechi writes: the detector would read its own "
                         "output; name a topic of logs",
                         sources->items[i], role);
    }
}

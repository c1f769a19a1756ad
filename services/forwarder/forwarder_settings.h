/* forwarder_settings: the section `forwarder`: the targets, each with what all have in common and
 * the options of its type. */
#pragma once

#include "base/error.h"
#include "base/settings.h"
#include "forwarder/filter.h"
#include "forwarder/redact.h"
#include "forwarder/target.h"

struct target_settings {
    const char *name;
    const char *type;
    void *options; /* as the type's ops read them */
    const char *group;
    int start_at; /* enum group_start */
    int64_t max_events;
    int64_t max_bytes; /* 0: the target's own cap */
    int64_t max_wait_ms;
    int64_t concurrency; /* requests in flight */
    struct filter filter;
    struct redact_settings redact;
    int64_t timeout_ms;
    int64_t retry_first_ms, retry_limit_ms;
    double max_rate; /* requests a second; 0: any */
    const char *proxy, *proxy_user, *proxy_password;
    struct {
        const char *ca_file, *certificate_file, *key_file;
    } tls;
    bool allow_link_local;
};

struct forwarder_settings {
    struct setting_list targets; /* of struct target_settings */
};

/* What they read has unique names, and options that go together. */
extern const struct setting forwarder_settings_rows[];

/* NULL: there is none of that name. */
const struct target_settings *forwarder_target_named(const struct forwarder_settings *settings,
                                                     const char *name);

/* What its settings and its kind bound, whichever is less. */
struct target_limits forwarder_target_limits(const struct target_settings *target);

enum target_way forwarder_target_way(const struct target_settings *target);

static inline struct target_settings *forwarder_target(const struct forwarder_settings *settings,
                                                       size_t i)
{
    return (struct target_settings *)settings->targets.rows + i;
}

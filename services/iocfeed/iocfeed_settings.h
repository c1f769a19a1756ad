/* iocfeed_settings: iocfeed's own section of the settings file. */
#pragma once

#include "iocfeed/profile.h"

struct feed_settings {
    struct profile profile;
    const char *file;    /* instead of a URL */
    int64_t interval_ms; /* 0: the provider's, or an hour */
    int64_t timeout_ms;  /* of one request */
    struct {
        const char *bearer, *header, *key, *query, *user, *password;
    } auth;
    const char *proxy;
    const char *user_agent;                /* NULL: our own */
    int64_t max_bytes, max_unpacked_bytes; /* of one answer */
};

struct iocfeed_settings {
    struct setting_list feeds; /* of struct feed_settings */
    struct text_list warning_lists, allow;
    int64_t forget_after_ms; /* feeds that are no longer among them */
    int64_t retro_window_ms; /* 0: no retro-hunts */
    int64_t retro_bytes;     /* of a day's filter */
};

extern const struct setting iocfeed_settings_rows[];

/* How long to wait between two contacts: never less than the provider asks for. */
int64_t iocfeed_settings_interval(const struct feed_settings *feed);
/* Which share of its IOCs it may lose at once. */
double iocfeed_settings_max_shrink(const struct feed_settings *feed);
/* Whether they ask the same of the same server, and read it alike. */
bool iocfeed_settings_same(const struct feed_settings *a, const struct feed_settings *b);

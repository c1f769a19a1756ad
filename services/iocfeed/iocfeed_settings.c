#include "iocfeed/iocfeed_settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "iocfeed/harvest.h"
#include "iocfeed/provider.h"

enum { HOUR_MS = 3600 * 1000 };

#define FEED(member) .offset = offsetof(struct feed_settings, member)
static const struct setting feed_rows[] = {
    PROFILE_SETTINGS(struct feed_settings, profile),
    {"file", SETTING_TEXT, FEED(file), .help = "a file on this machine in place of a URL"},
    {"interval", SETTING_DURATION, FEED(interval_ms), .maximum = 3.2e10,
     .help = "between two contacts; without: the provider's, or an hour. Providers' own floors "
             "hold"},
    {"timeout", SETTING_DURATION, FEED(timeout_ms), .fallback = "60s", .minimum = 1000,
     .maximum = 3600000, .help = "of one request"},
    {"auth.bearer", SETTING_SECRET, FEED(auth.bearer), .help = "sent as Authorization: Bearer"},
    {"auth.header", SETTING_SECRET, FEED(auth.header), .help = "a header, as X-Key: secret"},
    {"auth.key", SETTING_SECRET, FEED(auth.key), .help = "the provider's key, in its header"},
    {"auth.query", SETTING_SECRET, FEED(auth.query),
     .help = "added to the URL's query, as key=secret"},
    {"auth.user", SETTING_TEXT, FEED(auth.user), .help = "for HTTP basic authentication"},
    {"auth.password", SETTING_SECRET, FEED(auth.password), .help = "of that user"},
    {"proxy", SETTING_URL, FEED(proxy), .help = "HTTP proxy to go through"},
    {"user_agent", SETTING_TEXT, FEED(user_agent),
     .help = "who asks, where a provider wants to know: phishtank/<user>"},
    {"max_bytes", SETTING_SIZE, FEED(max_bytes), .fallback = "256MiB", .minimum = 1024,
     .maximum = 17179869184.0, .help = "a larger download is refused"},
    {"max_unpacked_bytes", SETTING_SIZE, FEED(max_unpacked_bytes), .fallback = "1GiB",
     .minimum = 1024, .maximum = 17179869184.0, .help = "what it may become when it is unpacked"},
    {0},
};

/* A key that nobody would send is a feed without one. */
static int check_key(const struct feed_settings *feed, const struct provider *provider,
                     struct error *err)
{
    const char *name = feed->profile.name;
    bool has_header = provider && provider->key_header;

    if (provider && provider->url_form && !feed->file && (feed->auth.key || !feed->profile.url))
        return error_set(err, -EINVAL, "feed '%s': %s has the key in its url: set url to %s", name,
                         provider->name, provider->url_form);
    if (feed->auth.key && !has_header)
        return error_set(err, -EINVAL,
                         "feed '%s': auth.key is for providers that have a header for it; for "
                         "'%s' set auth.header, as X-Key: secret",
                         name, feed->profile.format);
    /* A URL of one's own may hold the key, or be of a mirror that wants none. */
    if (has_header && provider->key_needed && !feed->auth.key && !feed->profile.url && !feed->file)
        return error_set(err, -EINVAL,
                         "feed '%s': %s wants a key: set auth.key or auth.key_file; %s", name,
                         provider->name, provider->page);
    return 0;
}

/* What is valid row by row, but not together. */
static int check_feed(const void *rows, size_t i, struct error *err)
{
    const struct feed_settings *feeds = rows, *feed = &feeds[i];
    const char *name = feed->profile.name;
    struct text format = text_of(feed->profile.format);
    const struct provider *provider = provider_find(format);

    if (harvest_check_format(format, err) < 0) {
        error_prefix(err, "feed '%s'", name);
        return -EINVAL;
    }
    if (check_key(feed, provider, err) < 0)
        return -EINVAL;
    bool has_url = feed->profile.url || (provider && provider->url[0]);

    if (!has_url && !feed->file)
        return error_set(err, -EINVAL, "feed '%s' has neither url nor file", name);
    if (feed->profile.url && feed->file)
        return error_set(err, -EINVAL, "feed '%s' has both url and file; it takes one", name);
    if (feed->auth.header && !strchr(feed->auth.header, ':'))
        return error_set(err, -EINVAL, "feed '%s': auth.header is not of the form Name: value",
                         name);
    for (size_t k = 0; k < i; k++) {
        if (feeds[k].profile.name && strcmp(feeds[k].profile.name, name) == 0)
            return error_set(err, -EINVAL, "two feeds are called '%s'", name);
    }
    return 0;
}

#define AT(member) .offset = offsetof(struct iocfeed_settings, member)
const struct setting iocfeed_settings_rows[] = {
    {"feeds", SETTING_LIST, AT(feeds), .rows = feed_rows, .row_size = sizeof(struct feed_settings),
     .check_item = check_feed, .maximum = 1000,
     .help = "Feeds of threat intelligence (docs/feeds.md)."},
    {"warning_lists", SETTING_TEXT_LIST, AT(warning_lists), .maximum = 1000,
     .help = "MISP warning lists, files or folders of list.json: what they know never becomes an "
             "indicator."},
    {"allow", SETTING_TEXT_LIST, AT(allow), .maximum = 1000,
     .help = "Files of one's own values that never become indicators, one a line."},
    {"forget_after", SETTING_DURATION, AT(forget_after_ms), .fallback = "24h", .maximum = 3.2e11,
     .help = "What a feed said is withdrawn when it has been gone from the settings for so long, "
             "and others are in them; haechi ioc feeds forget does it at once."},
    {"retro_hunt.window", SETTING_DURATION, AT(retro_window_ms), .fallback = "0s",
     .maximum = 31 * 86400000.0,
     .help = "How far back new indicators are looked for among what logs named, by days; 0: not."},
    {"retro_hunt.bytes", SETTING_SIZE, AT(retro_bytes), .fallback = "16MiB", .minimum = 65536,
     .maximum = 536870912,
     .help = "Memory for each day, in Redis and in each detector; 16 MiB for a million names."},
    {0},
};

int64_t iocfeed_settings_interval(const struct feed_settings *feed)
{
    const struct provider *provider = provider_find(text_of(feed->profile.format));
    int64_t interval_ms = feed->interval_ms;

    if (interval_ms == 0)
        interval_ms = provider && provider->interval_ms ? provider->interval_ms : HOUR_MS;
    if (provider && !feed->file && interval_ms < provider->floor_ms)
        interval_ms = provider->floor_ms;
    return interval_ms;
}

double iocfeed_settings_max_shrink(const struct feed_settings *feed)
{
    const struct provider *provider = provider_find(text_of(feed->profile.format));

    return provider && provider->may_be_empty ? 1 : feed->profile.max_shrink;
}

/* As settings are printed, which shows no secrets. */
static void print(const struct feed_settings *feed, struct buf *out)
{
    struct feed_settings copy = *feed;
    const struct settings_section section = {"feed", feed_rows, &copy};

    settings_print(&section, 1, out);
}

static bool same_secret(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool iocfeed_settings_same(const struct feed_settings *a, const struct feed_settings *b)
{
    AUTO_BUF first = {0}, second = {0};

    print(a, &first);
    print(b, &second);
    return text_equal(buf_text(&first), buf_text(&second)) &&
           same_secret(a->auth.bearer, b->auth.bearer) &&
           same_secret(a->auth.header, b->auth.header) && same_secret(a->auth.key, b->auth.key) &&
           same_secret(a->auth.query, b->auth.query) &&
           same_secret(a->auth.password, b->auth.password);
}

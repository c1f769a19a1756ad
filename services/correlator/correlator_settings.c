#include "correlator/correlator_settings.h"

#include "base/event.h"
#include "correlator/actions.h"

#define AT(member) .offset = offsetof(struct correlator_settings, member)
#define DAY_MS (24.0 * 3600 * 1000)

const struct setting correlator_settings_rows[] = {
    {"min_level", SETTING_CHOICE, AT(min_level), .fallback = "HIGH", .choices = event_levels,
     .help = "Events of at least this are alerts by themselves."},
    {"default_correlations", SETTING_BOOLEAN, AT(default_correlations), .fallback = "true",
     .help = "Whether the built-in correlations are loaded."},
    {"correlations", SETTING_TEXT_LIST, AT(correlations), .maximum = 1000,
     .help = "More files of correlations, or folders of them. A rule with the id of an earlier one "
             "replaces it. Read again on SIGHUP."},
    {"language", SETTING_CHOICE, AT(language), .fallback = "en", .choices = actions_languages,
     .help = "Of the recommended actions."},
    {"max_lateness", SETTING_DURATION, AT(max_lateness_ms), .fallback = "10m", .minimum = 1000,
     .maximum = DAY_MS,
     .help = "How much older than its group's newest event an event may come and still count."},
    {"suppress.for", SETTING_DURATION, AT(suppress_ms), .fallback = "1h", .minimum = 0,
     .maximum = 7 * DAY_MS,
     .help = "A rule has one alert for a group in each slot of this length, unless the rule says "
             "another; 0: each event is an alert of its own."},
    {"update_every", SETTING_DURATION, AT(update_every_ms), .fallback = "5m", .minimum = 1000,
     .maximum = DAY_MS, .help = "An alert that changes is sent again no more often than this."},
    {"settle", SETTING_DURATION, AT(settle_ms), .fallback = "2m", .minimum = 1000,
     .maximum = DAY_MS,
     .help = "An alert says its last word this long after its slot's end, or after it opened if "
             "the slot is long past."},
    {"decision_ttl", SETTING_DURATION, AT(decision_ttl_ms), .fallback = "24h", .minimum = 60000,
     .maximum = 30 * DAY_MS,
     .help = "How long an alert that was sent is remembered: an event that comes a second time "
             "within it opens nothing anew."},
    {"max_members", SETTING_INTEGER, AT(max_members), .fallback = "20000", .minimum = 10,
     .maximum = 1000000,
     .help = "Events that a rule remembers of a group at most; beyond it the oldest go, and its "
             "alerts say count_exact: false."},
    {"types_window", SETTING_DURATION, AT(types_window_ms), .fallback = "5m", .minimum = 0,
     .maximum = DAY_MS,
     .help = "An alert says multiple_attack_types if its entity has an event of another type "
             "within this."},
    {"standstill", SETTING_DURATION, AT(standstill_ms), .fallback = "1h", .minimum = 60000,
     .maximum = 30 * DAY_MS,
     .help = "How long correlators may stand still without a window in Redis being lost."},
    {"unjudged_after", SETTING_DURATION, AT(unjudged_after_ms), .fallback = "5m", .minimum = 1000,
     .maximum = DAY_MS,
     .help = "How long nobody may be able to say whether expected logs come (expect:), since no "
             "detector lives or one is behind, before an alert says so."},
    {"cache", SETTING_SIZE, AT(cache_bytes), .fallback = "256MiB", .minimum = 1024.0 * 1024,
     .maximum = 1024.0 * 1024 * 1024 * 1024,
     .help = "Memory for groups that are kept beside Redis, so that it is asked only once."},
    {0},
};

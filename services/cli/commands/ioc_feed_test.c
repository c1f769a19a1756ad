/* `haechi ioc feeds test`: iocfeed's own code on one feed, and nothing written anywhere. */
#include "cli/commands/ioc_feed_test.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/commands/cluster.h"
#include "cli/commands/ioc_feed_settings.h"
#include "cli/commands/ioc_topic.h"
#include "cli/commands/terminal.h"
#include "io/clock.h"
#include "iocfeed/outside/gather.h"
#include "iocfeed/outside/lists.h"
#include "iocfeed/roster.h"

struct test_options {
    struct cluster_options cluster;
    bool alone;
    int64_t most;
};

/* What the topic has of the feed. */
struct present {
    const char *feed;
    struct roster *roster;
    struct arena *arena;
};

static bool note(void *self, const struct ioc *ioc)
{
    const struct present *present = self;
    const struct ioc_source *sources = ioc->sources.items;

    for (size_t i = 0; i < ioc->sources.count; i++) {
        if (!text_is(sources[i].name, present->feed))
            continue;
        arena_reset(present->arena, SIZE_MAX);
        roster_note(present->roster,
                    ioc_key(ioc->tenant, (enum ioc_type)ioc->ioc_type, ioc->value, present->arena),
                    &sources[i]);
    }
    return true;
}

struct listing {
    struct buf *out;
    int64_t left;
};

static void list_change(void *self, enum roster_change change, struct text key,
                        const struct sighting *sighting)
{
    static const char *const names[] = {
        [ROSTER_ADDED] = "added", [ROSTER_CHANGED] = "changed", [ROSTER_REMOVED] = "removed"};
    struct listing *listing = self;

    (void)sighting;
    if (listing->left-- <= 0)
        return;
    buf_addf(listing->out, "{\"change\":\"%s\",\"ioc\":", names[change]);
    buf_add_json(listing->out, key);
    buf_add_string(listing->out, "}\n");
}

/* Adds what would change, and whether so much may be lost at once. */
static int compare(const struct test_options *options, const struct feed_settings *feed,
                   const struct gather_outcome *outcome, struct buf *changes, struct buf *sums,
                   struct error *err)
{
    AUTO(roster) roster = roster_new();
    AUTO(arena) arena = arena_new(4096);
    struct present present = {feed->profile.name, roster, arena};
    struct listing listing = {changes, options->most};
    const struct roster_sink sink = {&listing, list_change};
    struct error refusal = {0};
    int result = ioc_topic_visit(&options->cluster, NULL, note, &present, err);

    if (result < 0)
        return result;
    struct roster_counts counts =
        roster_compare(roster, outcome->sightings, outcome->is_complete, clock_now_ms(), &sink);

    size_t before = roster_count(roster) - counts.taken_back;

    buf_addf(sums, ",\"added\":%zu,\"changed\":%zu,\"removed\":%zu,\"same\":%zu,\"refused\":",
             counts.added, counts.changed, counts.removed, counts.same);
    if (outcome->is_complete && roster_may_shrink(before, sightings_held(outcome->sightings),
                                                  iocfeed_settings_max_shrink(feed), &refusal) < 0)
        buf_add_json(sums, text_of(refusal.text));
    else
        buf_add_string(sums, "null");
    return 0;
}

static void add_sums(const struct feed_settings *feed, const struct gather_outcome *outcome,
                     struct buf *out)
{
    buf_add_string(out, "{\"feed\":");
    buf_add_json(out, text_of(feed->profile.name));
    buf_addf(out, ",\"iocs\":%zu,\"rows\":%llu,\"left_out\":%llu,\"held_back\":%llu,\"bad\":%llu",
             sightings_held(outcome->sightings), (unsigned long long)outcome->counts.rows,
             (unsigned long long)outcome->counts.left_out,
             (unsigned long long)outcome->counts.held_back,
             (unsigned long long)outcome->counts.bad);
}

static int try_feed(const struct arguments *arguments, const struct feed_settings *feed,
                    const struct warning_lists *lists, struct error *err)
{
    const struct test_options *options = arguments->config;
    static const struct fetch_memory none;
    struct gather_outcome outcome = {0};
    AUTO_BUF changes = {0}, sums = {0};

    gather_now(feed, lists, &none, (struct text){0}, clock_now_ms(), &outcome);
    int result = outcome.result == GATHER_FAILED ? -EIO : 0;

    *err = outcome.err;
    if (result == 0) {
        add_sums(feed, &outcome, &sums);
        if (!options->alone)
            result = compare(options, feed, &outcome, &changes, &sums, err);
        buf_add_string(&sums, "}\n");
    }
    gather_outcome_done(&outcome);
    if (result < 0)
        return result == -EINVAL ? -EINVAL : -EIO;
    buf_add(&changes, buf_text(&sums));
    return terminal_print_json(arguments, buf_text(&changes)) ? 0 : -EPIPE;
}

static int run_test(const struct arguments *arguments)
{
    const struct test_options *options = arguments->config;
    struct iocfeed_settings iocfeed = {0};
    struct error err = {0};
    AUTO(settings) settings = ioc_feed_settings_load(options->cluster.config, &iocfeed, &err);
    const char *name = arguments->operands[0];
    const struct feed_settings *feed = settings ? ioc_feed_settings_find(&iocfeed, name) : NULL;

    if (settings && !feed)
        error_set(&err, -EINVAL, "the settings have no feed '%.100s' under iocfeed.feeds", name);
    AUTO(warning_lists)
    lists = feed ? lists_read(&iocfeed.warning_lists, &iocfeed.allow, &err) : NULL;
    int result = lists ? try_feed(arguments, feed, lists, &err) : -EINVAL;

    if (result < 0 && result != -EPIPE)
        terminal_complain(arguments, &err);
    return result == 0 ? 0 : result == -EINVAL ? 2 : 1;
}

static const struct option_row rows_of_test[] = {
    {"alone", 0, OPTION_ON, offsetof(struct test_options, alone), NULL,
     "do not compare with what is in force; no Kafka is needed", NULL, 0, 0},
    {"changes", 0, OPTION_INTEGER, offsetof(struct test_options, most), "NUMBER",
     "show so many of what would change (default: 20)", NULL, 0, 1000000000},
    CLUSTER_OPTIONS(test_options),
    {0},
};
static const struct test_options defaults = {.most = 20};
static const struct example examples[] = {
    {"haechi ioc feeds test urlhaus", "what would it change? nothing is changed"},
    {"haechi ioc feeds test --alone urlhaus", "can it be read?"},
    {0}};

const struct command ioc_feed_test_command = {
    .name = "test",
    .summary = "Fetch a feed and show what it would change; change nothing",
    .operands = "NAME",
    .least = 1,
    .most = 1,
    .about =
        "Fetches and reads the feed as iocfeed does and holds it against what the topic has of "
        "it. Each change is a line, the last line has the sums; `refused` says why iocfeed "
        "would keep the old set. Exit status 1: the feed could not be had or read.",
    .examples = examples,
    .options = rows_of_test,
    .defaults = &defaults,
    .config_size = sizeof(struct test_options),
    .run = run_test};

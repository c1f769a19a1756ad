/* `haechi ioc add` and `remove`: one's own indicators, by hand. */
#include <errno.h>
#include <stdlib.h>

#include "cli/commands/ioc.h"
#include "cli/commands/ioc_import.h"
#include "io/clock.h"

static int read_value(const struct arguments *arguments, const char *raw, bool withdrawn,
                      struct arena *arena, struct sighting *sighting, struct error *err)
{
    const struct import_options *options = arguments->config;
    const struct indicator_rules rules = {.refang = true, .allow_bogons = true};
    enum indicator_reason reason;
    struct indicator found;
    double confidence;

    reason = indicator_read(text_of(raw), INDICATOR_ANY, &rules, arena, &found);
    if (reason != INDICATOR_GOOD)
        return error_set(err, -EINVAL, "'%.200s' %s", raw, indicator_reason_text(reason));
    if (ioc_import_confidence(options->confidence, &confidence, err) < 0)
        return -EINVAL;
    *sighting = (struct sighting){
        .type = found.type,
        .value = found.value,
        .source = {.name = text_of(options->source),
                   .first_seen = RECORD_NULL,
                   .last_seen = RECORD_NULL,
                   .valid_until = RECORD_NULL,
                   .confidence = confidence,
                   .threat_type = text_of(options->threat_type)},
        .withdrawn = withdrawn,
    };
    return 0;
}

static int change(const struct arguments *arguments, bool withdrawn)
{
    const struct import_options *options = arguments->config;
    AUTO(sightings) sightings = sightings_new(options->tenant);
    AUTO(arena) arena = arena_new(16384);
    struct error err = {0};
    size_t written = 0;
    int result = 0;

    for (size_t i = 0; result == 0 && i < arguments->count; i++) {
        struct sighting sighting;

        result = read_value(arguments, arguments->operands[i], withdrawn, arena, &sighting, &err);
        if (result == 0)
            sightings_add(sightings, &sighting);
    }
    if (result == 0)
        result = ioc_publish(options, sightings, clock_now_ms(), &written, &err);
    if (result < 0) {
        terminal_complain(arguments, &err);
        return result == -EINVAL ? 2 : 1;
    }
    fprintf(stderr, "%zu values: %zu records written\n", arguments->count, written);
    return 0;
}

static int run_add(const struct arguments *arguments)
{
    return change(arguments, false);
}

static int run_remove(const struct arguments *arguments)
{
    return change(arguments, true);
}

#define TEXT_ROW(name, letter, member, value, help) \
    OPTION_ROW(OPTION_TEXT, name, letter, import_options, member, value, help)
#define CLUSTER_ROWS                                                                 \
    TEXT_ROW("config", 'c', cluster.config, "FILE", CONFIG_HELP),                    \
        TEXT_ROW("bootstrap-servers", 'b', cluster.bootstrap_servers, "HOST:PORT,…", \
                 "brokers to contact first, instead of those in the settings"),      \
        TEXT_ROW("topic", 't', topic, "TOPIC",                                       \
                 "topic to write, instead of topics.iocs in the settings")

static const struct option_row add_rows[] = {
    TEXT_ROW("source", 's', source, "NAME", "who reports them (default: manual)"),
    TEXT_ROW("threat-type", 0, threat_type, "THREAT", "such as c2, malware or phishing"),
    TEXT_ROW("confidence", 0, confidence, "NUMBER",
             "how sure, above 0 and up to 1, or a percentage (default: 0.9)"),
    TEXT_ROW("tenant", 0, tenant, "TENANT", "only for this tenant (default: all tenants)"),
    CLUSTER_ROWS,
    {0},
};
static const struct option_row remove_rows[] = {
    TEXT_ROW("source", 's', source, "NAME", "whose report is withdrawn (default: manual)"),
    TEXT_ROW("tenant", 0, tenant, "TENANT", "that of this tenant (default: that of all tenants)"),
    CLUSTER_ROWS,
    {0},
};
static const struct import_options defaults = {.source = "manual", .confidence = "0.9"};

static const struct example add_examples[] = {
    {"haechi ioc add --threat-type c2 203.0.113.7 evil.example", "look for these from now on"},
    {0}};
static const struct example remove_examples[] = {
    {"haechi ioc remove 203.0.113.7", "no longer look for it, unless a feed says so"}, {0}};

const struct command ioc_add_command = {
    .name = "add",
    .summary = "Add indicators by hand",
    .operands = "VALUE…",
    .least = 1,
    .most = SIZE_MAX,
    .about = "Detectors look for them about two seconds later. Private addresses are accepted; "
             "public suffixes, and values that are not indicators, are refused.",
    .examples = add_examples,
    .options = add_rows,
    .defaults = &defaults,
    .config_size = sizeof(struct import_options),
    .run = run_add};
const struct command ioc_remove_command = {
    .name = "remove",
    .summary = "Withdraw what was added",
    .operands = "VALUE…",
    .least = 1,
    .most = SIZE_MAX,
    .about = "Withdraws what one source reported; what other sources report stays.",
    .examples = remove_examples,
    .options = remove_rows,
    .defaults = &defaults,
    .config_size = sizeof(struct import_options),
    .run = run_remove};

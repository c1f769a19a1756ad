/* `haechi ioc add` and `remove`: one's own indicators, by hand. */
#include <errno.h>
#include <stdlib.h>

#include "cli/commands/ioc.h"
#include "cli/commands/ioc_import.h"
#include "io/clock.h"

enum { CONFIDENCE_PCT = 90 };

struct add_options {
    struct import_options import;
    int64_t confidence_pct;
};

static int read_value(const struct arguments *arguments, const char *raw, bool withdrawn,
                      struct arena *arena, struct sighting *sighting, struct error *err)
{
    const struct add_options *options = arguments->config;
    const struct import_options *import = &options->import;
    const struct indicator_rules rules = {.refang = true, .allow_bogons = true};
    enum indicator_reason reason;
    struct indicator found;

    reason = indicator_read(text_of(raw), INDICATOR_ANY, &rules, arena, &found);
    if (reason != INDICATOR_GOOD)
        return error_set(err, -EINVAL, "'%.200s' %s", raw, indicator_reason_text(reason));
    *sighting = (struct sighting){
        .type = found.type,
        .value = found.value,
        .source = {.name = text_of(import->source),
                   .first_seen = RECORD_NULL,
                   .last_seen = RECORD_NULL,
                   .valid_until = RECORD_NULL,
                   .confidence = (double)options->confidence_pct / 100,
                   .threat_type = text_of(import->threat_type)},
        .withdrawn = withdrawn,
    };
    return 0;
}

static int change(const struct arguments *arguments, bool withdrawn)
{
    const struct add_options *options = arguments->config;
    AUTO(sightings) sightings = sightings_new(options->import.tenant);
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
        result = ioc_publish(&options->import, sightings, clock_now_ms(), &written, &err);
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

#define TEXT_ROW(name, letter, member, value, help)                                                \
    {                                                                                              \
        name, letter, OPTION_TEXT, offsetof(struct add_options, import.member), value, help, NULL, \
            0, 0                                                                                   \
    }
#define CLUSTER_ROWS                                                                        \
    TEXT_ROW("config", 'c', cluster.config, "FILE",                                         \
             "settings; else $HAECHI_CONFIG, else /etc/haechi/haechi.yaml if it is there"), \
        TEXT_ROW("bootstrap-servers", 'b', cluster.bootstrap_servers, "HOST:PORT,…",        \
                 "brokers to ask first, instead of those in the settings"),                 \
        TEXT_ROW("topic", 0, topic, "TOPIC", "instead of topics.iocs of the settings")

static const struct option_row add_rows[] = {
    TEXT_ROW("source", 's', source, "NAME", "who says so (default: manual)"),
    TEXT_ROW("threat-type", 't', threat_type, "THREAT", "c2, malware, phishing, …"),
    {"confidence", 0, OPTION_INTEGER, offsetof(struct add_options, confidence_pct), "PERCENT",
     "how sure (default: 90)", NULL, 1, 100},
    TEXT_ROW("tenant", 0, tenant, "TENANT", "whose it is; else all tenants'"),
    CLUSTER_ROWS,
    {0},
};
static const struct option_row remove_rows[] = {
    TEXT_ROW("source", 's', source, "NAME", "whose word is taken back (default: manual)"),
    TEXT_ROW("tenant", 0, tenant, "TENANT", "whose it is; else all tenants'"),
    CLUSTER_ROWS,
    {0},
};
static const struct add_options defaults = {.import = {.source = "manual"},
                                            .confidence_pct = CONFIDENCE_PCT};

static const struct example add_examples[] = {
    {"haechi ioc add --threat-type c2 203.0.113.7 evil.example", "look for these from now on"},
    {0}};
static const struct example remove_examples[] = {
    {"haechi ioc remove 203.0.113.7", "no longer look for it, unless a feed says so"}, {0}};

const struct command ioc_add_command = {
    .name = "add",
    .summary = "Put values into the topic of IOCs",
    .operands = "VALUE…",
    .least = 1,
    .most = SIZE_MAX,
    .about = "Detectors look for them about two seconds later. Addresses of one's own network are "
             "taken; public suffixes and what is no indicator are refused.",
    .examples = add_examples,
    .options = add_rows,
    .defaults = &defaults,
    .config_size = sizeof(struct add_options),
    .run = run_add};
const struct command ioc_remove_command = {
    .name = "remove",
    .summary = "Take back what was added",
    .operands = "VALUE…",
    .least = 1,
    .most = SIZE_MAX,
    .about = "Takes back what one source said; what other sources say stays.",
    .examples = remove_examples,
    .options = remove_rows,
    .defaults = &defaults,
    .config_size = sizeof(struct add_options),
    .run = run_remove};

#include "cli/commands/windows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/moment.h"
#include "cli/commands/cluster.h"
#include "cli/commands/correlation_files.h"
#include "cli/commands/settings_file.h"
#include "cli/commands/terminal.h"
#include "cli/printable.h"
#include "correlator/correlator_settings.h"
#include "correlator/group_state.h"
#include "correlator/windows.h"
#include "io/clock.h"
#include "io/redis.h"

enum { MOST_NAMES = 64, VERSION_SIZE = 8 };

struct windows_options {
    struct cluster_options cluster;
    struct correlation_options correlations;
    const char *tenant;
};

/* What is being shown. */
struct showing {
    const struct windows_options *options;
    struct correlations *rules;
    struct router *router;
    struct group_codec *codec;
    struct redis *redis;
    struct windows_settings settings;
    struct text names[MOST_NAMES]; /* by which rules group, each alone */
    size_t name_count;
    size_t found;
    struct buf out;
};

static void add_name(struct showing *showing, struct text name)
{
    for (size_t i = 0; i < showing->name_count; i++) {
        if (text_equal(showing->names[i], name))
            return;
    }
    if (showing->name_count < MOST_NAMES)
        showing->names[showing->name_count++] = name;
}

static void gather_names(struct showing *showing)
{
    add_name(showing, TEXT("source_ip"));
    add_name(showing, TEXT("host"));
    add_name(showing, TEXT("user"));
    for (size_t i = 0; i < correlations_count(showing->rules); i++) {
        const struct correlation *rule = correlations_rule(showing->rules, i);

        if (rule->group_count == 1)
            add_name(showing, rule->group_by[0]);
    }
}

static void add_span(struct buf *out, int64_t ms)
{
    int64_t s = ms / 1000;

    if (s < 120)
        buf_addf(out, "%" PRId64 " s", s);
    else if (s < 2 * 3600)
        buf_addf(out, "%" PRId64 " min", s / 60);
    else
        buf_addf(out, "%" PRId64 " h %" PRId64 " min", s / 3600, s / 60 % 60);
}

static void add_when(struct buf *out, int64_t due_ms)
{
    int64_t left_ms = due_ms - clock_now_ms();

    if (due_ms == GROUP_NEVER) {
        buf_add_string(out, "nothing is to be said");
    } else if (left_ms <= 0) {
        buf_add_string(out, "something is to be said now");
    } else {
        buf_add_string(out, "something is to be said in ");
        add_span(out, left_ms);
    }
}

static void add_times(struct buf *out, int64_t first_ms, int64_t last_ms)
{
    moment_write(first_ms, out);
    buf_add_string(out, " to ");
    moment_write(last_ms, out);
}

static void add_alert(struct buf *out, const struct slot *slot)
{
    if (slot->is_dormant) {
        buf_add_string(out, "    an alert that has said its last, from ");
        add_times(out, slot->first_ms, slot->last_ms);
    } else {
        buf_addf(out, "    alert of %" PRId64 " events, ", slot->gist.count);
        add_times(out, slot->first_ms, slot->last_ms);
    }
    buf_addf(out, ", revision %" PRId64 " (%s)%s\n", slot->revision, alert_statuses[slot->status],
             slot->is_changed ? ", changed since" : "");
}

static void add_track(struct buf *out, const struct track *track)
{
    const struct series *series = &track->series;

    buf_add_string(out, "  ");
    printable_add(out, track->plan->id, SIZE_MAX);
    buf_add_string(out, ": ");
    if (series->count == 0) {
        buf_add_string(out, "no event within reach");
    } else {
        buf_addf(out, "%zu event%s within reach, ", series->count, series->count == 1 ? "" : "s");
        add_times(out, series_at(series, 0)->at_ms, series_at(series, series->count - 1)->at_ms);
    }
    buf_add_string(out, track->is_crowded ? ", crowded: older ones are gone\n" : "\n");
    for (size_t i = 0; i < track->slots.count; i++)
        add_alert(out, track->slots.items[i]);
}

static void add_group(struct buf *out, const struct group *group, size_t bytes, int64_t ttl_ms)
{
    for (size_t i = 0; i < group->count; i++) {
        buf_add_string(out, i ? ", " : "");
        printable_add(out, group->names[i], SIZE_MAX);
        buf_add_byte(out, ' ');
        printable_add(out, group->values[i], SIZE_MAX);
    }
    buf_add_string(out, " (tenant ");
    printable_add(out, group->tenant, SIZE_MAX);
    buf_addf(out, ", group %s)\n  %zu bytes, kept for ", group->id, bytes);
    add_span(out, ttl_ms);
    buf_add_string(out, " more; ");
    add_when(out, group->due_ms);
    buf_add_byte(out, '\n');
    for (size_t i = 0; i < group->types.count; i++) {
        buf_add_string(out, "  type of attack seen: ");
        printable_add(out, group->types.items[i].type, SIZE_MAX);
        buf_add_byte(out, '\n');
    }
    for (size_t i = 0; i < group->track_count; i++)
        add_track(out, group->tracks[i]);
    if (group->stranger_count > 0)
        buf_addf(out, "  windows of %zu rules that are not loaded here\n", group->stranger_count);
}

static int show_reply(struct showing *showing, const redisReply *state, const redisReply *ttl,
                      struct error *err)
{
    if (state->type == REDIS_REPLY_ERROR)
        return error_set(err, -EIO, "redis: %s", state->str);
    if (state->type != REDIS_REPLY_STRING || state->len <= VERSION_SIZE)
        return 0;
    struct group *group = group_codec_read(
        showing->codec, (struct text){state->str + VERSION_SIZE, state->len - VERSION_SIZE},
        showing->settings.types_window_ms, err);

    if (!group)
        return -EBADMSG;
    showing->found++;
    add_group(&showing->out, group, state->len, ttl->integer);
    group_free(group);
    return 0;
}

static int show_all(struct showing *showing, struct text entity, struct error *err)
{
    redisReply *const *replies;
    size_t count;
    char key[80];

    for (size_t i = 0; i < showing->name_count; i++) {
        char id[GROUP_ID_SIZE];

        group_id_write(text_of(showing->options->tenant), &showing->names[i], &entity, 1, id);
        struct text state = group_id_state_key(id, key, sizeof(key));

        redis_ask(showing->redis, (const struct text[]){TEXT("GET"), state}, 2);
        redis_ask(showing->redis, (const struct text[]){TEXT("PTTL"), state}, 2);
    }
    int result = redis_run(showing->redis, &replies, &count, err);

    for (size_t i = 0; result == 0 && i + 1 < count; i += 2)
        result = show_reply(showing, replies[i], replies[i + 1], err);
    return result;
}

/* As the correlators do: a state is by rules as they are loaded. */
static struct settings *read_settings(const struct showing *showing,
                                      struct correlator_settings *correlator, struct error *err)
{
    struct settings_section sections[SHARED_SETTINGS_SECTIONS + 2];
    struct shared_settings shared; /* of no use here, nor are the section's other keys */
    struct worker_settings worker;
    struct shared_worker_rows rows;

    shared_settings_worker("correlator", 0, 0, &rows);
    shared_settings_sections(&shared, sections);
    sections[SHARED_SETTINGS_SECTIONS] =
        (struct settings_section){"correlator", rows.rows, &worker};
    sections[SHARED_SETTINGS_SECTIONS + 1] =
        (struct settings_section){"correlator", correlator_settings_rows, correlator};
    return settings_file_load(showing->options->cluster.config, sections, COUNT_OF(sections), err);
}

static int load_rules(struct showing *showing, struct error *err)
{
    struct correlator_settings correlator;
    struct correlation_options files = showing->options->correlations;
    struct settings *settings = read_settings(showing, &correlator, err);

    if (!settings)
        return -EINVAL;
    files.no_default = files.no_default || !correlator.default_correlations;
    showing->settings = WINDOWS_DEFAULTS;
    showing->settings.max_lateness_ms = correlator.max_lateness_ms;
    showing->settings.suppress_ms = correlator.suppress_ms;
    showing->settings.types_window_ms = correlator.types_window_ms;
    showing->rules = correlation_files_load(
        &files, (struct correlation_limits){correlator.max_members, correlator.suppress_ms},
        correlator.correlations.items, correlator.correlations.count, err);
    settings_free(settings);
    return showing->rules ? 0 : -EINVAL;
}

static int open_rules(struct showing *showing, struct error *err)
{
    if (load_rules(showing, err) < 0)
        return -EINVAL;
    const struct router_settings router = windows_router(&showing->settings);
    const struct group_keeping keeping = {.decision_ttl_ms = INT64_MAX / 4,
                                          .standstill_ms = INT64_MAX / 4,
                                          .types_keep_ms = INT64_MAX / 4};

    showing->router = router_new(showing->rules, &router);
    showing->codec = group_codec_new(showing->router, &keeping);
    gather_names(showing);
    return 0;
}

static void close_all(struct showing *showing)
{
    redis_close(showing->redis);
    group_codec_free(showing->codec);
    if (showing->router)
        router_free(showing->router);
    correlations_free(showing->rules);
    buf_done(&showing->out);
}

static void add_nothing(struct buf *out, const char *entity, const char *tenant)
{
    buf_add_string(out, "nothing is held on ");
    printable_add(out, text_of(entity), SIZE_MAX);
    buf_add_string(out, " of tenant ");
    printable_add(out, text_of(tenant), SIZE_MAX);
    buf_add_byte(out, '\n');
}

static int run(const struct arguments *arguments)
{
    const struct windows_options *options = arguments->config;
    struct showing showing = {.options = options};
    struct cluster cluster;
    struct error err = {0};
    int result = cluster_open(&cluster, &options->cluster, RD_KAFKA_PRODUCER, &err);

    if (result == 0)
        result = open_rules(&showing, &err);
    if (result == 0) {
        showing.redis = redis_open(&cluster.shared.redis, NULL, "cli");
        result = show_all(&showing, text_of(arguments->operands[0]), &err);
    }
    if (result == 0 && showing.found == 0)
        add_nothing(&showing.out, arguments->operands[0], options->tenant);
    if (result < 0)
        terminal_complain(arguments, &err);
    else if (!terminal_print(arguments, buf_text(&showing.out)))
        result = -EPIPE;

    close_all(&showing);
    cluster_close(&cluster);
    return result == 0 ? 0 : result == -EINVAL ? 2 : 1;
}

static const struct option_row show_rows[] = {
    CLUSTER_OPTIONS(windows_options),
    CORRELATION_FILES_OPTIONS(windows_options),
    {"tenant", 0, OPTION_TEXT, offsetof(struct windows_options, tenant), "TENANT",
     "tenant that the entity belongs to (default: default)", NULL, 0, 0},
    {0},
};

static const struct example show_examples[] = {
    {"haechi windows show 203.0.113.9", "what do the correlators know of this address?"},
    {"haechi windows show mary --tenant acme", "and of this user of one tenant?"},
    {0},
};

static const struct windows_options show_defaults = {.tenant = "default"};

static const struct command show_command = {
    .name = "show",
    .summary = "Show what Redis holds about an address, host or user",
    .operands = "ENTITY",
    .least = 1,
    .most = 1,
    .about = "Reads the state that correlators keep in Redis, changing nothing: for each rule the "
             "events that may still count, its alerts, and when the next alert is due. ENTITY is "
             "the value of a field that rules group by; groups by several fields are not found by "
             "one of their values. Correlations and limits are those of the settings' "
             "correlator section.",
    .examples = show_examples,
    .options = show_rows,
    .defaults = &show_defaults,
    .config_size = sizeof(struct windows_options),
    .run = run,
};

static const struct command *const commands[] = {&show_command, NULL};

static const struct example group_examples[] = {
    {"haechi windows show 203.0.113.9", "what do the correlators know of this address?"},
    {0},
};

const struct command windows_command = {.name = "windows",
                                        .summary = "Show what the correlators remember",
                                        .examples = group_examples,
                                        .commands = commands};

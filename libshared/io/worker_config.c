#include "io/worker_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mistakes.h"
#include "io/kafka_conf.h"
#include "io/topic_roles.h"
#include "io/worker_usage.h"

enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_WRONG = 2 };

void worker_config_complain(const struct worker_config *config, const char *sentence)
{
    fprintf(stderr, "haechi-%s: %s\n", config->ops->name, sentence);
}

static const char *environment(const char *name)
{
    return getenv(name);
}

/* A daemon (daemon.h) has no consumer, and none of its settings; a lane says for itself where it
 * starts. */
static const struct setting *shared_settings_rows(const struct worker_config *config)
{
    return config->rows.rows + (!config->ops->handle ? SHARED_SETTINGS_CONSUMER_ROWS
                                : config->ops->lanes ? SHARED_SETTINGS_ALONE_ROWS
                                                     : 0);
}

static void check_topics(const struct worker_config *config, const struct settings *settings,
                         const void *service, struct buf *mistakes)
{
    const struct topic_settings *topics = &config->shared.topics;

    topic_roles_check(settings, topics, mistakes);
    if (config->ops->check_topics)
        config->ops->check_topics(settings, service, topics, mistakes);
}

static bool load(struct worker_config *config, const char *path, struct buf *mistakes)
{
    const struct worker_ops *ops = config->ops;

    config->service = mem_zero(ops->config_size + 1);
    shared_settings_worker(ops->name, ops->default_port, ops->default_batch, &config->rows);
    shared_settings_sections(&config->shared, config->sections);
    config->sections[SHARED_SETTINGS_SECTIONS] =
        (struct settings_section){ops->name, shared_settings_rows(config), &config->own};
    config->sections[SHARED_SETTINGS_SECTIONS + 1] =
        (struct settings_section){ops->name, ops->settings, config->service};
    config->loaded = settings_load_all(path, config->sections, COUNT_OF(config->sections),
                                       environment, mistakes);
    if (config->loaded)
        check_topics(config, config->loaded, config->service, mistakes);
    return mistakes->size == 0;
}

static void complain_of_all(const struct worker_config *config, struct text mistakes)
{
    struct text line;

    while (text_split(&mistakes, '\n', &line)) {
        if (line.size > 0)
            fprintf(stderr, "haechi-%s: %.*s\n", config->ops->name, TEXT_ARG(line));
    }
}

struct settings *worker_config_again(const struct worker_config *config, void *service,
                                     struct error *err)
{
    struct shared_settings shared;
    struct worker_settings own;
    struct settings_section sections[COUNT_OF(config->sections)];

    shared_settings_sections(&shared, sections);
    sections[SHARED_SETTINGS_SECTIONS] =
        (struct settings_section){config->ops->name, shared_settings_rows(config), &own};
    sections[SHARED_SETTINGS_SECTIONS + 1] =
        (struct settings_section){config->ops->name, config->ops->settings, service};
    AUTO_BUF mistakes = {0};
    struct settings *settings =
        settings_load(config->path, sections, COUNT_OF(sections), environment, err);

    if (settings && config->ops->check_topics)
        config->ops->check_topics(settings, service, &config->shared.topics, &mistakes);
    if (mistakes.size == 0)
        return settings;
    mistakes_first(&mistakes, err);
    settings_free(settings);
    return NULL;
}

/* What can be known of kafka.properties without connecting. */
static int check_kafka(const struct worker_config *config, struct error *err)
{
    const struct kafka_settings *kafka = &config->shared.kafka;
    const char *group = config->own.group ? config->own.group : config->ops->name;
    rd_kafka_conf_t *consumer = kafka_conf_consumer(kafka, group, KAFKA_FETCH_MUCH, err);

    if (kafka_conf_try(RD_KAFKA_CONSUMER, consumer, kafka, err) < 0)
        return -1;
    return kafka_conf_try(RD_KAFKA_PRODUCER, kafka_conf_producer(kafka, err), kafka, err);
}

/* Is there a lane, and the one that was asked for? */
static int check_lanes(const struct worker_config *config, struct error *err)
{
    const struct worker_ops *ops = config->ops;

    if (!ops->lanes)
        return 0;
    AUTO(arena) arena = arena_new(4096);
    size_t count = ops->lanes(config->service, NULL);
    struct worker_lane *lanes = arena_zero(arena, (count + 1) * sizeof(*lanes));

    ops->lanes(config->service, lanes);
    if (count == 0)
        return error_set(err, -ENOENT, "%s.%ss is empty; it must name at least one %s", ops->name,
                         ops->lane_word, ops->lane_word);
    for (size_t i = 0; i < count; i++) {
        if (!config->lane || strcmp(lanes[i].name, config->lane) == 0)
            return 0;
    }
    return error_set(err, -ENOENT, "%s.%ss has no %s called '%s'", ops->name, ops->lane_word,
                     ops->lane_word, config->lane);
}

static int check(const struct worker_config *config, struct error *err)
{
    if (check_kafka(config, err) < 0)
        return -1;
    return config->ops->check ? config->ops->check(config->service, err) : 0;
}

static void print_config(const struct worker_config *config)
{
    AUTO_BUF out = {0};

    settings_print(config->sections, COUNT_OF(config->sections), &out);
    fwrite(out.bytes, 1, out.size, stdout);
}

/* False, for all has been said: but a script must not take for good what it could not be told. */
static bool end(const struct worker_config *config, int *status)
{
    *status = STATUS_DONE;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        *status = STATUS_FAILED;
        fprintf(stderr, "haechi-%s: cannot write the output: %s\n", config->ops->name,
                strerror(errno));
    }
    return false;
}

static bool start(struct worker_config *config, const struct worker_usage *usage, int *status)
{
    AUTO_BUF mistakes = {0};
    struct error err = {0};
    const char *path = shared_settings_path(usage->path, environment);

    config->path = path;
    *status = STATUS_WRONG;
    if (!load(config, path, &mistakes)) {
        complain_of_all(config, buf_text(&mistakes));
        return false;
    }
    if ((usage->action != WORKER_PRINT_CONFIG && check_lanes(config, &err) < 0) ||
        (usage->action == WORKER_CHECK && check(config, &err) < 0)) {
        worker_config_complain(config, err.text);
        return false;
    }
    if (usage->action == WORKER_RUN)
        return true;
    if (usage->action == WORKER_CHECK)
        printf("%s: the settings are good\n", path ? path : "no file, all defaults");
    if (usage->action == WORKER_PRINT_CONFIG)
        print_config(config);
    return end(config, status);
}

bool worker_config_init(struct worker_config *config, int argc, char **argv,
                        const struct worker_ops *ops, int *status)
{
    struct worker_usage usage = worker_usage_read(argc, argv, ops);

    *config = (struct worker_config){.ops = ops, .lane = usage.lane};
    *status = STATUS_DONE;
    switch (usage.action) {
    case WORKER_HELP:
        worker_usage_help(ops);
        return end(config, status);
    case WORKER_VERSION:
        printf("haechi-%s %s\n", ops->name, HAECHI_VERSION);
        return end(config, status);
    case WORKER_WRONG:
        *status = STATUS_WRONG;
        return false;
    default:
        return start(config, &usage, status);
    }
}

void worker_config_done(struct worker_config *config)
{
    settings_free(config->loaded);
    free(config->service);
}

#include "io/worker_config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/kafka_conf.h"
#include "io/topic_roles.h"

enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_WRONG = 2 };

enum action { RUN, CHECK, PRINT_CONFIG, HELP, VERSION, WRONG_USAGE };

struct command_line {
    enum action action;
    const char *path; /* of the settings; NULL: not given */
    const char *lane; /* NULL: not given */
};

static struct command_line read_command_line(int argc, char **argv, const char *lane_word)
{
    const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"check", no_argument, NULL, CHECK},
        {"print-config", no_argument, NULL, PRINT_CONFIG},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {lane_word, required_argument, NULL, 'l'},
        {NULL, 0, NULL, 0},
    };
    struct command_line line = {.action = RUN};

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == '?')
            line.action = WRONG_USAGE; /* which getopt has explained */
        else if (option == 'c')
            line.path = optarg;
        else if (option == 'l')
            line.lane = optarg;
        else if (line.action == RUN)
            line.action = (enum action)option;
    }
    if (line.action != WRONG_USAGE && optind < argc) {
        fprintf(stderr, "%s: there is no option '%s'; see --help\n", argv[0], argv[optind]);
        line.action = WRONG_USAGE;
    }
    return line;
}

static void print_help(const struct worker_ops *ops)
{
    const char *lane = ops->lane_word ? ops->lane_word : "";

    printf("haechi-%s: %s\n\n", ops->name, ops->summary);
    printf("usage: haechi-%s [--config FILE]%s%s%s [--check | --print-config]\n\n", ops->name,
           ops->lane_word ? " [--" : "", lane, ops->lane_word ? " NAME]" : "");
    printf("  --config FILE   settings file (default: $HAECHI_CONFIG, else "
           "/etc/haechi/haechi.yaml)\n");
    if (ops->lane_word)
        printf("  --%s NAME   run only this %s of those in the settings\n", lane, lane);
    printf("  --check         check the settings and the files that they name, and exit\n"
           "  --print-config  print the effective settings, with secrets as ***, and exit\n"
           "  --help          print this help and exit\n"
           "  --version       print the version and exit\n\n"
           "SIGTERM finishes the work in hand and exits%s%s.\n"
           "Exit status: 0 stopped as asked, 1 failed, 2 wrong usage or settings.\n\n"
           "example: haechi-%s --config haechi.yaml --check\n",
           ops->reloads ? "; SIGHUP reads again: " : "", ops->reloads ? ops->reloads : "",
           ops->name);
}

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
    settings_first_mistake(&mistakes, err);
    settings_free(settings);
    return NULL;
}

/* What can be known of kafka.properties without connecting. */
static int check_kafka(const struct worker_config *config, struct error *err)
{
    const char *group = config->own.group ? config->own.group : config->ops->name;
    rd_kafka_conf_t *consumer =
        kafka_conf_consumer(&config->shared.kafka, group, KAFKA_FETCH_MUCH, err);

    if (!consumer)
        return -1;
    rd_kafka_conf_destroy(consumer);
    rd_kafka_conf_t *producer = kafka_conf_producer(&config->shared.kafka, err);

    if (!producer)
        return -1;
    rd_kafka_conf_destroy(producer);
    return 0;
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

static bool start(struct worker_config *config, const struct command_line *line, int *status)
{
    AUTO_BUF mistakes = {0};
    struct error err = {0};
    const char *path = shared_settings_path(line->path, environment);

    config->path = path;
    *status = STATUS_WRONG;
    if (!load(config, path, &mistakes)) {
        complain_of_all(config, buf_text(&mistakes));
        return false;
    }
    if ((line->action == CHECK ? check(config, &err) : check_kafka(config, &err)) < 0) {
        worker_config_complain(config, err.text);
        return false;
    }
    *status = STATUS_DONE;
    if (line->action == CHECK)
        printf("%s: the settings are good\n", path ? path : "no file, all defaults");
    if (line->action == PRINT_CONFIG)
        print_config(config);
    return line->action == RUN;
}

bool worker_config_init(struct worker_config *config, int argc, char **argv,
                        const struct worker_ops *ops, int *status)
{
    struct command_line line = read_command_line(argc, argv, ops->lane_word);

    *config = (struct worker_config){.ops = ops, .lane = line.lane};
    *status = STATUS_DONE;
    switch (line.action) {
    case HELP:
        print_help(ops);
        return false;
    case VERSION:
        printf("haechi-%s %s\n", ops->name, HAECHI_VERSION);
        return false;
    case WRONG_USAGE:
        *status = STATUS_WRONG;
        return false;
    default:
        return start(config, &line, status);
    }
}

void worker_config_done(struct worker_config *config)
{
    settings_free(config->loaded);
    free(config->service);
}

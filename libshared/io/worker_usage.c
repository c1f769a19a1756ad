#include "io/worker_usage.h"

#include <getopt.h>
#include <stdio.h>

#include "base/document.h"

enum { OPTIONS = 6, CONFIG = 'c', HELP = 'h', LANE = 'l' };

static void fill(struct option options[OPTIONS + 1], const char *lane_word)
{
    const struct option all[OPTIONS + 1] = {
        {"config", required_argument, NULL, CONFIG},
        {"check", no_argument, NULL, WORKER_CHECK},
        {"print-config", no_argument, NULL, WORKER_PRINT_CONFIG},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, WORKER_VERSION},
        {lane_word, required_argument, NULL, LANE},
        {NULL, 0, NULL, 0},
    };

    memcpy(options, all, sizeof(all));
}

static void complain(const struct worker_ops *ops, const char *problem)
{
    fprintf(stderr, "haechi-%s: %s (haechi-%s --help shows what there is)\n", ops->name, problem,
            ops->name);
}

/* "--confg", or "--check=1", which there is. */
static void refuse_word(const struct worker_ops *ops, const struct option *options,
                        const char *word)
{
    const char *names[OPTIONS];
    size_t count = 0;
    AUTO_BUF problem = {0};

    while (options[count].name) {
        names[count] = options[count].name;
        count++;
    }
    const size_t dashes = strspn(word, "-");
    const struct text name = {word + dashes, strcspn(word + dashes, "=")};
    const char *meant = document_nearest(name, names, count);

    if (meant && text_is(name, meant))
        buf_addf(&problem, "--%s takes no value", meant);
    else
        buf_addf(&problem, "%.60s is not an option", word);
    if (meant && !text_is(name, meant))
        buf_addf(&problem, "; did you mean --%s?", meant);
    complain(ops, buf_string(&problem));
}

static void refuse_letter(const struct worker_ops *ops, int letter)
{
    char problem[40];

    snprintf(problem, sizeof(problem), "-%c is not an option", letter);
    complain(ops, problem);
}

static void refuse_bare(const struct worker_ops *ops, int option)
{
    AUTO_BUF problem = {0};

    buf_addf(&problem, "--%s wants a value", option == CONFIG ? "config" : ops->lane_word);
    complain(ops, buf_string(&problem));
}

/* A variable that was empty in a script must not eat the next option. */
static bool is_bare(const char *value)
{
    return value[0] == '\0' || strncmp(value, "--", 2) == 0;
}

static void take(struct worker_usage *usage, const struct worker_ops *ops, int option)
{
    if ((option == CONFIG || option == LANE) && is_bare(optarg)) {
        refuse_bare(ops, option);
        usage->action = WORKER_WRONG;
    } else if (option == CONFIG) {
        usage->path = optarg;
    } else if (option == LANE) {
        usage->lane = optarg;
    } else if (usage->action == WORKER_RUN) {
        usage->action = option == HELP ? WORKER_HELP : (enum worker_action)option;
    }
}

struct worker_usage worker_usage_read(int argc, char **argv, const struct worker_ops *ops)
{
    struct option options[OPTIONS + 1];
    struct worker_usage usage = {.action = WORKER_RUN};

    fill(options, ops->lane_word);
    opterr = 0;
    while (usage.action != WORKER_WRONG) {
        int option = getopt_long(argc, argv, ":c:h", options, NULL);

        if (option == -1)
            break;
        if (option != '?' && option != ':') {
            take(&usage, ops, option);
            continue;
        }
        if (option == ':')
            refuse_bare(ops, optopt);
        else if (optopt > ' ')
            refuse_letter(ops, optopt);
        else
            refuse_word(ops, options, argv[optind - 1]);
        usage.action = WORKER_WRONG;
    }
    if (usage.action != WORKER_WRONG && optind < argc) {
        refuse_word(ops, options, argv[optind]);
        usage.action = WORKER_WRONG;
    }
    return usage;
}

void worker_usage_help(const struct worker_ops *ops)
{
    const char *lane = ops->lane_word ? ops->lane_word : "";

    printf("haechi-%s: %s\n\n", ops->name, ops->summary);
    printf("usage: haechi-%s [--config FILE]%s%s%s [--check | --print-config]\n\n", ops->name,
           ops->lane_word ? " [--" : "", lane, ops->lane_word ? " NAME]" : "");
    printf("  -c, --config FILE   settings file (default: $HAECHI_CONFIG, else "
           "/etc/haechi/haechi.yaml)\n");
    if (ops->lane_word)
        printf("      --%s NAME   run only this %s of those in the settings\n", lane, lane);
    printf("      --check         check the settings and the files that they name, and exit\n"
           "      --print-config  print the effective settings, with secrets as ***, and exit\n"
           "  -h, --help          print this help and exit\n"
           "      --version       print the version and exit\n\n"
           "SIGTERM finishes the work in hand and exits%s%s.\n"
           "Exit status: 0 stopped as asked, 1 failed, 2 wrong usage or settings.\n\n"
           "example: haechi-%s --config haechi.yaml --check\n",
           ops->reloads ? "; SIGHUP reads again: " : "", ops->reloads ? ops->reloads : "",
           ops->name);
}

/* haechi: the command line.
 *
 *   scan    log files -> the detector's pure code -> events
 *   rules   what rules there are, whether they are right, why they fire
 *   correlations  the same of the rules that look at many events
 *   events  the topic of detected events, as it grows
 *   alerts  the topic of alerts, likewise
 *   ioc     indicators of compromise: into the topic, and why or why not
 *   windows  what correlators remember in Redis
 *   topics  the topics that Haechi writes, made
 *   targets       where alerts go, and whether they arrive
 *   deliveries    which SIEMs have an alert
 *   dead-letters  what was refused: looked at, sent again
 *   reveal        pseudonyms turned back
 *
 * Each command is a row with its options and help, in commands/.
 */
#include <stdio.h>

#include "cli/commands/alerts.h"
#include "cli/commands/correlations.h"
#include "cli/commands/dead_letters.h"
#include "cli/commands/deliveries.h"
#include "cli/commands/events.h"
#include "cli/commands/ioc.h"
#include "cli/commands/reveal.h"
#include "cli/commands/rules.h"
#include "cli/commands/scan.h"
#include "cli/commands/targets.h"
#include "cli/commands/terminal.h"
#include "cli/commands/topics.h"
#include "cli/commands/windows.h"
#include "cli/options.h"

static const struct example examples[] = {
    {"haechi scan /var/log/nginx/access.log", "what happened here?"},
    {"haechi rules list", "what is looked for?"},
    {0},
};

static const struct command *const commands[] = {&scan_command,
                                                 &rules_command,
                                                 &correlations_command,
                                                 &events_command,
                                                 &alerts_command,
                                                 &ioc_command,
                                                 &windows_command,
                                                 &topics_command,
                                                 &targets_command,
                                                 &deliveries_command,
                                                 &dead_letters_command,
                                                 &reveal_command,
                                                 NULL};

static const struct command haechi = {
    .name = "haechi",
    .summary = "Find attacks in logs",
    .commands = commands,
    .examples = examples,
};

static int show_help(const struct arguments *arguments, FILE *stream)
{
    AUTO_BUF help = {0};
    size_t width = terminal_of(stream).width;

    options_help(arguments->command, arguments->path, width && width < 100 ? width : 100, &help);
    fputs(buf_string(&help), stream);
    return fflush(stream) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    AUTO(arena) arena = arena_new(4096);
    struct arguments arguments;
    struct error err = {0};
    const char *const *words = (const char *const *)argv + 1;

    if (argc < 2) {
        arguments = (struct arguments){.command = &haechi, .path = haechi.name};
        show_help(&arguments, stderr);
        return 2;
    }
    switch (options_read(&haechi, words, (size_t)argc - 1, arena, &arguments, &err)) {
    case OPTIONS_HELP:
        return show_help(&arguments, stdout);
    case OPTIONS_VERSION:
        return puts("haechi " HAECHI_VERSION) < 0 || fflush(stdout) != 0;
    case OPTIONS_WRONG:
        terminal_complain(&arguments, &err);
        return 2;
    case OPTIONS_RUN:
        break;
    }
    return arguments.command->run(&arguments);
}

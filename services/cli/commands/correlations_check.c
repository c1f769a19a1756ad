#include "cli/commands/correlations.h"
#include "cli/commands/correlations_options.h"
#include "cli/printable.h"
#include "correlator/trial_run.h"

static bool check_file(const struct arguments *arguments, const char *file, struct buf *out)
{
    const struct correlations_options *options = arguments->config;
    struct error err = {0};
    AUTO(correlations)
    set =
        correlation_files_load(&options->correlations, CORRELATION_LIMITS_DEFAULT, &file, 1, &err);

    if (!set) {
        terminal_complain(arguments, &err);
        return false;
    }
    printable_add(out, text_of(file), SIZE_MAX);
    buf_addf(out, ": good; %zu correlations are in force with it\n", correlations_count(set));
    return true;
}

int correlations_check(const struct arguments *arguments)
{
    AUTO_BUF out = {0};
    bool is_good = true;

    for (size_t i = 0; i < arguments->count; i++)
        is_good = check_file(arguments, arguments->operands[i], &out) && is_good;
    return terminal_print(arguments, buf_text(&out)) && is_good ? 0 : 1;
}

static bool is_asked_for(const struct arguments *arguments, const char *file)
{
    for (size_t i = 0; i < arguments->count; i++) {
        if (text_starts(text_of(file), text_of(arguments->operands[i])))
            return true;
    }
    return arguments->count == 0;
}

struct tally {
    size_t passed, failed, skipped;
};

static void test_rule(const struct arguments *arguments, const struct correlations *set,
                      const struct correlation *rule, struct tally *tally)
{
    for (size_t i = 0; i < rule->test_count; i++) {
        struct error err = {0};

        if (!is_asked_for(arguments, rule->tests[i].file))
            continue;
        if (!trial_run_is_possible(rule)) {
            tally->skipped++;
        } else if (trial_run(set, rule, &rule->tests[i], &err) == 0) {
            tally->passed++;
        } else {
            terminal_complain(arguments, &err);
            tally->failed++;
        }
    }
}

int correlations_test(const struct arguments *arguments)
{
    const struct correlations_options *options = arguments->config;
    struct error err = {0};
    struct tally tally = {0};
    AUTO_BUF out = {0};
    AUTO(correlations)
    set = correlation_files_load(&options->correlations, CORRELATION_LIMITS_DEFAULT,
                                 arguments->operands, arguments->count, &err);

    if (!set)
        return terminal_complain(arguments, &err);
    for (size_t i = 0; i < correlations_count(set); i++)
        test_rule(arguments, set, correlations_rule(set, i), &tally);
    buf_addf(&out, "%zu tests passed, %zu failed", tally.passed, tally.failed);
    if (tally.skipped > 0)
        buf_addf(&out, ", %zu skipped, of rules that write no alerts here", tally.skipped);
    buf_add_byte(&out, '\n');
    return terminal_print(arguments, buf_text(&out)) && tally.failed == 0 ? 0 : 1;
}

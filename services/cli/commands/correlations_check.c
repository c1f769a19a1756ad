#include "cli/commands/correlation_notes.h"
#include "cli/commands/correlations.h"
#include "cli/commands/correlations_options.h"
#include "cli/commands/rule_files.h"
#include "cli/commands/trial_status.h"
#include "cli/printable.h"
#include "correlator/trial_run.h"

/* The file itself, or one of a folder. */
static bool is_of(struct text file, struct text operand)
{
    struct text rest = text_slice(file, operand.size, file.size);

    return text_starts(file, operand) &&
           (rest.size == 0 || text_starts(rest, TEXT("/")) || text_ends(operand, TEXT("/")));
}

/* Of the files that say something of a rule its `file` is the last, and those named come last. */
static bool is_asked_for(const struct arguments *arguments, const struct correlation *rule)
{
    for (size_t i = 0; i < arguments->count; i++) {
        if (is_of(text_of(rule->file), text_of(arguments->operands[i])))
            return true;
    }
    return arguments->count == 0;
}

/* What is right, and yet looks like a slip. Without the built-in rules nothing is known of names.
 */
static void note_all(const struct arguments *arguments, const struct correlations *set,
                     struct buf *out)
{
    const struct rule_options built_in = {0};
    AUTO(ruleset) ruleset = rule_files_load(&built_in, NULL);

    for (size_t i = 0; ruleset && i < correlations_count(set); i++) {
        if (is_asked_for(arguments, correlations_rule(set, i)))
            correlation_notes_write(correlations_rule(set, i), ruleset, out);
    }
}

/* All together, as the correlator would: what one file says of another's rules counts. */
int correlations_check(const struct arguments *arguments)
{
    const struct correlations_options *options = arguments->config;
    struct error err = {0};
    AUTO_BUF out = {0};
    AUTO_BUF mistakes = {0};
    AUTO(correlations)
    set = correlation_files_read(&options->correlations, CORRELATION_LIMITS_DEFAULT, &err);

    if (!set)
        return terminal_complain(arguments, &err);
    correlations_gather(set, &mistakes);
    for (size_t i = 0; i < arguments->count; i++) {
        size_t before = correlations_mistakes(set);

        correlations_add(set, arguments->operands[i], NULL);
        if (correlations_mistakes(set) == before)
            buf_addf(&out, "%s: good\n", arguments->operands[i]);
    }
    bool is_good = correlations_link(set, NULL) == 0;

    terminal_complain_of_all(arguments, buf_text(&mistakes));
    if (is_good) {
        note_all(arguments, set, &out);
        buf_addf(&out, "%zu correlations are in force with %s\n", correlations_count(set),
                 arguments->count == 1 ? "it" : "them");
    }
    return terminal_print(arguments, buf_text(&out)) && is_good ? 0 : 1;
}

struct tally {
    size_t passed, failed, skipped;
};

static void test_rule(const struct arguments *arguments, const struct correlations *set,
                      const struct correlation *rule, struct tally *tally)
{
    for (size_t i = 0; i < rule->test_count; i++) {
        struct error err = {0};

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
    for (size_t i = 0; i < correlations_count(set); i++) {
        if (is_asked_for(arguments, correlations_rule(set, i)))
            test_rule(arguments, set, correlations_rule(set, i), &tally);
    }
    buf_addf(&out, "%zu tests passed, %zu failed", tally.passed, tally.failed);
    if (tally.skipped > 0)
        buf_addf(&out, ", %zu skipped, of rules that write no alerts here", tally.skipped);
    buf_add_byte(&out, '\n');
    return trial_status(arguments, buf_text(&out), tally.passed, tally.failed);
}

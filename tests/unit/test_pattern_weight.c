#include "unit.h"

#include "detector/pattern_weight.h"
#include "engine_random.h"

static const struct {
    const char *name;
    const char *pattern;
    const char *want; /* its front */
} cases[] = {
    {"no tail", "failed login", "failed login"},
    {"a tail of any text", "failed login[^\"]*$", "failed login"},
    {"a tail with little fixed text", "login of (?<user>\\S+) by\\s", "login of "},
    {"a tail that tells something", "login of (?<user>\\S+) failed",
     "login of (?<user>\\S+) failed"},
    {"a tail that need not be there", "failed login(?: from somewhere)?", "failed login"},
    {"a group that tells something", "a (?:failed|denied) \\S+", "a (?:failed|denied)"},
    {"a group of which one branch tells nothing", "a (?:failed|.*) \\S+", "a (?:failed|.*) \\S+"},
    {"too little fixed text", "login \\S+", "login "},
    {"far too little", "log \\S+", "log \\S+"},
    {"options", "(?i)failed\\s", "(?i)failed"},
    {"a count stays with what it counts", "failed+?\\s", "failed+?"},
    {"what is counted to none tells nothing", "(?:failed){0,3} \\S+", "(?:failed){0,3} \\S+"},
    {"branches", "failed login\\s|denied", "failed login\\s|denied"},
    {"branches in a group", "failed login(?:\\s|\\d)", "failed login"},
    {"a look behind", "failed login(?<!x)", "failed login"},
    {"verbs", "(*UCP)failed\\s", "(*UCP)failed\\s"},
    {"quoting", "[\\Q]\\E|]failed\\s", "[\\Q]\\E|]failed\\s"},
    {"a group called by its name", "(?<user>a)failed(?P>user)\\s(?<host>b)",
     "(?<user>a)failed(?P>user)\\s(?<host>b)"},
};

static void the_front_is_what_tells_most(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        AUTO(pattern) pattern = pattern_new(text_of(cases[i].pattern), &err);

        if (!pattern)
            fail_msg("%s: %s", cases[i].name, err.text);
        struct text source = pattern_source(pattern);

        unit_text(cases[i].name, text_slice(source, 0, pattern_weight_front(pattern)),
                  cases[i].want);
    }
}

/* True: it has a front, which was found with it. */
static bool finds_both(const struct pattern *pattern, struct pattern_matcher *matcher,
                       struct text log)
{
    struct text source = pattern_source(pattern);
    size_t size = pattern_weight_front(pattern);

    if (size == source.size || pattern_find(pattern, matcher, log) != PATTERN_FOUND)
        return false;
    struct error err = {0};
    AUTO(pattern) front = pattern_new(text_slice(source, 0, size), &err);

    if (!front)
        fail_msg("of '%.*s': %s", TEXT_ARG(source), err.text);
    if (pattern_find(front, matcher, log) != PATTERN_FOUND)
        fail_msg("'%.*s' is in '%.*s', but its first %zu bytes are not", TEXT_ARG(source),
                 TEXT_ARG(log), size);
    return true;
}

static void wherever_a_pattern_matches_its_front_does(void **state)
{
    struct choices choices = {.state = 20261124};
    AUTO(pattern_matcher) matcher = pattern_matcher_new();
    size_t found = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        AUTO_BUF source = {0};
        int groups = 0;

        random_pattern(&choices, &source, 1, &groups);
        buf_add_string(&source, "select");
        random_pattern(&choices, &source, 1, &groups);
        AUTO(pattern) pattern = pattern_new(buf_text(&source), NULL);

        for (int k = 0; k < 20 && pattern; k++) {
            AUTO_BUF log = {0};

            random_text(&choices, &log);
            buf_add_string(&log, "select");
            random_text(&choices, &log);
            found += finds_both(pattern, matcher, buf_text(&log));
        }
    }
    assert_in_range(found, 500, 100000);
}

UNIT_MAIN(cmocka_unit_test(the_front_is_what_tells_most),
          cmocka_unit_test(wherever_a_pattern_matches_its_front_does))

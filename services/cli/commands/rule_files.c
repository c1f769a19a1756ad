#include "cli/commands/rule_files.h"

#include <stdlib.h>

#include "io/install_path.h"

const char *const rule_files_modes[] = {
    [RULE_ALERT] = "alert", [RULE_SHADOW] = "shadow", [RULE_OFF] = "off"};

static int add_default(struct ruleset *ruleset, struct error *err)
{
    AUTO_BUF path = {0};
    const char *named = getenv("HAECHI_RULES");
    int result = 0;

    if (named && named[0])
        buf_add_string(&path, named);
    else
        result = install_path_rules(&path, err);
    return result < 0 ? result : ruleset_add(ruleset, buf_string(&path), err);
}

struct ruleset *rule_files_load(const struct rule_options *options, struct error *err)
{
    AUTO(ruleset) ruleset = ruleset_new();

    if (!options->no_default_rules && add_default(ruleset, err) < 0)
        return NULL;
    for (size_t i = 0; i < options->files.count; i++) {
        if (ruleset_add(ruleset, options->files.items[i], err) < 0)
            return NULL;
    }
    return TAKE(ruleset);
}

void rule_files_write_decode(unsigned decode, struct buf *out)
{
    static const struct {
        unsigned step;
        const char *name;
    } steps[] = {{DECODE_URL, "url"}, {DECODE_HTML, "html"}, {DECODE_ESCAPES, "escapes"}};
    const char *between = "";

    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        if (decode & steps[i].step) {
            buf_addf(out, "%s%s", between, steps[i].name);
            between = ", ";
        }
    }
}

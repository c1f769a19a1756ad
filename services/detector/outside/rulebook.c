#include "detector/outside/rulebook.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "io/install_path.h"

/* One rule's place in its set and its counters. */
struct entry_of_rule {
    const struct rule *rule;
    size_t index;
};

struct counters {
    struct counter *matches;
    struct counter *limit_hits;
    uint64_t limit_hits_seen;
};

struct edition {
    struct ruleset *rules;
    struct engine *engine;
    struct engine_scratch **scratches; /* by member */
    size_t members;
    struct quota *quota;
    struct entry_of_rule *by_pointer; /* sorted */
    struct counters *counters;
    struct gauge *info;
};

struct rulebook {
    const struct detector_settings *settings;
    struct metrics *metrics;
    size_t members;
    struct edition edition, next; /* next: read, not in force */
    uint64_t files;               /* what the files looked like when they were last read */
};

static void close_edition(struct edition *edition)
{
    for (size_t i = 0; i < edition->members; i++)
        engine_scratch_free(edition->scratches[i]);
    free(edition->scratches);
    engine_free(edition->engine);
    ruleset_free(edition->rules);
    quota_free(edition->quota);
    free(edition->by_pointer);
    free(edition->counters);
    *edition = (struct edition){0};
}

static int by_pointer(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct entry_of_rule *)a)->rule;
    uintptr_t right = (uintptr_t)((const struct entry_of_rule *)b)->rule;

    return (left > right) - (left < right);
}

static void index_rules(struct edition *edition)
{
    size_t count = ruleset_count(edition->rules);

    edition->by_pointer = mem_zero((count + 1) * sizeof(*edition->by_pointer));
    for (size_t i = 0; i < count; i++)
        edition->by_pointer[i] = (struct entry_of_rule){ruleset_rule(edition->rules, i), i};
    qsort(edition->by_pointer, count, sizeof(*edition->by_pointer), by_pointer);
}

static void make_counters(struct edition *edition, struct metrics *metrics)
{
    size_t count = ruleset_count(edition->rules);

    edition->counters = mem_zero((count + 1) * sizeof(*edition->counters));
    for (size_t i = 0; metrics && i < count; i++) {
        AUTO_BUF id = {0};

        buf_add(&id, ruleset_rule(edition->rules, i)->rule_id);
        struct metric_label rule = LABEL("rule", buf_string(&id));

        edition->counters[i].matches =
            metrics_counter(metrics, "haechi_detector_rule_matches_total",
                            "Logs on which a rule fired.", rule, NO_LABEL);
        edition->counters[i].limit_hits = metrics_counter(
            metrics, "haechi_detector_rule_limit_hits_total",
            "Logs that a rule gave up on, as a pattern took too long.", rule, NO_LABEL);
    }
    if (metrics)
        edition->info = metrics_gauge(metrics, "haechi_detector_ruleset_info",
                                      "1 for the version of the rules in force.",
                                      LABEL("version", ruleset_version(edition->rules)), NO_LABEL);
}

static int read_rules(const struct detector_settings *settings, struct ruleset *rules,
                      struct error *err)
{
    AUTO_BUF built_in = {0};

    if (settings->default_rules) {
        int result = install_path_rules(&built_in, err);

        if (result == 0)
            result = ruleset_add(rules, buf_string(&built_in), err);
        if (result < 0)
            return result;
    }
    for (size_t i = 0; i < settings->rules.count; i++) {
        int result = ruleset_add(rules, settings->rules.items[i], err);

        if (result < 0)
            return result;
    }
    return 0;
}

static int open_edition(const struct rulebook *rulebook, struct edition *edition, struct error *err)
{
    edition->rules = ruleset_new();
    if (read_rules(rulebook->settings, edition->rules, err) < 0)
        return -1;
    edition->engine = engine_new(edition->rules, err);
    if (!edition->engine)
        return -1;
    edition->scratches = mem_zero(rulebook->members * sizeof(*edition->scratches));
    for (; edition->members < rulebook->members; edition->members++)
        edition->scratches[edition->members] = engine_scratch_new(edition->engine);
    edition->quota = quota_new(ruleset_count(edition->rules));
    index_rules(edition);
    return 0;
}

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 0x100000001B3U;
    return hash;
}

static uint64_t look_at(uint64_t hash, const char *path)
{
    struct stat file;

    if (stat(path, &file) < 0)
        return mix(hash, "absent", 6);
    hash = mix(hash, path, strlen(path));
    hash = mix(hash, &file.st_ino, sizeof(file.st_ino));
    hash = mix(hash, &file.st_size, sizeof(file.st_size));
    hash = mix(hash, &file.st_mtim.tv_sec, sizeof(file.st_mtim.tv_sec));
    hash = mix(hash, &file.st_mtim.tv_nsec, sizeof(file.st_mtim.tv_nsec));
    if (!S_ISDIR(file.st_mode))
        return hash;
    DIR *folder = opendir(path);
    uint64_t sum = 0; /* a sum, as a folder has no order */

    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        AUTO_BUF inner = {0};

        if (entry->d_name[0] == '.')
            continue;
        buf_addf(&inner, "%s/%s", path, entry->d_name);
        if (stat(buf_string(&inner), &file) == 0 && S_ISREG(file.st_mode))
            sum += look_at(1, buf_string(&inner));
    }
    if (folder)
        closedir(folder);
    return mix(hash, &sum, sizeof(sum));
}

static uint64_t look_at_files(const struct detector_settings *settings)
{
    AUTO_BUF built_in = {0};
    uint64_t hash = 0xCBF29CE484222325U;

    if (settings->default_rules && install_path_rules(&built_in, NULL) == 0)
        hash = look_at(hash, buf_string(&built_in));
    for (size_t i = 0; i < settings->rules.count; i++)
        hash = look_at(hash, settings->rules.items[i]);
    return hash;
}

struct rulebook *rulebook_open(const struct detector_settings *settings, size_t members,
                               struct metrics *metrics, struct error *err)
{
    struct rulebook *rulebook = mem_zero(sizeof(*rulebook));

    rulebook->settings = settings;
    rulebook->members = members;
    rulebook->metrics = metrics;
    if (rulebook_read(rulebook, err) < 0) {
        rulebook_close(rulebook);
        return NULL;
    }
    rulebook_exchange(rulebook);
    return rulebook;
}

void rulebook_close(struct rulebook *rulebook)
{
    if (!rulebook)
        return;
    close_edition(&rulebook->edition);
    close_edition(&rulebook->next);
    free(rulebook);
}

bool rulebook_is_outdated(const struct rulebook *rulebook)
{
    return look_at_files(rulebook->settings) != rulebook->files;
}

int rulebook_read(struct rulebook *rulebook, struct error *err)
{
    close_edition(&rulebook->next);
    /* Looked at before they are read: a change in between is then seen as one. */
    rulebook->files = look_at_files(rulebook->settings);
    if (open_edition(rulebook, &rulebook->next, err) == 0)
        return 0;
    close_edition(&rulebook->next);
    return err->code;
}

void rulebook_exchange(struct rulebook *rulebook)
{
    if (rulebook->edition.info)
        metrics_hide(rulebook->edition.info);
    close_edition(&rulebook->edition);
    rulebook->edition = rulebook->next;
    rulebook->next = (struct edition){0};
    make_counters(&rulebook->edition, rulebook->metrics);
    if (rulebook->edition.info)
        metrics_set(rulebook->edition.info, 1);
}

const struct engine *rulebook_engine(const struct rulebook *rulebook)
{
    return rulebook->edition.engine;
}

struct engine_scratch *rulebook_scratch(const struct rulebook *rulebook, size_t member)
{
    return rulebook->edition.scratches[member];
}

const struct ruleset *rulebook_rules(const struct rulebook *rulebook)
{
    return rulebook->edition.rules;
}

struct quota *rulebook_quota(const struct rulebook *rulebook)
{
    return rulebook->edition.quota;
}

size_t rulebook_index(const struct rulebook *rulebook, const struct rule *rule)
{
    const struct entry_of_rule wanted = {rule, 0};
    const struct entry_of_rule *found =
        bsearch(&wanted, rulebook->edition.by_pointer, ruleset_count(rulebook->edition.rules),
                sizeof(wanted), by_pointer);

    return found->index;
}

void rulebook_count(const struct rulebook *rulebook, size_t index)
{
    metrics_add(rulebook->edition.counters[index].matches, 1);
}

void rulebook_count_limits(struct rulebook *rulebook)
{
    struct edition *edition = &rulebook->edition;

    for (size_t i = 0; i < ruleset_count(edition->rules); i++) {
        struct counters *counters = &edition->counters[i];
        uint64_t hits = 0;

        for (size_t member = 0; member < edition->members; member++)
            hits += engine_limit_hits(edition->scratches[member], i);
        metrics_add(counters->limit_hits, hits - counters->limit_hits_seen);
        counters->limit_hits_seen = hits;
    }
}

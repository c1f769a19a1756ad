#include "cli/commands/scan_iocs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/keyed.h"
#include "base/observable.h"
#include "cli/commands/ioc_file.h"
#include "iocfeed/harvest.h"
#include "iocfeed/merge.h"
#include "iocfeed/sightings.h"

struct range {
    struct text value, brief;
};

struct scan_iocs {
    struct sieve *sieve;
    struct keyed *briefs; /* by key */
    struct range *ranges;
    struct arena *lasting;
};

/* A file of which nothing can be looked for is a mistake; an empty one is none. */
static int judge(const struct harvest *harvest, struct error *err)
{
    struct intake_counts counts = intake_counts(harvest->intake);

    if (counts.rows == 0 || counts.good > 0)
        return harvest_judge(harvest, err);
    return error_set(err, -EINVAL,
                     "none of its %" PRIu64 " rows is an indicator to look for; 'haechi ioc import "
                     "--refused' says why",
                     counts.rows);
}

static int harvest_file(const char *path, bool allow_private, int64_t now_ms,
                        struct sightings *sightings, struct error *err)
{
    const struct intake_sink sink = sightings_sink(sightings);
    AUTO_BUF body = {0};

    if (ioc_file_read(path, &body, err) < 0)
        return err->code;
    const struct profile profile = {.name = path,
                                    .format = feed_guess(buf_text(&body))->name,
                                    .allow_private = allow_private,
                                    .max_bad_rows = 1};
    AUTO(harvest)
    harvest = harvest_new(&profile, NULL, now_ms, &sink, (struct text){0}, err);
    int result = harvest ? harvest_take_file(harvest, buf_text(&body), err) : -EINVAL;

    if (result == 0)
        result = judge(harvest, err);
    if (result < 0)
        error_prefix(err, "%s", path);
    return result;
}

static void take(struct scan_iocs *iocs, const struct sightings_entry *entry, int64_t now_ms,
                 struct cidr *cidrs, size_t *range_count)
{
    const struct sighting *sighting = &entry->sighting;
    AUTO(arena) arena = arena_new(1024);
    AUTO_BUF brief = {0};
    struct ioc ioc;

    merge_start(&ioc, (struct text){0}, sighting->type, sighting->value);
    merge_add(&ioc, &sighting->source, now_ms, arena);
    ioc_brief_write(&ioc, &brief);
    if (sighting->type != IOC_CIDR) {
        sieve_add(iocs->sieve, sighting->type, sighting->value);
        keyed_set(iocs->briefs, entry->key, buf_text(&brief));
    } else if (cidr_parse(sighting->value, &cidrs[*range_count])) {
        iocs->ranges[(*range_count)++] =
            (struct range){arena_copy(iocs->lasting, sighting->value),
                           arena_copy(iocs->lasting, buf_text(&brief))};
    }
}

struct scan_iocs *scan_iocs_open(const char *path, bool allow_private, int64_t now_ms,
                                 struct error *err)
{
    AUTO(sightings) sightings = sightings_new(NULL);

    if (harvest_file(path, allow_private, now_ms, sightings, err) < 0)
        return NULL;
    size_t count = sightings_count(sightings), range_count = 0;
    struct scan_iocs *iocs = mem_zero(sizeof(*iocs));
    struct cidr *cidrs = mem_zero((count + 1) * sizeof(*cidrs));

    iocs->sieve = sieve_new(bloom_new(count, (uint64_t)now_ms));
    iocs->briefs = keyed_new();
    iocs->ranges = mem_zero((count + 1) * sizeof(*iocs->ranges));
    iocs->lasting = arena_new(16384);
    for (size_t i = 0; i < count; i++) {
        const struct sightings_entry *entry = sightings_at(sightings, i);

        if (!entry->sighting.withdrawn)
            take(iocs, entry, now_ms, cidrs, &range_count);
    }
    sieve_set_ranges(iocs->sieve, cidrs, range_count);
    free(cidrs);
    return iocs;
}

void scan_iocs_close(struct scan_iocs *iocs)
{
    if (!iocs)
        return;
    sieve_free(iocs->sieve);
    keyed_free(iocs->briefs);
    free(iocs->ranges);
    arena_free(iocs->lasting);
    free(iocs);
}

static bool is_known(const struct scan_iocs *iocs, const struct suspect *suspect,
                     struct arena *arena, struct ioc_hit *hit)
{
    struct text brief;

    *hit = (struct ioc_hit){
        .type = suspect->type, .value = suspect->value, .seen = suspect->seen, .is_certain = true};
    if (suspect->type == IOC_CIDR) {
        hit->value = iocs->ranges[suspect->range].value;
        brief = iocs->ranges[suspect->range].brief;
    } else if (!keyed_find(iocs->briefs,
                           ioc_key((struct text){0}, suspect->type, suspect->value, arena),
                           &brief)) {
        return false;
    }
    return ioc_brief_read(brief, &hit->brief);
}

static void note_reputation(const struct entry *entry, const struct ioc_hit *hit,
                            double *reputation)
{
    struct address source, seen;

    if (address_parse_endpoint(entry->fields[ENTRY_SOURCE_IP], &source) &&
        address_parse(hit->seen, &seen) && memcmp(&source, &seen, sizeof(seen)) == 0 &&
        (*reputation < 0 || hit->brief.reputation < *reputation))
        *reputation = hit->brief.reputation;
}

/* NOLINTNEXTLINE(readability-function-size): what a file, a source and a log each bring */
size_t scan_iocs_match(const struct scan_iocs *iocs, struct text log, const struct source *source,
                       struct entry *entry, const struct detect_origin *origin,
                       const struct detector_settings *settings, struct arena *arena,
                       struct detection **detections, size_t count, double *reputation)
{
    bool is_json = log.size && (log.bytes[0] == '{' || log.bytes[0] == '[');
    struct sieve_counts counts = {0};
    struct suspect *suspects;

    *reputation = -1;
    log = observable_plain(log, is_json, settings->ioc_defanged, arena);
    size_t suspect_count = sieve_sift(iocs->sieve, log, NULL, arena, &suspects, &counts);

    if (suspect_count == 0)
        return count;
    source_parse_rest(source, arena, entry);
    struct detection *all = arena_zero(arena, (count + suspect_count) * sizeof(*all));

    if (count > 0)
        memcpy(all, *detections, count * sizeof(*all));
    for (size_t i = 0; i < suspect_count; i++) {
        struct ioc_hit hit;

        if (!is_known(iocs, &suspects[i], arena, &hit))
            continue;
        ioc_hit_fill(&all[count++], &hit, log, source, entry, origin, &settings->detect,
                     &settings->ioc_levels, arena);
        note_reputation(entry, &hit, reputation);
    }
    *detections = all;
    return count;
}

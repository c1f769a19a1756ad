/* feed_harvest: a feed's body read into lines of text, for the tests of formats:
 *
 *     ip:192.0.2.1 c2 0.75 port=443 tags=a,b
 *     -ip:192.0.2.9                             withdrawn
 *     ?bogon 10.0.0.1                           refused
 */
#pragma once

#include "unit.h"

#include "base/buf.h"
#include "base/moment.h"
#include "base/number.h"
#include "iocfeed/harvest.h"

enum { FEED_NOW = 1790000000 }; /* seconds: 2026-09-21 */

struct feed_result {
    struct buf lines;
    bool brief; /* type and value alone */
};

static inline void feed_sighting(void *self, const struct sighting *sighting)
{
    struct feed_result *result = self;
    struct buf *out = &result->lines;

    buf_addf(out, "%s%s:%.*s", sighting->withdrawn ? "-" : "", ioc_types[sighting->type],
             TEXT_ARG(sighting->value));
    if (!result->brief) {
        const struct ioc_source *source = &sighting->source;

        buf_addf(out, " %.*s ", TEXT_ARG(source->threat_type));
        number_write_double(source->confidence, out);
        if (source->ports.count)
            buf_addf(out, " port=%.*s", TEXT_ARG(source->ports.items[0]));
        for (size_t i = 0; i < source->tags.count; i++)
            buf_addf(out, i ? ",%.*s" : " tags=%.*s", TEXT_ARG(source->tags.items[i]));
        if (source->first_seen != RECORD_NULL) {
            buf_add_string(out, " first=");
            moment_write(source->first_seen, out);
        }
        if (source->last_seen != RECORD_NULL) {
            buf_add_string(out, " last=");
            moment_write(source->last_seen, out);
        }
        if (source->valid_until != RECORD_NULL) {
            buf_add_string(out, " until=");
            moment_write(source->valid_until, out);
        }
        if (source->description.size)
            buf_addf(out, " \"%.*s\"", TEXT_ARG(source->description));
    }
    buf_add_byte(out, '\n');
}

static inline void feed_refused(void *self, const struct refusal *refusal)
{
    struct feed_result *result = self;

    buf_addf(&result->lines, "?%s %.*s\n", refusal->code, TEXT_ARG(refusal->value));
}

/* The lines, and behind them "error: …" where the body or the whole was refused. */
static inline void feed_read(const struct profile *profile, struct text body,
                             struct feed_result *result)
{
    const struct intake_sink sink = {result, feed_sighting, feed_refused};
    struct error err = {0};
    AUTO(harvest)
    harvest = harvest_new(profile, NULL, (int64_t)FEED_NOW * 1000, &sink, (struct text){0}, &err);

    if (!harvest || harvest_take_file(harvest, body, &err) < 0 || harvest_judge(harvest, &err) < 0)
        buf_addf(&result->lines, "error: %s\n", err.text);
}

struct feed_case {
    const char *name;
    struct profile profile;
    const char *body;
    const char *want;
};

static inline void feed_check(const struct feed_case *cases, size_t count, bool brief)
{
    for (size_t i = 0; i < count; i++) {
        struct feed_result result = {.brief = brief};
        struct profile profile = cases[i].profile;

        if (!profile.name)
            profile.name = "test";
        feed_read(&profile, text_of(cases[i].body), &result);
        unit_text(cases[i].name, buf_text(&result.lines), cases[i].want);
        buf_done(&result.lines);
    }
}

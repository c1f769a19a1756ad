/* provider: feeds that are known by name: where they are, how they are written, how often they may
 * be asked, under which licence, and with which key.
 *
 * docs/feeds.md says where each row comes from.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "iocfeed/profile.h"

struct provider {
    const char *name; /* `format:` in settings */
    const char *title;
    const char *url;      /* "" : it has the user's key in it */
    const char *url_form; /* of one with a key; NULL: it has none */
    const char *format;   /* that it is written in */
    const char *type;
    const char *type_behind; /* in the url; NULL: it does not say the type */
    const char *threat_type;
    double confidence;
    const char *fields[8]; /* part, column, part, column, …; NULL ends it */
    const char *list;
    const char *separator;
    const char *comment;
    int64_t interval_ms; /* what is usual; 0: an hour */
    int64_t floor_ms;    /* never ask more often */
    int64_t ttl_ms;
    const char *key_header; /* of requests, with the key as it is; NULL: none */
    bool key_needed;
    bool ends_with_metadata; /* JSON lines, of which the last says how many there are */
    bool may_be_empty;       /* a few rows or none are normal: max_shrink does not apply */
    const char *licence;
    const char *page; /* about it */
};

const struct provider *provider_find(struct text name);
const struct provider *provider_at(size_t i); /* NULL behind the last */

/* @profile with what @provider says where it is silent itself. Texts are those of both. */
struct profile provider_fill(const struct provider *provider, const struct profile *profile,
                             struct arena *arena);

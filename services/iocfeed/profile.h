/* profile: how one feed is to be understood. What settings say, and where they are silent, what the
 * provider's row says (provider.h).
 */
#pragma once

#include <stdint.h>

#include "base/settings.h"

struct profile {
    const char *name;   /* the source's name in records */
    const char *format; /* feed.h or provider.h */
    const char *url;
    const char *type;        /* of rows that do not say one: "ip", "domain", "hash", … */
    const char *threat_type; /* likewise */
    double confidence;       /* likewise; 0: the format's own */
    int64_t ttl_ms; /* how long a row counts unless it says until when; 0: while it is there */
    struct text_list tags; /* added to each row's */
    const char *tenant;    /* whose the IOCs are; NULL: all tenants' */

    struct text_map
        fields;       /* what a value, type, … is called: header, position from 1, JSON path */
    const char *list; /* JSON path of the rows; "*" is every member */
    const char *separator; /* of CSV: one character, or "tab" */
    const char *comment;   /* what begins a comment */

    int64_t max_rows;    /* a feed with more is refused; 0: no limit */
    double max_bad_rows; /* share of rows that may be unreadable; 0: the default, 0.5 */
    double max_shrink;   /* share of its IOCs that a feed may lose at once; 0: none, 1: all */
    bool allow_private;  /* own lists may name one's own addresses */
    int64_t floor_v4;    /* the widest ranges that are taken; 0: /8 and /19 */
    int64_t floor_v6;
    double decay_lifetime; /* days; 0: no decay (decay.h) */
    double decay_speed;
    double decay_threshold; /* 0 to 1, of the confidence */
};

/* Rows for a table of settings whose struct @type has a struct profile @member. */
#define PROFILE_AT(outer, member, field) (offsetof(outer, member) + offsetof(struct profile, field))
#define PROFILE_SETTINGS(outer, member)                                                            \
    {.name = "name",                                                                               \
     .type = SETTING_TEXT,                                                                         \
     .required = true,                                                                             \
     .offset = PROFILE_AT(outer, member, name),                                                    \
     .help = "what its IOCs say they are from"},                                                   \
        {.name = "format",                                                                         \
         .type = SETTING_TEXT,                                                                     \
         .required = true,                                                                         \
         .offset = PROFILE_AT(outer, member, format),                                              \
         .help = "json, csv, txt, stix, taxii, misp, misp_rest, or a provider's name (feeds.md)"}, \
        {.name = "url",                                                                            \
         .type = SETTING_URL,                                                                      \
         .offset = PROFILE_AT(outer, member, url),                                                 \
         .help = "where it is; providers have their own"},                                         \
        {.name = "type",                                                                           \
         .type = SETTING_TEXT,                                                                     \
         .offset = PROFILE_AT(outer, member, type),                                                \
         .help = "type of rows that say none: ip, domain, url, hash, email"},                      \
        {.name = "threat_type",                                                                    \
         .type = SETTING_TEXT,                                                                     \
         .offset = PROFILE_AT(outer, member, threat_type),                                         \
         .help = "threat type of rows that say none: c2, malware, phishing, …"},                   \
        {.name = "confidence",                                                                     \
         .type = SETTING_NUMBER,                                                                   \
         .maximum = 1,                                                                             \
         .offset = PROFILE_AT(outer, member, confidence),                                          \
         .help = "confidence of rows that say none"},                                              \
        {.name = "ttl",                                                                            \
         .type = SETTING_DURATION,                                                                 \
         .maximum = 3.2e11,                                                                        \
         .offset = PROFILE_AT(outer, member, ttl_ms),                                              \
         .help = "how long a row counts after it was last seen; without: while the feed has it"},  \
        {.name = "tags",                                                                           \
         .type = SETTING_TEXT_LIST,                                                                \
         .offset = PROFILE_AT(outer, member, tags),                                                \
         .help = "added to the tags of each IOC"},                                                 \
        {.name = "tenant",                                                                         \
         .type = SETTING_TEXT,                                                                     \
         .offset = PROFILE_AT(outer, member, tenant),                                              \
         .help = "whose they are; without: all tenants'"},                                         \
        {.name = "fields",                                                                         \
         .type = SETTING_TEXT_MAP,                                                                 \
         .offset = PROFILE_AT(outer, member, fields),                                              \
         .help =                                                                                   \
             "where value, type, threat_type, confidence, first_seen, last_seen, "                 \
             "valid_until, tags, description, port, is_active, to_ids stand: a column's name or "  \
             "position from 1, or a JSON path"},                                                   \
        {.name = "list",                                                                           \
         .type = SETTING_TEXT,                                                                     \
         .offset = PROFILE_AT(outer, member, list),                                                \
         .help = "JSON path of the rows, as data.items; * is every member"},                       \
        {.name = "separator",                                                                      \
         .type = SETTING_TEXT,                                                                     \
         .offset = PROFILE_AT(outer, member, separator),                                           \
         .help = "between the columns of CSV: one character, or tab"},                             \
        {.name = "comment",                                                                        \
         .type = SETTING_TEXT,                                                                     \
         .offset = PROFILE_AT(outer, member, comment),                                             \
         .help = "what begins a comment; without: # in CSV, #, ; and // in txt"},                  \
        {.name = "max_rows",                                                                       \
         .type = SETTING_INTEGER,                                                                  \
         .fallback = "10000000",                                                                   \
         .maximum = 1e9,                                                                           \
         .offset = PROFILE_AT(outer, member, max_rows),                                            \
         .help = "a feed with more rows is refused"},                                              \
        {.name = "max_bad_rows",                                                                   \
         .type = SETTING_NUMBER,                                                                   \
         .fallback = "0.5",                                                                        \
         .maximum = 1,                                                                             \
         .offset = PROFILE_AT(outer, member, max_bad_rows),                                        \
         .help = "a feed with a greater share of unreadable rows is refused"},                     \
        {.name = "max_shrink",                                                                     \
         .type = SETTING_NUMBER,                                                                   \
         .fallback = "0.5",                                                                        \
         .maximum = 1,                                                                             \
         .offset = PROFILE_AT(outer, member, max_shrink),                                          \
         .help = "a feed that loses a greater share of its IOCs at once is refused and the old "   \
                 "set kept; 0: it may lose none, 1: all"},                                         \
        {.name = "allow_private",                                                                  \
         .type = SETTING_BOOLEAN,                                                                  \
         .offset = PROFILE_AT(outer, member, allow_private),                                       \
         .help = "take private and reserved addresses too"},                                       \
        {.name = "floor_v4",                                                                       \
         .type = SETTING_INTEGER,                                                                  \
         .fallback = "8",                                                                          \
         .minimum = 1,                                                                             \
         .maximum = 32,                                                                            \
         .offset = PROFILE_AT(outer, member, floor_v4),                                            \
         .help = "IPv4 ranges with a shorter prefix are refused"},                                 \
        {.name = "floor_v6",                                                                       \
         .type = SETTING_INTEGER,                                                                  \
         .fallback = "19",                                                                         \
         .minimum = 1,                                                                             \
         .maximum = 128,                                                                           \
         .offset = PROFILE_AT(outer, member, floor_v6),                                            \
         .help = "IPv6 ranges with a shorter prefix are refused"},                                 \
        {.name = "decay.lifetime",                                                                 \
         .type = SETTING_NUMBER,                                                                   \
         .maximum = 36500,                                                                         \
         .offset = PROFILE_AT(outer, member, decay_lifetime),                                      \
         .help = "days until nothing is left of the confidence (MISP's polynomial); without: no "  \
                 "decay"},                                                                         \
        {.name = "decay.speed",                                                                    \
         .type = SETTING_NUMBER,                                                                   \
         .fallback = "1",                                                                          \
         .minimum = 0.01,                                                                          \
         .maximum = 100,                                                                           \
         .offset = PROFILE_AT(outer, member, decay_speed),                                         \
         .help = "above 1 it falls fast at first"},                                                \
    {                                                                                              \
        .name = "decay.threshold", .type = SETTING_NUMBER, .fallback = "0.3", .maximum = 1,        \
        .offset = PROFILE_AT(outer, member, decay_threshold),                                      \
        .help = "an IOC whose confidence has decayed below it no longer counts"                    \
    }

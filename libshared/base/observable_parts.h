/* observable_parts: what the files of observable share. */
#pragma once

#include "base/ascii.h"
#include "base/observable.h"

enum { OBSERVABLE_NAME_MAX = 253, OBSERVABLE_MAILBOX_MAX = 64, OBSERVABLE_URL_MAX = 4096 };

/* Of bytes. */
enum {
    OBSERVABLE_ALNUM = 1,
    OBSERVABLE_FIRST = 2,   /* a name may begin with it */
    OBSERVABLE_MAILBOX = 4, /* of what stands before the "@" of most mail addresses */
    OBSERVABLE_AT = 8,
    OBSERVABLE_BEFORE = 16, /* before a host: there may be a URL, a mailbox or an escape */
    OBSERVABLE_BEHIND = 32, /* behind a host: there may be a path */
};
extern const unsigned char observable_classes[256];

static inline bool observable_is(char byte, int class)
{
    return observable_classes[(unsigned char)byte] & class;
}

/* One pass over a text. */
struct observable_scan {
    struct text text;
    struct observable_bits bits;
    const struct observable_sink *sink;
    struct observable one; /* the one being shown */
};
enum { OBSERVABLE_WORD = 64 };

static inline struct text observable_between(const struct observable_scan *scan, size_t from,
                                             size_t to)
{
    return (struct text){scan->text.bytes + from, to - from};
}

static inline uint64_t observable_without_lowest(uint64_t bits)
{
    return bits & (bits - 1);
}

/* Shows scan->one as being of @kind, from @from to @to, with what stands around it. */
void observable_show_host(struct observable_scan *scan, enum observable_kind kind, size_t from,
                          size_t to);

/* The dots of what the first finds are no marks for the second. */
void observable_scan_v6(struct observable_scan *scan);
void observable_scan_names(struct observable_scan *scan);

/* Whether "%2F" or the like stands before @at. */
bool observable_is_escaped(struct text t, size_t at);

/* Fills in link, authority and mail of what begins at @host in @t. */
void observable_look_around(struct text t, size_t host, struct observable *found);

/* The next name from @at on that is not of ASCII alone. */
bool observable_next_wide(struct text t, size_t *at, struct observable *found);

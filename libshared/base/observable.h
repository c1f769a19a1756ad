/* observable: what in a text may be held against threat intelligence.
 *
 * Addresses, domains, URLs, e-mail addresses and hashes, wherever they stand: in a line, in JSON,
 * in a query string. One pass that only stops at dots and colons, and a second that looks at each
 * 32nd byte for hashes. What is found looks right and is no more than that: "app.js" has the shape
 * of a domain. Names in other scripts are seen in their ASCII form (xn--) only.
 *
 * Texts are borrowed and as they were written; their canonical forms are the caller's work.
 */
#pragma once

#include <stdbool.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/text.h"

enum observable_kind {
    OBSERVABLE_IP,
    OBSERVABLE_DOMAIN,
    OBSERVABLE_URL,
    OBSERVABLE_EMAIL,
    OBSERVABLE_MD5,
    OBSERVABLE_SHA1,
    OBSERVABLE_SHA256,
    OBSERVABLE_KINDS
};

/* As IOC types are called: "ip", "domain", … */
extern const char *const observable_names[OBSERVABLE_KINDS];

struct observable {
    enum observable_kind kind;
    struct text text;
    struct address address; /* of an IP */
};

enum { OBSERVABLE_AT_ONCE = 3 };

/* A place in a text; made by observable_scan_of(), all else is private. */
struct observable_scan {
    struct text text;
    size_t at, floor; /* what lies before the floor belongs to what was found already */
    bool in_hashes;
    struct observable waiting[OBSERVABLE_AT_ONCE];
    size_t waiting_count;
};

struct observable_scan observable_scan_of(struct text text);

/* The next one. A URL comes before the domain or address in it, an e-mail address before its
 * domain. False: there are no more. */
bool observable_next(struct observable_scan *scan, struct observable *found);

/* @text as it would read without JSON's escapes and without the brackets that keep people from
 * clicking ("evil[.]example", "hxxp://", "evil(dot)example", "user[at]evil.example"): what is asked
 * for by @escapes and @defanged. The same text where there is nothing to do, else in @arena. */
struct text observable_plain(struct text text, bool escapes, bool defanged, struct arena *arena);

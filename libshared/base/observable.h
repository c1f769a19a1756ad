/* observable: what in a text may be held against threat intelligence.
 *
 * Addresses, domains, URLs, e-mail addresses and hashes, wherever they stand: in a line, in JSON,
 * in a query string, behind percent signs. One pass tells where to look (observable_bits.h): at
 * the first place between two gaps that may be in a name, at colons if there are enough of them, at
 * runs long enough for a hash. What is found looks right and is no more than that: "app.js" has the
 * shape of a domain.
 *
 * Texts are borrowed and as they were written; their canonical forms are the caller's work.
 */
#pragma once

#include <stdbool.h>

#include "base/address.h"
#include "base/observable_bits.h"

enum observable_kind {
    OBSERVABLE_IP,
    OBSERVABLE_DOMAIN, /* of ASCII, unless is_wide */
    OBSERVABLE_MD5,
    OBSERVABLE_SHA1,
    OBSERVABLE_SHA256,
    OBSERVABLE_KINDS
};

/* How the URL is written whose host an observable is. */
enum observable_link {
    OBSERVABLE_NO_URL,
    OBSERVABLE_URL,         /* http://evil.example/a */
    OBSERVABLE_ESCAPED_URL, /* http%3A%2F%2Fevil.example%2Fa */
    OBSERVABLE_BARE_URL,    /* evil.example/a, evil.example:81/a */
};

struct observable {
    enum observable_kind kind;
    enum observable_link link;
    bool is_wide; /* a domain that is not written in ASCII alone */
    struct text text;
    uint64_t dots;          /* of a domain of fewer than 64 bytes, not wide: where its dots are */
    struct address address; /* of an IP */
    size_t authority;       /* of the URL: where that begins, or for a bare one the host */
    size_t mail;            /* where the mailbox begins whose domain it is; OBSERVABLE_NONE */
};
#define OBSERVABLE_NONE SIZE_MAX

typedef void observable_visitor(void *self, const struct observable *one);

struct observable_sink {
    void *self;
    observable_visitor *visit;
    /* Of a part of the text without quotes and spaces, with such or the text's ends around it,
     * before its names and IPv4 are looked for: whether they may be left out. What a part holds
     * depends on its bytes alone. NULL: never. */
    bool (*may_skip)(void *self, struct text part);
};

/* Shows @sink all of them: IPv6, then names and IPv4, hashes, and wide names. What it needs is in
 * @arena. */
void observable_each(struct text text, struct arena *arena, const struct observable_sink *sink);

/* The URLs that an observable's link may be, the longest first: where one ends is not always said.
 * Not for OBSERVABLE_NO_URL. In @arena where they are not as in the text; returns how many. */
enum { OBSERVABLE_URLS = 8 };
size_t observable_urls(struct text text, const struct observable *one, struct arena *arena,
                       struct text urls[OBSERVABLE_URLS]);

/* @text as it would read without JSON's escapes and without the brackets that keep people from
 * clicking ("evil[.]example", "hxxp://", "evil(dot)example", "user[at]evil.example"): what is asked
 * for by @escapes and @defanged. Without @escapes still "\/" is "/". Words in which escapes are
 * left ("\nevil.example", JSON within JSON, rsyslog's "#011") stand behind the text once more
 * without them. The same text where there is nothing to do, else in @arena; at most twice as long.
 */
struct text observable_plain(struct text text, bool escapes, bool defanged, struct arena *arena);

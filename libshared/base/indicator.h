/* indicator: one text that names an address, a domain, a URL, a hash or a mailbox, in the one form
 * in which it is stored and looked up; or the reason why it is none.
 *
 * The rules, with where they come from:
 *  - what analysts defang is refanged (hxxp, [.], (.), [dot], [:], [at], …), but never in a query;
 *  - IPv4 is four decimal parts; leading zeros and short forms are refused, since readers disagree
 *    on them. IPv6 is written as RFC 5952 says; ::ffff:a.b.c.d is the IPv4 address; zones are
 *    refused;
 *  - "address:port" keeps the port as a condition;
 *  - ranges with a prefix shorter than a floor are refused, bits behind the prefix are cleared, and
 *    a range of one address is that address. Bogons are refused: addresses that mean another
 * machine in each network (RFC 6890), so that they would fire on one's own. Addresses for
 * documentation are not among them: no machine has one, so none can be blamed;
 *  - names are lower case A-labels (UTS 46, non-transitional) without the last dot; labels may hold
 *    underscores; a public suffix (publicsuffix.org) is refused, as everybody's names are below it;
 *  - URLs: scheme and host lower, default port, user and fragment off, unreserved
 *    characters decoded and other escapes in upper case (RFC 3986 §6.2.2), "/" for an empty path. A
 *    URL without a scheme stays without, as it is meant whatever the scheme, unless its port says
 *    which;
 *  - hashes go by their length, in lower case; all zeros and the hash of the empty file are
 *    refused;
 *  - mail addresses are lower case: no mail server in use tells mailboxes apart by it. Those with
 *    more than letters, digits, '.', '_', '+' and '-' before the "@" are refused, since logs have
 *    the others around addresses ("from=a@b", "'a@b'").
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/cidr.h"
#include "base/ioc.h"
#include "base/text.h"

/* What the giver says that a text is. */
enum indicator_kind {
    INDICATOR_ANY,     /* nothing: it goes by what it looks like */
    INDICATOR_ADDRESS, /* IP, IP:port or CIDR */
    INDICATOR_DOMAIN,
    INDICATOR_URL,
    INDICATOR_HASH, /* by its length */
    INDICATOR_MD5,
    INDICATOR_SHA1,
    INDICATOR_SHA256,
    INDICATOR_EMAIL,
    INDICATOR_UNSUPPORTED, /* something that we do not look for: refused */
};

enum indicator_reason {
    INDICATOR_GOOD,
    INDICATOR_EMPTY,
    INDICATOR_TOO_LONG,
    INDICATOR_CONTROL,
    INDICATOR_NOT_UTF8,
    INDICATOR_UNKNOWN,
    INDICATOR_NOT_LOOKED_FOR,
    INDICATOR_MISMATCH,
    INDICATOR_BAD_ADDRESS,
    INDICATOR_LEADING_ZERO,
    INDICATOR_ZONE,
    INDICATOR_BOGON,
    INDICATOR_BAD_PORT,
    INDICATOR_BAD_PREFIX,
    INDICATOR_TOO_WIDE,
    INDICATOR_BAD_DOMAIN,
    INDICATOR_SINGLE_LABEL,
    INDICATOR_PUBLIC_SUFFIX,
    INDICATOR_UNKNOWN_TLD,
    INDICATOR_BAD_URL,
    INDICATOR_NO_HOST,
    INDICATOR_BAD_HASH,
    INDICATOR_HASH_LENGTH,
    INDICATOR_ZERO_HASH,
    INDICATOR_EMPTY_FILE,
    INDICATOR_BAD_EMAIL,
    INDICATOR_BAD_MAILBOX,
    INDICATOR_REASONS, /* how many there are */
};

struct indicator_rules {
    bool refang;       /* undo what analysts write to make an indicator harmless */
    bool looking_up;   /* a value to be asked for, not to be listed: only syntax is judged */
    bool allow_bogons; /* own indicators may name machines of one's own network */
    int floor_v4;      /* shortest prefixes that are taken; 0: 8 and 19 */
    int floor_v6;
};

struct indicator {
    enum ioc_type type;
    struct text value;
    int port;         /* 1 to 65535; 0: any */
    struct text host; /* of a URL or mailbox: its domain or address, canonical */
    bool cleared;     /* a range had bits behind its prefix */
};

enum { INDICATOR_MAX_BYTES = 4096, INDICATOR_URL_FORMS = 4 };

/* @raw as it stands in a feed or a log, white space around it aside, that of Unicode too. Texts of
 * @out are in @arena; unless the result is INDICATOR_GOOD, @out is not to be used. */
enum indicator_reason indicator_read(struct text raw, enum indicator_kind kind,
                                     const struct indicator_rules *rules, struct arena *arena,
                                     struct indicator *out);

/* "public_suffix", for counters; and "is a public suffix: everybody's names are below it", to stand
 * behind the value. */
const char *indicator_reason_code(enum indicator_reason reason);
const char *indicator_reason_text(enum indicator_reason reason);

/* What a listed URL may look like that means this canonical one: itself, without its query, and
 * both without the scheme. Borrowed; returns how many there are. */
size_t indicator_url_forms(struct text url, struct text forms[INDICATOR_URL_FORMS]);

/* A port, 1 to 65535; 0 for anything else. */
int indicator_port(struct text t);

/* "a-b": the first and last address of a range. */
bool indicator_span(struct text raw, struct address *first, struct address *last);
/* The largest range that begins at *@first and ends by @last; moves *@first behind it and returns
 * whether more is left. */
bool indicator_span_next(struct address *first, const struct address *last, struct cidr *cidr);

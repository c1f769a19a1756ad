/* geoip: where an address is, from databases in MaxMind's format (country/city, ASN, anonymous).
 *
 * Several files are asked for each address, and the first that knows a thing wins. A file that is
 * replaced while it is open must be replaced by rename, as geoipupdate does: it is mapped. Not
 * thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"
#include "base/text.h"

struct geoip;

struct geoip_answer {
    struct text country; /* ISO 3166-1 alpha-2, borrowed from the database; empty: not known */
    int64_t asn;         /* -1: not known */
    bool anonymous;      /* anonymous proxy, VPN or hosting as the database has it */
    bool tor;            /* Tor exit node */
};

/* NULL with @err: one of the files is missing or no such database. */
struct geoip *geoip_open(const char *const *paths, size_t count, struct error *err);
void geoip_close(struct geoip *geoip); /* NULL is fine */

/* False, and @answer says that nothing is known, when no database knows the address; a database
 * that turns out to be damaged where the address stands is the same, and counted. */
bool geoip_find(struct geoip *geoip, const struct address *address, struct geoip_answer *answer);
uint64_t geoip_damaged(const struct geoip *geoip);

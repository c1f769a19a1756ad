/* geoip: where an address is, from databases in MaxMind's format (country/city, ASN, anonymous). */
#pragma once

#include <stdbool.h>

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

/* Opens one file; maps it, so that it costs what is touched. NULL with @err: missing, malformed. */
struct geoip *geoip_open(const char *const *paths, size_t count, struct error *err);
void geoip_close(struct geoip *geoip); /* NULL is fine */
/* False when no database knows the address; a damaged database is the same, and counted. */
bool geoip_find(const struct geoip *geoip, const struct address *address,
                struct geoip_answer *answer);

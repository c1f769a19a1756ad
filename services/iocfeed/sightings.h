/* sightings: what one harvest of a feed found, each IOC once.
 *
 * A feed may name an IOC again and again (a port each, a report each): the highest confidence, the
 * longest validity, all tags and ports count; no port if one of them names none. A row that takes
 * one back takes back nothing that another row of the same harvest says.
 */
#pragma once

#include "iocfeed/intake.h"

struct sightings;

/* @tenant, borrowed, may be NULL: all tenants'. */
struct sightings *sightings_new(const char *tenant);
void sightings_free(struct sightings *sightings); /* NULL is fine */
AUTO_FREE(sightings)

/* For harvest_new(): each sighting is copied. */
struct intake_sink sightings_sink(struct sightings *sightings);
void sightings_add(struct sightings *sightings, const struct sighting *sighting);

size_t sightings_count(const struct sightings *sightings); /* withdrawn ones too */
size_t sightings_held(const struct sightings *sightings);  /* without them */

struct sightings_entry {
    struct text key; /* ioc_key() */
    struct sighting sighting;
};
/* In the order in which they came; @i < sightings_count(). */
const struct sightings_entry *sightings_at(const struct sightings *sightings, size_t i);
const struct sightings_entry *sightings_find(const struct sightings *sightings, struct text key);

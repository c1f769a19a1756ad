/* stix_objects: the objects of bundles and TAXII envelopes: of each indicator the newest version,
 * handed to an intake when all have been seen.
 */
#pragma once

#include <yyjson.h>

#include "iocfeed/harvest.h"

struct stix_objects;

struct stix_objects *stix_objects_new(void);
void stix_objects_free(struct stix_objects *objects); /* NULL is fine */
AUTO_FREE(stix_objects)

/* Adds the indicators among @list, an array; their texts are kept in the harvest's arena. */
void stix_objects_add(struct stix_objects *objects, struct harvest *harvest, yyjson_val *list);
/* Hands what was added to the harvest's intake. Once. */
void stix_objects_finish(const struct stix_objects *objects, struct harvest *harvest);

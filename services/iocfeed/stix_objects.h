/* stix_objects: the objects of bundles and TAXII envelopes: of each indicator the newest version,
 * handed to an intake when all have been seen.
 */
#pragma once

#include <yyjson.h>

#include "iocfeed/harvest.h"

/* Adds the indicators among @objects, an array, to the harvest's state. */
void stix_objects_add(struct harvest *harvest, yyjson_val *objects);
/* Hands what was collected to the intake, once. */
void stix_objects_finish(struct harvest *harvest);

/* kafka_property: what librdkafka says of its own properties.
 *
 * From the list that it prints (rd_kafka_conf_properties_show(), which its CONFIGURATION.md is made
 * of), so that errors can name what is allowed. For the rare case of an error: the list is made
 * anew each time.
 */
#pragma once

#include "base/buf.h"

/* Appends what a property may be, as "0 .. 900000" or "plaintext, ssl"; nothing where librdkafka
 * does not say or has no property of that name. */
void kafka_property_range(const char *name, struct buf *range);

/* Appends the name that was probably meant (document_nearest()), if there is one. */
void kafka_property_nearest(const char *name, struct buf *nearest);

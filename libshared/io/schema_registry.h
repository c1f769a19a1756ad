/* schema_registry: which Avro schema has which number (Confluent's REST API, as Apicurio, Karapace
 * and others speak it; docs.confluent.io/platform/current/schema-registry/develop/api.html).
 *
 * What the registry said once is remembered: a schema never changes its id. Where it could not be
 * asked, the next second's calls fail at once with the same reason, so that a batch does not wait
 * for a time-out with each record. Not thread-safe.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "base/text.h"
#include "io/shared_settings.h"

struct schema_registry;

/* Asks nothing yet. @settings are borrowed and have a url. */
struct schema_registry *schema_registry_open(const struct registry_settings *settings);
/* From now on each request is observed, and counted if it failed. */
void schema_registry_watch(struct schema_registry *registry, struct histogram *seconds,
                           struct counter *failures);
void schema_registry_close(struct schema_registry *registry); /* NULL is fine */

/* The id of @schema (JSON text) under @subject, which registers it where it is new. RETRY: the
 * registry is away. CONFIG: it refuses: no rights, not compatible with what is there, no registry
 * at that address. */
int schema_registry_register(struct schema_registry *registry, const char *subject,
                             struct text schema, uint32_t *id, struct error *err);

/* The schema with @id; lives as long as @registry. POISON: the registry knows no such id (asked
 * again after 10 s). Else as above. */
int schema_registry_find(struct schema_registry *registry, uint32_t id, struct text *schema,
                         struct error *err);

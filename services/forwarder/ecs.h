/* ecs: alerts as documents of the Elastic Common Schema, 9.5.0.
 *
 * https://www.elastic.co/docs/reference/ecs/ecs-field-reference. event.kind is `alert` (`signal` is
 * Kibana's own); ids are in event.id (alert_id) and haechi.revision. source.ip and its like are
 * typed `ip`: a value that is no address would make Elasticsearch refuse the document, so it goes
 * to source.address alone. What ECS has no place for is under `haechi`.
 */
#pragma once

#include "base/alert.h"
#include "base/buf.h"

/* One line of JSON. @host is the machine that the forwarder runs on. */
void ecs_write(const struct alert *alert, struct text host, struct buf *out);

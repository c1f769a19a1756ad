/* endpoint: a worker's /healthz, /readyz and /metrics.
 *
 * /healthz: 200 while every loop of the process turns, which is no question of Kafka or Redis: a
 * restart would not bring those back. /readyz: every condition with its problem; 200 if there is
 * none.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/metrics.h"
#include "io/conditions.h"

struct endpoint;
struct pulse; /* of one loop */

/* All borrowed. NULL with @err: the port is taken, … */
struct endpoint *endpoint_open(const char *address, int port, const char *service,
                               struct metrics *metrics, struct conditions *conditions,
                               struct error *err);
void endpoint_close(struct endpoint *endpoint); /* NULL is fine */
int endpoint_port(const struct endpoint *endpoint);

/* Of a loop that begins to turn now, called @name (copied) where it stands still; lives as long as
 * @endpoint. Any thread. */
struct pulse *endpoint_pulse(struct endpoint *endpoint, const char *name);
/* The loop has turned. Any thread. */
void endpoint_beat(struct pulse *pulse);

/* lifecycle: what the system asks of a worker, and the end that comes even if nothing else does.
 *
 * A thread of its own takes the signals: SIGTERM and SIGINT ask to stop, SIGHUP to reload. From the
 * first SIGTERM it watches the time: at the deadline, or at a second SIGTERM, the process ends at
 * once with status 1, storing nothing more.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct lifecycle;

/* Before any other thread: all of them inherit the mask that leaves the signals to this one.
 * SIGPIPE is ignored. */
struct lifecycle *lifecycle_start(int64_t shutdown_timeout_ms);
void lifecycle_end(struct lifecycle *lifecycle); /* NULL is fine */

bool lifecycle_is_stopping(const struct lifecycle *lifecycle);
/* clock_monotonic_us() by which all must be done; only while stopping. */
int64_t lifecycle_deadline_us(const struct lifecycle *lifecycle);
/* True once for each SIGHUP. */
bool lifecycle_take_reload(struct lifecycle *lifecycle);
/* Stops as SIGTERM would, deadline and all. */
void lifecycle_stop(struct lifecycle *lifecycle);

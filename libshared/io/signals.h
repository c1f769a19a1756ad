/* signals: SIGTERM and SIGINT ask a worker to end, SIGHUP to read its rules again.
 *
 * A thread of its own takes them, so that the shutdown's deadline holds even while the worker is
 * stuck in a library: at the deadline, or at a second SIGTERM, the process ends at once with status
 * 1, and what was not acknowledged is not stored.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct signals;

/* To be called before any other thread starts. */
struct signals *signals_start(int64_t shutdown_timeout_ms);
bool signals_want_end(const struct signals *signals);
/* True once for each SIGHUP seen. */
bool signals_want_reload(struct signals *signals);
/* The shutdown was in time. */
void signals_stop(struct signals *signals);

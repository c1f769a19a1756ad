/* socket: connects to a target's host and port, guarded. */
#pragma once

#include "base/error.h"
#include "forwarder/outside/http.h"

/* A non-blocking socket of @type (SOCK_STREAM, SOCK_DGRAM), connected. RETRY, CONFIG or -EINTR. */
int socket_connect(const struct target_settings *settings, const struct target_place *place,
                   int type, const struct keeper *keeper, struct error *err);

/* Waits for @events of @fd (poll.h) until @deadline_us (clock_monotonic_us()). */
int socket_wait(int fd, short events, int64_t deadline_us, const struct keeper *keeper,
                struct error *err);

/* http: one target's connection: sends a request, brings the reply.
 *
 * TLS 1.2 or newer, verified; no redirects, which would carry a token elsewhere; connections stay
 * open; cookies are kept, since a balancer may need one. Not thread-safe.
 */
#pragma once

#include "base/error.h"
#include "forwarder/forwarder_settings.h"
#include "forwarder/request.h"

struct http;

struct http_answer {
    int status; /* 0: none came, and the error says why */
    struct buf body;
    int64_t retry_after_ms; /* 0: it asks for nothing */
};

/* What is done while it waits, at least every 100 ms; false: no more time. */
struct keeper {
    bool (*keep)(void *self);
    void *self;
};

/* @settings are borrowed. */
struct http *http_open(const struct target_settings *settings);
void http_close(struct http *http); /* NULL is fine */

/* @answer starts as {0} or as of an earlier call. RETRY: nobody answered; CONFIG: certificate or
 * address are wrong; -EINTR, of any class: no more time. */
int http_exchange(struct http *http, const struct request *request, const struct keeper *keeper,
                  struct http_answer *answer, struct error *err);
void http_answer_done(struct http_answer *answer);

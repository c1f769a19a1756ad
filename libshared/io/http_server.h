/* http_server: /healthz, /readyz and /metrics on one port, in a thread of its own. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* Fills @out for one GET and returns the HTTP status. Called in the server's thread. */
typedef int http_server_page(void *context, struct buf *out, const char **content_type);

struct http_server_route {
    const char *path;
    http_server_page *page;
};

struct http_server;
/* @address NULL: all. @port 0: one that is free (http_server_port tells which). @routes end with a
 * row without a path and are borrowed. */
struct http_server *http_server_start(const char *address, int port,
                                      const struct http_server_route *routes, void *context,
                                      struct error *err);
int http_server_port(const struct http_server *server);
void http_server_stop(struct http_server *server); /* NULL is fine */

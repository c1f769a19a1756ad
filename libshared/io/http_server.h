/* http_server: /healthz, /readyz and /metrics on one port, in a thread of its own.
 *
 * GET and HEAD only, no request bodies of use, at most 32 connections, each closed after 10 s
 * without progress: whoever can reach the port can slow it down, but not the worker.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* Fills @out for one GET and returns the HTTP status. @content_type is text/plain in UTF-8 unless
 * the page sets another. Called in the server's thread. */
typedef int http_server_page(void *context, struct buf *out, const char **content_type);

struct http_server_route {
    const char *path;
    http_server_page *page;
};

struct http_server;

/* @address (numeric) NULL: all, IPv6 and IPv4. @port 0: one that is free (http_server_port tells
 * which). @routes end with a row without a path and are borrowed. NULL with @err: port taken, not
 * permitted, no such address. */
struct http_server *http_server_start(const char *address, int port,
                                      const struct http_server_route *routes, void *context,
                                      struct error *err);
int http_server_port(const struct http_server *server);
void http_server_stop(struct http_server *server); /* NULL is fine; waits for the thread */

#include "io/http_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTIONS = 32,
    IDLE_SECONDS = 10,
    REQUEST_BYTES = 16 * 1024, /* headers of a request; a scraper needs a few hundred */
};

struct http_server {
    const struct http_server_route *routes;
    void *context;
    struct MHD_Daemon *daemon;
    int port;
};

static enum MHD_Result reply(struct MHD_Connection *connection, int status, struct text body,
                             const char *content_type)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body.size, (void *)(uintptr_t)body.bytes, MHD_RESPMEM_MUST_COPY);

    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)status, response);

    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(struct http_server *server, struct MHD_Connection *connection,
                              const char *path)
{
    const char *content_type = "text/plain; charset=utf-8";

    for (const struct http_server_route *route = server->routes; route->path; route++) {
        if (strcmp(route->path, path) != 0)
            continue;
        AUTO_BUF body = {0};
        int status = route->page(server->context, &body, &content_type);

        return reply(connection, status, buf_text(&body), content_type);
    }
    AUTO_BUF body = {0};

    buf_add_string(&body, "not found; there is:\n");
    for (const struct http_server_route *route = server->routes; route->path; route++)
        buf_addf(&body, "%s\n", route->path);
    return reply(connection, MHD_HTTP_NOT_FOUND, buf_text(&body), content_type);
}

/* libmicrohttpd calls once for the headers, then for each part of a body, then once more. The
 * answer waits for the last call: given earlier, the connection could not be used again. */
/* NOLINTNEXTLINE(readability-function-size): the library's signature */
static enum MHD_Result handle(void *self, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **seen)
{
    static char marker;

    (void)version;
    (void)upload;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, TEXT("only GET and HEAD\n"),
                     "text/plain; charset=utf-8");
    if (!*seen) {
        *seen = &marker;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0; /* a body of a GET means nothing */
        return MHD_YES;
    }
    return answer(self, connection, path);
}

static int listen_on(const struct addrinfo *where)
{
    int on = 1, off = 0;
    int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (where->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, where->ai_addr, where->ai_addrlen) == 0 && listen(fd, CONNECTIONS) == 0)
        return fd;
    int problem = errno;

    close(fd);
    errno = problem;
    return -1;
}

/* "All" is tried as IPv6 first, whose socket takes IPv4 too. */
static int open_listener(const char *address, int port, struct error *err)
{
    static const char *const all[] = {"::", "0.0.0.0"};
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    char port_text[16];
    int fd = -1;

    snprintf(port_text, sizeof(port_text), "%d", port);
    for (size_t i = 0; fd < 0 && i < (address ? 1 : COUNT_OF(all)); i++) {
        struct addrinfo *where = NULL;
        const char *name = address ? address : all[i];

        if (getaddrinfo(name, port_text, &hints, &where) != 0)
            return error_set(err, -EINVAL,
                             "the address of /metrics is '%s'; it must be an IP address", name);
        fd = listen_on(where);
        freeaddrinfo(where);
        if (fd < 0 && errno == EADDRINUSE)
            break; /* taken is taken: not to be got round by the other family */
    }
    if (fd >= 0)
        return fd;
    int problem = errno;

    if (problem == EADDRINUSE)
        return error_set(err, -problem,
                         "port %d of /metrics is taken by another program; set another one", port);
    return error_set(err, -problem, "cannot serve /metrics on %s port %d: %s",
                     address ? address : "all addresses,", port, strerror(problem));
}

static int port_of(int fd)
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof(bound);

    if (getsockname(fd, (struct sockaddr *)&bound, &size) < 0)
        return 0;
    if (bound.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&bound)->sin6_port);
    return ntohs(((struct sockaddr_in *)&bound)->sin_port);
}

struct http_server *http_server_start(const char *address, int port,
                                      const struct http_server_route *routes, void *context,
                                      struct error *err)
{
    int fd = open_listener(address, port, err);

    if (fd < 0)
        return NULL;
    struct http_server *server = mem_zero(sizeof(*server));

    server->routes = routes;
    server->context = context;
    server->port = port_of(fd);
    server->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, 0, NULL, NULL, handle, server,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)REQUEST_BYTES, MHD_OPTION_END);
    if (!server->daemon) {
        error_set(err, -EAGAIN, "cannot start the thread that serves /metrics on port %d",
                  server->port);
        close(fd);
        free(server);
        return NULL;
    }
    return server;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_stop(struct http_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon); /* closes the listening socket too */
    free(server);
}

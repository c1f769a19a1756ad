#include "forwarder/outside/socket.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forwarder/outside/place.h"
#include "io/clock.h"

enum { TURN_MS = 50, CONNECT_US = 10 * 1000 * 1000 };

int socket_wait(int fd, short events, int64_t deadline_us, const struct keeper *keeper,
                struct error *err)
{
    struct pollfd polled = {.fd = fd, .events = events};

    for (;;) {
        int ready = poll(&polled, 1, TURN_MS);

        if (ready > 0)
            return 0;
        if (!keeper->keep(keeper->self))
            return error_set_class(err, ERROR_RETRY, -EINTR, "no time is left");
        if (clock_monotonic_us() > deadline_us)
            return error_set_class(err, ERROR_RETRY, -ETIMEDOUT, "no answer in time");
    }
}

static int connect_one(const struct addrinfo *address, const struct target_settings *settings,
                       const struct keeper *keeper, struct error *err)
{
    int problem = 0;
    socklen_t size = sizeof(problem);

    if (!settings->allow_link_local && place_is_link_local(address->ai_addr))
        return error_set_class(err, ERROR_CONFIG, -EACCES,
                               "the target has a link-local address; allow_link_local permits it");
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    address->ai_protocol);

    if (fd < 0)
        return error_set_class(err, ERROR_RETRY, -errno, "%s", strerror(errno));
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    int result = errno == EINPROGRESS
                     ? socket_wait(fd, POLLOUT, clock_monotonic_us() + CONNECT_US, keeper, err)
                     : error_set_class(err, ERROR_RETRY, -errno, "%s", strerror(errno));

    if (result == 0) {
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
        if (problem == 0)
            return fd;
        result = error_set_class(err, ERROR_RETRY, -problem, "%s", strerror(problem));
    }
    close(fd);
    return result;
}

int socket_connect(const struct target_settings *settings, const struct target_place *place,
                   int type, const struct keeper *keeper, struct error *err)
{
    const struct addrinfo hints = {.ai_socktype = type, .ai_family = AF_UNSPEC};
    struct addrinfo *found;
    char port[16];

    snprintf(port, sizeof(port), "%lld", (long long)place->port);
    int code = getaddrinfo(place->host, port, &hints, &found);

    if (code != 0)
        return error_set_class(err, ERROR_RETRY, -EHOSTUNREACH, "%s: %s", place->host,
                               gai_strerror(code));
    int fd = -EHOSTUNREACH;

    for (const struct addrinfo *at = found; at && fd < 0 && fd != -EINTR; at = at->ai_next)
        fd = connect_one(at, settings, keeper, err);
    freeaddrinfo(found);
    if (fd < 0)
        error_prefix(err, "%s:%s", place->host, port);
    else
        *err = (struct error){0}; /* of an address that was tried before */
    return fd;
}

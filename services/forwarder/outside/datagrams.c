/* UDP: each record a datagram. What gets lost on the way is lost; nobody says so. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forwarder/outside/sender.h"
#include "forwarder/outside/socket.h"
#include "io/clock.h"

struct datagrams {
    struct sender sender; /* first, so that a sender is one */
    const struct target_settings *settings;
    const struct target_place *place;
    int fd; /* -1: none */
};

static int send_one(struct datagrams *datagrams, struct text record, const struct keeper *keeper,
                    struct error *err)
{
    int64_t deadline_us = clock_monotonic_us() + datagrams->settings->timeout_ms * 1000;

    while (send(datagrams->fd, record.bytes, record.size, MSG_NOSIGNAL) < 0) {
        if (errno == ECONNREFUSED) /* of an earlier one: this is UDP's way to say that */
            return error_set_class(err, ERROR_RETRY, -ECONNREFUSED, "nobody listens at %s",
                                   datagrams->place->host);
        if (errno == EMSGSIZE)
            return error_set_class(err, ERROR_CONFIG, -EMSGSIZE,
                                   "a datagram of %zu bytes is too long for the way to %s; "
                                   "max_frame has to be less",
                                   record.size, datagrams->place->host);
        if (errno != EAGAIN && errno != ENOBUFS)
            return error_set_class(err, ERROR_RETRY, -errno, "%s", strerror(errno));
        if (socket_wait(datagrams->fd, POLLOUT, deadline_us, keeper, err) < 0)
            return err->code;
    }
    return 0;
}

static int datagrams_send(struct sender *sender, const struct records *records,
                          const struct keeper *keeper, struct error *err)
{
    struct datagrams *datagrams = (struct datagrams *)sender;

    if (datagrams->fd < 0)
        datagrams->fd =
            socket_connect(datagrams->settings, datagrams->place, SOCK_DGRAM, keeper, err);
    if (datagrams->fd < 0)
        return datagrams->fd;
    for (size_t i = 0; i < records->count; i++) {
        if (send_one(datagrams, records_at(records, i), keeper, err) < 0) {
            close(datagrams->fd); /* the name may lead elsewhere next time */
            datagrams->fd = -1;
            return err->code;
        }
    }
    return 0;
}

static void datagrams_close(struct sender *sender)
{
    struct datagrams *datagrams = (struct datagrams *)sender;

    if (datagrams->fd >= 0)
        close(datagrams->fd);
    free(datagrams);
}

struct sender *datagrams_sender(const struct target_settings *settings,
                                const struct target_place *place)
{
    struct datagrams *datagrams = mem_zero(sizeof(*datagrams));

    *datagrams =
        (struct datagrams){{.send = datagrams_send, .close = datagrams_close}, settings, place, -1};
    return &datagrams->sender;
}

/* fake_registry: answers every request as the test says, and remembers the last one. */
#pragma once

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/buf.h"

struct fake_registry {
    struct MHD_Daemon *daemon;
    char url[64];
    unsigned status; /* 0: hangs up */
    const char *body;
    uint64_t spaces;  /* so many of them instead of a body */
    struct buf asked; /* "POST /path|Authorization|body" */
    int count;        /* of requests */
};

static inline ssize_t fake_registry_spaces(void *unused, uint64_t at, char *into, size_t room)
{
    (void)unused;
    (void)at;
    memset(into, ' ', room);
    return (ssize_t)room;
}

static inline enum MHD_Result fake_registry_reply(const struct fake_registry *fake,
                                                  struct MHD_Connection *connection)
{
    if (fake->status == 0)
        return MHD_NO;

    void *body = mem_copy_text(fake->body ? fake->body : "");
    struct MHD_Response *reply =
        fake->spaces ? MHD_create_response_from_callback(fake->spaces, 65536, fake_registry_spaces,
                                                         NULL, NULL)
                     : MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_queue_response(connection, fake->status, reply);

    MHD_destroy_response(reply);
    free(body);
    return result;
}

/* Called for the head, for each piece of the body, and at the end. */
static inline enum MHD_Result fake_registry_answer(void *context, struct MHD_Connection *connection,
                                                   const char *path, const char *method,
                                                   const char *version, const char *body,
                                                   size_t *size, void **begun)
{
    struct fake_registry *fake = context;
    const char *who = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");

    (void)version;
    if (!*begun) {
        *begun = fake;
        buf_reset(&fake->asked);
        buf_addf(&fake->asked, "%s %s|%s|", method, path, who ? who : "");
        fake->count++;
        return MHD_YES;
    }
    if (*size > 0) {
        buf_add(&fake->asked, (struct text){body, *size});
        *size = 0;
        return MHD_YES;
    }
    return fake_registry_reply(fake, connection);
}

/* One request at a time, in a thread of the daemon's; the client's call is over before the test
 * looks at what was asked. */
static inline struct fake_registry *fake_registry_start(void)
{
    struct fake_registry *fake = mem_zero(sizeof(*fake));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    fake->daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, fake_registry_answer, fake,
                         MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_END);
    assert_non_null(fake->daemon);
    snprintf(fake->url, sizeof(fake->url), "http://127.0.0.1:%d/",
             MHD_get_daemon_info(fake->daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    return fake;
}

static inline void fake_registry_free(struct fake_registry *fake)
{
    if (!fake)
        return;
    MHD_stop_daemon(fake->daemon);
    buf_done(&fake->asked);
    free(fake);
}
AUTO_FREE(fake_registry)

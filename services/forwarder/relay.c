#include "forwarder/relay.h"

#include <errno.h>

const char *const relay_transports[] = {"udp", "tcp", "tls", "http", NULL};
const char *const relay_bare_transports[] = {"udp", "tcp", "tls", NULL};
const char *const relay_framings[] = {"octet_counting", "lf", NULL};

static bool is_set(const char *text)
{
    return text && *text;
}

int relay_check(const struct relay *relay, struct error *err)
{
    const char *transport = relay_transports[relay->transport];

    if (relay->max_frame > 0 && relay->max_frame < SYSLOG_LIMIT_MIN)
        return error_set(err, -EINVAL, "max_frame is %lld; it may be %d or more, or 0",
                         (long long)relay->max_frame, SYSLOG_LIMIT_MIN);
    if (relay->transport == RELAY_UDP && relay->max_frame > RELAY_UDP_MOST)
        return error_set(err, -EINVAL, "max_frame is %lld; a datagram has at most %d bytes",
                         (long long)relay->max_frame, RELAY_UDP_MOST);
    if (relay->transport == RELAY_HTTP) {
        if (!is_set(relay->url))
            return error_set(err, -EINVAL, "url is missing; transport http needs it");
        if (is_set(relay->host))
            return error_set(err, -EINVAL, "host does not go with transport http; url says where");
        return 0;
    }
    if (!is_set(relay->host))
        return error_set(err, -EINVAL, "host is missing; transport %s needs it", transport);
    if (is_set(relay->url))
        return error_set(err, -EINVAL, "url goes with transport http, not %s", transport);
    return 0;
}

enum target_way relay_way(const struct relay *relay, struct target_place *place)
{
    static const enum target_way ways[] = {
        [RELAY_UDP] = TARGET_BY_UDP,
        [RELAY_TCP] = TARGET_BY_TCP,
        [RELAY_TLS] = TARGET_BY_TLS,
        [RELAY_HTTP] = TARGET_BY_HTTP,
    };
    enum { SYSLOG_PORT = 514, SYSLOG_TLS_PORT = 6514 };

    place->host = relay->host;
    place->port = relay->port > 0                 ? relay->port
                  : relay->transport == RELAY_TLS ? SYSLOG_TLS_PORT
                                                  : SYSLOG_PORT;
    return ways[relay->transport];
}

void relay_write(const struct relay *relay, const struct alert *alert, struct syslog_form *form,
                 size_t tcp, size_t udp, struct buf *out)
{
    AUTO_BUF message = {0};
    const enum syslog_framing framing = relay->transport == RELAY_UDP    ? SYSLOG_DATAGRAM
                                        : relay->transport == RELAY_HTTP ? SYSLOG_LF
                                        : relay->framing == RELAY_LF     ? SYSLOG_LF
                                                                         : SYSLOG_OCTET_COUNTING;

    form->limit = relay->max_frame > 0            ? (size_t)relay->max_frame
                  : relay->transport == RELAY_UDP ? udp
                                                  : tcp;
    syslog_write(alert, form, &message);
    syslog_frame(buf_text(&message), framing, out);
}

/* relay: where a target that speaks syslog sends to, and how: what syslog, qradar and arcsight have
 * in common. */
#pragma once

#include "forwarder/syslog.h"
#include "forwarder/target.h"

enum { RELAY_UDP_MOST = 65507 }; /* bytes of a datagram, over IPv4 */

enum relay_transport { RELAY_UDP, RELAY_TCP, RELAY_TLS, RELAY_HTTP };

struct relay {
    int transport; /* enum relay_transport */
    const char *host;
    int64_t port;      /* 0: 514, or 6514 for TLS */
    int64_t max_frame; /* 0: the target's default */
    int framing;       /* enum relay_framing */
    const char *url;   /* of HTTP */
};

enum relay_framing { RELAY_OCTET_COUNTING, RELAY_LF };

extern const char *const relay_transports[];      /* udp, tcp, tls, http */
extern const char *const relay_bare_transports[]; /* without http */
extern const char *const relay_framings[];        /* octet_counting, lf */

/* Is there what the transport needs, and nothing that it does not go with? */
int relay_check(const struct relay *relay, struct error *err);
enum target_way relay_way(const struct relay *relay, struct target_place *place);

/* @form->limit from max_frame, else @tcp or @udp; one message in its frame. */
void relay_write(const struct relay *relay, const struct alert *alert, struct syslog_form *form,
                 size_t tcp, size_t udp, struct buf *out);

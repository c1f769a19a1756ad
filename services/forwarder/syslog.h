/* syslog: a message in a syslog frame: RFC 5424 or RFC 3164 headers, octet counting or LF framing.
 *
 *   <13>1 2026-01-01T00:00:00.123Z host haechi - alert [haechi@32473 alert_id="…"] {"timestamp":…}
 *   <13>Jan  1 00:00:00 host haechi: {"timestamp":…}
 *   <13>Jan  1 00:00:00 host CEF:0|Haechi|…
 *
 * RFC 5424: PRI, VERSION, RFC 3339 time, HOSTNAME, APP-NAME, PROCID, MSGID, structured data.
 * RFC 3164: local time without zone; here that is UTC. A body that is CEF or LEEF stands where the
 * tag would, as their vendors have it ("CEF:" and "LEEF:" are what receivers look for).
 * RFC 6587: octet counting ("LEN SP MSG") or a line feed behind each message; RFC 5425 (TLS) knows
 * the first only. RFC 5426: one message a datagram, with no frame.
 */
#pragma once

#include "base/alert.h"
#include "base/buf.h"
#include "forwarder/leef.h"

/* SHORT is RFC 5424's up to the host, as QRadar documents it: "<13>1 TIME HOST LEEF:…". */
enum syslog_header { SYSLOG_RFC5424, SYSLOG_RFC3164, SYSLOG_SHORT };
enum syslog_body { SYSLOG_JSON, SYSLOG_CEF, SYSLOG_LEEF };
enum syslog_framing { SYSLOG_OCTET_COUNTING, SYSLOG_LF, SYSLOG_DATAGRAM };

enum {
    SYSLOG_LIMIT_MIN = 1024,
    SYSLOG_FACILITY_USER = 1,   /* <13> with severity 5 */
    SYSLOG_PEN_EXAMPLE = 32473, /* RFC 5612: the number for documentation */
};

struct syslog_form {
    enum syslog_header header;
    enum syslog_body body;
    struct leef_form leef; /* of that body */
    int facility;          /* 0 to 23 */
    struct text host;      /* of this machine; empty: "-" */
    struct text app;       /* the program's name */
    int64_t enterprise;    /* of the structured data's id; RFC 5424 */
    bool structured;       /* RFC 5424: with structured data */
    bool bom;              /* RFC 5424: a byte order mark before JSON that is not ASCII */
    size_t limit;          /* of the message without its frame: SYSLOG_LIMIT_MIN or more */
};

/* One message, in one line: no byte of it is a control but the TAB of LEEF. */
void syslog_write(const struct alert *alert, const struct syslog_form *form, struct buf *out);

/* @message in its frame. */
void syslog_frame(struct text message, enum syslog_framing framing, struct buf *out);

/* <PRI>: facility times 8 plus 5, 4, 3, 2 for LOW to CRITICAL. */
int syslog_priority(const struct alert *alert, int facility);

/* leef: alerts in IBM QRadar's Log Event Extended Format, 1.0 and 2.0.
 *
 *   LEEF:1.0|Haechi|Haechi|0.1.0|<rule_id>|devTime=…<TAB>sev=8<TAB>…
 *   LEEF:2.0|Haechi|Haechi|0.1.0|<rule_id>|^|devTime=…^sev=8^…
 *
 * Source: IBM DSM guide, "LEEF event components" and "Predefined LEEF event attributes" (as quoted
 * in tenzir/skills @deb1293). LEEF has no escapes: the delimiter in a value is written full-width,
 * as is | in the header, and controls as line.h says (a TAB as ␉), so that nothing in a value ends
 * it. EventID is the rule and cat the event type, as QRadar maps the pair to a QID; both stay the
 * same for the same kind of alert. Without a line end.
 *
 * The keys that matter most come first; texts that do not fit are cut at the end of a character.
 */
#pragma once

#include "base/alert.h"
#include "base/buf.h"
#include "base/error.h"

enum { LEEF_LIMIT_MIN = 480 }; /* as CEF_LIMIT_MIN */

struct leef_form {
    int version;    /* 1 or 2 */
    char delimiter; /* of version 2; version 1 has the TAB */
};

/* "^", or "x5E", "0x5E" as IBM writes them. Takes a TAB and the marks ^ ~ ! # $ % & * ; @ `, which
 * no key, number, time or address holds. */
int leef_parse_delimiter(struct text t, char *delimiter, struct error *err);

/* At most @limit bytes, which is LEEF_LIMIT_MIN or more. */
void leef_write(const struct alert *alert, const struct leef_form *form, size_t limit,
                struct buf *out);

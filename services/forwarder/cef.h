/* cef: alerts in ArcSight's Common Event Format, version 0.
 *
 *   CEF:0|Haechi|Haechi|0.1.0|<rule_id>|<title>|8|rt=… externalId=… cs1=0.9
 * cs1Label=ConfidenceScore …
 *
 * Source: "ArcSight CEF Implementation Standard", v27 (SmartConnectors 25.1): grammar, escapes, and
 * the lengths of the dictionary. Header: \ and | are escaped. Extension: \ and = are escaped, LF
 * and CR are \n and \r. Controls that CEF cannot write are as line.h says. Without a line end.
 *
 * The keys that matter most come first. What is too long for its key or for the line is cut at the
 * end of a character; numbers, times, addresses and ids are whole or not there.
 */
#pragma once

#include "base/alert.h"
#include "base/buf.h"

enum { CEF_LIMIT_MIN = 480 }; /* RFC 5426 §3.2: what every receiver of UDP over IPv4 takes */

/* At most @limit bytes, which is CEF_LIMIT_MIN or more. */
void cef_write(const struct alert *alert, size_t limit, struct buf *out);

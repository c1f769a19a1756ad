/* percent: bytes as URLs and forms have them (RFC 3986 §2.1). */
#pragma once

#include "base/buf.h"
#include "base/text.h"

/* Letters, digits and "-._~" mean themselves wherever they stand (§2.3). */
bool percent_is_unreserved(char byte);

/* Appends "%2F" for '/', whatever the byte is. */
void percent_add_byte(char byte, struct buf *out);
/* Appends @t with all escaped but what is unreserved. */
void percent_add(struct text t, struct buf *out);

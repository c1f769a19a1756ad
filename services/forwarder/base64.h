/* base64: RFC 4648's two alphabets. */
#pragma once

#include "base/buf.h"
#include "base/text.h"

/* §4: + and /, padded. */
void base64_add(struct buf *out, struct text bytes);
/* §5: - and _, without padding, as JSON Web Tokens have it. */
void base64_add_url(struct buf *out, struct text bytes);

/* Appends the bytes of @t, of §4's alphabet and padded. False if it is no such text; @out is then
 * as it was. */
bool base64_decode(struct text t, struct buf *out);

/* webhook: signatures of the Standard Webhooks specification, v1.0.0.
 *
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: the
 * signature is HMAC-SHA256 over "<webhook-id>.<webhook-timestamp>.<body>" with the decoded secret.
 * The id is that of what is delivered and stays the same over repeats; the time is that of the
 * attempt. While a secret is being changed there is a signature by each, and a receiver accepts
 * any.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

enum { WEBHOOK_KEY_MIN = 24, WEBHOOK_KEY_MAX = 64 }; /* bytes, by the specification */

struct webhook_key {
    unsigned char bytes[WEBHOOK_KEY_MAX];
    size_t size;
};

/* @secret as receivers show it: whsec_ and the key in base64. It is not repeated in @err. */
int webhook_parse_secret(struct text secret, struct webhook_key *key, struct error *err);

/* The value of the header webhook-signature: "v1,<base64>" by each of @keys, joined by blanks. */
void webhook_sign(const struct webhook_key *keys, size_t count, struct text id, int64_t at_s,
                  struct text body, struct buf *out);

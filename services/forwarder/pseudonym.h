/* pseudonym: texts that only the holder of a key can read, the same for the same text.
 *
 *   hp1_<base64url of tag and ciphertext>
 *
 * AES-256-SIV (RFC 5297) is deterministic and authenticated: equal texts give equal pseudonyms, so
 * that a SIEM can still count and join by them, and nothing that was altered or made with another
 * key is taken for one. That a text's length shows, and which texts are equal, is the price.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

enum { PSEUDONYM_KEY_DIGITS = 128 };

struct pseudonym; /* a key, ready for use; not thread-safe */

/* @key: 64 bytes as hex digits, as `openssl rand -hex 64` writes them. NULL with @err, which does
 * not show it. */
struct pseudonym *pseudonym_new(struct text key, struct error *err);
void pseudonym_free(struct pseudonym *pseudonym); /* NULL is fine */
AUTO_FREE(pseudonym)

/* Appends the pseudonym of @t, of a long one that of its first 12,000 bytes; nothing for the empty
 * text. */
void pseudonym_hide(struct pseudonym *pseudonym, struct text t, struct buf *out);

/* Appends @t with each pseudonym of this key in it replaced by its text. Returns how many. */
size_t pseudonym_reveal(struct pseudonym *pseudonym, struct text t, struct buf *out);

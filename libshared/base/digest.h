/* digest: hashes for identities (OpenSSL does the arithmetic).
 *
 * An identity, not a protection: whoever can forge logs needs no collision.
 */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* MD5 over @parts joined by NUL bytes, as 32 lower-case hex digits and a NUL. */
void digest_md5(const struct text *parts, size_t count, char hex[33]);

/* The same over @parts with nothing between them. */
void digest_md5_concat(const struct text *parts, size_t count, char hex[33]);

enum { DIGEST_SHA256_SIZE = 32 };
void digest_sha256(struct text bytes, unsigned char digest[DIGEST_SHA256_SIZE]);

/* digest: hashes for identities (OpenSSL does the arithmetic). */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* MD5 over @parts joined by NUL bytes, as 32 lower-case hex digits and a NUL. An identity, not a
 * protection: whoever can forge logs needs no collision. */
void digest_md5(const struct text *parts, size_t count, char hex[33]);

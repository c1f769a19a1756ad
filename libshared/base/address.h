/* address: IPv4 and IPv6 addresses.
 *
 * IPv4 is kept as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), so that ::ffff:10.0.0.1 and 10.0.0.1 are
 * the same and one comparison serves both. IPv4 with leading zeros is refused: readers disagree on
 * whether they are octal.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

struct address {
    unsigned char bytes[16];
};

/* The whole of @t, as "10.0.0.1", "2001:db8::1", "[2001:db8::1]", with a zone (%eth0) cut off. */
bool address_parse(struct text t, struct address *address);
/* Also takes a port behind it, as logs have it: "10.0.0.1:443", "[2001:db8::1]:443". */
bool address_parse_endpoint(struct text t, struct address *address);
bool address_is_v4(const struct address *address);
/* What Python's ipaddress calls is_private (IANA special-purpose registries, RFC 6890), since the
 * rules were written against it. */
bool address_is_private(const struct address *address);
/* Canonical text (RFC 5952). */
void address_write(const struct address *address, struct buf *out);

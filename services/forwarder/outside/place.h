/* place: addresses that no target has. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

/* 169.254.0.0/16 (RFC 3927), fe80::/10 (RFC 4291) and fd00:ec2::254, where clouds serve the
 * credentials of their machines; IPv4 in IPv6 too. */
bool place_is_link_local(const struct sockaddr *address);

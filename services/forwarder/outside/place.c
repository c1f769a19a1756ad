#include "forwarder/outside/place.h"

#include <netinet/in.h>
#include <string.h>

bool place_is_link_local(const struct sockaddr *address)
{
    static const unsigned char amazon[16] = {0xfd, 0, 0x0e, 0xc2, [14] = 0x02, 0x54};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof(v4));
        return (ntohl(v4.sin_addr.s_addr) >> 16) == 0xA9FE;
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&v6, address, sizeof(v6));
    const unsigned char *bytes = v6.sin6_addr.s6_addr;

    return IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) || memcmp(bytes, amazon, sizeof(amazon)) == 0 ||
           (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && bytes[12] == 0xA9 && bytes[13] == 0xFE);
}

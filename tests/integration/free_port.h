/* free_port: a port of loopback for a server that must be told which. */
#pragma once

#include "unit.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/chance.h"

/* From 10000 on, below the ports that the kernel itself gives to whoever connects or binds to port
 * 0 (from 32768): nobody else is given it before it is used. */
static inline int free_port(void)
{
    for (int tries = 0; tries < 1000; tries++) {
        int port = 10000 + (int)(chance_number() % 20000);
        struct sockaddr_in here = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        bool is_free = bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0;

        close(fd);
        if (is_free)
            return port;
    }
    fail_msg("no free port from 10000 to 29999");
    return 0;
}

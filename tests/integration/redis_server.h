/* redis_server: a real redis-server of a test's own, on a free port, that it may stop and start. */
#pragma once

#include "free_port.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct redis_server {
    pid_t pid; /* 0: stopped */
    int port;
    char cluster[60]; /* file that a Cluster keeps its nodes in */
};

static inline bool redis_server_is_installed(void)
{
    if (system("command -v redis-server >/dev/null 2>&1") == 0) /* NOLINT(cert-env33-c) */
        return true;
    print_message("skipped: no redis-server here (package redis-server)\n");
    return false;
}

static inline bool redis_server_listens(int port)
{
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool listens = connect(fd, (struct sockaddr *)&where, sizeof(where)) == 0;

    close(fd);
    return listens;
}

/* @option, @value: one more of redis-server's, or NULL. */
static inline void redis_server_start(struct redis_server *server, const char *option,
                                      const char *value)
{
    char port[16], bus[16];

    if (server->port == 0)
        server->port = free_port();
    snprintf(port, sizeof(port), "%d", server->port);
    snprintf(bus, sizeof(bus), "%d", free_port()); /* only of a Cluster, as is: */
    snprintf(server->cluster, sizeof(server->cluster), "/tmp/nodes-%d-%d.conf", server->port,
             (int)getpid());
    server->pid = fork();
    if (server->pid == 0) {
        execlp("redis-server", "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "",
               "--appendonly", "no", "--loglevel", "warning", "--logfile", "/dev/null", "--dir",
               "/tmp", "--cluster-config-file", server->cluster, "--cluster-port", bus,
               "--enable-debug-command", "yes", option, value, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < UNIT_LIMIT_MS / 10 && !redis_server_listens(server->port); i++)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    assert_true(redis_server_listens(server->port));
}

/* Until redis_server_thaw() it takes connections and answers nothing. */
static inline void redis_server_freeze(const struct redis_server *server)
{
    assert_int_equal(kill(server->pid, SIGSTOP), 0);
}

static inline void redis_server_thaw(const struct redis_server *server)
{
    assert_int_equal(kill(server->pid, SIGCONT), 0);
}

static inline void redis_server_stop(struct redis_server *server)
{
    if (server->pid == 0)
        return;
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    unlink(server->cluster);
    server->pid = 0;
}

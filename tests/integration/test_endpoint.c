#include "unit.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/endpoint.h"

/* The test's own time, in the place of the library's. */
static _Atomic int64_t now_us = 1;

int64_t clock_monotonic_us(void)
{
    return atomic_load(&now_us);
}

int64_t clock_now_ms(void)
{
    return atomic_load(&now_us) / 1000;
}

static void pass_seconds(int seconds)
{
    atomic_fetch_add(&now_us, (int64_t)seconds * 1000 * 1000);
}

static void ask_health(const struct endpoint *endpoint, struct buf *reply)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)endpoint_port(endpoint)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = UNIT_LIMIT_MS / 1000};
    ssize_t got;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    assert_int_equal(connect(fd, (struct sockaddr *)&where, sizeof(where)), 0);
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    while ((got = recv(fd, buf_reserve(reply, 4096), 4096, 0)) > 0)
        reply->size += (size_t)got;
    close(fd);
}

static bool says(const struct endpoint *endpoint, const char *words)
{
    AUTO_BUF reply = {0};

    ask_health(endpoint, &reply);
    return text_find(buf_text(&reply), text_of(words)) < reply.size;
}

static void one_loop_that_stands_still_is_named_though_others_turn(void **state)
{
    AUTO(metrics) metrics = metrics_new();
    AUTO(conditions) conditions = conditions_new();
    struct error err = {0};
    struct endpoint *endpoint = endpoint_open("127.0.0.1", 0, "test", metrics, conditions, &err);

    (void)state;
    if (!endpoint) {
        fail_msg("%s", err.text);
        return;
    }
    struct pulse *stuck = endpoint_pulse(endpoint, "target stuck");
    struct pulse *busy = endpoint_pulse(endpoint, "target busy");

    assert_true(says(endpoint, "200 OK"));
    pass_seconds(40);
    endpoint_beat(busy);
    assert_true(says(endpoint, "200 OK"));
    pass_seconds(40);
    endpoint_beat(busy);
    assert_true(says(endpoint, "503"));
    assert_true(says(endpoint, "the loop of target stuck has stood still for 80 s"));
    assert_false(says(endpoint, "busy"));
    endpoint_beat(stuck);
    assert_true(says(endpoint, "200 OK"));
    endpoint_close(endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_loop_that_stands_still_is_named_though_others_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

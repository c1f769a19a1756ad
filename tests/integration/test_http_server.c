#include "unit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "io/http_server.h"

static int hello(void *context, struct buf *out, const char **content_type)
{
    *content_type = "text/x-test";
    buf_addf(out, "hello %s", (const char *)context);
    return 200;
}

static int sick(void *context, struct buf *out, const char **content_type)
{
    (void)context;
    (void)content_type;
    buf_add_string(out, "not yet");
    return 503;
}

static const struct http_server_route routes[] = {{"/hello", hello}, {"/sick", sick}, {0}};

static struct http_server *start(void)
{
    static char context[] = "world";
    struct error err = {0};
    struct http_server *server = http_server_start("127.0.0.1", 0, routes, context, &err);

    if (!server)
        fail_msg("%s", err.text);
    return server;
}

static int connect_to(int port)
{
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = UNIT_LIMIT_MS / 1000};

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    assert_int_equal(connect(fd, (struct sockaddr *)&where, sizeof(where)), 0);
    return fd;
}

/* Sends one request and reads until the server closes. */
static void ask(int port, const char *request, struct buf *reply)
{
    int fd = connect_to(port);
    ssize_t got;

    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    while ((got = recv(fd, buf_reserve(reply, 4096), 4096, 0)) > 0)
        reply->size += (size_t)got;
    close(fd);
}

static void each_request_gets_its_status(void **state)
{
    static const struct {
        const char *name, *request, *status, *contains;
        bool has_body;
    } cases[] = {
        {"a page", "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200",
         "hello world", true},
        {"its content type", "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 200", "Content-Type: text/x-test", true},
        {"a query is no part of the path",
         "GET /hello?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200",
         "hello world", true},
        {"HEAD has the length, not the body",
         "HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200",
         "Content-Length: 11", false},
        {"a page's own status", "GET /sick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 503", "not yet", true},
        {"unknown path", "GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
         "HTTP/1.1 404", "/hello", true},
        {"POST",
         "POST /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
         "HTTP/1.1 405", "Allow: GET, HEAD", true},
        {"GET with a body",
         "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
         "HTTP/1.1 200", "hello world", true},
        {"old protocol", "GET /hello HTTP/1.0\r\n\r\n", "HTTP/1.1 200", "hello world", true},
    };
    struct http_server *server = start();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF reply = {0};

        ask(http_server_port(server), cases[i].request, &reply);
        if (!text_starts(buf_text(&reply), text_of(cases[i].status)) ||
            text_find(buf_text(&reply), text_of(cases[i].contains)) == reply.size)
            fail_msg("%s: got '%s', want %s with '%s'", cases[i].name, buf_string(&reply),
                     cases[i].status, cases[i].contains);
        if (!cases[i].has_body)
            assert_true(text_ends(buf_text(&reply), TEXT("\r\n\r\n")));
    }
    http_server_stop(server);
}

static void garbage_and_long_headers_do_not_stop_it(void **state)
{
    struct http_server *server = start();
    AUTO_BUF huge = {0}, reply = {0}, after = {0};

    (void)state;
    buf_add_string(&huge, "GET /hello HTTP/1.1\r\nHost: x\r\nX: ");
    for (int i = 0; i < 20000; i++)
        buf_add_byte(&huge, 'a');
    buf_add_string(&huge, "\r\n\r\n");
    ask(http_server_port(server), buf_string(&huge), &reply);
    ask(http_server_port(server), "\x16\x03\x01\x02 nonsense\r\n\r\n", &reply);
    ask(http_server_port(server), "GET /hello HTTP/1.0\r\n\r\n", &after);
    assert_true(text_ends(buf_text(&after), TEXT("hello world")));
    http_server_stop(server);
}

/* Connections over the limit are closed at once, and free places serve again. */
static void connections_are_bounded(void **state)
{
    struct http_server *server = start();
    int held[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(held); i++)
        held[i] = connect_to(http_server_port(server));
    for (size_t i = 0; i < COUNT_OF(held); i++)
        close(held[i]);
    for (int i = 0; i < UNIT_LIMIT_MS / 10; i++) {
        AUTO_BUF reply = {0};

        ask(http_server_port(server), "GET /hello HTTP/1.0\r\n\r\n", &reply);
        if (text_ends(buf_text(&reply), TEXT("hello world"))) {
            http_server_stop(server);
            return;
        }
        poll(NULL, 0, 10);
    }
    fail_msg("no place was freed");
}

static void a_taken_port_and_a_wrong_address_are_said(void **state)
{
    struct http_server *server = start();
    int port = http_server_port(server);
    struct error err = {0};

    (void)state;
    assert_null(http_server_start("127.0.0.1", port, routes, NULL, &err));
    assert_true(text_find(text_of(err.text), TEXT("is taken by another program")) <
                strlen(err.text));
    assert_null(http_server_start("localhost", 0, routes, NULL, &err));
    assert_string_equal(err.text,
                        "the address of /metrics is 'localhost'; it must be an IP address");
    assert_null(http_server_start("192.0.2.1", 0, routes, NULL, &err));
    assert_true(text_find(text_of(err.text), TEXT("192.0.2.1")) < strlen(err.text));
    http_server_stop(server);
    http_server_stop(NULL);
}

static void all_addresses_means_ipv4_too(void **state)
{
    static char context[] = "all";
    struct error err = {0};
    struct http_server *server = http_server_start(NULL, 0, routes, context, &err);
    AUTO_BUF reply = {0};

    (void)state;
    assert_non_null(server);
    ask(http_server_port(server), "GET /hello HTTP/1.0\r\n\r\n", &reply);
    assert_true(text_ends(buf_text(&reply), TEXT("hello all")));
    http_server_stop(server);
}

UNIT_MAIN(cmocka_unit_test(each_request_gets_its_status),
          cmocka_unit_test(garbage_and_long_headers_do_not_stop_it),
          cmocka_unit_test(connections_are_bounded),
          cmocka_unit_test(a_taken_port_and_a_wrong_address_are_said),
          cmocka_unit_test(all_addresses_means_ipv4_too))

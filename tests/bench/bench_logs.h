/* bench_logs: the logs that benches read, from a seeded generator: mostly benign requests to a
 * shop, one in fifty an attack, as web servers write them. Few addresses ask often and many now and
 * then (Zipf's law), as visitors do. */
#pragma once

#include "base/buf.h"

enum { BENCH_ATTACK_EVERY = 50, BENCH_SEED = 20261124 };

static inline uint64_t bench_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (*state * 2685821657736338717u) >> 33;
}

static inline const char *bench_pick(uint64_t *state, const char *const *from, size_t count)
{
    return from[bench_next(state) % count];
}

static inline const char *bench_path(uint64_t *state, bool is_attack)
{
    static const char *const paths[] = {"/",
                                        "/index.html",
                                        "/static/app.js",
                                        "/api/v1/orders/",
                                        "/images/logo.png",
                                        "/search?q=blue+shoes&page=2",
                                        "/account/settings",
                                        "/cart?item=1200&count=1",
                                        "/blog/2026/01/how-we-moved",
                                        "/files/report%20final.pdf"};
    static const char *const attacks[] = {
        "/?id=1+UNION+SELECT+user,password+FROM+users--", "/?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/?page=../../../../etc/passwd", "/ping?host=127.0.0.1;%20rm%20-rf%20/"};

    return is_attack ? bench_pick(state, attacks, COUNT_OF(attacks))
                     : bench_pick(state, paths, COUNT_OF(paths));
}

static inline const char *bench_agent(uint64_t *state)
{
    static const char *const agents[] = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/126.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.5 Safari/605.1.15",
        "curl/7.88.1", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"};

    return bench_pick(state, agents, COUNT_OF(agents));
}

/* One of 131,071: the address of rank r is chosen about 1/r as often as the first. */
static inline void bench_address(uint64_t *state, struct buf *out)
{
    uint64_t half = (uint64_t)1 << bench_next(state) % 17;
    uint64_t rank = half + bench_next(state) % half;
    uint32_t spread = (uint32_t)(rank * 2654435761u);

    buf_addf(out, "%u.%u.%u.%u", 20 + (spread >> 24) % 100, (spread >> 16) & 255,
             (spread >> 8) & 255, spread & 255);
}

/* About 200 bytes in combined format. */
static inline void bench_access_log(uint64_t *state, bool is_attack, struct buf *out)
{
    static const char *const pages[] = {"/", "/index.html", "/static/app.js"};

    bench_address(state, out);
    buf_addf(out,
             " - - [10/Oct/2026:13:%02u:%02u +0900] \"GET %s HTTP/1.1\" 200 %u "
             "\"https://shop.example.com%s\" \"%s\"",
             (unsigned)(bench_next(state) % 60), (unsigned)(bench_next(state) % 60),
             bench_path(state, is_attack), (unsigned)(bench_next(state) % 100000),
             bench_pick(state, pages, COUNT_OF(pages)), bench_agent(state));
}

/* About 260 bytes. */
static inline void bench_json_log(uint64_t *state, bool is_attack, struct buf *out)
{
    const char *path = bench_path(state, is_attack);

    buf_addf(out, "{\"@timestamp\":\"2026-10-10T13:%02u:%02u.%03uZ\",\"client_ip\":\"",
             (unsigned)(bench_next(state) % 60), (unsigned)(bench_next(state) % 60),
             (unsigned)(bench_next(state) % 1000));
    bench_address(state, out);
    buf_addf(out,
             "\",\"method\":\"GET\",\"status\":200,\"bytes\":%u,\"user_agent\":\"%s\",\"host\":"
             "\"web-%u\",\"message\":\"GET %s HTTP/1.1\",\"took\":0.0%u}",
             (unsigned)(bench_next(state) % 100000), bench_agent(state),
             (unsigned)(bench_next(state) % 16), path, (unsigned)(bench_next(state) % 1000));
}

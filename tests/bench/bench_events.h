/* bench_events: the events that benches of the correlator feed it, from a seeded generator: attacks
 * of all kinds that the built-in correlations look for, from 10,000 sources of which few are busy
 * (Zipf's law), each mostly after its own kind of thing, as attackers are.
 */
#pragma once

#include <math.h>
#include <string.h>

#include "base/event.h"
#include "bench_logs.h"

enum { BENCH_SOURCES = 10000, BENCH_USERS = 1000, BENCH_HOSTS = 20, BENCH_TARGETS = 200 };
#define BENCH_START INT64_C(1767225600000)

struct bench_kind {
    unsigned share; /* of a hundred sources */
    const char *type, *rule, *title, *payload;
    int level;
    bool has_user;
};

static const struct bench_kind bench_kinds[] = {
    {22, "network_attacks.brute_force", "network_attacks.sshd_failed", "Failed log-in over SSH",
     "Failed password for %s from %s port %u ssh2", LEVEL_MEDIUM, true},
    {6, "network_attacks.brute_force", "network_attacks.sshd_invalid_user", "Unknown user over SSH",
     "Invalid user %s from %s port %u", LEVEL_MEDIUM, true},
    {6, "network_attacks.brute_force", "network_attacks.dovecot_failed", "Failed log-in to mail",
     "imap-login: Disconnected (auth failed, 1 attempts): user=<%s>, method=PLAIN, rip=%s, id=%u",
     LEVEL_MEDIUM, true},
    {6, "network_attacks.brute_force", "network_attacks.pam_failed", "Failed log-in",
     "pam_unix(sshd:auth): authentication failure; user=%s rhost=%s id=%u", LEVEL_MEDIUM, true},
    {8, "authentication.login", "authentication.sshd_accepted", "Log-in over SSH",
     "Accepted password for %s from %s port %u ssh2", LEVEL_LOW, true},
    {17, "network_attacks.port_scan", "network_attacks.port_scan", "Port scan",
     "[UFW BLOCK] IN=eth0 OUT= NOTE=%s SRC=%s LEN=40 PROTO=TCP DPT=%u WINDOW=1024 SYN",
     LEVEL_MEDIUM, false},
    {15, "web_attacks.sql_injection", "web_attacks.sql_injection", "SQL injection",
     "GET /shop?name=%s&from=%s&id=%u+UNION+SELECT+user,password+FROM+users-- HTTP/1.1",
     LEVEL_CRITICAL, false},
    {10, "web_attacks.xss", "web_attacks.xss", "Cross-site scripting",
     "GET /search?q=<script>alert('%s %s %u')</script> HTTP/1.1", LEVEL_HIGH, false},
    {8, "web_attacks.lfi_rfi", "web_attacks.lfi_rfi", "File inclusion",
     "GET /%s/%s/%u/../../../../etc/passwd HTTP/1.1", LEVEL_HIGH, false},
    {2, "malware_indicators.suspicious_processes", "malware_indicators.suspicious_processes",
     "Suspicious process", "%s %s: nc -e /bin/sh %u", LEVEL_HIGH, false},
};

static inline const struct bench_kind *bench_kind_of(unsigned percent)
{
    size_t i = 0;

    for (; i + 1 < COUNT_OF(bench_kinds) && percent >= bench_kinds[i].share; i++)
        percent -= bench_kinds[i].share;
    return &bench_kinds[i];
}

/* From 1 to @most, n about 1/n as often as 1. */
static inline unsigned bench_rank(uint64_t *state, unsigned most)
{
    return (unsigned)pow(most, (double)(bench_next(state) % 1000000) / 1000000);
}

static inline struct text bench_source(unsigned rank, struct arena *arena)
{
    uint32_t spread = (uint32_t)(rank * 2654435761u);

    return arena_textf(arena, "%u.%u.%u.%u", 20 + (spread >> 24) % 100, (spread >> 16) & 255,
                       (spread >> 8) & 255, spread & 255);
}

/* The @n-th, at @at_ms; texts are in @arena. */
static inline void bench_event(uint64_t *state, uint64_t n, int64_t at_ms, struct arena *arena,
                               struct event *event)
{
    unsigned rank = bench_rank(state, BENCH_SOURCES);
    bool is_own = bench_next(state) % 10 != 0;
    const struct bench_kind *kind = bench_kind_of(
        is_own ? (unsigned)(rank * 2654435761u >> 16) % 100 : (unsigned)(bench_next(state) % 100));
    struct text user = arena_textf(arena, "user%u", bench_rank(state, BENCH_USERS));

    record_set_defaults(&event_type, event);
    event->event_time = event->timestamp = event->detected_at = at_ms;
    event->event_id =
        arena_textf(arena, "%016llx%016llx", (unsigned long long)n * 0x9e3779b97f4a7c15ULL,
                    ((unsigned long long)n + 1) * 0xbf58476d1ce4e5b9ULL);
    event->event_type = text_of(kind->type);
    event->rule_id = text_of(kind->rule);
    event->rule_title = text_of(kind->title);
    event->threat_level = kind->level;
    event->confidence_score = 0.7;
    event->source_ip = bench_source(rank, arena);
    event->user = kind->has_user ? user : (struct text){0};
    event->target_ip = kind->has_user ? (struct text){0}
                                      : arena_textf(arena, "192.0.2.%u",
                                                    (unsigned)(bench_next(state) % BENCH_TARGETS));
    event->host = arena_textf(arena, "web-%u", (unsigned)(bench_next(state) % BENCH_HOSTS));
    event->tenant = TEXT("default");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    event->payload =
        arena_textf(arena, kind->payload, kind->has_user ? user.bytes : "shop",
                    event->source_ip.bytes, (unsigned)(1024 + bench_next(state) % 60000));
#pragma GCC diagnostic pop
}

#include "base/sieve.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/hash64.h"
#include "base/indicator.h"
#include "base/observable.h"

/* Probes are made for several observables before the first is looked at, so that memory has the
 * filter's blocks ready. */
enum { PROBES = 32, MAX_NAME = 253, MAX_HASH = 64 };
enum { URL_HOST = IOC_TYPES }; /* a type of our own in the filter: the host of a listed URL */

struct sieve {
    struct bloom *filter;
    struct cidr_table *ranges;
};

struct probe {
    uint64_t hash;
    int type;
    struct text seen; /* the observable */
    size_t from;      /* of a name above the observed one: where it begins */
};

struct sifting {
    const struct sieve *sieve;
    struct arena *arena;
    struct sieve_counts *counts;
    struct suspect *suspects;
    size_t suspect_count, capacity;
    struct probe probes[PROBES];
    size_t probe_count;
};

static uint64_t hash_of(const struct sieve *sieve, int type, struct text value)
{
    return hash64(bloom_seed(sieve->filter) + (uint64_t)type * UINT64_C(0xA0761D6478BD642F), value);
}

struct sieve *sieve_new(struct bloom *filter)
{
    struct sieve *sieve = mem_zero(sizeof(*sieve));

    sieve->filter = filter;
    sieve->ranges = cidr_table_new(NULL, 0);
    return sieve;
}

void sieve_free(struct sieve *sieve)
{
    if (!sieve)
        return;
    bloom_free(sieve->filter);
    cidr_table_free(sieve->ranges);
    free(sieve);
}

/* "evil.example" of "http://evil.example:81/a"; borrowed. The same for canonical ones and those of
 * logs. */
static struct text host_of(struct text url)
{
    size_t scheme = text_find(url, TEXT("://")), end = 0;
    struct text rest = text_slice(url, scheme < url.size ? scheme + 3 : 0, url.size);

    while (end < rest.size && !strchr("/?#\\", rest.bytes[end]))
        end++;
    rest = text_slice(rest, 0, end);
    for (size_t at; (at = text_find_byte(rest, '@')) < rest.size;)
        rest = text_slice(rest, at + 1, rest.size);
    if (rest.size && rest.bytes[0] == '[')
        return text_slice(rest, 0, text_find_byte(rest, ']') + 1);
    rest = text_slice(rest, 0, text_find_byte(rest, ':'));
    return rest.size && rest.bytes[rest.size - 1] == '.' ? text_slice(rest, 0, rest.size - 1)
                                                         : rest;
}

void sieve_add(struct sieve *sieve, enum ioc_type type, struct text value)
{
    if (type == IOC_CIDR)
        return;
    bloom_add(sieve->filter, hash_of(sieve, (int)type, value));
    if (type == IOC_URL)
        bloom_add(sieve->filter, hash_of(sieve, URL_HOST, host_of(value)));
}

void sieve_set_ranges(struct sieve *sieve, const struct cidr *ranges, size_t count)
{
    cidr_table_free(sieve->ranges);
    sieve->ranges = cidr_table_new(ranges, count);
}

const struct bloom *sieve_filter(const struct sieve *sieve)
{
    return sieve->filter;
}

bool sieve_may_have(const struct sieve *sieve, enum ioc_type type, struct text value)
{
    return bloom_may_have(sieve->filter, hash_of(sieve, (int)type, value));
}

long sieve_range(const struct sieve *sieve, const struct address *address)
{
    return cidr_table_find(sieve->ranges, address);
}

long sieve_wider(const struct sieve *sieve, long range)
{
    return cidr_table_wider(sieve->ranges, range);
}

static size_t lower(struct text t, char *into, size_t room)
{
    size_t size = t.size < room ? t.size : room;

    for (size_t i = 0; i < size; i++) {
        char byte = t.bytes[i];

        into[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
    }
    return size;
}

static struct text lowered(struct sifting *s, struct text t)
{
    char *copy = arena_take(s->arena, t.size);

    return (struct text){copy, lower(t, copy, t.size)};
}

static void suspect(struct sifting *s, struct suspect found)
{
    for (size_t i = 0; i < s->suspect_count; i++) {
        const struct suspect *known = &s->suspects[i];

        if (known->type == found.type && known->range == found.range &&
            text_equal(known->value, found.value))
            return;
    }
    if (s->suspect_count == s->capacity) {
        struct suspect *more = arena_take(s->arena, (2 * s->capacity + 4) * sizeof(*more));

        if (s->suspect_count > 0)
            memcpy(more, s->suspects, s->suspect_count * sizeof(*more));
        s->suspects = more;
        s->capacity = 2 * s->capacity + 4;
    }
    s->suspects[s->suspect_count++] = found;
}

/* The host is that of a listed URL: now the URL itself. */
static bool suspect_url(struct sifting *s, struct text seen)
{
    static const struct indicator_rules rules = {.looking_up = true};
    struct text forms[INDICATOR_URL_FORMS];
    struct indicator url;
    size_t before = s->suspect_count;

    if (indicator_read(seen, INDICATOR_URL, &rules, s->arena, &url) != INDICATOR_GOOD)
        return false;
    size_t count = indicator_url_forms(url.value, forms);

    for (size_t i = 0; i < count; i++) {
        if (sieve_may_have(s->sieve, IOC_URL, forms[i]))
            suspect(s, (struct suspect){IOC_URL, forms[i], seen, CIDR_TABLE_NONE});
    }
    return s->suspect_count > before;
}

static struct text canonical_address(struct sifting *s, struct text seen)
{
    struct address address;
    AUTO_BUF written = {0};

    if (!address_parse(seen, &address))
        return seen;
    address_write(&address, &written);
    return arena_copy(s->arena, buf_text(&written));
}

static struct text canonical(struct sifting *s, const struct probe *probe)
{
    if (probe->type == IOC_IP)
        return canonical_address(s, probe->seen);
    if (probe->type == IOC_EMAIL) {
        size_t at = text_find_byte(probe->seen, '@');
        struct text domain = lowered(s, text_slice(probe->seen, at, probe->seen.size));

        return arena_textf(s->arena, "%.*s%.*s", (int)at, probe->seen.bytes, TEXT_ARG(domain));
    }
    return lowered(s, text_slice(probe->seen, probe->from, probe->seen.size));
}

static void look(struct sifting *s)
{
    for (size_t i = 0; i < s->probe_count; i++) {
        const struct probe *probe = &s->probes[i];

        if (!bloom_may_have(s->sieve->filter, probe->hash))
            continue;
        if (probe->type == URL_HOST)
            suspect_url(s, probe->seen);
        else
            suspect(s, (struct suspect){(enum ioc_type)probe->type, canonical(s, probe),
                                        probe->seen, CIDR_TABLE_NONE});
    }
    s->probe_count = 0;
}

static void probe(struct sifting *s, int type, struct text canonical_value, struct text seen,
                  size_t from)
{
    struct probe *next = &s->probes[s->probe_count++];

    *next = (struct probe){hash_of(s->sieve, type, canonical_value), type, seen, from};
    bloom_prefetch(s->sieve->filter, next->hash);
    if (s->probe_count == PROBES)
        look(s);
}

static void probe_address(struct sifting *s, const struct observable *one)
{
    long range = cidr_table_find(s->sieve->ranges, &one->address);
    struct text value = one->text;

    if (range != CIDR_TABLE_NONE)
        suspect(s, (struct suspect){IOC_CIDR, {0}, one->text, range});
    AUTO_BUF written = {0};

    if (text_find_byte(value, ':') < value.size) { /* IPv4 has but one spelling */
        address_write(&one->address, &written);
        value = buf_text(&written);
    }
    probe(s, IOC_IP, value, one->text, 0);
}

/* The name and all above it but the top. */
static void probe_names(struct sifting *s, struct text seen)
{
    char name[MAX_NAME];
    size_t size = lower(seen, name, sizeof(name)), end = size, dots = 0;

    for (size_t i = size; i > 0; i--) {
        if (name[i - 1] == '.' && dots++ > 0)
            probe(s, IOC_DOMAIN, (struct text){name + i, end - i}, seen, i);
    }
    probe(s, IOC_DOMAIN, (struct text){name, size}, seen, 0);
}

static void probe_email(struct sifting *s, struct text seen)
{
    char mail[MAX_NAME + MAX_HASH + 1];
    size_t at = text_find_byte(seen, '@');

    memcpy(mail, seen.bytes, at);
    size_t size = at + lower(text_slice(seen, at, seen.size), mail + at, sizeof(mail) - at);

    probe(s, IOC_EMAIL, (struct text){mail, size}, seen, 0);
}

static void probe_lowered(struct sifting *s, int type, struct text value, struct text seen)
{
    char small[MAX_NAME];

    probe(s, type, (struct text){small, lower(value, small, sizeof(small))}, seen, 0);
}

static void examine(struct sifting *s, const struct observable *one)
{
    switch (one->kind) {
    case OBSERVABLE_IP:
        probe_address(s, one);
        break;
    case OBSERVABLE_DOMAIN:
        probe_names(s, one->text);
        break;
    case OBSERVABLE_URL:
        probe_lowered(s, URL_HOST, host_of(one->text), one->text);
        break;
    case OBSERVABLE_EMAIL:
        probe_email(s, one->text);
        break;
    case OBSERVABLE_MD5:
        probe_lowered(s, IOC_MD5, one->text, one->text);
        break;
    case OBSERVABLE_SHA1:
        probe_lowered(s, IOC_SHA1, one->text, one->text);
        break;
    default:
        probe_lowered(s, IOC_SHA256, one->text, one->text);
        break;
    }
}

size_t sieve_sift(const struct sieve *sieve, struct text log, struct arena *arena,
                  struct suspect **suspects, struct sieve_counts *counts)
{
    struct sifting s;
    struct observable_scan scan = observable_scan_of(log);
    struct observable one;
    uint64_t asked = 0;

    s.sieve = sieve; /* not all of it is cleared: probes are many */
    s.arena = arena;
    s.suspects = NULL;
    s.suspect_count = s.capacity = s.probe_count = 0;
    while (observable_next(&scan, &one)) {
        asked++;
        examine(&s, &one);
    }
    look(&s);
    counts->asked += asked;
    counts->filtered += asked > s.suspect_count ? asked - s.suspect_count : 0;
    *suspects = s.suspects;
    return s.suspect_count;
}

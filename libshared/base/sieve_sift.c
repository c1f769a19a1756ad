#include "base/buf.h"
#include "base/indicator.h"
#include "base/lower.h"
#include "base/observable.h"
#include "base/sieve_parts.h"

/* Probes are made for several observables before the first is looked at, so that memory has the
 * filter's blocks ready. */
enum {
    PROBES = 32,
    PARTS = 16,
    MAX_NAME = 253,
    MAX_MAILBOX = 64,
    ROOM = MAX_MAILBOX + 1 + MAX_NAME
};
struct probe {
    uint64_t hash;
    unsigned char type, from; /* of a name above the observed one: where it begins */
    unsigned char seen;       /* position of its observable */
};

/* Of the log, between quotes and spaces. */
struct part {
    struct text text;
    unsigned asked;
};

struct sifting {
    const struct sieve *sieve;
    struct arena *arena;
    struct text log;
    struct suspect *suspects;
    size_t suspect_count, capacity;
    struct probe probes[PROBES];
    size_t probe_count;
    struct observable seen[PROBES]; /* by the probes */
    struct text wide[PROBES];       /* of those in other scripts: their canonical names */
    size_t seen_count;
    uint64_t asked;
    struct sieve_memory *memory;
    struct part parts[PARTS], *part; /* of which nothing was known; NULL: the one at hand is none */
    size_t part_count;
};

static struct text lowered(struct sifting *s, struct text t)
{
    char *copy = arena_take(s->arena, t.size);

    lower_ascii(t, copy);
    return (struct text){copy, t.size};
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

/* One way to read it. */
static bool suspect_this_url(struct sifting *s, struct text url, struct text seen)
{
    static const struct indicator_rules rules = {.looking_up = true};
    struct text forms[INDICATOR_URL_FORMS];
    struct indicator read;
    bool is_suspect = false;

    if (indicator_read(url, INDICATOR_URL, &rules, s->arena, &read) != INDICATOR_GOOD)
        return false;
    size_t count = indicator_url_forms(read.value, forms);

    for (size_t i = 0; i < count; i++) {
        if (!sieve_may_have(s->sieve, IOC_URL, forms[i]))
            continue;
        suspect(s, (struct suspect){IOC_URL, forms[i], seen, CIDR_TABLE_NONE});
        is_suspect = true;
    }
    return is_suspect;
}

static struct text with_scheme(struct sifting *s, const char *scheme, struct text url)
{
    AUTO_BUF whole = {0};

    buf_add_string(&whole, scheme);
    buf_add(&whole, url);
    return arena_copy(s->arena, buf_text(&whole));
}

/* The host is that of a listed URL: now the URL itself, the longest that is one. */
static void suspect_url(struct sifting *s, const struct observable *one)
{
    struct text urls[OBSERVABLE_URLS];
    size_t count = observable_urls(s->log, one, s->arena, urls);
    size_t host_end = (size_t)(one->text.bytes - s->log.bytes) + one->text.size;

    for (size_t i = 0; i < count; i++) {
        bool is_suspect;

        if (one->link == OBSERVABLE_BARE_URL) {
            is_suspect = suspect_this_url(s, with_scheme(s, "http://", urls[i]), urls[i]);
            is_suspect |= suspect_this_url(s, with_scheme(s, "https://", urls[i]), urls[i]);
        } else {
            is_suspect = suspect_this_url(s, urls[i],
                                          one->link == OBSERVABLE_URL
                                              ? urls[i]
                                              : text_slice(s->log, one->authority, host_end));
        }
        if (is_suspect)
            return;
    }
}

static struct text mail_in(const struct sifting *s, const struct observable *one)
{
    size_t from = one->mail;

    return text_slice(s->log, from, (size_t)(one->text.bytes - s->log.bytes) + one->text.size);
}

/* The mailbox in lower case, and the canonical domain. */
static struct text join_mail(const struct sifting *s, const struct observable *one,
                             struct text domain, char room[ROOM])
{
    struct text mail = mail_in(s, one);
    size_t size = mail.size - one->text.size - 1;
    struct text mailbox = text_slice(mail, 0, size);

    if (mail.bytes[size] != '@') /* "%40" */
        mailbox.size -= 2;
    lower_ascii(mailbox, room);
    room[mailbox.size] = '@';
    memcpy(room + mailbox.size + 1, domain.bytes, domain.size);
    return (struct text){room, mailbox.size + 1 + domain.size};
}

static struct text domain_of(struct sifting *s, const struct probe *probe)
{
    const struct observable *one = &s->seen[probe->seen];

    return one->is_wide ? s->wide[probe->seen] : lowered(s, one->text);
}

static struct text canonical(struct sifting *s, const struct probe *probe)
{
    const struct observable *one = &s->seen[probe->seen];
    AUTO_BUF address = {0};
    char mail[ROOM];

    switch (probe->type) {
    case IOC_IP:
        address_write(&one->address, &address);
        return arena_copy(s->arena, buf_text(&address));
    case IOC_EMAIL:
        return arena_copy(s->arena, join_mail(s, one, domain_of(s, probe), mail));
    case IOC_DOMAIN:
        return text_slice(domain_of(s, probe), probe->from, SIZE_MAX);
    default:
        return lowered(s, one->text);
    }
}

/* Only before there are suspects: a range with it may be one. */
static void learn_address(const struct sifting *s, const struct observable *one)
{
    if (s->memory && s->suspect_count == 0 && address_is_v4(&one->address))
        sieve_memory_learn_v4(s->memory, &one->address);
}

static bool is_known(const struct sifting *s, const struct observable *one)
{
    return one->kind == OBSERVABLE_IP && one->link == OBSERVABLE_NO_URL && s->memory &&
           address_is_v4(&one->address) && sieve_memory_knows_v4(s->memory, &one->address);
}

static void look(struct sifting *s)
{
    for (size_t i = 0; i < s->probe_count; i++) {
        const struct probe *probe = &s->probes[i];
        const struct observable *one = &s->seen[probe->seen];

        if (!bloom_may_have(s->sieve->filter, probe->hash)) {
            if (probe->type == IOC_IP)
                learn_address(s, one);
            continue;
        }
        if (probe->type == SIEVE_URL_HOST) {
            suspect_url(s, one);
            continue;
        }
        suspect(s, (struct suspect){(enum ioc_type)probe->type, canonical(s, probe),
                                    probe->type == IOC_EMAIL ? mail_in(s, one) : one->text,
                                    CIDR_TABLE_NONE});
    }
    s->probe_count = 0;
}

/* Room is made before what is seen has its first probe; the one at hand is the last one seen. */
static void probe(struct sifting *s, int type, struct text value, size_t from)
{
    if (s->probe_count == PROBES)
        look(s);
    struct probe *next = &s->probes[s->probe_count++];

    *next = (struct probe){sieve_hash(s->sieve, type, value), (unsigned char)type,
                           (unsigned char)from, (unsigned char)(s->seen_count - 1)};
    bloom_prefetch(s->sieve->filter, next->hash);
}

static void probe_address(struct sifting *s, const struct observable *one)
{
    long range = cidr_table_find(s->sieve->ranges, &one->address);
    struct text value = one->text;
    AUTO_BUF written = {0};

    if (range != CIDR_TABLE_NONE)
        suspect(s, (struct suspect){IOC_CIDR, {0}, one->text, range});
    if (text_find_byte(value, ':') < value.size) { /* IPv4 has but one spelling */
        buf_add_byte(&written, '[');
        address_write(&one->address, &written);
        buf_add_byte(&written, ']');
        value = text_slice(buf_text(&written), 1, written.size - 1);
    }
    probe(s, IOC_IP, value, 0);
    if (one->link != OBSERVABLE_NO_URL)
        probe(s, SIEVE_URL_HOST, address_is_v4(&one->address) ? value : buf_text(&written), 0);
}

static void probe_mail(struct sifting *s, const struct observable *one, struct text domain)
{
    char room[ROOM];

    probe(s, IOC_EMAIL, join_mail(s, one, domain, room), 0);
}

/* The names above it, but the top: of those with more than one dot in them. */
static void probe_parents(struct sifting *s, const struct observable *one, struct text name)
{
    size_t dots = 0;

    if (one->dots) {
        for (uint64_t rest = one->dots; rest & (rest - 1); rest &= rest - 1) {
            size_t from = (size_t)__builtin_ctzll(rest) + 1;

            probe(s, IOC_DOMAIN, (struct text){name.bytes + from, name.size - from}, from);
        }
        return;
    }
    for (size_t i = name.size; i > 0; i--) {
        if (name.bytes[i - 1] == '.' && dots++ > 0)
            probe(s, IOC_DOMAIN, text_slice(name, i, name.size), i);
    }
}

static void probe_name(struct sifting *s, const struct observable *one, struct text name)
{
    probe_parents(s, one, name);
    probe(s, IOC_DOMAIN, name, 0);
    if (one->link != OBSERVABLE_NO_URL)
        probe(s, SIEVE_URL_HOST, name, 0);
    if (one->mail != OBSERVABLE_NONE)
        probe_mail(s, one, name);
}

static void probe_domain(struct sifting *s, const struct observable *one)
{
    static const struct indicator_rules rules = {.looking_up = true};
    char name[ROOM];
    struct indicator read;

    if (!one->is_wide) {
        lower_ascii(one->text, name);
        probe_name(s, one, (struct text){name, one->text.size});
    } else if (indicator_read(one->text, INDICATOR_DOMAIN, &rules, s->arena, &read) ==
               INDICATOR_GOOD) {
        s->wide[s->seen_count - 1] = read.value;
        probe_name(s, one, read.value);
    }
}

static void probe_hash(struct sifting *s, enum ioc_type type, struct text hash)
{
    char small[ROOM];

    lower_ascii(hash, small);
    probe(s, (int)type, (struct text){small, hash.size}, 0);
}

static void examine(void *self, const struct observable *one)
{
    struct sifting *s = self;
    unsigned asked = 1u + (one->link != OBSERVABLE_NO_URL) + (one->mail != OBSERVABLE_NONE);

    s->asked += asked;
    if (s->part && one->kind <= OBSERVABLE_DOMAIN && !one->is_wide)
        s->part->asked += asked;
    if (is_known(s, one))
        return;
    if (s->seen_count == PROBES) {
        look(s);
        s->seen_count = 0;
    }
    s->seen[s->seen_count++] = *one;
    switch (one->kind) {
    case OBSERVABLE_IP:
        probe_address(s, one);
        break;
    case OBSERVABLE_DOMAIN:
        probe_domain(s, one);
        break;
    case OBSERVABLE_MD5:
        probe_hash(s, IOC_MD5, one->text);
        break;
    case OBSERVABLE_SHA1:
        probe_hash(s, IOC_SHA1, one->text);
        break;
    default:
        probe_hash(s, IOC_SHA256, one->text);
        break;
    }
}

static bool skip_known(void *self, struct text part)
{
    struct sifting *s = self;
    unsigned asked;

    s->part = NULL;
    if (sieve_memory_knows(s->memory, part, &asked)) {
        s->asked += asked;
        return true;
    }
    if (s->part_count < PARTS) {
        s->part = &s->parts[s->part_count++];
        *s->part = (struct part){part, 0};
    }
    return false;
}

/* Only of a log without suspects: one that is in two of its parts is listed once. */
static void learn_parts(const struct sifting *s)
{
    for (size_t i = 0; i < s->part_count; i++)
        sieve_memory_learn(s->memory, s->parts[i].text, s->parts[i].asked);
}

size_t sieve_sift(const struct sieve *sieve, struct text log, struct sieve_memory *memory,
                  struct arena *arena, struct suspect **suspects, struct sieve_counts *counts)
{
    struct sifting s;
    const struct observable_sink sink = {&s, examine, memory ? skip_known : NULL};

    s.sieve = sieve; /* not all of it is cleared: probes are many */
    s.arena = arena;
    s.log = log;
    s.memory = memory;
    s.suspects = NULL;
    s.part = NULL;
    s.suspect_count = s.capacity = s.probe_count = s.seen_count = s.part_count = 0;
    s.asked = 0;
    observable_each(log, arena, &sink);
    look(&s);
    counts->asked += s.asked;
    counts->filtered += s.asked > s.suspect_count ? s.asked - s.suspect_count : 0;
    if (s.suspect_count == 0)
        learn_parts(&s);
    *suspects = s.suspects;
    return s.suspect_count;
}

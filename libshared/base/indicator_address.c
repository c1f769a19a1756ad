/* Addresses, ranges, and what of them may not be listed. */
#include "base/indicator_parts.h"

#include "base/buf.h"

#define V4(a, b, c, d, prefix)                                                  \
    {                                                                           \
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d}}, 96 + (prefix) \
    }

/* IANA's special-purpose registries (RFC 6890 and later), what means another machine in each
 * network or none at all. Not 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 and 2001:db8::/32,
 * which are for documentation and which no machine has. */
static const struct cidr bogons[] = {
    V4(0, 0, 0, 0, 8),                   /* "this network" */
    V4(10, 0, 0, 0, 8),                  /* private */
    V4(100, 64, 0, 0, 10),               /* carriers' NAT */
    V4(127, 0, 0, 0, 8),                 /* loopback */
    V4(169, 254, 0, 0, 16),              /* link-local */
    V4(172, 16, 0, 0, 12),               /* private */
    V4(192, 0, 0, 0, 24),                /* protocol assignments */
    V4(192, 168, 0, 0, 16),              /* private */
    V4(198, 18, 0, 0, 15),               /* benchmarks, and what proxies hand out for names */
    V4(224, 0, 0, 0, 4),                 /* multicast */
    V4(240, 0, 0, 0, 4),                 /* reserved, broadcast */
    {{{0}}, 128},                        /* :: */
    {{{[15] = 1}}, 128},                 /* ::1 */
    {{{0, 0x64, 0xFF, 0x9B, 0, 1}}, 48}, /* 64:ff9b:1::/48, local translation */
    {{{0x01}}, 64},                      /* 100::/64, discard */
    {{{0xFC}}, 7},                       /* unique local */
    {{{0xFE, 0x80}}, 10},                /* link-local */
    {{{0xFE, 0xC0}}, 10},                /* site-local, of old */
    {{{0xFF}}, 8},                       /* multicast */
};

bool indicator_address_bogon(const struct cidr *cidr)
{
    for (size_t i = 0; i < COUNT_OF(bogons); i++) {
        /* Either holds the other, if they meet at all. */
        if (cidr_contains(&bogons[i], &cidr->first) ||
            (cidr->prefix < bogons[i].prefix && cidr_contains(cidr, &bogons[i].first)))
            return true;
    }
    return false;
}

bool indicator_address_like(struct text t)
{
    size_t colons = 0, digits = 0, others = 0;

    for (size_t i = 0; i < t.size; i++) {
        char byte = t.bytes[i];

        if (byte == ':')
            colons++;
        else if (byte >= '0' && byte <= '9')
            digits++;
        else if (!strchr("./[]%-", byte))
            others++;
    }
    struct text before = text_slice(t, 0, text_find_byte(t, '/'));

    if (others == 0)
        return (digits > 0 || colons > 1) &&
               (text_find_byte(before, '-') == before.size || colons > 1);
    /* Letters: of IPv6 only, which has two colons before its prefix. */
    colons = 0;
    for (size_t i = 0; i < before.size; i++)
        colons += before.bytes[i] == ':';
    return colons >= 2;
}

int indicator_port(struct text t)
{
    int64_t port;

    return t.size <= 5 && text_to_integer(t, &port) && port >= 1 && port <= 65535 ? (int)port : 0;
}

/* Splits "1.2.3.4:80" and "[::1]:80"; false where no port is written. */
static bool split_port(struct text t, struct text *host, struct text *port)
{
    size_t bracket = text_find_byte(t, ']'), colon = text_find_byte(t, ':');

    if (t.bytes[0] == '[') {
        if (bracket + 1 >= t.size || t.bytes[bracket + 1] != ':')
            return false;
        colon = bracket + 1;
    } else if (colon == t.size ||
               text_find_byte(text_slice(t, colon + 1, t.size), ':') < t.size - colon - 1) {
        return false;
    }
    *host = text_slice(t, 0, colon);
    *port = text_slice(t, colon + 1, t.size);
    return true;
}

static enum indicator_reason why_no_address(struct text t)
{
    struct text part;
    bool zero = false;

    if (text_find_byte(t, ':') < t.size)
        return INDICATOR_BAD_ADDRESS;
    while (text_split(&t, '.', &part)) {
        int64_t number;

        if (!text_to_integer(part, &number))
            return INDICATOR_BAD_ADDRESS;
        zero = zero || (part.size > 1 && part.bytes[0] == '0');
    }
    return zero ? INDICATOR_LEADING_ZERO : INDICATOR_BAD_ADDRESS;
}

static enum indicator_reason write_range(const struct cidr *cidr,
                                         const struct indicator_rules *rules, struct arena *arena,
                                         struct indicator *out)
{
    bool is_v4 = address_is_v4(&cidr->first) && cidr->prefix >= 96;
    int floor_v4 = rules->floor_v4 ? rules->floor_v4 : 8;
    int floor_v6 = rules->floor_v6 ? rules->floor_v6 : 19;
    AUTO_BUF text = {0};

    if (!rules->looking_up && cidr->prefix < (is_v4 ? 96 + floor_v4 : floor_v6))
        return INDICATOR_TOO_WIDE;
    if (!rules->looking_up && !rules->allow_bogons && indicator_address_bogon(cidr))
        return INDICATOR_BOGON;
    address_write(&cidr->first, &text);
    out->type = cidr->prefix == 128 ? IOC_IP : IOC_CIDR;
    if (cidr->prefix < 128)
        buf_addf(&text, "/%d", is_v4 ? cidr->prefix - 96 : cidr->prefix);
    out->value = arena_copy(arena, buf_text(&text));
    return INDICATOR_GOOD;
}

static enum indicator_reason read_range(struct text t, size_t slash,
                                        const struct indicator_rules *rules, struct arena *arena,
                                        struct indicator *out)
{
    struct address address;
    struct cidr cidr;
    struct text number = text_slice(t, 0, slash);

    if (!address_parse(number, &address))
        return why_no_address(number);
    if (!cidr_parse(t, &cidr))
        return INDICATOR_BAD_PREFIX;
    out->cleared = memcmp(&address, &cidr.first, sizeof(address)) != 0;
    return write_range(&cidr, rules, arena, out);
}

enum indicator_reason indicator_address(struct text t, const struct indicator_rules *rules,
                                        struct arena *arena, struct indicator *out)
{
    size_t slash = text_find_byte(t, '/');
    struct cidr cidr = {.prefix = 128};
    struct text host, port;

    if (text_find_byte(t, '%') < t.size)
        return INDICATOR_ZONE;
    if (slash < t.size)
        return read_range(t, slash, rules, arena, out);
    if (!address_parse(t, &cidr.first)) {
        if (!split_port(t, &host, &port))
            return why_no_address(t);
        if (!address_parse(host, &cidr.first))
            return why_no_address(host);
        out->port = indicator_port(port);
        if (out->port == 0)
            return INDICATOR_BAD_PORT;
    }
    return write_range(&cidr, rules, arena, out);
}

bool indicator_span(struct text raw, struct address *first, struct address *last)
{
    size_t dash = text_find_byte(raw, '-');

    return dash < raw.size && address_parse(text_trim(text_slice(raw, 0, dash)), first) &&
           address_parse(text_trim(text_slice(raw, dash + 1, raw.size)), last) &&
           address_is_v4(first) == address_is_v4(last) &&
           memcmp(first->bytes, last->bytes, sizeof(first->bytes)) <= 0;
}

static bool bit_of(const struct address *address, int i)
{
    return (address->bytes[i / 8] >> (7 - i % 8)) & 1;
}

/* @address with all bits from @prefix on set. */
static struct address end_of(struct address address, int prefix)
{
    for (int i = prefix; i < 128; i++)
        address.bytes[i / 8] |= (unsigned char)(1 << (7 - i % 8));
    return address;
}

bool indicator_span_next(struct address *first, const struct address *last, struct cidr *cidr)
{
    struct address end = *first;
    int prefix = 128;

    while (prefix > 0 && !bit_of(first, prefix - 1)) {
        struct address wider = end_of(*first, prefix - 1);

        if (memcmp(wider.bytes, last->bytes, sizeof(wider.bytes)) > 0)
            break;
        end = wider;
        prefix--;
    }
    *cidr = (struct cidr){*first, prefix};
    if (memcmp(end.bytes, last->bytes, sizeof(end.bytes)) >= 0)
        return false;
    *first = end;
    for (int i = 15; i >= 0 && ++first->bytes[i] == 0; i--)
        ;
    return true;
}

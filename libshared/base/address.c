#include "base/address.h"

#include <string.h>

#include "base/ascii.h"

static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};

/* The whole of @t as four numbers 0 to 255 without leading zeros. */
static bool parse_v4(struct text t, unsigned char *bytes)
{
    size_t at = 0;

    for (int i = 0; i < 4; i++) {
        unsigned value = 0;

        if (i > 0 && (at == t.size || t.bytes[at++] != '.'))
            return false;
        size_t start = at;

        while (at < t.size && at - start < 3 && (unsigned char)(t.bytes[at] - '0') < 10)
            value = value * 10 + (unsigned)(t.bytes[at++] - '0');
        if (at == start || value > 255 || (at - start > 1 && t.bytes[start] == '0'))
            return false;
        bytes[i] = (unsigned char)value;
    }
    return at == t.size;
}

/* One to four hex digits at *@at. */
static bool parse_group(struct text t, size_t *at, unsigned char *bytes)
{
    unsigned value = 0;
    size_t start = *at;

    while (*at < t.size && *at - start < 4 && ascii_hex_value(t.bytes[*at]) >= 0)
        value = value << 4 | (unsigned)ascii_hex_value(t.bytes[(*at)++]);
    bytes[0] = (unsigned char)(value >> 8);
    bytes[1] = (unsigned char)value;
    return *at > start;
}

/* Moves what stands behind the "::" at byte @gap of @size to the end. */
static void spread(unsigned char *bytes, size_t gap, size_t size)
{
    size_t behind = size - gap;

    memmove(bytes + 16 - behind, bytes + gap, behind);
    memset(bytes + gap, 0, 16 - size);
}

static bool parse_v6(struct text t, unsigned char *bytes)
{
    const size_t none = 17;
    size_t at = 0, size = 0, gap = none;

    if (t.size >= 2 && t.bytes[0] == ':' && t.bytes[1] == ':') {
        gap = 0;
        at = 2;
    }
    while (at < t.size) {
        struct text rest = text_slice(t, at, t.size);

        if (size <= 12 && (size > 0 || gap == 0) && parse_v4(rest, bytes + size)) {
            size += 4;
            break;
        }
        if (size == 16 || !parse_group(t, &at, bytes + size))
            return false;
        size += 2;
        if (at == t.size)
            break;
        if (t.bytes[at++] != ':' || at == t.size)
            return false;
        if (t.bytes[at] == ':') {
            if (gap != none)
                return false;
            gap = size;
            at++;
        }
    }
    if (gap == none)
        return size == 16;
    if (size > 14) /* "::" stands for one group at least */
        return false;
    spread(bytes, gap, size);
    return true;
}

/* Cuts a zone off: "%eth0", not empty. */
static bool cut_zone(struct text *t)
{
    size_t percent = text_find_byte(*t, '%');

    if (percent + 1 == t->size)
        return false;
    *t = text_slice(*t, 0, percent);
    return true;
}

bool address_parse(struct text t, struct address *address)
{
    struct address found;

    if (t.size == 0 || t.size > 100)
        return false;
    if (t.bytes[0] == '[') {
        if (t.bytes[t.size - 1] != ']')
            return false;
        t = text_slice(t, 1, t.size - 1);
        if (text_find_byte(t, ':') == t.size)
            return false;
    }
    if (text_find_byte(t, ':') == t.size) {
        memcpy(found.bytes, mapped, sizeof(mapped));
        if (!parse_v4(t, found.bytes + 12))
            return false;
    } else if (!cut_zone(&t) || !parse_v6(t, found.bytes)) {
        return false;
    }
    *address = found;
    return true;
}

bool address_parse_endpoint(struct text t, struct address *address)
{
    size_t bracket = text_find_byte(t, ']');
    size_t colon = text_find_byte(t, ':');
    struct text port;
    int64_t number;

    if (t.size && t.bytes[0] == '[') {
        if (bracket + 1 >= t.size || t.bytes[bracket + 1] != ':')
            return address_parse(t, address);
        port = text_slice(t, bracket + 2, t.size);
        t = text_slice(t, 0, bracket + 1);
    } else {
        port = text_slice(t, colon + 1, t.size);
        /* More than one colon and no brackets: an IPv6 address, whose last group is no port. */
        if (colon == t.size || text_find_byte(port, ':') < port.size)
            return address_parse(t, address);
        t = text_slice(t, 0, colon);
    }
    return text_to_integer(port, &number) && number <= 65535 && address_parse(t, address);
}

bool address_is_v4(const struct address *address)
{
    return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

struct range {
    unsigned char first[16];
    unsigned char prefix;
    bool is_private; /* the first range that holds an address decides */
};

#define V4(a, b, c, d, prefix, is_private)                                                \
    {                                                                                     \
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d}, 96 + (prefix), is_private \
    }

/* CPython's ipaddress since its gh-113171 (3.13; also in the security releases of older ones): the
 * IANA registries' blocks that are not globally reachable, exceptions first. */
static const struct range ranges[] = {
    V4(192, 0, 0, 9, 32, false),
    V4(192, 0, 0, 10, 32, false),
    V4(0, 0, 0, 0, 8, true),
    V4(10, 0, 0, 0, 8, true),
    V4(127, 0, 0, 0, 8, true),
    V4(169, 254, 0, 0, 16, true),
    V4(172, 16, 0, 0, 12, true),
    V4(192, 0, 0, 0, 24, true),
    V4(192, 0, 2, 0, 24, true),
    V4(192, 168, 0, 0, 16, true),
    V4(198, 18, 0, 0, 15, true),
    V4(198, 51, 100, 0, 24, true),
    V4(203, 0, 113, 0, 24, true),
    V4(240, 0, 0, 0, 4, true),
    {{0x20, 0x01, 0, 0x01, [15] = 1}, 128, false},
    {{0x20, 0x01, 0, 0x01, [15] = 2}, 128, false},
    {{0x20, 0x01, 0, 0x03}, 32, false},
    {{0x20, 0x01, 0, 0x04, 0x01, 0x12}, 48, false},
    {{0x20, 0x01, 0, 0x20}, 28, false},
    {{0x20, 0x01, 0, 0x30}, 28, false},
    {{0}, 128, true},
    {{[15] = 1}, 128, true},
    {{0, 0x64, 0xFF, 0x9B, 0, 1}, 48, true},
    {{0x01}, 64, true},
    {{0x20, 0x01}, 23, true},
    {{0x20, 0x01, 0x0D, 0xB8}, 32, true},
    {{0x20, 0x02}, 16, true},
    {{0xFC}, 7, true},
    {{0xFE, 0x80}, 10, true},
};

static bool holds(const struct range *range, const struct address *address)
{
    size_t whole = range->prefix / 8;
    int rest = range->prefix % 8;

    if (memcmp(range->first, address->bytes, whole) != 0)
        return false;
    return rest == 0 || ((range->first[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

bool address_is_private(const struct address *address)
{
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        if (holds(&ranges[i], address))
            return ranges[i].is_private;
    }
    return false;
}

static unsigned group(const struct address *address, int i)
{
    const unsigned char *at = address->bytes + (size_t)i * 2;

    return (unsigned)at[0] << 8 | at[1];
}

/* Where the longest run of at least two zero groups begins and ends; the first of equals. */
static void longest_zeros(const struct address *address, int *from, int *to)
{
    *from = *to = -1;
    for (int i = 0; i < 8; i++) {
        int end = i;

        while (end < 8 && group(address, end) == 0)
            end++;
        if (end - i >= 2 && end - i > *to - *from) {
            *from = i;
            *to = end;
        }
        if (end > i)
            i = end;
    }
}

void address_write(const struct address *address, struct buf *out)
{
    const unsigned char *b = address->bytes;
    int from, to;

    if (address_is_v4(address)) {
        buf_addf(out, "%d.%d.%d.%d", b[12], b[13], b[14], b[15]);
        return;
    }
    longest_zeros(address, &from, &to);
    for (int i = 0; i < 8; i++) {
        if (i == from) {
            buf_add_string(out, "::");
            i = to - 1;
            continue;
        }
        buf_addf(out, i == 0 || i == to ? "%x" : ":%x", group(address, i));
    }
}

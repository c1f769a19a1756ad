#include "base/cidr.h"

#include <string.h>

/* 0 to 128 without leading zeros; -1 for anything else. */
static int prefix_of(struct text t)
{
    int64_t value;

    if (t.size > 3 || (t.size > 1 && t.bytes[0] == '0') || !text_to_integer(t, &value))
        return -1;
    return value <= 128 ? (int)value : -1;
}

/* Clears all bits of @address but the first @prefix. */
static void clear_behind(struct address *address, int prefix)
{
    for (int i = 0; i < 16; i++) {
        int kept = prefix - i * 8;

        if (kept <= 0)
            address->bytes[i] = 0;
        else if (kept < 8)
            address->bytes[i] &= (unsigned char)(0xFF << (8 - kept));
    }
}

bool cidr_parse(struct text t, struct cidr *cidr)
{
    size_t slash = text_find_byte(t, '/');
    struct text number = text_slice(t, 0, slash);
    struct address first;

    if (!address_parse(number, &first))
        return false;
    int prefix = 128;

    if (slash < t.size) {
        prefix = prefix_of(text_slice(t, slash + 1, t.size));
        if (prefix < 0)
            return false;
        /* As written: "::ffff:10.0.0.0/104" counts from the start of IPv6, "10.0.0.0/8" does not.
         */
        if (text_find_byte(number, ':') == number.size)
            prefix += 96;
        if (prefix > 128)
            return false;
    }
    clear_behind(&first, prefix);
    *cidr = (struct cidr){first, prefix};
    return true;
}

struct cidr cidr_widen(const struct cidr *cidr, int prefix)
{
    struct cidr wider = {cidr->first, prefix};

    clear_behind(&wider.first, prefix);
    return wider;
}

bool cidr_contains(const struct cidr *cidr, const struct address *address)
{
    size_t whole = (size_t)cidr->prefix / 8;
    int rest = cidr->prefix % 8;

    if (memcmp(cidr->first.bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 || ((cidr->first.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

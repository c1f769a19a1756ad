#include "base/sieve_parts.h"

#include <stdlib.h>

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
    bloom_add(sieve->filter, sieve_hash(sieve, (int)type, value));
    if (type == IOC_URL)
        bloom_add(sieve->filter, sieve_hash(sieve, SIEVE_URL_HOST, host_of(value)));
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
    return bloom_may_have(sieve->filter, sieve_hash(sieve, (int)type, value));
}

long sieve_wider(const struct sieve *sieve, long range)
{
    return cidr_table_wider(sieve->ranges, range);
}

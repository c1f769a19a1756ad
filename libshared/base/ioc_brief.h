/* ioc_brief: what a look-up needs to know of an indicator, in a few bytes.
 *
 * One line, as it stands in Redis and in a detector's memory:
 *
 *     90 10 t2x1a0 t3f0c9 t4zzzz 443,8443 c2 urlhaus,threatfox
 *
 * confidence and reputation in hundredths; first seen, last seen and the end of its validity in
 * seconds since the epoch, base 36; its ports, its threat type, its feeds. "-" stands for nothing.
 * Redis packs a hash tightly only while no value in it is longer than 64 bytes, so feeds that do
 * not fit are counted: "urlhaus,+3".
 */
#pragma once

#include "base/buf.h"
#include "base/ioc.h"

struct ioc_brief {
    double confidence, reputation;
    int64_t first_seen, last_seen;
    int64_t valid_until;     /* RECORD_NULL: for ever */
    struct text ports;       /* joined by commas; empty: any */
    struct text threat_type; /* may be empty */
    struct text feeds;       /* joined by commas */
};

void ioc_brief_write(const struct ioc *ioc, struct buf *out);
/* Borrowed from @line. False: it is none. */
bool ioc_brief_read(struct text line, struct ioc_brief *brief);

/* Where Redis has it: the hash <haechi:{iNNN}:generation-bucket> of those with the same first @bits
 * bits of a hash of their key, and the field in it. Keys of more than 64 bytes are there as
 * "<type>:~" and their MD5. */
struct ioc_place {
    char hash[64];
    char field[72];
    size_t hash_size, field_size;
};
void ioc_place_of(struct text key, struct text generation, int bits, struct ioc_place *place);
/* The name of bucket @bucket of 2 to the power of @bits. */
size_t ioc_place_bucket(struct text generation, int bits, uint64_t bucket, char name[64]);

/* Bits for @count indicators, so that a bucket has about 50. */
int ioc_place_bits(size_t count);

#include "base/ioc_brief.h"

#include <math.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/hash64.h"

enum { PACKED = 64 /* Redis: hash-max-listpack-value */, THREAT = 16, FEWEST_BITS = 12 };
enum { FEWEST = 32 /* a bucket holds 32 to 64 when it is made */, MOST_BITS = 30 };

static void add_word(struct buf *out, struct text word, size_t limit)
{
    word = text_cut(word, limit);
    if (word.size == 0)
        buf_add_byte(out, '-');
    for (size_t i = 0; i < word.size; i++)
        buf_add_byte(out, (unsigned char)word.bytes[i] <= ' ' ? '_' : word.bytes[i]);
    buf_add_byte(out, ' ');
}

static void add_time(struct buf *out, int64_t ms)
{
    char digits[16];
    size_t at = sizeof(digits);
    int64_t seconds = ms / 1000 + (ms % 1000 > 0);

    if (ms == RECORD_NULL || seconds <= 0) {
        add_word(out, (struct text){0}, 0);
        return;
    }
    for (; seconds > 0; seconds /= 36)
        digits[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[seconds % 36];
    add_word(out, (struct text){digits + at, sizeof(digits) - at}, sizeof(digits));
}

static void add_ports(struct buf *out, const struct record_texts *ports)
{
    AUTO_BUF list = {0};

    for (size_t i = 0; i < ports->count; i++) {
        if (i > 0)
            buf_add_byte(&list, ',');
        buf_add(&list, ports->items[i]);
    }
    add_word(out, buf_text(&list), list.size);
}

static void add_feeds(struct buf *out, const struct record_list *sources, size_t start)
{
    const struct ioc_source *source = sources->items;

    for (size_t i = 0; i < sources->count; i++) {
        size_t left = sources->count - i;
        size_t rest = left > 1 ? 4 : 0; /* ",+99" */

        if (i > 0 && out->size - start + 1 + source[i].name.size + rest > PACKED) {
            buf_addf(out, ",+%zu", left);
            return;
        }
        if (i > 0)
            buf_add_byte(out, ',');
        for (size_t j = 0; j < source[i].name.size; j++) {
            char byte = source[i].name.bytes[j];

            buf_add_byte(out, (unsigned char)byte <= ' ' || byte == ',' ? '_' : byte);
        }
    }
}

void ioc_brief_write(const struct ioc *ioc, struct buf *out)
{
    size_t start = out->size;

    buf_addf(out, "%ld %ld ", lround(ioc->confidence * 100), lround(ioc->reputation * 100));
    add_time(out, ioc->first_seen);
    add_time(out, ioc->last_seen);
    add_time(out, ioc->valid_until);
    add_ports(out, &ioc->ports);
    add_word(out, ioc->threat_type, THREAT);
    add_feeds(out, &ioc->sources, start);
}

static bool take_word(struct text *line, struct text *word)
{
    if (!text_split(line, ' ', word))
        return false;
    if (text_is(*word, "-"))
        *word = (struct text){0};
    return true;
}

static bool take_share(struct text *line, double *share)
{
    struct text word;
    int64_t hundredths;

    if (!take_word(line, &word) || !text_to_integer(word, &hundredths) || hundredths > 100)
        return false;
    *share = (double)hundredths / 100;
    return true;
}

static bool take_time(struct text *line, int64_t *ms)
{
    struct text word;
    int64_t seconds = 0;

    if (!take_word(line, &word) || word.size > 8)
        return false;
    *ms = RECORD_NULL;
    for (size_t i = 0; i < word.size; i++) {
        char byte = word.bytes[i];
        bool is_digit = byte >= '0' && byte <= '9';

        if (!is_digit && !(byte >= 'a' && byte <= 'z'))
            return false;
        seconds = seconds * 36 + (is_digit ? byte - '0' : byte - 'a' + 10);
    }
    if (word.size > 0)
        *ms = seconds * 1000;
    return true;
}

bool ioc_brief_read(struct text line, struct ioc_brief *brief)
{
    struct ioc_brief found;

    if (!take_share(&line, &found.confidence) || !take_share(&line, &found.reputation) ||
        !take_time(&line, &found.first_seen) || !take_time(&line, &found.last_seen) ||
        !take_time(&line, &found.valid_until) || !take_word(&line, &found.ports) ||
        !take_word(&line, &found.threat_type))
        return false;
    found.feeds = line;
    *brief = found;
    return true;
}

size_t ioc_place_bucket(struct text generation, int bits, uint64_t bucket, char name[64])
{
    /* The slot's tag is the bucket's first twelve bits. */
    int size = snprintf(name, 64, "haechi:{i%03x}:%.*s-%llx", (unsigned)(bucket >> (bits - 12)),
                        (int)(generation.size < 24 ? generation.size : 24), generation.bytes,
                        (unsigned long long)bucket);

    return (size_t)size;
}

static size_t name_field(struct text key, char field[72])
{
    if (key.size <= PACKED) {
        memcpy(field, key.bytes, key.size);
        return key.size;
    }
    size_t colon = text_find_byte(key, ':'), size = colon + 1 < 30 ? colon + 1 : 0;

    memcpy(field, key.bytes, size);
    field[size++] = '~';
    digest_md5(&key, 1, field + size);
    return size + 32;
}

void ioc_place_of(struct text key, struct text generation, int bits, struct ioc_place *place)
{
    uint64_t bucket = hash64(0, key) >> (64 - bits);

    place->hash_size = ioc_place_bucket(generation, bits, bucket, place->hash);
    place->field_size = name_field(key, place->field);
}

int ioc_place_bits(size_t count)
{
    int bits = FEWEST_BITS;

    while (bits < MOST_BITS && count >> bits >= 2 * FEWEST)
        bits++;
    return bits;
}

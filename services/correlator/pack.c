#include "correlator/pack.h"

#include <math.h>

#include "base/arena.h"
#include "correlator/text_key.h"

/* How a text is written: in the lowest bits of the number that it begins with. */
enum text_kind { TEXT_RAW, TEXT_HEX, TEXT_AGAIN, TEXT_KINDS };

enum { SHORTEST_AGAIN = 3 }; /* shorter texts are as well written anew */

void pack_byte(struct pack *pack, uint8_t byte)
{
    buf_add_byte(pack->into, (char)byte);
}

void pack_number(struct pack *pack, uint64_t number)
{
    for (; number > 0x7f; number >>= 7)
        pack_byte(pack, (uint8_t)(number | 0x80));
    pack_byte(pack, (uint8_t)number);
}

void pack_signed(struct pack *pack, int64_t number)
{
    pack_number(pack, (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0));
}

void pack_time(struct pack *pack, int64_t ms)
{
    pack_signed(pack, (int64_t)((uint64_t)ms - (uint64_t)pack->last_ms));
    pack->last_ms = ms;
}

static int64_t second_of(int64_t ms)
{
    return ms / 1000;
}

void pack_second(struct pack *pack, int64_t ms)
{
    pack_signed(pack, second_of(ms) + (ms % 1000 > 0) - second_of(pack->last_ms));
}

/* Most are thousandths between 0 and 1. */
void pack_real(struct pack *pack, double real)
{
    uint64_t bits;

    if (real >= 0 && real <= 1 && round(real * 1000) / 1000 == real && !signbit(real)) {
        pack_number(pack, (uint64_t)round(real * 1000) + 1);
        return;
    }
    pack_number(pack, 0);
    memcpy(&bits, &real, sizeof(bits));
    for (int i = 0; i < 64; i += 8)
        pack_byte(pack, (uint8_t)(bits >> i));
}

/* Of a hex digit the value plus one; 0 of anything else. */
static const uint8_t digits_of[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};

static unsigned digit(char c)
{
    return digits_of[(uint8_t)c];
}

static bool is_hex(struct text text)
{
    if (text.size < 8 || text.size % 2 != 0)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (!digit(text.bytes[i]))
            return false;
    }
    return true;
}

static void pack_kind(struct pack *pack, enum text_kind kind, size_t number)
{
    pack_number(pack, (uint64_t)number * TEXT_KINDS + kind);
}

void pack_once(struct pack *pack, struct text text)
{
    if (!is_hex(text)) {
        pack_kind(pack, TEXT_RAW, text.size);
        buf_add(pack->into, text);
        return;
    }
    pack_kind(pack, TEXT_HEX, text.size / 2);
    struct buf *into = pack->random ? pack->random : pack->into;
    char *bytes = buf_reserve(into, text.size / 2);

    for (size_t i = 0; i < text.size; i += 2)
        bytes[i / 2] = (char)((digit(text.bytes[i]) - 1) << 4 | (digit(text.bytes[i + 1]) - 1));
    into->size += text.size / 2;
}

static void remember(struct pack_texts *texts, struct text text)
{
    if (text.size >= SHORTEST_AGAIN)
        texts->items[texts->count++ % PACK_TEXTS] = text;
}

/* The text of @back texts ago; empty: there is none. */
static struct text recall(const struct pack_texts *texts, size_t back)
{
    if (back == 0 || back > PACK_TEXTS || back > texts->count)
        return (struct text){0};
    return texts->items[(texts->count - back) % PACK_TEXTS];
}

void pack_text(struct pack *pack, struct text text)
{
    if (text.size < SHORTEST_AGAIN) {
        pack_once(pack, text);
        return;
    }
    uint32_t *seen = &pack->seen[text_key_hash(&text) % PACK_HASHES];
    size_t back = *seen ? pack->texts.count + 1 - *seen : 0;

    if (back > 0 && text_equal(recall(&pack->texts, back), text)) {
        pack_kind(pack, TEXT_AGAIN, back);
        return;
    }
    pack_once(pack, text);
    remember(&pack->texts, text);
    *seen = (uint32_t)pack->texts.count;
}

void pack_bytes(struct pack *pack, struct text text)
{
    pack_number(pack, text.size);
    buf_add(pack->into, text);
}

static void break_off(struct unpack *unpack)
{
    unpack->is_broken = true;
    unpack->rest = (struct text){0};
}

uint8_t pack_read_byte(struct unpack *unpack)
{
    if (unpack->rest.size == 0) {
        break_off(unpack);
        return 0;
    }
    uint8_t byte = (uint8_t)unpack->rest.bytes[0];

    unpack->rest = text_slice(unpack->rest, 1, unpack->rest.size);
    return byte;
}

uint64_t pack_read_number(struct unpack *unpack)
{
    uint64_t number = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = pack_read_byte(unpack);

        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return number;
    }
    break_off(unpack);
    return 0;
}

int64_t pack_read_signed(struct unpack *unpack)
{
    uint64_t number = pack_read_number(unpack);

    return (int64_t)(number >> 1 ^ (number & 1 ? UINT64_MAX : 0));
}

uint64_t pack_read_limited(struct unpack *unpack, uint64_t most)
{
    uint64_t number = pack_read_number(unpack);

    if (number <= most)
        return number;
    break_off(unpack);
    return 0;
}

size_t pack_read_count(struct unpack *unpack)
{
    return (size_t)pack_read_limited(unpack, unpack->rest.size);
}

int64_t pack_read_time(struct unpack *unpack)
{
    int64_t ms = (int64_t)((uint64_t)unpack->last_ms + (uint64_t)pack_read_signed(unpack));

    if (ms < -PACK_MAX_MS || ms > PACK_MAX_MS) {
        break_off(unpack);
        return 0;
    }
    unpack->last_ms = ms;
    return ms;
}

int64_t pack_read_second(struct unpack *unpack)
{
    int64_t seconds = pack_read_signed(unpack);

    if (seconds < -PACK_MAX_MS / 1000 || seconds > PACK_MAX_MS / 1000) {
        break_off(unpack);
        return 0;
    }
    return (second_of(unpack->last_ms) + seconds) * 1000;
}

double pack_read_real(struct unpack *unpack)
{
    uint64_t number = pack_read_limited(unpack, 1001), bits = 0;
    double real;

    if (number > 0)
        return (double)(number - 1) / 1000;
    for (int i = 0; i < 64; i += 8)
        bits |= (uint64_t)pack_read_byte(unpack) << i;
    memcpy(&real, &bits, sizeof(real));
    return real;
}

static struct text take(struct unpack *unpack, struct text *from, uint64_t size)
{
    struct text taken = {0};

    if (size > from->size) {
        break_off(unpack);
        return taken;
    }
    taken = text_slice(*from, 0, (size_t)size);
    *from = text_slice(*from, (size_t)size, from->size);
    return taken;
}

static struct text to_hex(struct unpack *unpack, struct text bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = arena_take(unpack->copies, 2 * bytes.size + 1);

    for (size_t i = 0; i < bytes.size; i++) {
        hex[2 * i] = digits[(uint8_t)bytes.bytes[i] >> 4];
        hex[2 * i + 1] = digits[(uint8_t)bytes.bytes[i] & 15];
    }
    return (struct text){hex, 2 * bytes.size};
}

/* Of any kind. */
static struct text pack_read_kind(struct unpack *unpack, enum text_kind *kind)
{
    uint64_t head = pack_read_number(unpack), number = head / TEXT_KINDS;

    *kind = (enum text_kind)(head % TEXT_KINDS);
    if (*kind == TEXT_RAW)
        return take(unpack, &unpack->rest, number);
    if (*kind == TEXT_HEX)
        return to_hex(unpack,
                      take(unpack, unpack->random ? unpack->random : &unpack->rest, number));
    struct text again = recall(&unpack->texts, number > PACK_TEXTS ? 0 : (size_t)number);

    if (again.size == 0)
        break_off(unpack);
    return again;
}

struct text pack_read_text(struct unpack *unpack)
{
    enum text_kind kind;
    struct text text = pack_read_kind(unpack, &kind);

    if (kind != TEXT_AGAIN)
        remember(&unpack->texts, text);
    return text;
}

struct text pack_read_once(struct unpack *unpack)
{
    enum text_kind kind;
    struct text text = pack_read_kind(unpack, &kind);

    if (kind == TEXT_AGAIN)
        break_off(unpack);
    return text;
}

struct text pack_read_raw(struct unpack *unpack, uint64_t size)
{
    return take(unpack, &unpack->rest, size);
}

struct text pack_read_bytes(struct unpack *unpack)
{
    return take(unpack, &unpack->rest, pack_read_number(unpack));
}

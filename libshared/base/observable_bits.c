#include "base/observable_bits.h"

#include <assert.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define WORD_PASTE_(a, b) a##b
#define WORD_PASTE(a, b) WORD_PASTE_(a, b)

#if defined(__x86_64__)
#define WORD_NAME wide
#define WORD_LANES 32
#define WORD_TARGET __attribute__((target("avx2")))
#define WORD_BITS(v) (uint64_t)(unsigned) _mm256_movemask_epi8((__m256i)(v))
#include "base/observable_bits_word.h"
#undef WORD_NAME
#undef WORD_LANES
#undef WORD_TARGET
#undef WORD_BITS

#define WORD_BITS(v) (uint64_t)(unsigned) _mm_movemask_epi8((__m128i)(v))
#else
typedef uint64_t halves __attribute__((vector_size(16)));

/* Each lane keeps the bit of its place; a product then adds them up in its upper byte. */
static inline uint64_t upper_bits(halves v)
{
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "lower lanes are lower bits");
    const uint64_t places = UINT64_C(0x8040201008040201), ones = UINT64_C(0x0101010101010101);
    halves set = (halves)((signed char __attribute__((vector_size(16))))v < 0) & places;

    return (set[0] * ones >> 56) | (set[1] * ones >> 56) << 8;
}
#define WORD_BITS(v) upper_bits((halves)(v))
#endif
#define WORD_NAME narrow
#define WORD_LANES 16
#define WORD_TARGET
#include "base/observable_bits_word.h"

static bool fill(const char *from, size_t words, uint64_t (*of)[BIT_KINDS])
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return wide(from, words, of);
#endif
    return narrow(from, words, of);
}

static inline uint64_t before_each(uint64_t before, uint64_t here)
{
    return here << 1 | before >> 63;
}

static inline uint64_t behind_each(uint64_t here, uint64_t behind)
{
    return here >> 1 | behind << 63;
}

/* Dots that stand side by side are no parts of names. What is beside a dot that stands alone is
 * thus no dot, so that names without dots say enough of its neighbours. */
static void add_dots_and_marks(struct observable_bits *bits)
{
    uint64_t dot_before = 0, name_before = 0, colon_before = 0, pairs = 0;

    for (size_t i = 0; i < bits->words; i++) {
        uint64_t *here = bits->of[i], *behind = bits->of[i + 1];
        uint64_t dot = here[BIT_DOT], name = here[BIT_NAME], colon = here[BIT_COLON];
        uint64_t colons = here[BIT_HEX] | colon;
        uint64_t alone = dot & ~before_each(dot_before, dot) & ~behind_each(dot, behind[BIT_DOT]);
        uint64_t two = behind_each(colon, behind[BIT_COLON]);

        here[BIT_DOT] = alone;
        here[BIT_NUMBER] |= alone;
        here[BIT_NAME] = name | alone;
        here[BIT_MARK] =
            alone & before_each(name_before, name) & behind_each(name, behind[BIT_NAME]);
        here[BIT_PAIR] = colon & (behind_each(here[BIT_HEX], behind[BIT_HEX]) | two) &
                         (before_each(colon_before, colons) | two);
        pairs |= here[BIT_PAIR];
        dot_before = dot;
        name_before = name;
        colon_before = colons;
    }
    bits->has_pairs = pairs != 0;
}

struct observable_bits observable_bits_of(struct text t, struct arena *arena)
{
    size_t whole = t.size / 64;
    struct observable_bits bits = {.words = whole + 1};
    char rest[64] = {0};

    bits.of = arena_take(arena, (bits.words + 2) * sizeof(*bits.of));
    bits.of++;
    memset(bits.of - 1, 0, sizeof(*bits.of));
    memset(bits.of + bits.words, 0, sizeof(*bits.of));
    if (t.size % 64)
        memcpy(rest, t.bytes + whole * 64, t.size % 64);
    bits.has_high = fill(t.bytes, whole, bits.of);
    bits.has_high |= fill(rest, 1, bits.of + whole);
    add_dots_and_marks(&bits);
    return bits;
}

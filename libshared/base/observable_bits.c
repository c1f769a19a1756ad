#include "base/observable_bits.h"

#include <assert.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Of @hints those that are the first behind a gap. *@is_open: 1 if before the word's first byte is
 * a gap and no hint behind it, else 0.
 *
 * Adding one to a run of ones clears them and sets the bit above. The ones are bytes that are
 * neither hints nor gaps, one is added behind each gap, and thus goes up to the next hint or gap.
 */
static inline uint64_t first_hints(uint64_t hints, uint64_t gaps, uint64_t *is_open)
{
    uint64_t sum;
    bool is_carried = __builtin_add_overflow(~(hints | gaps), gaps << 1 | *is_open, &sum);

    *is_open = gaps >> 63 | is_carried;
    return sum & hints;
}

#define WORD_PASTE_(a, b) a##b
#define WORD_PASTE(a, b) WORD_PASTE_(a, b)

#if defined(__x86_64__)
#define WORD_NAME wide
#define WORD_LANES 32
#define WORD_TARGET __attribute__((target("avx2,popcnt")))
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

static void make(struct observable_bits *bits)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        wide_make(bits);
        return;
    }
#endif
    narrow_make(bits);
}

static void add_names(struct observable_bits *bits, size_t first, size_t last)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        wide_add_names(bits, first, last);
        return;
    }
#endif
    narrow_add_names(bits, first, last);
}

/* What is behind the last whole word, with 64 zeros at least. All of a word is copied where there
 * is one, as sizes that cannot be foreseen cost more than the bytes; and zeros are written by
 * halves, since compilers make a loop in microcode of twice as many. */
static const char *copy_rest(struct text t, char tail[OBSERVABLE_TAIL])
{
    size_t size = t.size % 64;

    memset(tail + 64, 0, 64);
    if (t.size < 64) {
        memset(tail, 0, 64);
        if (size > 0) /* an empty text may have no bytes at all */
            memcpy(tail, t.bytes, size);
        return tail;
    }
    memcpy(tail, t.bytes + t.size - 64, 64);
    return tail + 64 - size;
}

void observable_bits_make(struct observable_bits *bits, struct text t, struct arena *arena)
{
    bits->text = t;
    bits->words = t.size / 64 + 1;
    bits->rest = copy_rest(t, bits->tail);
    bits->of = arena_take(arena, (bits->words + 2) * sizeof(*bits->of));
    bits->of++;
    memset(bits->of - 1, 0, sizeof(*bits->of));
    memset(bits->of + bits->words, 0, sizeof(*bits->of));
    make(bits);
}

/* Names. */

static inline uint64_t before_each(uint64_t before, uint64_t here)
{
    return here << 1 | before >> 63;
}

static inline uint64_t behind_each(uint64_t here, uint64_t behind)
{
    return here >> 1 | behind << 63;
}

/* Dots that stand side by side are no parts of names. What is beside a dot that stands alone is
 * thus no dot, so that names without dots say enough of its neighbours. Beyond @first and @last
 * nothing is known: there marks are kept. */
static void add_dots(uint64_t (*of)[BIT_KINDS], size_t first, size_t last)
{
    uint64_t name_before = first > 0 ? ~UINT64_C(0) : 0;

    for (uint64_t(*word)[BIT_KINDS] = of + first; word <= of + last; word++) {
        uint64_t *here = *word, *behind = word[1];
        uint64_t dot = here[BIT_DOT], name = here[BIT_NAME];
        uint64_t name_behind = word < of + last ? behind[BIT_NAME] : ~UINT64_C(0);
        uint64_t alone =
            dot & ~before_each(word[-1][BIT_DOT], dot) & ~behind_each(dot, behind[BIT_DOT]);

        here[BIT_MARK] &= alone & before_each(name_before, name) & behind_each(name, name_behind);
        here[BIT_NUMBER] |= alone;
        here[BIT_NAME] = name | alone;
        name_before = name;
    }
}

void observable_bits_add_names(struct observable_bits *bits, size_t from, size_t to)
{
    size_t first = (from > 0 ? from - 1 : 0) / 64, last = to / 64; /* with the gaps */

    add_names(bits, first, last);
    add_dots(bits->of, first, last);
}

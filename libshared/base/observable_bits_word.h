/* observable_bits_word: the bits of 64 bytes. observable_bits.c includes it once for each width of
 * registers: WORD_NAME, WORD_LANES, WORD_TARGET (an attribute) and WORD_BITS (the upper bit of each
 * lane) say which. */

/* A lane of a comparison is -1 or 0. Signed, so that bytes beyond ASCII are below all others. */
#define LANES WORD_PASTE(WORD_NAME, _lanes)
typedef signed char LANES __attribute__((vector_size(WORD_LANES)));

/* Of @words of 64 bytes; names and numbers have no dots yet. Returns whether bytes are beyond
 * ASCII. */
WORD_TARGET static bool WORD_NAME(const char *from, size_t words, uint64_t (*of)[BIT_KINDS])
{
    uint64_t high = 0;

    for (size_t i = 0; i < words; i++, of++) {
        uint64_t letter = 0, digit = 0, hex = 0, dot = 0, colon = 0, dash = 0, quote = 0;

#pragma GCC unroll 4
        for (int at = 0; at < 64; at += WORD_LANES, from += WORD_LANES) {
            LANES c;

            memcpy(&c, from, WORD_LANES);
            LANES low = c | 0x20, from_a = low > 'a' - 1;

            letter |= WORD_BITS(from_a & (low < 'z' + 1)) << at;
            hex |= WORD_BITS(from_a & (low < 'f' + 1)) << at;
            digit |= WORD_BITS((c > '0' - 1) & (c < '9' + 1)) << at;
            dot |= WORD_BITS(c == '.') << at;
            colon |= WORD_BITS(c == ':') << at;
            quote |= WORD_BITS(c == '"') << at;
            dash |= WORD_BITS((c == '-') | (c == '_')) << at;
            high |= WORD_BITS(c);
        }
        (*of)[BIT_LETTER] = letter;
        (*of)[BIT_NUMBER] = digit;
        (*of)[BIT_HEX] = hex | digit;
        (*of)[BIT_DOT] = dot;
        (*of)[BIT_COLON] = colon;
        (*of)[BIT_QUOTE] = quote;
        (*of)[BIT_NAME] = letter | digit | dash;
    }
    return high != 0;
}
#undef LANES

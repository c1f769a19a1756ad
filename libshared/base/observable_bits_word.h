/* observable_bits_word: the bits of 64 bytes. observable_bits.c includes it once for each width of
 * registers: WORD_NAME, WORD_LANES, WORD_TARGET (an attribute) and WORD_BITS (the upper bit of each
 * lane) say which. */

/* A lane of a comparison is -1 or 0. Signed, so that bytes beyond ASCII are below all others. */
#define LANES WORD_PASTE(WORD_NAME, _lanes)
typedef signed char LANES __attribute__((vector_size(WORD_LANES)));

#define MAKE WORD_PASTE(WORD_NAME, _make)
#define ADD_NAMES WORD_PASTE(WORD_NAME, _add_names)

/* The kinds of the whole text. What is told by the bytes before stays in registers from word to
 * word. */
WORD_TARGET static void MAKE(struct observable_bits *bits)
{
    uint64_t dot_before = 0, colon_before = 0, solid_before = 0, doubles = 0, blocks = 0, pairs = 0;
    uint64_t is_open = 1; /* no hint yet since the last gap */
    uint64_t(*of)[BIT_KINDS] = bits->of;
    LANES high = {0};

    for (size_t i = 0; i < bits->words; i++, of++) {
        const char *from = observable_bits_source(bits, i);
        uint64_t dot = 0, colon = 0, gap = 0, solid = 0, alpha = 0;

#pragma GCC unroll 4
        for (int at = 0; at < 64; at += WORD_LANES) {
            LANES c;

            memcpy(&c, from + at, WORD_LANES);
            high |= c;
            dot |= WORD_BITS(c == '.') << at;
            colon |= WORD_BITS(c == ':') << at;
            gap |= WORD_BITS((c == '"') | (c == ' ')) << at;
            solid |= WORD_BITS(c > '0' - 1) << at;
            alpha |= WORD_BITS(c > 'A' - 1) << at;
        }
        uint64_t pair = colon & (solid << 1 | solid_before >> 63);
        uint64_t near = dot << 2 | dot << 3 | dot << 4;

        near |= dot_before >> 62 | dot_before >> 61 | dot_before >> 60;
        uint64_t hints = (dot & near) | (alpha & (dot << 1 | dot_before >> 63));

        (*of)[BIT_DOT] = (*of)[BIT_MARK] = dot;
        (*of)[BIT_HINT] = first_hints(hints, gap, &is_open);
        (*of)[BIT_GAP] = gap;
        (*of)[BIT_SOLID] = solid;
        (*of)[BIT_COLON] = colon;
        (*of)[BIT_PAIR] = pair;
        pairs += (uint64_t)__builtin_popcountll(pair);
        doubles |= pair & (colon << 1 | colon_before >> 63);
        blocks |= observable_bits_blocks(solid);
        dot_before = dot;
        colon_before = colon;
        solid_before = solid;
    }
    bits->has_high = WORD_BITS(high) != 0;
    bits->may_have_v6 = doubles != 0 || pairs >= COLONS_OF_V6;
    bits->has_blocks = blocks != 0;
}

/* Of words @first to @last; names and numbers have no dots yet. */
WORD_TARGET static void ADD_NAMES(struct observable_bits *bits, size_t first, size_t last)
{
    for (size_t i = first; i <= last; i++) {
        const char *from = observable_bits_source(bits, i);
        uint64_t letter = 0, digit = 0, dash = 0;

#pragma GCC unroll 4
        for (int at = 0; at < 64; at += WORD_LANES) {
            LANES c;

            memcpy(&c, from + at, WORD_LANES);
            LANES low = c | 0x20;

            letter |= WORD_BITS((low > 'a' - 1) & (low < 'z' + 1)) << at;
            digit |= WORD_BITS((c > '0' - 1) & (c < '9' + 1)) << at;
            dash |= WORD_BITS((c == '-') | (c == '_')) << at;
        }
        bits->of[i][BIT_LETTER] = letter;
        bits->of[i][BIT_NUMBER] = digit;
        bits->of[i][BIT_NAME] = letter | digit | dash;
    }
}
#undef LANES
#undef MAKE
#undef ADD_NAMES

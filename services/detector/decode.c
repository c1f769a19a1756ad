#include "detector/decode.h"

#include "detector/decode_steps.h"

/* What of interest a text holds, so that most texts are left after one look. */
enum {
    SEEN_PERCENT = 1,
    SEEN_PLUS = 2,
    SEEN_AMPERSAND = 4,
    SEEN_BACKSLASH = 8,
    SEEN_BLANKS = 16, /* two in a row, or any C0 control */
    SEEN_COMMENT = 32,
    SEEN_WIDE = 64,
};

enum { BLOCK = 64 };

/* Reads from[-1] too. Written so that a compiler makes vector code of it: no branch, a fixed
 * number of rounds where it is called with BLOCK. */
static inline unsigned look(const unsigned char *from, size_t count)
{
    unsigned char seen = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned char c = from[i], before = from[(ptrdiff_t)i - 1];

        seen = (unsigned char)(seen | (c == '%' ? SEEN_PERCENT : 0) |
                               ((c == '+') & (before != ' ') ? SEEN_PLUS : 0) |
                               (c == '&' ? SEEN_AMPERSAND : 0) | (c == '\\' ? SEEN_BACKSLASH : 0) |
                               (c < ' ' ? SEEN_BLANKS : 0) | (c == 0xEF ? SEEN_WIDE : 0) |
                               ((c == ' ') & (before == ' ') ? SEEN_BLANKS : 0) |
                               ((c == '*') & (before == '/') ? SEEN_COMMENT : 0));
    }
    return seen;
}

static unsigned look_over(struct text text)
{
    const unsigned char *bytes = (const unsigned char *)text.bytes;
    const unsigned char start[2] = {'\0', bytes[0]};
    unsigned seen = look(start + 1, 1);
    size_t at = 1;

    for (; at + BLOCK <= text.size; at += BLOCK)
        seen |= look(bytes + at, BLOCK);
    return seen | look(bytes + at, text.size - at);
}

/* One pass over a text: who is asked what stands there, and at which bytes. */
struct pass {
    unsigned when; /* SEEN_…, any of them */
    decode_step *step;
    unsigned char triggers[3];
    unsigned char below; /* and every byte below this */
};

static const struct pass url = {SEEN_PERCENT | SEEN_PLUS, decode_steps_url, {'%', '+', '%'}, 0};
static const struct pass html = {SEEN_AMPERSAND, decode_steps_html, {'&', '&', '&'}, 0};
static const struct pass escapes = {SEEN_BACKSLASH, decode_steps_escape, {'\\', '\\', '\\'}, 0};
static const struct pass wide = {SEEN_WIDE, decode_steps_wide, {0xEF, 0xEF, 0xEF}, 0};
static const struct pass blanks = {
    SEEN_BLANKS | SEEN_COMMENT, decode_steps_blank, {' ', '/', '*'}, ' '};

static bool asks_at(const struct pass *pass, char byte)
{
    unsigned char c = (unsigned char)byte;

    return (c == pass->triggers[0]) | (c == pass->triggers[1]) | (c == pass->triggers[2]) |
           (c < pass->below);
}

/* Goes on to what means something else than it says: how many bytes from place->at; 0 at the end.
 */
static size_t next_meaning(const struct pass *pass, struct decode_place *place,
                           struct decode_meaning *meaning)
{
    for (; place->at < place->text.size; place->at++) {
        if (!asks_at(pass, place->text.bytes[place->at]))
            continue;
        size_t taken = pass->step(place, meaning);

        if (taken > 0)
            return taken;
    }
    return 0;
}

/* False, and no memory taken, where @pass changes nothing. */
static bool run(const struct pass *pass, struct text text, struct arena *arena, struct text *form)
{
    struct decode_place place = {.text = text};
    struct decode_meaning meaning;
    size_t taken = next_meaning(pass, &place, &meaning);

    if (taken == 0)
        return false;
    char *out = arena_take(arena, text.size);
    size_t size = 0, copied = 0;

    for (; taken > 0; taken = next_meaning(pass, &place, &meaning)) {
        memcpy(out + size, text.bytes + copied, place.at - copied);
        size += place.at - copied;
        memcpy(out + size, meaning.bytes, meaning.size);
        size += meaning.size;
        place.at += taken;
        copied = place.at;
    }
    memcpy(out + size, text.bytes + copied, text.size - copied);
    *form = (struct text){out, size + text.size - copied};
    return true;
}

size_t decode_forms(struct text text, unsigned steps, struct arena *arena,
                    struct text forms[DECODE_MAX_FORMS])
{
    const struct pass *const passes[DECODE_MAX_FORMS] = {
        steps & DECODE_URL ? &url : NULL,
        steps & DECODE_URL ? &url : NULL,
        steps & DECODE_URL ? &url : NULL,
        steps & DECODE_HTML ? &html : NULL,
        steps & DECODE_ESCAPES ? &escapes : NULL,
        &wide,
        &blanks,
    };
    size_t count = 0;

    if (steps == 0 || text.size == 0)
        return 0;
    unsigned seen = look_over(text);

    for (size_t i = 0; i < DECODE_MAX_FORMS && seen; i++) {
        if (!passes[i] || !(seen & passes[i]->when) || !run(passes[i], text, arena, &forms[count]))
            continue;
        text = forms[count++];
        seen = text.size > 0 ? look_over(text) : 0;
    }
    return count;
}

#include "detector/decode.h"

#include "detector/decode_steps.h"

/* What of interest a text holds, so that most texts are left after one look, and the others are
 * gone through only for what is there. */
enum {
    SEEN_URL = 1,
    SEEN_HTML = 2,
    SEEN_ESCAPES = 4,
    SEEN_WIDE = 8,
    SEEN_BLANKS = 16, /* two in a row, a C0 control, or the start of a comment */
};

/* The look at every log that a web rule decodes: 32 bytes at a time, in the registers of the
 * processor that it runs on. 420 instructions for a line of 204 bytes, of 6,600 that the whole log
 * takes; a loop over bytes, made vector code by the compiler, took 1,000. (ThreadSanitizer is not
 * ready yet when a program's clones are chosen, and crashes.) */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define WITH_WIDE_REGISTERS __attribute__((target_clones("avx2", "default")))
#else
#define WITH_WIDE_REGISTERS
#endif

/* A lane of a comparison is -1 or 0. */
enum { LANES = 32 };
typedef unsigned char bytes_of_lanes __attribute__((vector_size(LANES)));
typedef signed char lanes __attribute__((vector_size(LANES)));

/* Adds SEEN_… to each lane's. Reads from[-1] too. */
static inline __attribute__((always_inline)) void look(const unsigned char *from, lanes *marks)
{
    bytes_of_lanes c, before;

    memcpy(&c, from, LANES);
    memcpy(&before, from - 1, LANES);
    lanes url = (c == '%') | ((c == '+') & (before != ' '));
    lanes blanks = (c < ' ') | ((c == ' ') & (before == ' ')) | ((c == '*') & (before == '/'));

    *marks |= (url & SEEN_URL) | ((c == '&') & SEEN_HTML) | ((c == '\\') & SEEN_ESCAPES) |
              ((c == 0xEF) & SEEN_WIDE) | (blanks & SEEN_BLANKS);
}

/* Of all lanes together. */
static unsigned seen_in(const lanes *marks)
{
    uint64_t parts[LANES / 8];

    memcpy(parts, marks, sizeof(parts));
    uint64_t all = parts[0] | parts[1] | parts[2] | parts[3];

    all |= all >> 32;
    all |= all >> 16;
    return (unsigned)((all | all >> 8) & 0xFF);
}

WITH_WIDE_REGISTERS static unsigned look_over(struct text text)
{
    const unsigned char *bytes = (const unsigned char *)text.bytes;
    unsigned char padded[LANES + 1]; /* for the byte before, and what a short text lacks */
    lanes marks = {0};

    memset(padded, 'x', sizeof(padded));
    if (text.size < LANES)
        memcpy(padded + 1, bytes, text.size);
    else
        memcpy(padded + 1, bytes, LANES);
    look(padded + 1, &marks);
    for (size_t at = LANES; at + LANES <= text.size; at += LANES)
        look(bytes + at, &marks);
    if (text.size > LANES)
        look(bytes + text.size - LANES, &marks); /* may overlap */
    return seen_in(&marks);
}

/* One pass over a text: who is asked what stands there, and at which bytes. */
struct pass {
    unsigned when; /* SEEN_… */
    decode_step *step;
    unsigned char triggers[2];
    bool at_blanks; /* at blanks, C0 controls, '/' and '*' instead */
};

static const struct pass url = {SEEN_URL, decode_steps_url, {'%', '+'}, false};
static const struct pass html = {SEEN_HTML, decode_steps_html, {'&', '&'}, false};
static const struct pass escapes = {SEEN_ESCAPES, decode_steps_escape, {'\\', '\\'}, false};
static const struct pass wide = {SEEN_WIDE, decode_steps_wide, {0xEF, 0xEF}, false};
static const struct pass blanks = {SEEN_BLANKS, decode_steps_blank, {0, 0}, true};

/* A pass under way. */
struct walk {
    const struct pass *pass;
    struct decode_place place;
    size_t next[2]; /* where the triggers stand next; behind place.at once they are passed */
};

static size_t find_from(struct text text, size_t at, unsigned char byte)
{
    return at + text_find_byte(text_slice(text, at, text.size), (char)byte);
}

/* A byte that with the next may be more than itself: single blanks and slashes, of which every log
 * has a dozen, are not worth asking about (for a syslog line of 90 bytes 1,500
 * instructions are left of 2,800).
 */
static size_t next_blank(struct text text, size_t at)
{
    for (; at < text.size; at++) {
        unsigned char c = (unsigned char)text.bytes[at];

        if (c > ' ' && c != '/' && c != '*')
            continue;
        unsigned char next = at + 1 < text.size ? (unsigned char)text.bytes[at + 1] : 'x';

        if (c < ' ' || (c == ' ' && next <= ' ') || next == '/' || next == '*')
            break;
    }
    return at;
}

/* The first byte at or behind @at that the step is asked about. */
static size_t next_trigger(struct walk *walk, size_t at)
{
    struct text text = walk->place.text;

    if (walk->pass->at_blanks)
        return next_blank(text, at);
    for (size_t i = 0; i < 2; i++) {
        if (walk->next[i] < at)
            walk->next[i] = find_from(text, at, walk->pass->triggers[i]);
    }
    return walk->next[0] < walk->next[1] ? walk->next[0] : walk->next[1];
}

static void walk_start(struct walk *walk, const struct pass *pass, struct text text)
{
    *walk = (struct walk){.pass = pass, .place.text = text};
    if (pass->at_blanks)
        return;
    walk->next[0] = find_from(text, 0, pass->triggers[0]);
    walk->next[1] =
        pass->triggers[1] == pass->triggers[0] ? text.size : find_from(text, 0, pass->triggers[1]);
}

/* Goes on to what means something else than it says: how many bytes from place.at; 0 at the end. */
static size_t next_meaning(struct walk *walk, struct decode_meaning *meaning)
{
    struct decode_place *place = &walk->place;

    for (place->at = next_trigger(walk, place->at); place->at < place->text.size;
         place->at = next_trigger(walk, place->at + 1)) {
        size_t taken = walk->pass->step(place, meaning);

        if (taken > 0)
            return taken;
    }
    return 0;
}

/* False, and no memory taken, where @pass changes nothing. */
static bool run(const struct pass *pass, struct text text, struct arena *arena, struct text *form)
{
    struct walk walk;
    struct decode_meaning meaning;

    walk_start(&walk, pass, text);
    size_t taken = next_meaning(&walk, &meaning);

    if (taken == 0)
        return false;
    char *out = arena_take(arena, text.size);
    size_t size = 0, copied = 0;

    for (; taken > 0; taken = next_meaning(&walk, &meaning)) {
        memcpy(out + size, text.bytes + copied, walk.place.at - copied);
        size += walk.place.at - copied;
        memcpy(out + size, meaning.bytes, meaning.size);
        size += meaning.size;
        walk.place.at += taken;
        copied = walk.place.at;
    }
    memcpy(out + size, text.bytes + copied, text.size - copied);
    *form = (struct text){out, size + text.size - copied};
    return true;
}

/* What is made of a text in which something was @seen. */
static size_t make_forms(struct text text, unsigned seen, unsigned steps, struct arena *arena,
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

    for (size_t i = 0; i < DECODE_MAX_FORMS && seen; i++) {
        if (!passes[i] || !(seen & passes[i]->when) || !run(passes[i], text, arena, &forms[count]))
            continue;
        text = forms[count++];
        seen = text.size > 0 ? look_over(text) : 0;
    }
    return count;
}

size_t decode_forms(struct text text, unsigned steps, struct arena *arena,
                    struct text forms[DECODE_MAX_FORMS])
{
    if (steps == 0 || text.size == 0)
        return 0;
    unsigned seen = look_over(text);

    return seen ? make_forms(text, seen, steps, arena, forms) : 0;
}

#include "forwarder/line.h"

static struct line_glyph glyph_of(struct text t)
{
    struct line_glyph glyph = {.size = (unsigned char)t.size};

    memcpy(glyph.bytes, t.bytes, t.size);
    return glyph;
}

/* U+2400 + @byte, and U+2421 for DEL. */
static struct line_glyph picture_of(unsigned char byte)
{
    const unsigned char last = byte == 0x7F ? 0xA1 : (unsigned char)(0x80 + byte);

    return (struct line_glyph){{'\xE2', '\x90', (char)last}, 3};
}

/* U+FF01 stands for '!', U+FF5E for '~', all others between in the same order. */
static struct line_glyph wide_of(char byte)
{
    const unsigned place = (unsigned)(byte - '!') + 1; /* within U+FF00 */

    return (struct line_glyph){{'\xEF', (char)(0xBC + place / 64), (char)(0x80 + place % 64)}, 3};
}

/* Is @character, of more than one byte, one that some reader takes for a control? */
static bool is_control(struct text character)
{
    const unsigned char second = (unsigned char)character.bytes[1];

    if (character.bytes[0] == '\xC2')
        return second < 0xA0; /* U+0080 to U+009F */
    return text_is(character, "\xE2\x80\xA8") || text_is(character, "\xE2\x80\xA9");
}

struct line_glyph line_plain(struct text *rest, char delimiter)
{
    const size_t size = text_character(*rest);
    const struct text character = text_slice(*rest, 0, size > 0 ? size : 1);
    const unsigned char byte = (unsigned char)character.bytes[0];

    *rest = text_slice(*rest, character.size, rest->size);
    if (size == 0 || (size > 1 && is_control(character)))
        return (struct line_glyph){{'\xEF', '\xBF', '\xBD'}, 3};
    if (byte < 0x20 || byte == 0x7F)
        return picture_of(byte);
    if (size == 1 && byte > 0x20 && (char)byte == delimiter)
        return wide_of(delimiter);
    return glyph_of(character);
}

struct line_glyph line_backslash(char byte)
{
    return (struct line_glyph){{'\\', byte}, 2};
}

bool line_fill(struct buf *out, struct text t, line_escape *escape, char delimiter, size_t end)
{
    while (t.size > 0) {
        const struct line_glyph glyph = escape(&t, delimiter);

        if (out->size + glyph.size > end)
            return false;
        buf_add(out, (struct text){glyph.bytes, glyph.size});
    }
    return true;
}

/* The number of @character, of one to three bytes. */
static unsigned code_point(struct text character)
{
    const unsigned char *b = (const unsigned char *)character.bytes;

    if (character.size == 1)
        return b[0];
    if (character.size == 2)
        return (b[0] & 0x1Fu) << 6 | (b[1] & 0x3Fu);
    return (b[0] & 0x0Fu) << 12 | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu);
}

void line_escape_json(struct buf *out, size_t from)
{
    const struct text json = text_slice(buf_text(out), from, out->size);
    AUTO_BUF escaped = {0};
    size_t plain = 0; /* start of the run that needs no change */

    for (size_t at = 0, size; at < json.size; at += size) {
        const struct text rest = text_slice(json, at, json.size);

        size = (unsigned char)rest.bytes[0] < 0x80 ? 1 : text_character(rest);
        const struct text character = text_slice(rest, 0, size);

        if (rest.bytes[0] != 0x7F && (size == 1 || !is_control(character)))
            continue;
        buf_add(&escaped, text_slice(json, plain, at));
        buf_addf(&escaped, "\\u%04x", code_point(character));
        plain = at + size;
    }
    if (plain == 0)
        return;
    buf_add(&escaped, text_slice(json, plain, json.size));
    out->size = from;
    buf_add(out, buf_text(&escaped));
}

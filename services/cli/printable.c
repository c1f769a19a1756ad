#include "cli/printable.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>

/* The start of a text, as it is shown. */
struct glyph {
    char shown[12];
    size_t shown_size;
    size_t size; /* bytes of the text */
    size_t columns;
};

__attribute__((format(printf, 2, 3))) static void write_out(struct glyph *glyph, const char *format,
                                                            ...)
{
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(glyph->shown, sizeof(glyph->shown), format, arguments);
    va_end(arguments);
    glyph->shown_size = glyph->columns = (size_t)size;
}

static void control(struct glyph *glyph, unsigned char byte)
{
    if (byte == '\t' || byte == '\n' || byte == '\r')
        write_out(glyph, "\\%c", byte == '\t' ? 't' : byte == '\n' ? 'n' : 'r');
    else
        write_out(glyph, "\\x%02x", byte);
}

/* Is it something that a terminal obeys or that nobody sees? The soft hyphen is a format character
 * too, but GLib's types leave it no other name. */
static bool is_hidden(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
        return true;
    default:
        return false;
    }
}

static void glyph_read(struct text t, struct glyph *glyph)
{
    unsigned char byte = (unsigned char)t.bytes[0];

    glyph->size = text_character(t);
    if (glyph->size <= 1) {
        glyph->size = 1;
        if (byte >= 0x20 && byte < 0x7F) {
            glyph->shown[0] = (char)byte;
            glyph->shown_size = glyph->columns = 1;
        } else {
            control(glyph, byte);
        }
        return;
    }
    gunichar c = g_utf8_get_char(t.bytes);

    if (is_hidden(c)) {
        if (c > 0xFFFF)
            write_out(glyph, "\\U%08x", c);
        else
            write_out(glyph, "\\u%04x", c);
        return;
    }
    memcpy(glyph->shown, t.bytes, glyph->size);
    glyph->shown_size = glyph->size;
    glyph->columns = g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

size_t printable_columns(struct text t)
{
    size_t sum = 0;
    struct glyph glyph;

    for (size_t i = 0; i < t.size; i += glyph.size) {
        glyph_read(text_slice(t, i, i + 4), &glyph);
        sum += glyph.columns;
    }
    return sum;
}

size_t printable_add(struct buf *out, struct text t, size_t limit)
{
    size_t sum = 0, fitting = 0; /* columns so far; those after which "…" still has its place */
    size_t mark = out->size;     /* the end of these */
    struct glyph glyph;

    for (size_t i = 0; i < t.size; i += glyph.size) {
        glyph_read(text_slice(t, i, i + 4), &glyph);
        if (sum + glyph.columns > limit) {
            out->size = mark;
            buf_add_string(out, limit ? "…" : "");
            return limit ? fitting + 1 : 0;
        }
        buf_add(out, (struct text){glyph.shown, glyph.shown_size});
        sum += glyph.columns;
        if (sum < limit) {
            fitting = sum;
            mark = out->size;
        }
    }
    return sum;
}

/* UTF-16, as JSON's escapes are (RFC 8259 §7). */
static void add_json_escape(struct buf *out, gunichar c)
{
    if (c > 0xFFFF) {
        buf_addf(out, "\\u%04x", 0xD800 + ((c - 0x10000) >> 10));
        c = 0xDC00 + ((c - 0x10000) & 0x3FF);
    }
    buf_addf(out, "\\u%04x", c);
}

void printable_add_json(struct buf *out, struct text json)
{
    for (size_t i = 0; i < json.size;) {
        size_t size = text_character(text_slice(json, i, i + 4));
        gunichar c = size ? g_utf8_get_char(json.bytes + i) : 0xFFFD;

        if (size && (c == '\n' || !is_hidden(c)))
            buf_add(out, text_slice(json, i, i + size));
        else
            add_json_escape(out, c);
        i += size ? size : 1;
    }
}

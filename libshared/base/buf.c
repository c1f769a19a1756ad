#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_done(struct buf *buf)
{
    free(buf->bytes);
    *buf = (struct buf){0};
}

void buf_grow(struct buf *buf, size_t more)
{
    size_t capacity = buf->capacity ? buf->capacity : 128;

    while (capacity - buf->size < more)
        capacity *= 2;
    buf->bytes = mem_resize(buf->bytes, capacity);
    buf->capacity = capacity;
}

void buf_add(struct buf *buf, struct text text)
{
    if (text.size == 0)
        return;
    memcpy(buf_reserve(buf, text.size), text.bytes, text.size);
    buf->size += text.size;
}

void buf_add_string(struct buf *buf, const char *string)
{
    buf_add(buf, text_of(string));
}

void buf_addf(struct buf *buf, const char *format, ...)
{
    va_list arguments, again;

    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(buf_reserve(buf, 64), 64, format, arguments);

    if (size >= 64)
        vsnprintf(buf_reserve(buf, (size_t)size + 1), (size_t)size + 1, format, again);
    if (size > 0)
        buf->size += (size_t)size;
    va_end(again);
    va_end(arguments);
}

static void add_escaped(struct buf *buf, unsigned char byte)
{
    static const char named[] = "btnvfr", digits[] = "0123456789abcdef"; /* \v has no JSON name */

    buf_add_byte(buf, '\\');
    if (byte == '"' || byte == '\\') {
        buf_add_byte(buf, (char)byte);
    } else if (byte >= '\b' && byte <= '\r' && byte != '\v') {
        buf_add_byte(buf, named[byte - '\b']);
    } else {
        buf_add(buf, TEXT("u00"));
        buf_add_byte(buf, digits[byte >> 4]);
        buf_add_byte(buf, digits[byte & 15]);
    }
}

/* Are the eight bytes at @from plain ASCII that JSON takes as it is? In each byte of a sum below
 * the uppermost bit is set if that byte is not; what a borrow carries into the next changes
 * nothing, as then the answer is no already. Most of an event is plain: byte by byte, its texts
 * took 21,900 instructions. */
static bool is_plain(const char *from)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t bytes;

    memcpy(&bytes, from, sizeof(bytes));
    uint64_t control = bytes - ones * 0x20, quote = (bytes ^ ones * '"') - ones;
    uint64_t backslash = (bytes ^ ones * '\\') - ones;

    return ((control | quote | backslash | bytes) & ones * 0x80) == 0;
}

/* Position of the next byte from @i on that may need a change: all but plain ASCII. */
static size_t skip_plain(struct text text, size_t i)
{
    while (i + 8 <= text.size && is_plain(text.bytes + i))
        i += 8;
    while (i < text.size) {
        unsigned char byte = (unsigned char)text.bytes[i];

        if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\')
            break;
        i++;
    }
    return i;
}

void buf_add_json(struct buf *buf, struct text text)
{
    size_t plain = 0; /* start of the run that needs no change */

    buf_add_byte(buf, '"');
    for (size_t i = 0; i < text.size;) {
        i = skip_plain(text, i);
        if (i == text.size)
            break;
        unsigned char byte = (unsigned char)text.bytes[i];
        size_t size = byte < 0x80 ? 1 : text_character(text_slice(text, i, i + 4));

        if (size > 0 && byte >= 0x20 && byte != '"' && byte != '\\') {
            i += size;
            continue;
        }
        buf_add(buf, text_slice(text, plain, i));
        if (size == 0)
            buf_add_string(buf, "\xEF\xBF\xBD");
        else
            add_escaped(buf, byte);
        plain = ++i;
    }
    buf_add(buf, text_slice(text, plain, text.size));
    buf_add_byte(buf, '"');
}

const char *buf_string(struct buf *buf)
{
    *buf_reserve(buf, 1) = '\0';
    return buf->bytes;
}

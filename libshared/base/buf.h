/* buf: a growing run of bytes that one owner builds up.
 *
 * Starts as {0}; bytes is NULL until something is added, and is not NUL-terminated except after
 * buf_string(). buf_done() frees what it holds and accepts a zeroed one.
 */
#pragma once

#include <stdint.h>

#include "base/mem.h"
#include "base/text.h"

struct buf {
    char *bytes; /* owned */
    size_t size;
    size_t capacity;
};

void buf_done(struct buf *buf);
static inline void buf_reset(struct buf *buf) /* empty, memory kept */
{
    buf->size = 0;
}

/* Room for @more bytes behind what is there; returns where they go. The caller adds to size what
 * it wrote. */
void buf_grow(struct buf *buf, size_t more); /* for buf_reserve() */
static inline char *buf_reserve(struct buf *buf, size_t more)
{
    if (buf->capacity - buf->size < more)
        buf_grow(buf, more);
    return buf->bytes + buf->size;
}

void buf_add(struct buf *buf, struct text text);
void buf_add_string(struct buf *buf, const char *string);
static inline void buf_add_byte(struct buf *buf, char byte)
{
    *buf_reserve(buf, 1) = byte;
    buf->size++;
}
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* @text as a JSON string with its quotes (RFC 8259). Bytes that are not UTF-8 become U+FFFD, so
 * that the result is always valid. */
void buf_add_json(struct buf *buf, struct text text);

static inline struct text buf_text(const struct buf *buf) /* borrowed until the next change */
{
    return (struct text){buf->bytes, buf->size};
}

/* The same as a C string, borrowed; bytes after a NUL in it are not seen. */
const char *buf_string(struct buf *buf);

/* A buf for one scope: AUTO_BUF name = {0}; */
#define AUTO_BUF __attribute__((cleanup(buf_done))) struct buf

#include "iocfeed/feed_unpack.h"

#include <errno.h>
#include <zlib.h>

enum { PIECE = 64 * 1024, RAW = -15 /* deflate alone */, GZIP = 15 + 16 };

/* Of a zip archive's local file header (PKWARE's APPNOTE, 4.3.7). */
enum {
    ZIP_HEADER = 30,
    ZIP_ENCRYPTED = 1,
    ZIP_HAS_DESCRIPTOR = 8,
    ZIP_STORED = 0,
    ZIP_DEFLATE = 8
};
#define ZIP_FILE TEXT("PK\3\4")
#define ZIP_DESCRIPTOR TEXT("PK\7\10")

static int refuse(struct error *err, const char *why)
{
    return error_set_class(err, ERROR_POISON, -EBADMSG, "%s", why);
}

static bool is_gzip(const void *bytes, size_t size)
{
    return size >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0;
}

/* At the end of a member, begins the next: bgzip, and `cat a.gz b.gz`, make many (RFC 1952 §2.2).
 * What follows the last and is none, as zeros, is passed over as gzip does. */
static int next_member(z_stream *stream, int code)
{
    if (code != Z_STREAM_END || !is_gzip(stream->next_in, stream->avail_in))
        return code;
    return inflateReset(stream);
}

/* All of @packed that is one stream, of gzip its members; *@used: how much of @packed that was. */
static int inflate_all(struct text packed, int window_bits, int64_t most, struct buf *out,
                       size_t *used, struct error *err)
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)packed.bytes,
                       .avail_in = (uInt)packed.size};
    int code;

    if (packed.size > UINT32_MAX || inflateInit2(&stream, window_bits) != Z_OK)
        return refuse(err, "it cannot be unpacked");
    do {
        stream.next_out = (unsigned char *)buf_reserve(out, PIECE);
        stream.avail_out = PIECE;
        code = inflate(&stream, Z_NO_FLUSH);
        if (window_bits == GZIP)
            code = next_member(&stream, code);
        out->size += PIECE - stream.avail_out;
    } while (code == Z_OK && out->size <= (size_t)most);
    *used = packed.size - stream.avail_in;
    inflateEnd(&stream);
    if (out->size > (size_t)most)
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "unpacked it has more than max_unpacked_bytes (%lld)",
                               (long long)most);
    return code == Z_STREAM_END ? 0 : refuse(err, "it is packed and cut off or damaged");
}

static uint32_t number(struct text bytes, size_t at, size_t size)
{
    uint32_t value = 0;

    for (size_t i = size; i > 0; i--)
        value = value << 8 | (unsigned char)bytes.bytes[at + i - 1];
    return value;
}

/* The file whose header @zip begins with; *@used: up to its end. */
static int unzip_file(struct text zip, int64_t most, struct buf *out, size_t *used,
                      struct error *err)
{
    *used = 0;
    if (zip.size < ZIP_HEADER)
        return refuse(err, "it is a zip archive and cut off");
    uint32_t flags = number(zip, 6, 2), method = number(zip, 8, 2), crc = number(zip, 14, 4);
    uint32_t size = number(zip, 18, 4);
    size_t begin = ZIP_HEADER + number(zip, 26, 2) + number(zip, 28, 2);
    struct text data = text_slice(zip, begin, zip.size);
    bool is_open = flags & ZIP_HAS_DESCRIPTOR; /* size and checksum stand behind the data */

    if (flags & ZIP_ENCRYPTED)
        return refuse(err, "it is a zip archive that is encrypted");
    if (method != ZIP_DEFLATE && (method != ZIP_STORED || is_open))
        return refuse(err, "it is a zip archive packed in another way than deflate");
    if (method == ZIP_DEFLATE) {
        int status = inflate_all(data, RAW, most, out, used, err);

        if (status < 0)
            return status;
    } else if (size > data.size || size > most) {
        return refuse(err, "it is a zip archive and cut off, or larger than max_unpacked_bytes");
    } else {
        buf_add(out, text_slice(data, 0, size));
        *used = size;
    }
    if (is_open && text_starts(text_slice(data, *used, data.size), ZIP_DESCRIPTOR))
        *used += ZIP_DESCRIPTOR.size;
    if (is_open && data.size - *used >= 4)
        crc = number(data, *used, 4);
    if (crc32_z(0, (const unsigned char *)out->bytes, out->size) != crc)
        return refuse(err, "it is a zip archive and damaged: its checksum does not fit");
    *used += begin;
    return 0;
}

/* An archive of one file, before which there may be folders. */
static int unzip(struct text zip, int64_t most, struct buf *out, struct error *err)
{
    while (text_starts(zip, ZIP_FILE)) {
        size_t used = 0;

        if (out->size > 0)
            return refuse(err, "it is a zip archive of several files; a feed is one file");
        int status = unzip_file(zip, most, out, &used, err);

        if (status < 0)
            return status;
        zip = text_slice(zip, used, zip.size);
        for (int i = 0; i < 4 && !text_starts(zip, TEXT("PK")) && zip.size > 4; i++)
            zip = text_slice(zip, 4, zip.size); /* what is left of a descriptor */
    }
    return 0;
}

int feed_unpack(struct buf *body, int64_t most, struct error *err)
{
    struct buf out = {0};
    size_t used = 0;
    int result;

    if (is_gzip(body->bytes, body->size))
        result = inflate_all(buf_text(body), GZIP, most, &out, &used, err);
    else if (text_starts(buf_text(body), ZIP_FILE))
        result = unzip(buf_text(body), most, &out, err);
    else
        return 0;
    if (result < 0) {
        buf_done(&out);
        return result;
    }
    buf_done(body);
    *body = out;
    return 0;
}

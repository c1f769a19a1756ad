#include "forwarder/gzip.h"

#include <stdlib.h>
#define ZLIB_CONST /* next_in points to what stays as it is */
#include <zlib.h>

void gzip_add(struct buf *out, struct text bytes)
{
    enum { GZIP_WINDOW = 15 + 16, MEMORY = 8, FAST = 1 }; /* zlib.h: 16 more is a gzip header */
    z_stream stream = {0};

    if (deflateInit2(&stream, FAST, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        abort(); /* memory, which cannot fail here (mem.h) */
    const size_t bound = deflateBound(&stream, bytes.size);

    stream.next_in = (const Bytef *)bytes.bytes;
    stream.avail_in = (uInt)bytes.size;
    stream.next_out = (Bytef *)buf_reserve(out, bound);
    stream.avail_out = (uInt)bound;
    deflate(&stream, Z_FINISH); /* into the bound: in one step */
    out->size += bound - stream.avail_out;
    deflateEnd(&stream);
}

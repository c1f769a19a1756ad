#include "cli/commands/unpack.h"

#include <errno.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

struct unpack {
    bool is_gzip;
    bool is_whole; /* at the end of a member or frame */
    bool is_over;  /* padding began: what follows is nothing */
    z_stream gzip;
    ZSTD_DStream *zstd;
};

static bool is_gzip(struct text first)
{
    return text_starts(first, TEXT("\x1F\x8B"));
}

/* A frame, or one to be skipped: magic 184D2A5? (RFC 8878 §3.1). */
static bool is_zstd(struct text first)
{
    return text_starts(first, TEXT("\x28\xB5\x2F\xFD")) ||
           (first.size >= 4 && (first.bytes[0] & 0xF0) == 0x50 &&
            memcmp(first.bytes + 1, "\x2A\x4D\x18", 3) == 0);
}

struct unpack *unpack_new(struct text first)
{
    if (!is_gzip(first) && !is_zstd(first))
        return NULL;
    struct unpack *unpack = mem_zero(sizeof(*unpack));

    unpack->is_gzip = is_gzip(first);
    if (unpack->is_gzip)
        inflateInit2(&unpack->gzip, 16 + MAX_WBITS);
    else
        unpack->zstd = ZSTD_createDStream();
    return unpack;
}

void unpack_free(struct unpack *unpack)
{
    if (!unpack)
        return;
    if (unpack->is_gzip)
        inflateEnd(&unpack->gzip);
    ZSTD_freeDStream(unpack->zstd);
    free(unpack);
}

static int next_gzip(struct unpack *unpack, struct text *packed, char *into, size_t *size,
                     struct error *err)
{
    z_stream *z = &unpack->gzip;
    int code = Z_OK;

    if (unpack->is_whole && packed->size) {
        /* tar and tapes pad with zeros; anything else must be a further member. */
        unpack->is_over = packed->bytes[0] == '\0';
        if (unpack->is_over)
            return *size = 0, packed->size = 0, 0;
        inflateReset(z);
        unpack->is_whole = false;
    }
    z->next_in = (const Bytef *)packed->bytes;
    z->avail_in = (uInt)packed->size;
    z->next_out = (Bytef *)into;
    z->avail_out = (uInt)*size;
    code = inflate(z, Z_NO_FLUSH);
    *packed = text_slice(*packed, packed->size - z->avail_in, packed->size);
    *size -= z->avail_out;
    if (code == Z_STREAM_END)
        unpack->is_whole = true;
    else if (code != Z_OK && code != Z_BUF_ERROR)
        return error_set(err, -EBADMSG, "the gzip data are damaged: %s",
                         z->msg ? z->msg : zError(code));
    return 0;
}

static int next_zstd(struct unpack *unpack, struct text *packed, char *into, size_t *size,
                     struct error *err)
{
    ZSTD_inBuffer in = {packed->bytes, packed->size, 0};
    ZSTD_outBuffer out = {into, *size, 0};
    size_t code = ZSTD_decompressStream(unpack->zstd, &out, &in);

    *packed = text_slice(*packed, in.pos, packed->size);
    *size = out.pos;
    if (ZSTD_isError(code))
        return error_set(err, -EBADMSG, "the Zstandard data are damaged: %s",
                         ZSTD_getErrorName(code));
    /* Asked again behind the end, it speaks of a next frame, which need not come. */
    if (in.pos > 0 || out.pos > 0)
        unpack->is_whole = code == 0;
    return 0;
}

int unpack_next(struct unpack *unpack, struct text *packed, char *into, size_t *size,
                struct error *err)
{
    if (unpack->is_over) {
        *size = packed->size = 0;
        return 0;
    }
    return unpack->is_gzip ? next_gzip(unpack, packed, into, size, err)
                           : next_zstd(unpack, packed, into, size, err);
}

bool unpack_is_whole(const struct unpack *unpack)
{
    return unpack->is_whole;
}

const char *unpack_name(const struct unpack *unpack)
{
    return unpack->is_gzip ? "gzip" : "Zstandard";
}

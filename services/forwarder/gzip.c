#include "forwarder/gzip.h"

#include <isa-l/igzip_lib.h>
#include <stddef.h>
#include <stdlib.h>

/* Too large for a stack; nothing of it need be set before, as the initialiser sees to that. */
struct packer {
    struct isal_zstream stream;
    _Alignas(max_align_t) uint8_t memory[ISAL_DEF_LVL1_DEFAULT];
};

/* What cannot be made shorter is stored: five bytes for each 64 KiB, and what is around them. */
static size_t bound_of(size_t size)
{
    enum { AROUND = 64, BLOCK = 65535, BLOCK_HEADER = 5 };

    return size + (size / BLOCK + 1) * BLOCK_HEADER + AROUND;
}

void gzip_add(struct buf *out, struct text bytes)
{
    struct packer *packer = mem_resize(NULL, sizeof(*packer));
    struct isal_zstream *stream = &packer->stream;
    const size_t bound = bound_of(bytes.size);

    isal_deflate_stateless_init(stream);
    stream->level = 1;
    stream->level_buf = packer->memory;
    stream->level_buf_size = sizeof(packer->memory);
    stream->gzip_flag = IGZIP_GZIP;
    stream->end_of_stream = 1;
    stream->next_in = (uint8_t *)(uintptr_t)bytes.bytes;
    stream->avail_in = (uint32_t)bytes.size;
    stream->next_out = (uint8_t *)buf_reserve(out, bound);
    stream->avail_out = (uint32_t)bound;
    if (isal_deflate_stateless(stream) != COMP_OK)
        abort(); /* it has the room that it may need */
    out->size += bound - stream->avail_out;
    free(packer);
}

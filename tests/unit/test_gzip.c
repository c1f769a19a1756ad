#include "unit.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/hash64.h"
#include "forwarder/gzip.h"

static const size_t sizes[] = {0, 1, 2, 100, 65534, 65535, 65536, 65537, 131070, 1 << 20};

/* By another's reader, which also looks at the sum and the length at the end. */
static void assert_comes_back(struct text bytes, struct text packed)
{
    AUTO_BUF back = {0};
    z_stream stream = {0};

    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)packed.bytes;
    stream.avail_in = (uInt)packed.size;
    stream.next_out = (Bytef *)buf_reserve(&back, bytes.size + 1);
    stream.avail_out = (uInt)bytes.size + 1;
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    back.size = bytes.size + 1 - stream.avail_out;
    inflateEnd(&stream);
    assert_true(text_equal(buf_text(&back), bytes));
}

static void what_was_compressed_comes_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO_BUF bytes = {0};
        AUTO_BUF packed = {0};

        for (size_t b = 0; b < sizes[i]; b++)
            buf_add_byte(&bytes, (char)(b * 2654435761u >> 13));
        gzip_add(&packed, buf_text(&bytes));
        assert_comes_back(buf_text(&bytes), buf_text(&packed));
    }
}

/* As what was compressed or encrypted before; behind what is there already. */
static void what_cannot_be_made_shorter_comes_out_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO_BUF bytes = {0};
        AUTO_BUF packed = {0};

        for (uint64_t b = 0; b < sizes[i]; b++)
            buf_add_byte(&bytes, (char)hash64(b, TEXT("")));
        buf_add(&packed, TEXT("before"));
        gzip_add(&packed, buf_text(&bytes));
        assert_true(text_starts(buf_text(&packed), TEXT("before")));
        assert_comes_back(buf_text(&bytes), text_slice(buf_text(&packed), 6, packed.size));
    }
}

UNIT_MAIN(cmocka_unit_test(what_was_compressed_comes_out),
          cmocka_unit_test(what_cannot_be_made_shorter_comes_out_too))

#include "unit.h"

#include <stdlib.h>
#include <zlib.h>

#include "forwarder/gzip.h"

static void what_was_compressed_comes_out(void **state)
{
    static const size_t sizes[] = {0, 1, 100, 65536, 1 << 20};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO_BUF bytes = {0};
        AUTO_BUF packed = {0};
        AUTO_BUF back = {0};
        z_stream stream = {0};

        for (size_t b = 0; b < sizes[i]; b++)
            buf_add_byte(&bytes, (char)(b * 2654435761u >> 13));
        gzip_add(&packed, buf_text(&bytes));
        assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
        stream.next_in = (Bytef *)packed.bytes;
        stream.avail_in = (uInt)packed.size;
        stream.next_out = (Bytef *)buf_reserve(&back, sizes[i] + 1);
        stream.avail_out = (uInt)sizes[i] + 1;
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        assert_int_equal(stream.avail_in, 0);
        back.size = sizes[i] + 1 - stream.avail_out;
        inflateEnd(&stream);
        assert_true(text_equal(buf_text(&back), buf_text(&bytes)));
    }
}

UNIT_MAIN(cmocka_unit_test(what_was_compressed_comes_out))

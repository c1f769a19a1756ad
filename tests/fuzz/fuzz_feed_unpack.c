/* What is unpacked is never larger than allowed, whatever it was packed as. */
#include <stdint.h>
#include <stdlib.h>

#include "iocfeed/feed_unpack.h"

enum { MOST = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_BUF body = {0};
    struct error err = {0};

    buf_add(&body, (struct text){(const char *)data, size});
    if (feed_unpack(&body, MOST, &err) < 0) {
        if (err.class != ERROR_POISON)
            abort();
    } else if (body.size > MOST && body.size != size) {
        abort();
    }
    return 0;
}

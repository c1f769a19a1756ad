#include "base/percent.h"

#include "base/ascii.h"

bool percent_is_unreserved(char byte)
{
    return ascii_is_alnum(byte) || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

void percent_add_byte(char byte, struct buf *out)
{
    static const char digits[] = "0123456789ABCDEF";

    buf_add_byte(out, '%');
    buf_add_byte(out, digits[(unsigned char)byte >> 4]);
    buf_add_byte(out, digits[(unsigned char)byte & 15]);
}

void percent_add(struct text t, struct buf *out)
{
    for (size_t i = 0; i < t.size; i++) {
        if (percent_is_unreserved(t.bytes[i]))
            buf_add_byte(out, t.bytes[i]);
        else
            percent_add_byte(t.bytes[i], out);
    }
}

#include "forwarder/base64.h"

#include <openssl/evp.h>

#include "base/ascii.h"

void base64_add(struct buf *out, struct text bytes)
{
    char *at = buf_reserve(out, bytes.size / 3 * 4 + 5); /* OpenSSL ends it with a NUL */

    if (bytes.size > 0)
        out->size += (size_t)EVP_EncodeBlock((unsigned char *)at,
                                             (const unsigned char *)bytes.bytes, (int)bytes.size);
}

void base64_add_url(struct buf *out, struct text bytes)
{
    const size_t before = out->size;

    base64_add(out, bytes);
    while (out->size > before && out->bytes[out->size - 1] == '=')
        out->size--;
    for (size_t i = before; i < out->size; i++) {
        if (out->bytes[i] == '+')
            out->bytes[i] = '-';
        else if (out->bytes[i] == '/')
            out->bytes[i] = '_';
    }
}

static bool is_base64(struct text t)
{
    const size_t padding = text_ends(t, TEXT("==")) ? 2 : text_ends(t, TEXT("=")) ? 1 : 0;

    for (size_t i = 0; i < t.size - padding; i++) {
        const char byte = t.bytes[i];

        if (!ascii_is_alnum(byte) && byte != '+' && byte != '/')
            return false;
    }
    return t.size > 0 && t.size % 4 == 0;
}

bool base64_decode(struct text t, struct buf *out)
{
    if (!is_base64(t)) /* OpenSSL passes over white space and more */
        return false;
    char *at = buf_reserve(out, t.size / 4 * 3);
    const int size =
        EVP_DecodeBlock((unsigned char *)at, (const unsigned char *)t.bytes, (int)t.size);

    if (size < 0)
        return false;
    const size_t padding = text_ends(t, TEXT("==")) ? 2 : text_ends(t, TEXT("=")) ? 1 : 0;

    out->size += (size_t)size - padding;
    return true;
}

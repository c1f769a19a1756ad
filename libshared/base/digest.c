#include "base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

static void write_hex(const unsigned char *bytes, size_t size, char *hex)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * size] = '\0';
}

static void md5(const struct text *parts, size_t count, struct text separator, char hex[33])
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = context && EVP_DigestInit_ex(context, EVP_md5(), NULL);

    for (size_t i = 0; done && i < count; i++) {
        if (i > 0)
            done = EVP_DigestUpdate(context, separator.bytes, separator.size);
        done = done && EVP_DigestUpdate(context, parts[i].bytes, parts[i].size);
    }
    done = done && EVP_DigestFinal_ex(context, bytes, NULL);
    EVP_MD_CTX_free(context);
    /* Only an OpenSSL confined to FIPS algorithms refuses MD5. Going on would give every event one
     * identity, and all but one would be dropped as doubles. */
    if (!done)
        abort();
    write_hex(bytes, 16, hex);
}

void digest_md5(const struct text *parts, size_t count, char hex[33])
{
    md5(parts, count, (struct text){"", 1}, hex); /* the NUL of "" */
}

void digest_md5_concat(const struct text *parts, size_t count, char hex[33])
{
    md5(parts, count, (struct text){"", 0}, hex);
}

/* The plain functions and not EVP, which asks its providers anew for every digest (of 13,000
 * instructions for the two that an event has, 5,000) and may refuse MD5 where only what is fit to
 * protect is allowed. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/digest.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

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
    unsigned char bytes[MD5_DIGEST_LENGTH];
    MD5_CTX context;

    MD5_Init(&context);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            MD5_Update(&context, separator.bytes, separator.size);
        MD5_Update(&context, parts[i].bytes, parts[i].size);
    }
    MD5_Final(bytes, &context);
    write_hex(bytes, sizeof(bytes), hex);
}

void digest_md5(const struct text *parts, size_t count, char hex[33])
{
    md5(parts, count, (struct text){"", 1}, hex); /* the NUL of "" */
}

void digest_md5_concat(const struct text *parts, size_t count, char hex[33])
{
    md5(parts, count, (struct text){"", 0}, hex);
}

void digest_sha256(struct text bytes, unsigned char digest[DIGEST_SHA256_SIZE])
{
    SHA256_CTX context;

    SHA256_Init(&context);
    SHA256_Update(&context, bytes.bytes, bytes.size);
    SHA256_Final(digest, &context);
}

#include "base/indicator_parts.h"

/* Of the empty file: NIST's test vectors for the message of no bits. */
static const char *const empty_files[] = {
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};

enum indicator_reason indicator_hash(struct text t, struct arena *arena, struct indicator *out)
{
    char *hex = arena_take(arena, t.size);
    bool is_zero = true;

    for (size_t i = 0; i < t.size; i++) {
        char byte = t.bytes[i];

        if (byte >= 'A' && byte <= 'F')
            byte = (char)(byte | 0x20);
        if (!(byte >= '0' && byte <= '9') && !(byte >= 'a' && byte <= 'f'))
            return INDICATOR_BAD_HASH;
        is_zero = is_zero && byte == '0';
        hex[i] = byte;
    }
    switch (t.size) {
    case 32:
        out->type = IOC_MD5;
        break;
    case 40:
        out->type = IOC_SHA1;
        break;
    case 64:
        out->type = IOC_SHA256;
        break;
    default:
        return INDICATOR_HASH_LENGTH;
    }
    out->value = (struct text){hex, t.size};
    if (is_zero)
        return INDICATOR_ZERO_HASH;
    for (size_t i = 0; i < COUNT_OF(empty_files); i++) {
        if (text_is(out->value, empty_files[i]))
            return INDICATOR_EMPTY_FILE;
    }
    return INDICATOR_GOOD;
}

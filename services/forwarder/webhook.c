#include "forwarder/webhook.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/number.h"
#include "forwarder/base64.h"

int webhook_parse_secret(struct text secret, struct webhook_key *key, struct error *err)
{
    AUTO_BUF bytes = {0};
    const size_t prefix = strlen("whsec_");

    if (!text_starts(secret, TEXT("whsec_")) ||
        !base64_decode(text_slice(secret, prefix, secret.size), &bytes))
        return error_set(err, -EINVAL,
                         "a secret is not of the form whsec_<base64>, which the receiver shows");
    if (bytes.size < WEBHOOK_KEY_MIN || bytes.size > WEBHOOK_KEY_MAX)
        return error_set(err, -EINVAL, "a secret holds %zu bytes; it may be %d to %d", bytes.size,
                         WEBHOOK_KEY_MIN, WEBHOOK_KEY_MAX);
    memcpy(key->bytes, bytes.bytes, bytes.size);
    key->size = bytes.size;
    return 0;
}

void webhook_sign(const struct webhook_key *keys, size_t count, struct text id, int64_t at_s,
                  struct text body, struct buf *out)
{
    AUTO_BUF content = {0};

    buf_add(&content, id);
    buf_add_byte(&content, '.');
    number_write_integer(at_s, &content);
    buf_add_byte(&content, '.');
    buf_add(&content, body);
    for (size_t i = 0; i < count; i++) {
        unsigned char mac[EVP_MAX_MD_SIZE];
        unsigned size = 0;

        HMAC(EVP_sha256(), keys[i].bytes, (int)keys[i].size, (const unsigned char *)content.bytes,
             content.size, mac, &size);
        buf_add_string(out, i > 0 ? " v1," : "v1,");
        base64_add(out, (struct text){(const char *)mac, size});
    }
}

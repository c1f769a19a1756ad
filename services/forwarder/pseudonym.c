#include "forwarder/pseudonym.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "forwarder/base64.h"

enum {
    KEY_BYTES = PSEUDONYM_KEY_DIGITS / 2,
    TAG_BYTES = 16,
    MOST_BYTES = 12000, /* of a text */
    /* Of one pseudonym. Whoever looks for them tries what follows a mark: a bound keeps hostile
     * texts, full of marks, from costing the square of their length. */
    MOST_CHARACTERS = 4 + ((TAG_BYTES + MOST_BYTES) * 4 + 2) / 3 + 64,
};
#define MARK "hp1_"

struct pseudonym {
    unsigned char key[KEY_BYTES];
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *context;
};

static bool parse_key(struct text hex, unsigned char key[KEY_BYTES])
{
    if (hex.size != PSEUDONYM_KEY_DIGITS)
        return false;
    for (size_t i = 0; i < KEY_BYTES; i++) {
        const int high = ascii_hex_value(hex.bytes[2 * i]),
                  low = ascii_hex_value(hex.bytes[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        key[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

struct pseudonym *pseudonym_new(struct text key, struct error *err)
{
    AUTO(pseudonym) pseudonym = mem_zero(sizeof(*pseudonym));

    if (!parse_key(text_trim(key), pseudonym->key)) {
        error_set(err, -EINVAL,
                  "the key of pseudonyms is not 128 hex digits; `openssl rand -hex 64` makes one");
        return NULL;
    }
    pseudonym->cipher = EVP_CIPHER_fetch(NULL, "AES-256-SIV", NULL);
    pseudonym->context = EVP_CIPHER_CTX_new();
    if (!pseudonym->cipher || !pseudonym->context) {
        error_set(err, -ENOTSUP, "pseudonyms need AES-256-SIV, which this OpenSSL does not offer");
        return NULL;
    }
    return TAKE(pseudonym);
}

void pseudonym_free(struct pseudonym *pseudonym)
{
    if (!pseudonym)
        return;
    EVP_CIPHER_CTX_free(pseudonym->context);
    EVP_CIPHER_free(pseudonym->cipher);
    free(pseudonym);
}

void pseudonym_hide(struct pseudonym *pseudonym, struct text t, struct buf *out)
{
    AUTO_BUF sealed = {0};
    int written = 0;

    t = text_cut(t, MOST_BYTES);
    if (t.size == 0)
        return;
    unsigned char *bytes = (unsigned char *)buf_reserve(&sealed, TAG_BYTES + t.size);
    EVP_CIPHER_CTX *context = pseudonym->context;

    EVP_EncryptInit_ex2(context, pseudonym->cipher, pseudonym->key, NULL, NULL);
    EVP_EncryptUpdate(context, bytes + TAG_BYTES, &written, (const unsigned char *)t.bytes,
                      (int)t.size);
    EVP_EncryptFinal_ex(context, bytes + TAG_BYTES + written, &written);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, bytes);
    sealed.size = TAG_BYTES + t.size;
    buf_add(out, TEXT(MARK));
    base64_add_url(out, buf_text(&sealed));
}

/* Appends the bytes of base64url. */
static bool decode(struct text t, struct buf *out)
{
    AUTO_BUF plain = {0};

    for (size_t i = 0; i < t.size; i++)
        buf_add_byte(&plain, t.bytes[i] == '-' ? '+' : t.bytes[i] == '_' ? '/' : t.bytes[i]);
    while (plain.size % 4 != 0)
        buf_add_byte(&plain, '=');
    return base64_decode(buf_text(&plain), out);
}

/* Appends what @t, without its mark, stands for. */
static bool unseal(struct pseudonym *pseudonym, struct text t, struct buf *out)
{
    AUTO_BUF sealed = {0};
    EVP_CIPHER_CTX *context = pseudonym->context;
    int written = 0;

    if (!decode(t, &sealed) || sealed.size <= TAG_BYTES)
        return false;
    const size_t size = sealed.size - TAG_BYTES;
    unsigned char *bytes = (unsigned char *)sealed.bytes;
    unsigned char *into = (unsigned char *)buf_reserve(out, size);

    if (EVP_DecryptInit_ex2(context, pseudonym->cipher, pseudonym->key, NULL, NULL) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, bytes) != 1 ||
        EVP_DecryptUpdate(context, into, &written, bytes + TAG_BYTES, (int)size) != 1)
        return false;
    out->size += size;
    return true;
}

static bool is_letter(char c)
{
    return ascii_is_alnum(c) || c == '-' || c == '_';
}

/* How much of @t is a pseudonym, which @out then has the text of; 0: it begins with none. Letters
 * that stand behind it are told from it by their not fitting. */
static size_t reveal_one(struct pseudonym *pseudonym, struct text t, struct buf *out)
{
    const size_t least = (TAG_BYTES * 4 + 2) / 3;
    const size_t mark = sizeof(MARK) - 1;
    size_t size = mark;

    while (size < t.size && size < MOST_CHARACTERS && is_letter(t.bytes[size]))
        size++;
    /* Few letters follow one, if any: what is far shorter than the run is none. */
    for (size_t tries = 0; size > mark + least && tries < 64; tries++, size--) {
        if (unseal(pseudonym, text_slice(t, mark, size), out))
            return size;
    }
    return 0;
}

size_t pseudonym_reveal(struct pseudonym *pseudonym, struct text t, struct buf *out)
{
    size_t count = 0;

    for (;;) {
        const size_t at = text_find(t, TEXT(MARK));

        buf_add(out, text_slice(t, 0, at));
        t = text_slice(t, at, t.size);
        if (t.size == 0)
            return count;
        size_t taken = reveal_one(pseudonym, t, out);

        count += taken > 0;
        if (taken == 0) {
            taken = sizeof(MARK) - 1;
            buf_add(out, TEXT(MARK));
        }
        t = text_slice(t, taken, t.size);
    }
}

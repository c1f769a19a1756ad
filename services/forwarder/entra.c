#include "forwarder/entra.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <yyjson.h>

#include "base/percent.h"
#include "forwarder/base64.h"
#include "forwarder/object.h"

enum { ASSERTION_S = 600 }; /* Microsoft: five to ten minutes */

void entra_add_parameter(struct buf *out, const char *name, struct text value)
{
    if (out->size > 0)
        buf_add_byte(out, '&');
    buf_add_string(out, name);
    buf_add_byte(out, '=');
    percent_add(value, out);
}

void entra_write_secret(struct text client_id, struct text secret, struct text scope,
                        struct buf *out)
{
    entra_add_parameter(out, "grant_type", TEXT("client_credentials"));
    entra_add_parameter(out, "client_id", client_id);
    entra_add_parameter(out, "client_secret", secret);
    entra_add_parameter(out, "scope", scope);
}

void entra_write_assertion(struct text client_id, struct text assertion, struct text scope,
                           struct buf *out)
{
    entra_add_parameter(out, "grant_type", TEXT("client_credentials"));
    entra_add_parameter(out, "client_id", client_id);
    entra_add_parameter(out, "client_assertion_type",
                        TEXT("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    entra_add_parameter(out, "client_assertion", text_trim(assertion));
    entra_add_parameter(out, "scope", scope);
}

/* base64url over the SHA-256 of the certificate's DER. */
static bool add_thumbprint(struct text certificate, struct buf *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    BIO *bio = BIO_new_mem_buf(certificate.bytes, (int)certificate.size);
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    const bool done = x509 && X509_digest(x509, EVP_sha256(), digest, &size) == 1;

    if (done)
        base64_add_url(out, (struct text){(const char *)digest, size});
    X509_free(x509);
    BIO_free(bio);
    return done;
}

/* PS256: RSASSA-PSS with SHA-256 and a salt as long as the digest (RFC 7518 §3.5). */
static bool sign_with(EVP_MD_CTX *context, EVP_PKEY *key, struct text content, struct buf *out)
{
    EVP_PKEY_CTX *padding;
    size_t size = 0;

    if (EVP_DigestSignInit(context, &padding, EVP_sha256(), NULL, key) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) != 1 ||
        EVP_DigestSign(context, NULL, &size, (const unsigned char *)content.bytes, content.size) !=
            1)
        return false;
    AUTO_BUF signature = {0};
    unsigned char *at = (unsigned char *)buf_reserve(&signature, size);

    if (EVP_DigestSign(context, at, &size, (const unsigned char *)content.bytes, content.size) != 1)
        return false;
    signature.size = size;
    base64_add_url(out, buf_text(&signature));
    return true;
}

static bool add_signature(struct text key, struct text content, struct buf *out)
{
    BIO *bio = BIO_new_mem_buf(key.bytes, (int)key.size);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool done = pkey && sign_with(context, pkey, content, out);

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    return done;
}

static void add_claims(struct text client_id, struct text audience, struct text id, int64_t now_s,
                       struct buf *out)
{
    AUTO_BUF claims = {0};

    buf_add_byte(&claims, '{');
    object_text(&claims, "aud", audience);
    object_text(&claims, "iss", client_id);
    object_text(&claims, "sub", client_id);
    object_text(&claims, "jti", id);
    object_integer(&claims, "nbf", now_s);
    object_integer(&claims, "iat", now_s);
    object_integer(&claims, "exp", now_s + ASSERTION_S);
    buf_add_byte(&claims, '}');
    base64_add_url(out, buf_text(&claims));
}

/* NOLINTNEXTLINE(readability-function-size): what a token is made of */
int entra_write_token(struct text client_id, struct text audience, struct text certificate,
                      struct text key, struct text id, int64_t now_s, struct buf *out,
                      struct error *err)
{
    AUTO_BUF token = {0};
    AUTO_BUF header = {0};
    AUTO_BUF thumbprint = {0};
    AUTO_BUF signature = {0};

    if (!add_thumbprint(certificate, &thumbprint))
        return error_set(err, -EINVAL, "the certificate is not one in PEM form");
    buf_add_byte(&header, '{');
    object_text(&header, "alg", TEXT("PS256"));
    object_text(&header, "typ", TEXT("JWT"));
    object_text(&header, "x5t#S256", buf_text(&thumbprint));
    buf_add_byte(&header, '}');
    base64_add_url(&token, buf_text(&header));
    buf_add_byte(&token, '.');
    add_claims(client_id, audience, id, now_s, &token);
    if (!add_signature(key, buf_text(&token), &signature))
        return error_set(err, -EINVAL,
                         "the certificate's key is not an RSA key in PEM form without "
                         "a passphrase");
    buf_add_byte(&token, '.');
    buf_add(&token, buf_text(&signature));
    buf_add(out, buf_text(&token));
    return 0;
}

static int64_t lifetime_of(yyjson_val *value)
{
    int64_t number = 0;

    if (yyjson_is_int(value))
        return yyjson_get_sint(value);
    if (yyjson_is_str(value))
        text_to_integer((struct text){yyjson_get_str(value), yyjson_get_len(value)}, &number);
    return number;
}

int entra_read_reply(struct text body, struct buf *token, int64_t *lifetime_s, struct error *err)
{
    yyjson_doc *doc = body.size > 0 ? yyjson_read(body.bytes, body.size, 0) : NULL;
    yyjson_val *root = yyjson_doc_get_root(doc);
    yyjson_val *access = yyjson_obj_get(root, "access_token");
    const int64_t lifetime = lifetime_of(yyjson_obj_get(root, "expires_in"));
    const struct text value = {yyjson_get_str(access), yyjson_get_len(access)};
    int code = 0;

    /* It becomes a header: visible ASCII, or there is something else at that address. */
    for (size_t i = 0; i < value.size; i++) {
        if (value.bytes[i] <= ' ' || value.bytes[i] >= 0x7F)
            code = -EBADMSG;
    }
    if (code < 0 || value.size == 0 || lifetime <= 0) {
        code = error_set_class(err, ERROR_RETRY, -EBADMSG,
                               "the reply holds no access_token with an expires_in");
    } else {
        buf_add(token, value);
        *lifetime_s = lifetime;
    }
    yyjson_doc_free(doc);
    return code;
}

void entra_read_refusal(struct text body, struct buf *out)
{
    yyjson_doc *doc = body.size > 0 ? yyjson_read(body.bytes, body.size, 0) : NULL;
    yyjson_val *said = yyjson_obj_get(yyjson_doc_get_root(doc), "error_description");
    const struct text text = {yyjson_get_str(said), yyjson_get_len(said)};

    /* Lines behind the first are its trace ids. */
    buf_add(out, text_cut(text_slice(text, 0, text_find_byte(text, '\r')), 300));
    yyjson_doc_free(doc);
}

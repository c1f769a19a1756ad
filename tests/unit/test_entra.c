#include "unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "forwarder/base64.h"
#include "forwarder/entra.h"

static void a_request_escapes_what_a_form_keeps_for_itself(void **state)
{
    AUTO_BUF out = {0};

    (void)state;
    entra_write_secret(TEXT("id"), TEXT("s&x=1 %~+\xED\x95\x9C"),
                       TEXT("https://monitor.azure.com/.default"), &out);
    unit_text(
        "by secret", buf_text(&out),
        "grant_type=client_credentials&client_id=id&client_secret=s%26x%3D1%20%25~%2B%ED%95%9C"
        "&scope=https%3A%2F%2Fmonitor.azure.com%2F.default");
    buf_reset(&out);
    entra_write_assertion(TEXT("id"), TEXT("a.b.c\n"), TEXT("x"), &out);
    unit_text("by assertion", buf_text(&out),
              "grant_type=client_credentials&client_id=id&client_assertion_type="
              "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&"
              "client_assertion=a.b.c&scope=x");
}

static void replies_are_read_or_refused(void **state)
{
    static const struct {
        const char *body;
        const char *token; /* NULL: refused */
        int64_t lifetime;
    } cases[] = {
        {"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"eyJ.x\"}", "eyJ.x",
         3599},
        {"{\"access_token\":\"t\",\"expires_in\":\"86400\",\"resource\":\"r\"}", "t", 86400},
        {"{\"access_token\":\"t\"}", NULL, 0},
        {"{\"expires_in\":3599}", NULL, 0},
        {"{\"access_token\":\"\",\"expires_in\":3599}", NULL, 0},
        {"{\"access_token\":\"t\\r\\nX-Forged: 1\",\"expires_in\":3599}", NULL, 0},
        {"{\"access_token\":\"t\",\"expires_in\":-1}", NULL, 0},
        {"{\"access_token\":7,\"expires_in\":3599}", NULL, 0},
        {"<html>log in</html>", NULL, 0},
        {"", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF token = {0};
        int64_t lifetime = 0;
        struct error err = {0};
        const int code = entra_read_reply(text_of(cases[i].body), &token, &lifetime, &err);

        if ((code == 0) != (cases[i].token != NULL))
            fail_msg("%s: code %d", cases[i].body, code);
        unit_text(cases[i].body, buf_text(&token), cases[i].token ? cases[i].token : "");
        assert_int_equal(lifetime, cases[i].lifetime);
    }
}

static void a_refusal_is_said_without_its_trace(void **state)
{
    AUTO_BUF out = {0};

    (void)state;
    entra_read_refusal(TEXT("{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: "
                            "Invalid client secret.\\r\\nTrace ID: 1\"}"),
                       &out);
    unit_text("refusal", buf_text(&out), "AADSTS7000215: Invalid client secret.");
    buf_reset(&out);
    entra_read_refusal(TEXT("<html>"), &out);
    assert_int_equal(out.size, 0);
}

static void add_pem(BIO *bio, struct buf *out)
{
    char *bytes;
    const long size = BIO_get_mem_data(bio, &bytes);

    buf_add(out, (struct text){bytes, (size_t)size});
    BIO_free(bio);
}

/* A key and a certificate that it signed itself. */
static EVP_PKEY *make_pair(struct buf *certificate, struct buf *key)
{
    EVP_PKEY *pkey = EVP_RSA_gen(2048);
    X509 *x509 = X509_new();
    BIO *key_bio = BIO_new(BIO_s_mem()), *certificate_bio = BIO_new(BIO_s_mem());

    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), 0);
    X509_gmtime_adj(X509_getm_notAfter(x509), 60);
    X509_set_pubkey(x509, pkey);
    X509_sign(x509, pkey, EVP_sha256());
    PEM_write_bio_PrivateKey(key_bio, pkey, NULL, NULL, 0, NULL, NULL);
    PEM_write_bio_X509(certificate_bio, x509);
    add_pem(key_bio, key);
    add_pem(certificate_bio, certificate);
    X509_free(x509);
    return pkey;
}

/* From base64url back to bytes. */
static void decode_url(struct text t, struct buf *out)
{
    AUTO_BUF padded = {0};

    for (size_t i = 0; i < t.size; i++)
        buf_add_byte(&padded, (char)(t.bytes[i] == '-'   ? '+'
                                     : t.bytes[i] == '_' ? '/'
                                                         : t.bytes[i]));
    while (padded.size % 4)
        buf_add_byte(&padded, '=');
    assert_true(base64_decode(buf_text(&padded), out));
}

static bool verifies(EVP_PKEY *pkey, struct text content, struct text signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *padding;

    EVP_DigestVerifyInit(context, &padding, EVP_sha256(), NULL, pkey);
    EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST);
    const int verdict =
        EVP_DigestVerify(context, (const unsigned char *)signature.bytes, signature.size,
                         (const unsigned char *)content.bytes, content.size);

    EVP_MD_CTX_free(context);
    return verdict == 1;
}

static void an_assertion_is_signed_by_the_certificates_key(void **state)
{
    AUTO_BUF certificate = {0};
    AUTO_BUF key = {0};
    AUTO_BUF token = {0};
    AUTO_BUF claims = {0};
    AUTO_BUF signature = {0};
    EVP_PKEY *pkey = make_pair(&certificate, &key);

    (void)state;
    assert_int_equal(entra_write_token(TEXT("app"), TEXT("https://login/t"), buf_text(&certificate),
                                       buf_text(&key), TEXT("jti-1"), 1767225600, &token, NULL),
                     0);
    const struct text whole = buf_text(&token);
    const size_t first = text_find_byte(whole, '.');
    const size_t second = first + 1 + text_find_byte(text_slice(whole, first + 1, whole.size), '.');

    decode_url(text_slice(whole, first + 1, second), &claims);
    decode_url(text_slice(whole, second + 1, whole.size), &signature);
    unit_text("claims", buf_text(&claims),
              "{\"aud\":\"https://login/t\",\"iss\":\"app\",\"sub\":\"app\",\"jti\":\"jti-1\","
              "\"nbf\":1767225600,\"iat\":1767225600,\"exp\":1767226200}");
    assert_true(verifies(pkey, text_slice(whole, 0, second), buf_text(&signature)));
    EVP_PKEY_free(pkey);
}

static void files_that_hold_something_else_are_refused(void **state)
{
    AUTO_BUF certificate = {0};
    AUTO_BUF key = {0};
    AUTO_BUF token = {0};
    struct error err = {0};

    (void)state;
    EVP_PKEY_free(make_pair(&certificate, &key));
    assert_true(entra_write_token(TEXT("a"), TEXT("b"), TEXT("no PEM"), buf_text(&key), TEXT("j"),
                                  1, &token, &err) < 0);
    assert_non_null(strstr(err.text, "certificate is not"));
    assert_true(entra_write_token(TEXT("a"), TEXT("b"), buf_text(&certificate), TEXT("no PEM"),
                                  TEXT("j"), 1, &token, &err) < 0);
    assert_non_null(strstr(err.text, "key is not"));
    assert_int_equal(token.size, 0);
}

UNIT_MAIN(cmocka_unit_test(a_request_escapes_what_a_form_keeps_for_itself),
          cmocka_unit_test(replies_are_read_or_refused),
          cmocka_unit_test(a_refusal_is_said_without_its_trace),
          cmocka_unit_test(an_assertion_is_signed_by_the_certificates_key),
          cmocka_unit_test(files_that_hold_something_else_are_refused))

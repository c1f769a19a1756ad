#include "unit.h"

#include "base/digest.h"

static void digests_are_those_of_rfc_1321(void **state)
{
    const struct {
        const char *name;
        struct text parts[3];
        size_t count;
        const char *joined, *concat;
    } cases[] = {
        {"nothing",
         {{0}},
         0,
         "d41d8cd98f00b204e9800998ecf8427e",
         "d41d8cd98f00b204e9800998ecf8427e"},
        {"one part",
         {TEXT("message digest")},
         1,
         "f96b697d7cb7938d525a2f31aaf161d0",
         "f96b697d7cb7938d525a2f31aaf161d0"},
        {"three parts",
         {TEXT("message"), TEXT(" "), TEXT("digest")},
         3,
         "4b76d1619a2c0764bebb272079b65625",
         "f96b697d7cb7938d525a2f31aaf161d0"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char hex[33];

        digest_md5(cases[i].parts, cases[i].count, hex);
        unit_text(cases[i].name, text_of(hex), cases[i].joined);
        digest_md5_concat(cases[i].parts, cases[i].count, hex);
        unit_text(cases[i].name, text_of(hex), cases[i].concat);
    }
}

/* FIPS 180-4's own example; two ends of it stand for the whole. */
static void the_sha_256_of_abc_is_that_of_the_standard(void **state)
{
    unsigned char digest[DIGEST_SHA256_SIZE];

    (void)state;
    digest_sha256(TEXT("abc"), digest);
    assert_memory_equal(digest, "\xBA\x78\x16\xBF", 4);
    assert_memory_equal(digest + 28, "\xF2\x00\x15\xAD", 4);
}

UNIT_MAIN(cmocka_unit_test(digests_are_those_of_rfc_1321),
          cmocka_unit_test(the_sha_256_of_abc_is_that_of_the_standard))

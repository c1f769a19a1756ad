#include "unit.h"

#include "forwarder/base64.h"

/* RFC 4648 §10, and the two marks in which the alphabets differ. */
static void both_alphabets_are_as_the_rfc_has_them(void **state)
{
    (void)state;
    const struct {
        struct text bytes;
        const char *padded, *url;
    } cases[] = {
        {TEXT(""), "", ""},
        {TEXT("f"), "Zg==", "Zg"},
        {TEXT("fo"), "Zm8=", "Zm8"},
        {TEXT("foo"), "Zm9v", "Zm9v"},
        {TEXT("foob"), "Zm9vYg==", "Zm9vYg"},
        {TEXT("foobar"), "Zm9vYmFy", "Zm9vYmFy"},
        {TEXT("\xFB\xFF\xBF"), "+/+/", "-_-_"},
        {TEXT("\0\0"), "AAA=", "AAA"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF padded = {0};
        AUTO_BUF url = {0};
        AUTO_BUF back = {0};

        base64_add(&padded, cases[i].bytes);
        base64_add_url(&url, cases[i].bytes);
        unit_text(cases[i].padded, buf_text(&padded), cases[i].padded);
        unit_text(cases[i].url, buf_text(&url), cases[i].url);
        assert_int_equal(base64_decode(buf_text(&padded), &back), cases[i].bytes.size > 0);
        assert_true(text_equal(buf_text(&back), cases[i].bytes));
    }
}

static void what_is_not_base64_is_refused(void **state)
{
    static const char *const cases[] = {"Zg",   "Zg=",  "Zm9v\n",   " Zm9v", "Zm-v",
                                        "Z===", "====", "Zg==Zg==", "Zm 9"};
    AUTO_BUF out = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (base64_decode(text_of(cases[i]), &out) || out.size > 0)
            fail_msg("'%s' is taken", cases[i]);
    }
}

UNIT_MAIN(cmocka_unit_test(both_alphabets_are_as_the_rfc_has_them),
          cmocka_unit_test(what_is_not_base64_is_refused))

#include "unit.h"

#include "forwarder/pseudonym.h"

#define KEY                                                            \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

#define OTHER                                                          \
    "100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

static struct pseudonym *make(const char *key)
{
    struct pseudonym *pseudonym = pseudonym_new(text_of(key), NULL);

    assert_non_null(pseudonym);
    return pseudonym;
}

static void it_is_what_others_make_of_it(void **state)
{
    AUTO(pseudonym) pseudonym = make(KEY);
    AUTO_BUF out = {0};

    (void)state;
    /* By Python's cryptography: AESSIV(bytes(range(64))).encrypt(b"203.0.113.7", []) */
    pseudonym_hide(pseudonym, TEXT("203.0.113.7"), &out);
    unit_text("address", buf_text(&out), "hp1_T5n9JdsCtNyIw4UX7dWi2RYLmhxx2eviFqlL");
}

static void what_was_hidden_comes_back_wherever_it_stands(void **state)
{
    static const char *const cases[][2] = {
        {"alone", "@"},
        {"in JSON", "{\"source_ip\":\"@\",\"n\":1}"},
        {"two of them", "src=@ dst=@"},
        {"letters before and behind", "x@y"},
        {"their own marks behind", "@-_hp1_"},
        {"none", "hp1_ and hp1_AAAA are none"},
    };
    AUTO(pseudonym) pseudonym = make(KEY);
    AUTO_BUF hidden = {0};

    (void)state;
    pseudonym_hide(pseudonym, TEXT("root\xC3\xA9"), &hidden);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF given = {0}, want = {0}, got = {0};

        for (const char *c = cases[i][1]; *c; c++) {
            buf_add(&given, *c == '@' ? buf_text(&hidden) : (struct text){c, 1});
            buf_add(&want, *c == '@' ? TEXT("root\xC3\xA9") : (struct text){c, 1});
        }
        pseudonym_reveal(pseudonym, buf_text(&given), &got);
        unit_text(cases[i][0], buf_text(&got), buf_string(&want));
    }
}

static void a_long_text_comes_back_as_far_as_it_was_hidden(void **state)
{
    AUTO(pseudonym) pseudonym = make(KEY);
    AUTO_BUF text = {0}, hidden = {0}, got = {0};

    (void)state;
    while (text.size < 20000)
        buf_add_byte(&text, 'a');
    pseudonym_hide(pseudonym, buf_text(&text), &hidden);
    assert_int_equal(pseudonym_reveal(pseudonym, buf_text(&hidden), &got), 1);
    text.size = 12000;
    unit_text("text", buf_text(&got), buf_string(&text));
}

static void another_key_or_a_changed_letter_reveals_nothing(void **state)
{
    AUTO(pseudonym) pseudonym = make(KEY);
    AUTO(pseudonym) other = make(OTHER);
    AUTO_BUF hidden = {0}, out = {0};

    (void)state;
    pseudonym_hide(pseudonym, TEXT("root"), &hidden);
    assert_int_equal(0, pseudonym_reveal(other, buf_text(&hidden), &out));
    unit_text("another key", buf_text(&out), buf_string(&hidden));
    hidden.bytes[10] = hidden.bytes[10] == 'A' ? 'B' : 'A';
    buf_reset(&out);
    assert_int_equal(0, pseudonym_reveal(pseudonym, buf_text(&hidden), &out));
}

static void a_key_is_128_hex_digits(void **state)
{
    static const char *const cases[] = {"", "00", KEY "0", "x" KEY};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};

        assert_null(pseudonym_new(text_of(cases[i]), &err));
        assert_non_null(strstr(err.text, "openssl rand -hex 64"));
    }
    AUTO(pseudonym) with_line_end = make(KEY "\n");

    (void)with_line_end;
}

UNIT_MAIN(cmocka_unit_test(it_is_what_others_make_of_it),
          cmocka_unit_test(what_was_hidden_comes_back_wherever_it_stands),
          cmocka_unit_test(a_long_text_comes_back_as_far_as_it_was_hidden),
          cmocka_unit_test(another_key_or_a_changed_letter_reveals_nothing),
          cmocka_unit_test(a_key_is_128_hex_digits))

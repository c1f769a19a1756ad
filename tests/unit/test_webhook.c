#include "unit.h"

#include "forwarder/webhook.h"

/* The example of the specification ("Verifying webhook authenticity"), as its libraries test it. */
static void a_signature_is_that_of_the_specifications_example(void **state)
{
    struct webhook_key key;
    AUTO_BUF out = {0};

    (void)state;
    assert_int_equal(
        webhook_parse_secret(TEXT("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &key, NULL), 0);
    webhook_sign(&key, 1, TEXT("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                 TEXT("{\"test\": 2432232314}"), &out);
    unit_text("the example", buf_text(&out), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void there_is_a_signature_by_each_secret(void **state)
{
    struct webhook_key keys[2];
    AUTO_BUF both = {0};
    AUTO_BUF second = {0};

    (void)state;
    assert_int_equal(
        webhook_parse_secret(TEXT("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &keys[0], NULL), 0);
    assert_int_equal(
        webhook_parse_secret(TEXT("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &keys[1], NULL), 0);
    webhook_sign(keys, 2, TEXT("id"), 1, TEXT("body"), &both);
    webhook_sign(keys + 1, 1, TEXT("id"), 1, TEXT("body"), &second);
    assert_true(text_starts(buf_text(&both), TEXT("v1,")));
    assert_int_equal(text_find(buf_text(&both), TEXT(" v1,")), second.size);
    assert_true(text_ends(buf_text(&both), buf_text(&second)));
}

static void secrets_that_receivers_do_not_make_are_refused(void **state)
{
    static const struct {
        const char *name, *secret;
    } cases[] = {
        {"without its prefix", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
        {"not base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!"},
        {"23 bytes", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        {"65 bytes", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        {"nothing", "whsec_"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct webhook_key key;
        struct error err = {0};

        if (webhook_parse_secret(text_of(cases[i].secret), &key, &err) == 0)
            fail_msg("%s: taken", cases[i].name);
        if (strstr(err.text, "AAAA") || strstr(err.text, "MfKQ"))
            fail_msg("%s: the secret is in the error", cases[i].name);
    }
}

UNIT_MAIN(cmocka_unit_test(a_signature_is_that_of_the_specifications_example),
          cmocka_unit_test(there_is_a_signature_by_each_secret),
          cmocka_unit_test(secrets_that_receivers_do_not_make_are_refused))

#include "unit.h"

#include <stdlib.h>

#include "base/bloom.h"
#include "base/hash64.h"

enum { KEYS = 100000 };

static uint64_t key(const struct bloom *bloom, const char *kind, int i)
{
    char text[32];

    snprintf(text, sizeof(text), "%s:%d", kind, i);
    return hash64(bloom_seed(bloom), text_of(text));
}

static struct bloom *filled(uint64_t seed)
{
    struct bloom *bloom = bloom_new(KEYS, seed);

    for (int i = 0; i < KEYS; i++)
        bloom_add(bloom, key(bloom, "in", i));
    return bloom;
}

static void what_was_added_is_always_maybe(void **state)
{
    AUTO(bloom) bloom = filled(7);

    (void)state;
    assert_int_equal(bloom_count(bloom), KEYS);
    for (int i = 0; i < KEYS; i++) {
        if (!bloom_may_have(bloom, key(bloom, "in", i)))
            fail_msg("key %d was added and is denied", i);
    }
}

static int false_maybes(const struct bloom *bloom)
{
    int count = 0;

    for (int i = 0; i < 1000000; i++)
        count += bloom_may_have(bloom, key(bloom, "out", i));
    return count;
}

static void few_others_are(void **state)
{
    AUTO(bloom) bloom = filled(7);

    (void)state;
    if (false_maybes(bloom) > 2000)
        fail_msg("%d of a million; 0.2 %% are allowed", false_maybes(bloom));
    if (bloom_bytes(bloom) * 10 > (size_t)2500 * 1000)
        fail_msg("%zu bytes for %d keys", bloom_bytes(bloom), KEYS);
}

static void an_empty_one_denies_everything(void **state)
{
    AUTO(bloom) bloom = bloom_new(0, 3);

    (void)state;
    assert_int_equal(false_maybes(bloom), 0);
}

static void written_and_read_it_answers_the_same(void **state)
{
    AUTO(bloom) bloom = filled(0x123456789ABCDEF0);
    AUTO_BUF bytes = {0};
    struct error err = {0};

    (void)state;
    bloom_write(bloom, &bytes);
    AUTO(bloom) again = bloom_read(buf_text(&bytes), &err);

    assert_non_null(again);
    assert_true(bloom_seed(again) == bloom_seed(bloom));
    assert_int_equal(bloom_count(again), KEYS);
    assert_int_equal(bloom_capacity(again), KEYS);
    for (int i = 0; i < 2 * KEYS; i++)
        assert_int_equal(bloom_may_have(again, key(bloom, "in", i)),
                         bloom_may_have(bloom, key(bloom, "in", i)));
}

static void damage_is_refused(void **state)
{
    AUTO(bloom) bloom = bloom_new(10, 1);
    AUTO_BUF bytes = {0};
    struct error err = {0};

    (void)state;
    bloom_add(bloom, 42);
    bloom_write(bloom, &bytes);
    for (size_t i = 0; i < bytes.size; i++) {
        struct text cut = text_slice(buf_text(&bytes), 0, i);

        if (bloom_read(cut, &err))
            fail_msg("cut to %zu bytes it is taken", i);
        bytes.bytes[i] ^= 0x10;
        if (bloom_read(buf_text(&bytes), &err))
            fail_msg("with byte %zu changed it is taken", i);
        bytes.bytes[i] ^= 0x10;
    }
    buf_add_byte(&bytes, 0);
    assert_null(bloom_read(buf_text(&bytes), &err));
}

static void the_hash_is_the_same_everywhere(void **state)
{
    (void)state;
    /* Filters that are kept depend on it. */
    assert_true(hash64(0, TEXT("")) != hash64(1, TEXT("")));
    assert_true(hash64(0, TEXT("ip:10.0.0.1")) == hash64(0, TEXT("ip:10.0.0.1")));
    assert_true(hash64(0, TEXT("a\0")) != hash64(0, TEXT("a")));
    assert_true(hash64(0, TEXT("ip:203.0.113.9")) == UINT64_C(0xECE70F3BB03B2B3C));
}

UNIT_MAIN(cmocka_unit_test(what_was_added_is_always_maybe), cmocka_unit_test(few_others_are),
          cmocka_unit_test(an_empty_one_denies_everything),
          cmocka_unit_test(written_and_read_it_answers_the_same),
          cmocka_unit_test(damage_is_refused), cmocka_unit_test(the_hash_is_the_same_everywhere))

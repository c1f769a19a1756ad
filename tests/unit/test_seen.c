#include "unit.h"

#include "base/number.h"
#include "base/seen.h"

enum { BYTES = 65536, NAMES = 5000 };

static void note(unsigned char *bytes, uint64_t hash)
{
    for (int i = 0; i < SEEN_BITS; i++) {
        unsigned char mask;
        size_t byte = seen_bit(hash, i, &mask);

        bytes[seen_block(hash, BYTES) + byte] |= mask;
    }
}

static uint64_t hash_of(int i, const char *tenant)
{
    char digits[NUMBER_DIGITS];

    return seen_hash(text_of(tenant), IOC_DOMAIN, number_digits(i, digits));
}

static void what_was_noted_is_found_and_little_else(void **state)
{
    static unsigned char bytes[BYTES];
    int wrong = 0;

    (void)state;
    for (int i = 0; i < NAMES; i++)
        note(bytes, hash_of(i, NULL));
    for (int i = 0; i < NAMES; i++)
        assert_true(seen_has(bytes + seen_block(hash_of(i, NULL), BYTES), hash_of(i, NULL)));
    for (int i = NAMES; i < 21 * NAMES; i++)
        wrong += seen_has(bytes + seen_block(hash_of(i, NULL), BYTES), hash_of(i, NULL));
    assert_true(wrong < 10); /* 105 bits a name: next to none of 100,000 */
}

static void tenants_and_types_have_their_own(void **state)
{
    const struct text value = TEXT("a.example");

    (void)state;
    assert_true(seen_hash((struct text){0}, IOC_DOMAIN, value) !=
                seen_hash(TEXT("acme"), IOC_DOMAIN, value));
    assert_true(seen_hash((struct text){0}, IOC_DOMAIN, value) !=
                seen_hash((struct text){0}, IOC_URL, value));
}

UNIT_MAIN(cmocka_unit_test(what_was_noted_is_found_and_little_else),
          cmocka_unit_test(tenants_and_types_have_their_own))

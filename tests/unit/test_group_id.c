#include "unit.h"

#include "base/group_id.h"

/* Expected: printf '4:acme9:source_ip8:10.0.0.1' | sha256sum | cut -c1-32 */
static void an_id_is_half_a_sha256_over_measured_parts(void **state)
{
    static const struct {
        const char *name, *tenant, *kind, *value, *want;
    } cases[] = {
        {"an address", "acme", "source_ip", "10.0.0.1", "691e37b65668327533a98bc87ddedcb0"},
        {"a host of the same name", "acme", "host", "10.0.0.1", "f6e2af4d11bec27031f1dab1808a3965"},
        {"nothing said", "", "", "", "63cab8e921e413242a44bf4e8fdc999d"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char id[GROUP_ID_SIZE];

        group_id_of_entity(text_of(cases[i].tenant), text_of(cases[i].kind),
                           text_of(cases[i].value), id);
        unit_text(cases[i].name, text_of(id), cases[i].want);
    }
}

static void names_stand_before_values(void **state)
{
    const struct text names[] = {TEXT("host"), TEXT("user")};
    const struct text values[] = {TEXT("web1"), TEXT("root")};
    char id[GROUP_ID_SIZE];

    (void)state;
    group_id_write(TEXT("t"), names, values, 2, id);
    unit_text("two fields", text_of(id), "622bcbf347d103161b296585b80c6b49");
}

static void lengths_keep_parts_apart(void **state)
{
    char one[GROUP_ID_SIZE], other[GROUP_ID_SIZE];

    (void)state;
    group_id_of_entity(TEXT("a"), TEXT("host"), TEXT("1:b"), one);
    group_id_of_entity(TEXT("a1"), TEXT("host"), TEXT("b"), other);
    assert_string_not_equal(one, other);
}

static void a_key_carries_the_slot_of_its_group(void **state)
{
    char into[80], small[12];

    (void)state;
    unit_text("key", group_id_key("recent", "3fd20c", into, sizeof(into)),
              "haechi:{b3f}:recent:3fd20c");
    unit_text("key of a state", group_id_state_key("3fd20c", into, sizeof(into)),
              "haechi:{b3f}:d20c");
    assert_int_equal(group_id_key("recent", "3fd20c", small, sizeof(small)).size,
                     sizeof(small) - 1);
}

UNIT_MAIN(cmocka_unit_test(an_id_is_half_a_sha256_over_measured_parts),
          cmocka_unit_test(names_stand_before_values), cmocka_unit_test(lengths_keep_parts_apart),
          cmocka_unit_test(a_key_carries_the_slot_of_its_group))

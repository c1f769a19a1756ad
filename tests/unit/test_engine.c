#include "unit.h"

#include "detector/engine.h"
static void t(void **state)
{
    (void)state;
    AUTO(ruleset) set = ruleset_new();
    struct error err = {0};
    if (ruleset_add(set, HAECHI_SOURCE "/deploy/rules/builtin.yaml", &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(ruleset_count(set), 8);
    AUTO(engine) engine = engine_new(set, &err);
    if (!engine)
        fail_msg("%s", err.text);
    const struct rule **slow;
    for (size_t n = engine_slow_rules(engine, &slow); n > 0; n--)
        printf("slow %.*s\n", TEXT_ARG(slow[n - 1]->rule_id));
    printf("%s\n", ruleset_version(set));
}
UNIT_MAIN(cmocka_unit_test(t))

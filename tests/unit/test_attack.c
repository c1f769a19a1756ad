#include "unit.h"

#include "forwarder/attack.h"

static void tags_name_tactics_and_techniques(void **state)
{
    static const struct {
        const char *tag;
        enum attack_kind kind;
        const char *id, *name;
    } cases[] = {
        {"attack.t1110", ATTACK_TECHNIQUE, "T1110", ""},
        {"attack.T1110", ATTACK_TECHNIQUE, "T1110", ""},
        {"attack.t1110.001", ATTACK_SUB_TECHNIQUE, "T1110.001", ""},
        {"attack.credential_access", ATTACK_TACTIC, "TA0006", "Credential Access"},
        {"attack.credential-access", ATTACK_TACTIC, "TA0006", "Credential Access"},
        {"attack.command_and_control", ATTACK_TACTIC, "TA0011", "Command and Control"},
        {"attack.impact", ATTACK_TACTIC, "TA0040", "Impact"},
        {"attack.", ATTACK_NONE, "", ""},
        {"attack.t111", ATTACK_NONE, "", ""},
        {"attack.t11100", ATTACK_NONE, "", ""},
        {"attack.t1110.01", ATTACK_NONE, "", ""},
        {"attack.t1110.0011", ATTACK_NONE, "", ""},
        {"attack.tabcd", ATTACK_NONE, "", ""},
        {"attack.g0007", ATTACK_NONE, "", ""},
        {"pci_dss:6.4.2", ATTACK_NONE, "", ""},
        {"", ATTACK_NONE, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char id[ATTACK_ID_SIZE] = "";
        struct text name;

        if (attack_read(text_of(cases[i].tag), id, &name) != cases[i].kind)
            fail_msg("%s is taken for something else", cases[i].tag);
        unit_text(cases[i].tag, text_of(id), cases[i].id);
        unit_text(cases[i].tag, name, cases[i].name);
    }
}

UNIT_MAIN(cmocka_unit_test(tags_name_tactics_and_techniques))

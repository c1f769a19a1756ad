#include "forwarder/attack.h"

#include "base/mem.h"

/* https://attack.mitre.org/tactics/enterprise/ */
static const struct {
    const char *tag, *id, *name;
} tactics[] = {
    {"reconnaissance", "TA0043", "Reconnaissance"},
    {"resource_development", "TA0042", "Resource Development"},
    {"initial_access", "TA0001", "Initial Access"},
    {"execution", "TA0002", "Execution"},
    {"persistence", "TA0003", "Persistence"},
    {"privilege_escalation", "TA0004", "Privilege Escalation"},
    {"defense_evasion", "TA0005", "Defense Evasion"},
    {"credential_access", "TA0006", "Credential Access"},
    {"discovery", "TA0007", "Discovery"},
    {"lateral_movement", "TA0008", "Lateral Movement"},
    {"collection", "TA0009", "Collection"},
    {"command_and_control", "TA0011", "Command and Control"},
    {"exfiltration", "TA0010", "Exfiltration"},
    {"impact", "TA0040", "Impact"},
};

static bool are_digits(struct text t, size_t count)
{
    for (size_t i = 0; i < t.size; i++) {
        if (t.bytes[i] < '0' || t.bytes[i] > '9')
            return false;
    }
    return t.size == count;
}

/* t1110 or t1110.001 */
static enum attack_kind technique(struct text t, char id[ATTACK_ID_SIZE])
{
    if (t.size < 5 || (t.bytes[0] | 0x20) != 't' || !are_digits(text_slice(t, 1, 5), 4))
        return ATTACK_NONE;
    if (t.size != 5 && (t.bytes[5] != '.' || !are_digits(text_slice(t, 6, t.size), 3)))
        return ATTACK_NONE;
    memcpy(id, t.bytes, t.size);
    id[0] = 'T';
    id[t.size] = '\0';
    return t.size == 5 ? ATTACK_TECHNIQUE : ATTACK_SUB_TECHNIQUE;
}

static bool is_tactic(struct text t, const char *tag)
{
    if (t.size != strlen(tag))
        return false;
    for (size_t i = 0; i < t.size; i++) {
        if (t.bytes[i] != tag[i] && !(t.bytes[i] == '-' && tag[i] == '_'))
            return false;
    }
    return true;
}

enum attack_kind attack_read(struct text tag, char id[ATTACK_ID_SIZE], struct text *name)
{
    *name = (struct text){0};
    if (!text_starts(tag, TEXT("attack.")))
        return ATTACK_NONE;
    tag = text_slice(tag, strlen("attack."), tag.size);
    for (size_t i = 0; i < COUNT_OF(tactics); i++) {
        if (is_tactic(tag, tactics[i].tag)) {
            memcpy(id, tactics[i].id, strlen(tactics[i].id) + 1);
            *name = text_of(tactics[i].name);
            return ATTACK_TACTIC;
        }
    }
    return technique(tag, id);
}

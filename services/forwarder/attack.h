/* attack: what the tags of an alert say of MITRE ATT&CK.
 *
 * Sigma's tags, which Haechi's rules use too (specification/sigma-appendix-tags.md): attack.t1110,
 * attack.t1110.001, attack.credential_access or attack.credential-access.
 */
#pragma once

#include "base/text.h"

enum attack_kind { ATTACK_NONE, ATTACK_TACTIC, ATTACK_TECHNIQUE, ATTACK_SUB_TECHNIQUE };

enum { ATTACK_ID_SIZE = 10 }; /* "T1110.001" and a NUL */

/* What @tag is. For all but NONE @id is as MITRE writes it (TA0006, T1110, T1110.001), @name the
 * tactic's ("Credential Access"), borrowed and static, empty for techniques. */
enum attack_kind attack_read(struct text tag, char id[ATTACK_ID_SIZE], struct text *name);

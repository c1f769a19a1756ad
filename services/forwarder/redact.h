/* redact: what of an alert a target must not see.
 *
 * Fields are dropped, masked (***), or written as pseudonyms (pseudonym.h). A value that is hidden
 * in its own field is hidden where else it stands in the alert: in title, description, indicators,
 * group, payload; group_key, which is a hash of such values, is left out. What an alert is known by
 * (ids, revision, rule, severity, times) always goes.
 */
#pragma once

#include "base/alert.h"
#include "base/error.h"
#include "base/settings.h"

struct redact_settings {
    struct text_list drop, mask, pseudonymise; /* names of fields */
    const char *key;                           /* of pseudonyms */
};

/* Rows of a settings table whose struct @holder has such a member. */
#define REDACT_ROWS(holder, member)                                                             \
    {.name = "redact.drop",                                                                     \
     .type = SETTING_TEXT_LIST,                                                                 \
     .offset = offsetof(holder, member.drop),                                                   \
     .maximum = 64,                                                                             \
     .help = "Fields that are left out: title, description, source_ip, target_ip, user, host, " \
             "indicators, raw_payload, recommended_actions, event_ids, tags, group."},          \
        {.name = "redact.mask",                                                                 \
         .type = SETTING_TEXT_LIST,                                                             \
         .offset = offsetof(holder, member.mask),                                               \
         .maximum = 64,                                                                         \
         .help = "Fields whose text becomes ***."},                                             \
        {.name = "redact.pseudonymise",                                                         \
         .type = SETTING_TEXT_LIST,                                                             \
         .offset = offsetof(holder, member.pseudonymise),                                       \
         .maximum = 64,                                                                         \
         .help = "Fields whose text becomes a pseudonym, the same for the same text; `haechi "  \
                 "reveal` undoes it with the key."},                                            \
    {                                                                                           \
        .name = "redact.key", .type = SETTING_SECRET, .offset = offsetof(holder, member.key),   \
        .help = "Of pseudonyms: 128 hex digits, as `openssl rand -hex 64` makes them."          \
    }

/* Are the fields known, none named twice, and is there a key where one is needed? */
int redact_check(const struct redact_settings *settings, struct error *err);

struct redact;

/* @settings, which redact_check() found good, are borrowed. NULL with @err. */
struct redact *redact_new(const struct redact_settings *settings, struct error *err);
void redact_free(struct redact *redact); /* NULL is fine */
AUTO_FREE(redact)

/* Changes @alert; new texts are in @arena. */
void redact_apply(struct redact *redact, struct alert *alert, struct arena *arena);

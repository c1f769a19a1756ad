/* silence: the alerts of `expect:` rules: whose logs have stopped coming (correlation.md, docs).
 *
 * What becomes of each expected value is a record that all correlators share (base/watch.h, "a…"):
 * who puts the next one in the place of the one that it knows sends the alert that goes with it.
 *
 *     none -> opening -> open -> ending -> none
 *
 * Opening and ending are claims, until Kafka has the alert: one that is not confirmed within a
 * lease is claimed again, with the same content, so that nothing that was begun is lost and what
 * comes twice says the same. Pure; time is an argument.
 */
#pragma once

#include "base/alert.h"
#include "base/watch.h"
#include "correlator/actions.h"
#include "correlator/correlation.h"

enum silence_phase { SILENCE_NONE, SILENCE_OPENING, SILENCE_OPEN, SILENCE_ENDING };

/* Why logs cannot be judged. */
enum silence_cause {
    SILENCE_CAUSE_NONE,   /* they can: it is they that do not come */
    SILENCE_CAUSE_NOBODY, /* no detector lives that reads logs */
    SILENCE_CAUSE_BEHIND, /* one has not yet read all that there is, or left without a word */
};

struct silence_record {
    enum silence_phase phase;
    int64_t since_ms; /* when a log was last seen */
    int64_t back_ms;  /* ENDING: when one was seen again */
    int64_t at_ms;    /* OPENING, ENDING: when it was claimed */
    enum silence_cause cause;
};

/* Empty for NONE, and the other way round. False: it is no record. */
void silence_write(const struct silence_record *record, struct buf *out);
bool silence_read(struct text text, struct silence_record *record);

/* What is known of a value, or of whether logs are judged at all. */
struct silence_facts {
    int64_t seen_ms;  /* when a log was last seen; or until when logs were judged */
    int64_t until_ms; /* it is known up to here that there was none since; WATCH_NEVER: nothing is
                         known */
    int64_t since_ms; /* and looked for from here on */
    enum silence_cause cause;
    int64_t now_ms;
};

/* True: @next is to be put in the place of @record, and its alert is to be sent. */
bool silence_step(const struct silence_record *record, const struct silence_facts *facts,
                  int64_t within_ms, int64_t lease_ms, struct silence_record *next);
/* What is to be put in the place of a claim whose alert Kafka has. */
struct silence_record silence_confirmed(const struct silence_record *claim);

/* What its alert is made from. */
struct silence_case {
    const struct correlation *rule;
    struct text value; /* empty: it is about whether logs are judged at all */
    struct silence_record record;
    int64_t now_ms;
    const struct actions *actions; /* may be NULL */
    enum actions_language language;
};

/* In @arena, or borrowed from the rule. */
void silence_alert(const struct silence_case *of, struct arena *arena, struct alert *alert);

/* silence_claims: what a correlator puts in the place of what it knows of expected values
 * (silence.h): only one can. The alert of a claim is its own to send; when Kafka has that, Redis
 * hears of it with the next claims.
 */
#pragma once

#include "correlator/silence.h"
#include "io/redis.h"
#include "io/worker.h"

struct silence_claim {
    struct buf field, before, after;
    struct silence_record record;
    uint64_t number;
    size_t item; /* the caller's: what it is about */
};

struct silence_claims;

/* @redis is borrowed. */
struct silence_claims *silence_claims_new(struct redis *redis);
void silence_claims_free(struct silence_claims *claims);

/* Nothing is claimed. */
void silence_claims_begin(struct silence_claims *claims);
/* @next is to take the place of @record in @field. */
void silence_claims_make(struct silence_claims *claims, size_t item, struct text field,
                         const struct silence_record *record, const struct silence_record *next);
/* Asks Redis for all, and tells it what Kafka has. What is left are those that were won; on
 * failure none. */
int silence_claims_put(struct silence_claims *claims, struct error *err);

size_t silence_claims_count(const struct silence_claims *claims);
const struct silence_claim *silence_claims_at(const struct silence_claims *claims, size_t i);
/* For the alert of the claim at place @i, which is sent: it waits for Kafka. */
struct receipt silence_claims_receipt(struct silence_claims *claims, size_t i);

/* intel: threat intelligence in the detector: what a batch's logs name is held against the sieve,
 * and what may be an indicator against Redis, all of a batch in one round trip. */
#pragma once

#include "base/sieve.h"
#include "detector/detector_settings.h"
#include "detector/ioc_hit.h"
#include "detector/outside/finding.h"
#include "io/worker.h"

struct intel;

/* What one log names that may be known; in the batch's arena. */
struct intel_case {
    struct entry entry;
    struct text log; /* as it was sifted */
    struct suspect *suspects;
    size_t count;
    double reputation; /* of the source's address; negative: nothing is known */
};

/* @worker NULL: for a check. */
struct intel *intel_open(const struct detector_settings *settings, struct worker *worker);
void intel_close(struct intel *intel); /* NULL is fine */

/* Before a batch is sifted: a set of indicators that was found outdated when the last one was
 * confirmed is loaded anew. Between sifting and confirming it stays as it is. */
void intel_begin(struct intel *intel);

/* NULL: nothing in @log is suspicious, which costs no memory. Texts are borrowed from @log and
 * @arena. Adds to @counts. Any number of threads at a time, each with a @memory of its own, while
 * nothing else here is called. */
struct intel_case *intel_sift(const struct intel *intel, struct text log, const struct entry *entry,
                              struct sieve_memory *memory, struct arena *arena,
                              struct sieve_counts *counts);
/* Keeps what @log names for retro-hunts, if there are to be any. Likewise for any number of
 * threads. */
void intel_note(const struct intel *intel, const struct source *source, struct text log,
                const struct entry *entry, struct arena *arena);
/* Into the metrics. */
void intel_count(struct intel *intel, const struct sieve_counts *counts);

/* Adds to each finding with a case an event for each indicator that is known. RETRY with @err:
 * Redis is away and the settings say to wait. @origins: where the message of a finding stood. */
int intel_confirm(struct intel *intel, struct finding *findings, size_t count,
                  const struct batch *batch,
                  struct detect_origin (*origin)(const struct batch *, size_t), struct error *err);

/* For detect_finish(): @places, and what is known of the finding's source. Until the next call. */
const struct detect_lookups *intel_lookups(struct intel *intel, const struct finding *finding,
                                           const struct detect_lookups *places);

/* Takes in what changed; about once a second. */
void intel_tick(struct intel *intel, int64_t now_ms);

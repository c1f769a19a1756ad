/* examiner: one thread's part in looking through the logs of a batch: parsed, matched, sifted.
 *
 * Most logs end here: nothing found, their memory given back. What it finds stays in its own
 * memory, so that several can work at once; what is done about it is another's business.
 */
#pragma once

#include "detector/detector_settings.h"
#include "detector/outside/finding.h"
#include "detector/outside/inlets.h"
#include "detector/outside/intel.h"
#include "detector/outside/rulebook.h"
#include "detector/outside/watching.h"

/* What all examiners share, and only read. Borrowed. */
struct examiner_tools {
    const struct detector_settings *settings;
    const struct inlets *inlets;
    const struct detect *detect;
    const struct intel *intel;
    struct watching *watching; /* each uses its own part */
};

struct examiner;

/* @member: whose scratch of the rulebook is its. */
struct examiner *examiner_new(const struct examiner_tools *tools, size_t member);
void examiner_free(struct examiner *examiner); /* NULL is fine */

/* Before each batch: forgets what it found in the last one. */
void examiner_begin(struct examiner *examiner);

/* Looks through messages @begin to @end - 1 by the rules in force. */
void examiner_look(struct examiner *examiner, const struct rulebook *rulebook,
                   const struct batch *batch, size_t begin, size_t end);

/* What it found in this batch, in ascending order of messages. All is the examiner's, until it
 * begins the next. */
size_t examiner_findings(struct examiner *examiner, struct finding **findings);

/* Once a batch has succeeded: the logs without a match and what was sifted, into the metrics. */
void examiner_count(const struct examiner *examiner, struct intel *intel);

/* Where message @i of the batch stands. */
struct detect_origin examiner_origin(const struct batch *batch, size_t i);

/* rulebook: the rules in force, read from their files and exchanged as a whole.
 *
 * A new set is read, compiled and tested beside the old one, which stays where anything is wrong.
 * Belongs to the thread that handles batches, and is exchanged between two of them; meanwhile those
 * who examine a batch's logs may match by it, each with its own scratch.
 */
#pragma once

#include "base/metrics.h"
#include "detector/detector_settings.h"
#include "detector/engine.h"
#include "detector/quota.h"

struct rulebook;

/* Reads the rules, for @members that match by them at a time. @settings and @metrics are borrowed;
 * @metrics NULL: for a check, nothing is counted. NULL with @err: a rule is wrong. */
struct rulebook *rulebook_open(const struct detector_settings *settings, size_t members,
                               struct metrics *metrics, struct error *err);
void rulebook_close(struct rulebook *rulebook); /* NULL is fine */

/* Have the files changed since the rules were last read, well or not? */
bool rulebook_is_outdated(const struct rulebook *rulebook);
/* Reads them again, beside those in force. */
int rulebook_read(struct rulebook *rulebook, struct error *err);
/* Puts in force what rulebook_read() read well last. */
void rulebook_exchange(struct rulebook *rulebook);

const struct engine *rulebook_engine(const struct rulebook *rulebook);
struct engine_scratch *rulebook_scratch(const struct rulebook *rulebook, size_t member);
const struct ruleset *rulebook_rules(const struct rulebook *rulebook);
struct quota *rulebook_quota(const struct rulebook *rulebook);

/* Position of @rule, one of rulebook_rules(). */
size_t rulebook_index(const struct rulebook *rulebook, const struct rule *rule);
/* Counts a match of the rule at @index. */
void rulebook_count(const struct rulebook *rulebook, size_t index);
/* Brings the counters of patterns that ran into their limits up to date. */
void rulebook_count_limits(struct rulebook *rulebook);

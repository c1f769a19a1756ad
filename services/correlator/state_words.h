/* state_words: what groups' states are likely to hold, known to zstd before it begins.
 *
 * A state is short: most of it is words that are in it once, and in all others too. A part of the
 * form of states: changing a byte of it makes those that are stored unreadable.
 */
#pragma once

#include "base/text.h"

extern const struct text state_words;
/* What stands before them in a dictionary of zstd's: how often which byte and which length comes in
 * states, so that no state has to say it (state_tables.c). */
extern const struct text state_tables;

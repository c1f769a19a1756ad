/* user_agent_risk: how much a user agent looks like a program that nobody browses with.
 *
 * The scheme: 3 tenths for each group of words that occurs (crawlers, attack
 * tools, script libraries), 2 for a length under 10 or over 500 characters, 1 where no version
 * number stands, at most 10.
 */
#pragma once

#include "base/text.h"

/* In whole tenths, 0 to 10. @user_agent is not empty. */
int user_agent_risk(struct text user_agent);

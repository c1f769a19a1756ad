/* link: what rules say about each other, looked up when all files are read. */
#pragma once

#include "correlator/draft.h"

/* Finds the counts that rules name, and says which rules write alerts. On success there may be
 * @mistakes. */
int link_rules(struct reading *reading, struct draft *const *drafts, size_t count,
               struct mistakes *mistakes, struct error *err);

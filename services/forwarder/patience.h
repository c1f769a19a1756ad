/* patience: how long to wait before a target is asked again.
 *
 * Full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/): random
 * below a ceiling that doubles, so that lanes that lost the same target do not all come back at
 * once. What the target itself asks for (Retry-After, RFC 9110 §10.2.3) is kept.
 */
#pragma once

#include <stdint.h>

struct patience {
    int64_t first_ms, limit_ms;
    int64_t ceiling_ms; /* 0: nothing has failed */
};

enum { PATIENCE_ASKED_LIMIT_MS = 15 * 60 * 1000, PATIENCE_CONFIG_MS = 30 * 1000 };

/* Another failure: the wait in milliseconds. @asked_ms is the target's wish, 0 for none; @random is
 * any number. */
int64_t patience_wait(struct patience *patience, int64_t asked_ms, uint64_t random);
void patience_reset(struct patience *patience);

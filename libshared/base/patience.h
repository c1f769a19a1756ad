/* patience: back-off: how long to wait before something that failed is tried again.
 *
 * Full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/): random
 * below a ceiling that doubles, so that workers that lost the same thing do not all come back for
 * it at once. What the other side itself asks for (Retry-After, RFC 9110 §10.2.3) is kept.
 */
#pragma once

#include <stdint.h>

struct patience {
    int64_t first_ms, limit_ms;
    int64_t ceiling_ms; /* 0: nothing has failed */
};

enum { PATIENCE_ASKED_LIMIT_MS = 15 * 60 * 1000 };

/* Another failure: the wait in milliseconds. @asked_ms is the other side's wish, 0 for none;
 * @random is any number (io/chance.h). */
int64_t patience_wait(struct patience *patience, int64_t asked_ms, uint64_t random);
void patience_reset(struct patience *patience);

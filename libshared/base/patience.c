#include "base/patience.h"

int64_t patience_wait(struct patience *patience, int64_t asked_ms, uint64_t random)
{
    int64_t next_ms = patience->ceiling_ms ? patience->ceiling_ms * 2 : patience->first_ms;

    patience->ceiling_ms = next_ms < patience->limit_ms ? next_ms : patience->limit_ms;
    int64_t wait_ms = (int64_t)(random % (uint64_t)(patience->ceiling_ms + 1));

    if (asked_ms > PATIENCE_ASKED_LIMIT_MS)
        asked_ms = PATIENCE_ASKED_LIMIT_MS;
    return wait_ms > asked_ms ? wait_ms : asked_ms;
}

void patience_reset(struct patience *patience)
{
    patience->ceiling_ms = 0;
}

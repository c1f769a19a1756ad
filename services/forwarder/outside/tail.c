#include "forwarder/outside/tail.h"

enum { TAIL_BYTES = 512 * 1024 }; /* twice that is kept; a kernel's buffer is smaller as a rule */

void tail_done(struct tail *tail)
{
    buf_done(&tail->older);
    buf_done(&tail->newer);
}

void tail_keep(struct tail *tail, struct text sent, int64_t now_us)
{
    if (tail->newer.size + sent.size > TAIL_BYTES) {
        struct buf oldest = tail->older;

        tail->older = tail->newer;
        buf_reset(&oldest);
        tail->newer = oldest;
    }
    buf_add(&tail->newer, sent);
    tail->taken_us = now_us;
}

void tail_doubt(struct tail *tail)
{
    tail->is_doubtful = tail->newer.size + tail->older.size > 0;
}

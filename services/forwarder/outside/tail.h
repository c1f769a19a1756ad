/* tail: the end of what was sent over streams, which is kept through their connections and through
 * new settings: what the far side's kernel had, a daemon that ended may not have read. */
#pragma once

#include "base/buf.h"

/* Starts as {0}. */
struct tail {
    struct buf older, newer; /* what was sent last and taken by the far side's kernel */
    int64_t taken_us;        /* when the end of it was */
    bool is_doubtful;        /* somebody may not have read it: it has to be sent once more */
};

void tail_done(struct tail *tail);

/* @sent was taken at @now_us; of what was before it, the end is kept. */
void tail_keep(struct tail *tail, struct text sent, int64_t now_us);
/* A connection is lost on which it may still have been unread. */
void tail_doubt(struct tail *tail);

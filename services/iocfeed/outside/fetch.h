/* fetch: one HTTP request for a feed, politely and suspiciously. */
#pragma once

#include "iocfeed/feed.h"
#include "iocfeed/iocfeed_settings.h"

#include "base/buf.h"

/* What is kept between two requests for the same URL. */
struct fetch_memory {
    char etag[256], modified[64]; /* empty: none */
};

struct fetch_answer {
    long status;
    struct buf body; /* unpacked */
    struct fetch_memory memory;
    char date_added_last[64]; /* TAXII's header */
    char content_type[128];   /* empty: not said */
    int64_t retry_after_ms;   /* 0: not said */
};
void fetch_answer_done(struct fetch_answer *answer);

/* @memory NULL: not conditional. 0: there is an answer, of whatever status. Negative with @err:
 * none, or one that is too large, cut off, or no gzip after all. Secrets are in no text of @err.
 * Any thread. */
int fetch(const struct feed_settings *feed, const struct feed_request *request,
          const struct fetch_memory *memory, struct fetch_answer *answer, struct error *err);

/* The whole file, unpacked if it is gzip. */
int fetch_file(const struct feed_settings *feed, struct buf *body, struct error *err);

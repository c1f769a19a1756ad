/* harvest: one pass through a feed, from the first request to the verdict on the whole.
 *
 *     AUTO(harvest) harvest = harvest_new(&profile, lists, now, &sink, cursor, &err);
 *     while ((rc = harvest_ask(harvest, &request, &err)) > 0) {
 *         … fetch request …
 *         if ((rc = harvest_take(harvest, &answer, &err)) < 0) break;
 *     }
 *     if (rc == 0) rc = harvest_judge(harvest, &err);
 *
 * Sightings reach the sink while the harvest goes on; they are to be used only if the judge is
 * content.
 */
#pragma once

#include "base/buf.h"
#include "iocfeed/feed.h"
#include "iocfeed/intake.h"
#include "iocfeed/provider.h"

enum { HARVEST_MAX_PAGES = 10000 };

struct harvest {
    struct profile profile;          /* with what the provider adds */
    const struct provider *provider; /* NULL: none */
    const struct feed_ops *format;
    struct intake *intake;
    struct arena *arena; /* of the whole harvest */
    struct text cursor; /* where the last harvest of an incremental feed ended; empty: never read */
    struct buf next;    /* the format's: where the next harvest begins; empty: as before */
    struct text page;   /* the format's: what to ask for next */
    size_t pages;       /* asked for so far */
    bool is_complete;   /* what was not named is gone */
    void *state;        /* the format's, in the arena */
    void (*done)(void *state); /* frees what the state owns, NULL: nothing */
};

/* -EINVAL with @err, which says what there is, when @name is neither a format nor a provider. */
int harvest_check_format(struct text name, struct error *err);

/* NULL with @err when the format is unknown. @profile, @lists and @sink are borrowed. @cursor is
 * what harvest_cursor() gave after the last good harvest; empty: read everything. */
struct harvest *harvest_new(const struct profile *profile, const struct warning_lists *lists,
                            int64_t now_ms, const struct intake_sink *sink, struct text cursor,
                            struct error *err);
void harvest_free(struct harvest *harvest); /* NULL is fine */
AUTO_FREE(harvest)

/* 1: fetch @request; 0: that was all; negative with @err. */
int harvest_ask(struct harvest *harvest, struct feed_request *request, struct error *err);
/* -EBADMSG with @err: not what it should be (a page for people, cut off, another format). */
int harvest_take(struct harvest *harvest, const struct feed_answer *answer, struct error *err);
/* A body without asking: a file. */
int harvest_take_file(struct harvest *harvest, struct text body, struct error *err);

/* Whether what came may be used: enough of it was readable, not too much, and all that it says that
 * there is. */
int harvest_judge(const struct harvest *harvest, struct error *err);

/* To be kept beside the feed's set, for the next harvest. */
struct text harvest_cursor(const struct harvest *harvest);
/* Whether the sightings are the whole of the feed, so that what is not among them is gone. */
bool harvest_is_complete(const struct harvest *harvest);

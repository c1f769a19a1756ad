/* feed: one format in which indicators of compromise are published.
 *
 * A format *asks and parses*: it says what to fetch next and understands what came; it fetches
 * nothing. Each is one small file with a const feed_ops, in the list of feeds.c. Ready-made
 * feeds are rows of provider.c over these.
 *
 * The life of a harvest (harvest.h): ask → (the caller fetches) → parse → ask → … until ask has
 * nothing more to ask for.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

struct harvest;

/* What to fetch. Texts live until the next call. */
struct feed_request {
    struct text url;
    const char *method;       /* GET, POST */
    const char *accept;       /* NULL: anything */
    const char *content_type; /* of the body */
    struct text body;
};

/* What came. An answer other than 2xx never gets here, but for those of ask_again. */
struct feed_answer {
    struct text body;
    struct text date_added_last; /* TAXII's header; empty: none */
    bool is_html;                /* the server says so */
};

struct feed_ops {
    const char *name; /* `format:` in settings */
    /* Says only what changed since the last harvest: what it does not name is still there. */
    bool incremental;
    bool empty_is_404;                /* an empty page may be answered with 404 */
    const struct feed_ops *file_form; /* what a page of it in a file is read as; NULL: itself */
    /* Fills @request with what to fetch next: 1; 0: nothing more. NULL: one GET of the profile's
     * url. A negative errno with @err when the settings lack something. */
    int (*ask)(struct harvest *harvest, struct feed_request *request, struct error *err);
    /* Hands the rows of one body to the harvest's intake. -EBADMSG, POISON: the body as a whole is
     * not of this format; rows may have been taken by then, and the harvest is to be thrown away.
     */
    int (*parse)(struct harvest *harvest, const struct feed_answer *answer, struct error *err);
};

/* NULL: no such format. */
const struct feed_ops *feed_find(struct text name);
/* All, ended by NULL. */
extern const struct feed_ops *const feed_all[];
/* What @body looks like; never NULL. */
const struct feed_ops *feed_guess(struct text body);

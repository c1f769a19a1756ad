/* taxii: a collection of a TAXII 2.1 server (OASIS standard, 10 June 2021), page after page.
 *
 * The url is the collection's, …/collections/<id>/. Everything is asked for once, then what was
 * added since: the server's own time of the last page, a little before it; doubles do no harm.
 * Servers that do not say it get the time of our question.
 */
#include "iocfeed/feeds.h"

#include <errno.h>

#include "base/arena_json.h"
#include "base/moment.h"
#include "iocfeed/harvest.h"
#include "iocfeed/json_path.h"
#include "iocfeed/stix_objects.h"

#define MEDIA_TYPE "application/taxii+json;version=2.1"

enum { OVERLAP_MS = 60 * 1000, CLOCK_OVERLAP_MS = 10 * 60 * 1000 };

/* RFC 3986 §2.3: everything but unreserved characters is escaped. */
static void add_query(struct buf *url, const char *name, struct text value)
{
    buf_add_byte(url, text_find_byte(buf_text(url), '?') < url->size ? '&' : '?');
    buf_add_string(url, name);
    buf_add_byte(url, '=');
    for (size_t i = 0; i < value.size; i++) {
        unsigned char byte = (unsigned char)value.bytes[i];

        if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
            (byte >= '0' && byte <= '9') || (byte && strchr("-._~", byte)))
            buf_add_byte(url, (char)byte);
        else
            buf_addf(url, "%%%02X", byte);
    }
}

static int taxii_ask(struct harvest *harvest, struct feed_request *request, struct error *err)
{
    struct text base = text_of(harvest->profile.url);
    AUTO_BUF url = {0};

    if (harvest->pages > 0 && harvest->page.size == 0) {
        stix_objects_finish(harvest);
        return 0;
    }
    if (text_find(base, TEXT("/collections/")) == base.size)
        return error_set(err, -EINVAL,
                         "feed '%s': url is '%.*s'; it must be that of a collection, "
                         "https://…/collections/<id>/",
                         harvest->profile.name, TEXT_ARG(base));
    buf_add(&url, base);
    if (!text_ends(base, TEXT("/")))
        buf_add_byte(&url, '/');
    if (!text_ends(base, TEXT("/objects/")) && !text_ends(base, TEXT("/objects")))
        buf_add_string(&url, "objects/");
    add_query(&url, "match%5Btype%5D", TEXT("indicator"));
    add_query(&url, "limit", TEXT("1000"));
    if (harvest->cursor.size)
        add_query(&url, "added_after", harvest->cursor);
    if (harvest->page.size)
        add_query(&url, "next", harvest->page);
    request->url = arena_copy(harvest->arena, buf_text(&url));
    request->accept = MEDIA_TYPE;
    return 1;
}

static void note_position(struct harvest *harvest, struct text last)
{
    int64_t ms = row_time(last);

    ms = ms == RECORD_NULL ? intake_now(harvest->intake) - CLOCK_OVERLAP_MS : ms - OVERLAP_MS;
    buf_reset(&harvest->next);
    moment_write(ms, &harvest->next);
}

/* What to ask for next. A server that gives the same again would be asked for ever. */
static int turn_page(struct harvest *harvest, yyjson_val *root, struct error *err)
{
    yyjson_val *next = yyjson_obj_get(root, "next");
    AUTO_BUF scratch = {0};
    struct text page = {0};

    if (yyjson_get_bool(yyjson_obj_get(root, "more")))
        json_path_scalar(next, &scratch, &page);
    if (page.size && text_equal(page, harvest->page))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "the server says again and again that page '%.*s' is next",
                               TEXT_ARG(page));
    harvest->page = arena_copy(harvest->arena, page);
    return 0;
}

static int taxii_parse(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    AUTO(arena) arena = arena_new(256 * 1024);
    yyjson_val *root;

    if (text_trim(answer->body).size == 0) { /* 404: no such objects */
        harvest->page = (struct text){0};
        return 0;
    }
    root = arena_json_read(arena, answer->body, err);
    if (!root)
        return -EBADMSG;
    if (!yyjson_is_obj(root) || (yyjson_obj_size(root) > 0 && !yyjson_obj_get(root, "objects") &&
                                 !yyjson_obj_get(root, "more")))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "no TAXII envelope: `more`, `next` and `objects` are looked for");
    stix_objects_add(harvest, yyjson_obj_get(root, "objects"));
    note_position(harvest, answer->date_added_last);
    return turn_page(harvest, root, err);
}

const struct feed_ops feed_taxii = {.name = "taxii",
                                    .incremental = true,
                                    .empty_is_404 = true,
                                    .ask = taxii_ask,
                                    .parse = taxii_parse};

/* taxii: collections of a TAXII 2.1 server (OASIS standard, 10 June 2021), page after page.
 *
 * The url is a collection's, …/collections/<id>/; or that of an API root or of the discovery
 * (…/taxii2/), of which all collections are read that may be. Everything is asked for once, then
 * what was added since: the server's own time of the last page, a little before it; doubles do no
 * harm. Servers that do not say it get the time of our question.
 *
 * The cursor is a line for each collection: its url, a blank, the time.
 */
#include "iocfeed/feeds.h"

#include <errno.h>
#include <stdlib.h>

#include "base/arena_json.h"
#include "base/ascii.h"
#include "base/moment.h"
#include "iocfeed/harvest.h"
#include "iocfeed/json_path.h"
#include "iocfeed/key_index.h"
#include "iocfeed/page_url.h"
#include "iocfeed/stix_objects.h"

#define MEDIA_TYPE "application/taxii+json;version=2.1"
#define COLLECTIONS "collections/"

enum { OVERLAP_MS = 60 * 1000, CLOCK_OVERLAP_MS = 10 * 60 * 1000, MOST_TARGETS = 1000 };

/* Something to ask: a collection, or what leads to some. Texts are in the harvest's arena. */
struct target {
    struct text url; /* ends with '/' */
    bool is_collection;
    struct text since; /* as the cursor has it; empty: never read */
    int64_t position;  /* what to ask from the next time */
};

struct taxii {
    struct stix_objects *objects;
    struct target *targets;
    size_t count, capacity;
    size_t at;         /* the one that is asked */
    size_t found;      /* collections */
    struct text query; /* of its next page: "next=…"; empty: it has none, or is not begun */
    uint64_t page;     /* hash of the last */
    bool is_begun;
};

static void state_done(void *self)
{
    struct taxii *taxii = self;

    stix_objects_free(taxii->objects);
    free(taxii->targets);
}

/* Where the last harvest of the collection ended. */
static struct text since_of(const struct harvest *harvest, struct text url)
{
    struct text rest = harvest->cursor, line;

    while (text_split(&rest, '\n', &line)) {
        size_t blank = text_find_byte(line, ' ');

        if (text_equal(text_slice(line, 0, blank), url))
            return text_slice(line, blank + 1, line.size);
    }
    return (struct text){0};
}

static void add_target(struct harvest *harvest, struct text url, bool is_collection)
{
    struct taxii *taxii = harvest->state;

    if (taxii->count == MOST_TARGETS)
        return;
    if (!text_ends(url, TEXT("/")))
        url = arena_textf(harvest->arena, "%.*s/", TEXT_ARG(url));
    taxii->targets =
        mem_grow(taxii->targets, taxii->count, &taxii->capacity, sizeof(*taxii->targets));
    taxii->targets[taxii->count++] =
        (struct target){.url = url,
                        .is_collection = is_collection,
                        .since = is_collection ? since_of(harvest, url) : (struct text){0},
                        .position = intake_now(harvest->intake) - CLOCK_OVERLAP_MS};
    taxii->found += is_collection;
}

/* …/collections/<id>/, without the "objects/" that some write behind it. */
static void begin(struct harvest *harvest)
{
    struct text url = text_of(harvest->profile.url);

    harvest->state = ARENA_NEW(harvest->arena, struct taxii);
    harvest->done = state_done;
    ((struct taxii *)harvest->state)->objects = stix_objects_new();
    if (text_ends(url, TEXT("/objects/")))
        url.size -= strlen("objects/");
    else if (text_ends(url, TEXT("/objects")))
        url.size -= strlen("objects");
    add_target(harvest, url,
               text_find(url, TEXT("/" COLLECTIONS)) + strlen("/" COLLECTIONS) < url.size);
}

static struct text page_of(struct harvest *harvest, const struct target *target, struct text query)
{
    AUTO_BUF url = {0};

    buf_add(&url, target->url);
    if (target->is_collection) {
        buf_add_string(&url, "objects/");
        page_url_add_query(&url, "match%5Btype%5D", TEXT("indicator"));
        page_url_add_query(&url, "limit", TEXT("1000"));
        if (target->since.size && !text_starts(query, TEXT("added_after=")))
            page_url_add_query(&url, "added_after", target->since);
        if (query.size)
            buf_addf(&url, "&%.*s", TEXT_ARG(query));
    }
    return arena_copy(harvest->arena, buf_text(&url));
}

static void write_cursor(struct harvest *harvest, const struct taxii *taxii)
{
    for (size_t i = 0; i < taxii->count; i++) {
        if (!taxii->targets[i].is_collection)
            continue;
        buf_addf(&harvest->next, "%.*s ", TEXT_ARG(taxii->targets[i].url));
        moment_write(taxii->targets[i].position, &harvest->next);
        buf_add_byte(&harvest->next, '\n');
    }
}

static int finish(struct harvest *harvest, const struct taxii *taxii, struct error *err)
{
    if (taxii->found == 0)
        return error_set_class(err, ERROR_CONFIG, -ENOENT,
                               "the server names no collection that may be read at '%s', nor at "
                               "the API roots that it names; is the url right, and the user "
                               "allowed to?",
                               harvest->profile.url);
    stix_objects_finish(taxii->objects, harvest);
    write_cursor(harvest, taxii);
    return 0;
}

static int taxii_ask(struct harvest *harvest, struct feed_request *request, struct error *err)
{
    struct taxii *taxii;

    if (!harvest->profile.url || !harvest->profile.url[0])
        return error_set(err, -EINVAL, "feed '%s' has no url", harvest->profile.name);
    if (!harvest->state)
        begin(harvest);
    taxii = harvest->state;
    if (taxii->is_begun && taxii->query.size == 0) {
        taxii->is_begun = false;
        taxii->at++;
    }
    if (taxii->at == taxii->count)
        return finish(harvest, taxii, err);
    taxii->is_begun = true;
    request->url = page_of(harvest, &taxii->targets[taxii->at], taxii->query);
    request->accept = MEDIA_TYPE;
    return 1;
}

/* What leads to collections. */

/* It becomes a path: nothing else may. */
static bool is_id(struct text id)
{
    for (size_t i = 0; i < id.size; i++) {
        char byte = id.bytes[i];

        if (!ascii_is_alnum(byte) && byte != '-' && byte != '_')
            return false;
    }
    return id.size > 0;
}

/* An API root on another server is not followed: it would be sent the password. */
static void take_roots(struct harvest *harvest, struct text base, yyjson_val *roots)
{
    struct text origin = page_url_origin(text_of(harvest->profile.url));
    yyjson_val *root;
    size_t i, max;

    yyjson_arr_foreach(roots, i, max, root)
    {
        struct text url = page_url_resolve(base, json_path_text(root), harvest->arena);
        const char *slash = text_ends(url, TEXT("/")) ? "" : "/";

        if (text_equal(page_url_origin(url), origin))
            add_target(harvest,
                       arena_textf(harvest->arena, "%.*s%s" COLLECTIONS, TEXT_ARG(url), slash),
                       false);
    }
}

static void take_collections(struct harvest *harvest, struct text base, yyjson_val *collections)
{
    yyjson_val *collection;
    size_t i, max;

    yyjson_arr_foreach(collections, i, max, collection)
    {
        struct text id = json_path_text(yyjson_obj_get(collection, "id"));

        if (is_id(id) && !yyjson_is_false(yyjson_obj_get(collection, "can_read")))
            add_target(harvest,
                       arena_textf(harvest->arena, "%.*s%.*s/", TEXT_ARG(base), TEXT_ARG(id)),
                       true);
    }
}

static int take_document(struct harvest *harvest, struct text url, yyjson_val *root,
                         struct error *err)
{
    yyjson_val *roots = yyjson_obj_get(root, "api_roots");

    if (yyjson_obj_get(root, "versions")) /* an API root */
        add_target(harvest, arena_textf(harvest->arena, "%.*s" COLLECTIONS, TEXT_ARG(url)), false);
    else if (yyjson_is_arr(roots))
        take_roots(harvest, url, roots);
    else if (text_ends(url, TEXT("/" COLLECTIONS))) /* may name none */
        take_collections(harvest, url, yyjson_obj_get(root, "collections"));
    else
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "'%.*s' is neither a TAXII 2.1 discovery nor an API root nor a "
                               "collection",
                               TEXT_ARG(url));
    return 0;
}

/* Pages of a collection. */

/* `next` may be the same for all pages, where the server knows how far we are (medallion); one that
 * gives the same page again would be asked for ever. A server that has more and no `next` is asked
 * for what was added after the last that it gave. */
static int turn_page(struct harvest *harvest, struct taxii *taxii, yyjson_val *root,
                     const struct feed_answer *answer, struct error *err)
{
    uint64_t page_hash = key_index_hash(answer->body, 0);
    struct text last = answer->date_added_last;
    AUTO_BUF scratch = {0}, query = {0};
    struct text next = {0};

    if (yyjson_get_bool(yyjson_obj_get(root, "more"))) {
        if (json_path_scalar(yyjson_obj_get(root, "next"), &scratch, &next) && next.size)
            page_url_add_query(&query, "next", next);
        else if (last.size)
            page_url_add_query(&query, "added_after", last);
    }
    struct text page = text_slice(buf_text(&query), 1, query.size); /* page_of() has begun it */

    if (page.size && text_equal(page, taxii->query) && page_hash == taxii->page)
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "the server says again and again that page '%.*s' is next",
                               TEXT_ARG(page));
    taxii->query = arena_copy(harvest->arena, page);
    taxii->page = page_hash;
    return 0;
}

static int take_page(struct harvest *harvest, struct taxii *taxii, yyjson_val *root,
                     const struct feed_answer *answer, struct error *err)
{
    int64_t added = row_time(answer->date_added_last);
    struct text title = json_path_text(yyjson_obj_get(root, "title"));

    if (title.size && yyjson_obj_get(root, "http_status")) /* with 404, which may also mean none */
        return error_set_class(err, ERROR_RETRY, -ENOENT, "the server says '%.*s': %.*s",
                               TEXT_ARG(title),
                               TEXT_ARG(json_path_text(yyjson_obj_get(root, "description"))));
    if (!yyjson_is_obj(root) || (yyjson_obj_size(root) > 0 && !yyjson_obj_get(root, "objects") &&
                                 !yyjson_obj_get(root, "more")))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "no TAXII envelope: `more`, `next` and `objects` are looked for");
    stix_objects_add(taxii->objects, harvest, yyjson_obj_get(root, "objects"));
    if (added != RECORD_NULL)
        taxii->targets[taxii->at].position = added - OVERLAP_MS;
    return turn_page(harvest, taxii, root, answer, err);
}

static int taxii_parse(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    AUTO(arena) arena = arena_new(256 * 1024);
    struct taxii *taxii = harvest->state;
    const struct target target = taxii->targets[taxii->at];
    yyjson_val *root;

    if (target.is_collection && text_trim(answer->body).size == 0) { /* 404: none */
        taxii->query = (struct text){0};
        return 0;
    }
    root = arena_json_read(arena, answer->body, err);
    if (!root)
        return -EBADMSG;
    return target.is_collection ? take_page(harvest, taxii, root, answer, err)
                                : take_document(harvest, target.url, root, err);
}

const struct feed_ops feed_taxii = {.name = "taxii",
                                    .incremental = true,
                                    .empty_is_404 = true,
                                    .file_form = &feed_stix,
                                    .ask = taxii_ask,
                                    .parse = taxii_parse};

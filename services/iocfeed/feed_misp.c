/* misp: a MISP feed directory: manifest.json, and <uuid>.json for each event in it.
 *
 * The url is the directory's, or the manifest's. Events are fetched once, and again when their
 * timestamp in the manifest grows; the cursor is the list of those that were read, "uuid timestamp"
 * a line. An event alone (a file) is taken as it is.
 */
#include "iocfeed/feeds.h"

#include <errno.h>
#include <stdlib.h>

#include "base/arena_json.h"
#include "iocfeed/harvest.h"
#include "iocfeed/json_path.h"
#include "iocfeed/key_index.h"
#include "iocfeed/misp_event.h"

struct event {
    struct text uuid;
    int64_t timestamp;
};

struct misp_state {
    struct event *events; /* of the manifest, to be fetched */
    size_t count, capacity;
    size_t next;
    struct event *known; /* of the cursor */
    size_t known_count, known_capacity;
    struct key_index index; /* of known */
};

static void state_done(void *self)
{
    struct misp_state *state = self;

    key_index_done(&state->index);
    free(state->events);
    free(state->known);
}

static struct text key_of(const void *self, size_t position)
{
    return ((const struct misp_state *)self)->known[position].uuid;
}

static void read_cursor(struct harvest *harvest, struct misp_state *state)
{
    struct text rest = harvest->cursor, line;

    while (text_split(&rest, '\n', &line)) {
        size_t blank = text_find_byte(line, ' ');
        struct event event = {.uuid = text_slice(line, 0, blank)};

        if (!text_to_integer(text_slice(line, blank + 1, line.size), &event.timestamp) ||
            key_index_find(&state->index, event.uuid, key_of, state) >= 0)
            continue;
        state->known =
            mem_grow(state->known, state->known_count, &state->known_capacity, sizeof(event));
        state->known[state->known_count] = event;
        key_index_add(&state->index, state->known_count, key_of, state);
        state->known_count++;
    }
}

static struct misp_state *state_of(struct harvest *harvest)
{
    if (!harvest->state) {
        harvest->state = ARENA_NEW(harvest->arena, struct misp_state);
        harvest->done = state_done;
        read_cursor(harvest, harvest->state);
    }
    return harvest->state;
}

/* RFC 9562's form. It becomes a path: nothing else may. */
static bool is_uuid(struct text t)
{
    if (t.size != 36)
        return false;
    for (size_t i = 0; i < t.size; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? t.bytes[i] != '-' : !t.bytes[i] || !strchr("0123456789abcdefABCDEF", t.bytes[i]))
            return false;
    }
    return true;
}

/* The directory, with its slash. */
static struct text base_of(struct harvest *harvest)
{
    struct text url = text_of(harvest->profile.url);

    if (text_ends(url, TEXT("manifest.json")))
        return text_slice(url, 0, url.size - 13);
    return text_ends(url, TEXT("/")) ? url
                                     : arena_textf(harvest->arena, "%s/", harvest->profile.url);
}

static int misp_ask(struct harvest *harvest, struct feed_request *request, struct error *err)
{
    struct misp_state *state = state_of(harvest);
    struct text base;

    if (!harvest->profile.url || !harvest->profile.url[0])
        return error_set(err, -EINVAL, "feed '%s' has no url", harvest->profile.name);
    base = base_of(harvest);
    request->accept = "application/json";
    if (harvest->pages == 0) {
        request->url = arena_textf(harvest->arena, "%.*smanifest.json", TEXT_ARG(base));
        return 1;
    }
    if (state->next == state->count)
        return 0;
    request->url = arena_textf(harvest->arena, "%.*s%.*s.json", TEXT_ARG(base),
                               TEXT_ARG(state->events[state->next].uuid));
    state->next++;
    return 1;
}

static bool is_read(const struct misp_state *state, const struct event *event)
{
    int64_t known = key_index_find(&state->index, event->uuid, key_of, state);

    return known >= 0 && state->known[known].timestamp >= event->timestamp;
}

static void take_manifest(struct harvest *harvest, yyjson_val *manifest)
{
    struct misp_state *state = state_of(harvest);
    yyjson_val *key, *value;
    size_t i, max;

    yyjson_obj_foreach(manifest, i, max, key, value)
    {
        struct event event = {.uuid = json_path_text(key)};
        AUTO_BUF scratch = {0};
        struct text time;

        if (!is_uuid(event.uuid)) {
            intake_refuse(harvest->intake, INTAKE_BAD, "bad_uuid",
                          "is the name of an event, but no UUID: not fetched", event.uuid, 0);
            continue;
        }
        if (json_path_scalar(yyjson_obj_get(value, "timestamp"), &scratch, &time))
            text_to_integer(time, &event.timestamp);
        if (event.timestamp > 0 && event.timestamp < 253402300800)
            intake_set_content_time(harvest->intake, event.timestamp * 1000);
        buf_addf(&harvest->next, "%.*s %lld\n", TEXT_ARG(event.uuid), (long long)event.timestamp);
        if (is_read(state, &event))
            continue;
        event.uuid = arena_copy(harvest->arena, event.uuid);
        state->events =
            mem_grow(state->events, state->count, &state->capacity, sizeof(*state->events));
        state->events[state->count++] = event;
    }
}

/* {"<uuid>": {"info", "timestamp", …}, …} */
static bool is_manifest(yyjson_val *root)
{
    yyjson_val *key, *value;
    size_t i, max;

    yyjson_obj_foreach(root, i, max, key, value)
    {
        if (!yyjson_is_obj(value) || !yyjson_obj_get(value, "timestamp"))
            return false;
    }
    return yyjson_is_obj(root) && !yyjson_obj_get(root, "Event");
}

static int misp_parse(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    AUTO(arena) arena = arena_new(256 * 1024);
    yyjson_val *root = arena_json_read(arena, answer->body, err);

    if (!root)
        return -EBADMSG;
    if (harvest->pages <= 1 && is_manifest(root))
        take_manifest(harvest, root);
    else if (!misp_event_take_any(harvest, root))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "neither a MISP manifest nor an event, nor a list of either");
    return 0;
}

const struct feed_ops feed_misp = {
    .name = "misp", .incremental = true, .ask = misp_ask, .parse = misp_parse};

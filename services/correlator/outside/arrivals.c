#include "correlator/outside/arrivals.h"

#include <errno.h>
#include <stdlib.h>

#include "correlator/windows.h"

/* A message, read. */
struct arrival {
    struct event event;
    const char *code; /* why it is refused; NULL: it is not */
    struct text sentence;
};

struct arrivals {
    struct codec *codec;
    struct pacing *pacing;
    struct arrival *items; /* of the batch */
    size_t capacity;
    const size_t *order; /* of those to deal with now */
    size_t count;
    struct event *events; /* the events among them */
    size_t *messages;     /* where each of these came from */
    size_t event_count;
};

struct arrivals *arrivals_new(struct codec *codec, struct pacing *pacing)
{
    struct arrivals *arrivals = mem_zero(sizeof(*arrivals));

    arrivals->codec = codec;
    arrivals->pacing = pacing;
    return arrivals;
}

void arrivals_free(struct arrivals *arrivals)
{
    if (!arrivals)
        return;
    free(arrivals->items);
    free(arrivals->events);
    free(arrivals->messages);
    free(arrivals);
}

static bool is_possible(const struct event *event)
{
    return event->event_id.size > 0 && event->event_time >= WINDOWS_EARLIEST_MS &&
           event->event_time <= WINDOWS_LATEST_MS;
}

static int read_one(struct arrivals *arrivals, struct batch *batch, size_t i, struct error *err)
{
    struct arrival *arrival = &arrivals->items[i];
    int result = codec_decode(arrivals->codec, &event_type, batch->messages[i].value, batch->arena,
                              &arrival->event, err);

    arrival->code = NULL;
    if (result < 0 && err->class != ERROR_POISON)
        return result;
    if (result < 0) {
        arrival->code = "undecodable";
        arrival->sentence = arena_textf(batch->arena, "%s", err->text);
    } else if (!is_possible(&arrival->event)) {
        arrival->code = "invalid";
        arrival->sentence =
            TEXT("an event must have an event_id, and an event_time from the year 1 to 9999");
    }
    pacing_set(arrivals->pacing, batch, i,
               arrival->code ? PACE_UNKNOWN : arrival->event.event_time);
    return 0;
}

static void make_room(struct arrivals *arrivals, size_t count)
{
    if (count <= arrivals->capacity)
        return;
    arrivals->capacity = count;
    arrivals->items = mem_resize(arrivals->items, count * sizeof(*arrivals->items));
    arrivals->events = mem_resize(arrivals->events, count * sizeof(*arrivals->events));
    arrivals->messages = mem_resize(arrivals->messages, count * sizeof(*arrivals->messages));
}

int arrivals_read(struct arrivals *arrivals, struct batch *batch, struct error *err)
{
    make_room(arrivals, batch->count);
    pacing_begin(arrivals->pacing, batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        if (read_one(arrivals, batch, i, err) < 0)
            return -EAGAIN;
    }
    arrivals->count = pacing_plan(arrivals->pacing, batch, &arrivals->order);
    arrivals->event_count = 0;
    for (size_t k = 0; k < arrivals->count; k++) {
        size_t i = arrivals->order[k];

        if (arrivals->items[i].code)
            continue;
        arrivals->events[arrivals->event_count] = arrivals->items[i].event;
        arrivals->messages[arrivals->event_count++] = i;
    }
    return 0;
}

size_t arrivals_events(const struct arrivals *arrivals, const struct event **events)
{
    *events = arrivals->events;
    return arrivals->event_count;
}

size_t arrivals_message(const struct arrivals *arrivals, size_t event)
{
    return arrivals->messages[event];
}

void arrivals_reject(const struct arrivals *arrivals, struct batch *batch)
{
    for (size_t k = 0; k < arrivals->count; k++) {
        const struct arrival *arrival = &arrivals->items[arrivals->order[k]];

        if (arrival->code)
            worker_reject(batch, arrivals->order[k], arrival->code, arrival->sentence.bytes);
    }
}

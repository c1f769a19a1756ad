#include "correlator/state_list.h"

#include <stdlib.h>

enum { MOST_NAMED = 64 * 1024 * 1024 }; /* one event may be named more than once */

void state_list_append(struct sightings *list, struct sighting *event)
{
    list->items = mem_grow(list->items, list->count, &list->capacity, sizeof(struct sighting *));
    list->items[list->count++] = event;
}

int64_t state_list_last_ms(const struct sightings *list)
{
    return list->count > 0 ? list->items[list->count - 1]->event.event_time : 0;
}

void state_list_done(struct state_list *list)
{
    payload_state_done(&list->payloads);
    free(list->events.items);
}

void state_list_begin(struct state_list *list)
{
    list->mark++;
    list->events.count = 0;
}

void state_list_add(struct state_list *list, struct sighting *event)
{
    if (event->mark == list->mark)
        return;
    event->mark = list->mark;
    state_list_append(&list->events, event);
}

static int in_order(const void *a, const void *b)
{
    const struct sighting *const *x = a, *const *y = b;

    return sighting_compare(*x, (*y)->event.event_time, (*y)->event.event_id);
}

static bool is_sorted(const struct sightings *list)
{
    for (size_t i = 1; i < list->count; i++) {
        if (in_order(&list->items[i - 1], &list->items[i]) > 0)
            return false;
    }
    return true;
}

void state_list_write(struct state_list *list, struct pack *pack)
{
    struct sightings *events = &list->events;
    const struct event *before = NULL;

    if (!is_sorted(events))
        qsort(events->items, events->count, sizeof(struct sighting *), in_order);
    payload_state_begin(&list->payloads);
    pack_number(pack, events->count);
    for (size_t i = 0; i < events->count; i++) {
        events->items[i]->place = i;
        event_state_write(pack, &list->payloads, events->items[i], before, list->shown);
        before = &events->items[i]->event;
    }
}

/* Places, mostly one behind the other: as runs of how far to jump, and how many follow. */
void state_list_write_places(const struct sightings *named, struct pack *pack)
{
    size_t next = 0;

    pack_number(pack, named->count);
    for (size_t i = 0, run; i < named->count; i += run) {
        size_t first = named->items[i]->place;

        for (run = 1; i + run < named->count && named->items[i + run]->place == first + run; run++)
            continue;
        pack_signed(pack, (int64_t)first - (int64_t)next);
        pack_number(pack, run);
        next = first + run;
    }
}

void state_list_read(struct state_list *list, struct text tenant, struct unpack *unpack)
{
    size_t count = pack_read_count(unpack);
    struct event event, before;

    list->events.count = 0;
    payload_state_begin(&list->payloads);
    for (size_t i = 0; i < count && !unpack->is_broken; i++) {
        event_state_read(unpack, &list->payloads, i ? &before : NULL, tenant, &event,
                         unpack->copies);
        state_list_append(&list->events, sighting_new(&event));
        before = event;
    }
}

void state_list_read_places(const struct state_list *list, struct sightings *named,
                            struct unpack *unpack)
{
    size_t count = (size_t)pack_read_limited(unpack, MOST_NAMED), next = 0;

    named->count = 0;
    while (named->count < count && !unpack->is_broken) {
        uint64_t first = (uint64_t)next + (uint64_t)pack_read_signed(unpack);
        uint64_t run = pack_read_limited(unpack, count - named->count);

        if (run == 0 || first >= list->events.count || run > list->events.count - first) {
            unpack->is_broken = true;
            return;
        }
        for (size_t i = 0; i < run; i++)
            state_list_append(named, list->events.items[first + i]);
        next = (size_t)(first + run);
    }
}

void state_list_leave(struct state_list *list)
{
    while (list->events.count > 0)
        sighting_leave(list->events.items[--list->events.count]);
}

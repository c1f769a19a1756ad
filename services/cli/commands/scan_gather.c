#include "cli/commands/scan_gather.h"

#include <stdlib.h>

#include "base/record_avro.h"
#include "base/record_avro_plan.h"

enum { ARENA_BLOCK = 64 * 1024, ARENA_KEPT = 1024 * 1024, FULL_AT = 512 * 1024 * 1024 };

/* Where one is. */
struct gathered {
    int64_t at_ms;
    size_t from, size;
};

struct scan_gather {
    struct record_avro_plan *plan;
    struct buf bytes;
    struct gathered *items;
    size_t count, capacity;
    struct arena *arena; /* of the one being given */
};

struct scan_gather *scan_gather_new(void)
{
    struct scan_gather *gather = mem_zero(sizeof(*gather));
    AUTO_BUF schema = {0};

    record_avro_schema(&event_type, &schema);
    gather->plan = record_avro_plan_new(&event_type, buf_text(&schema), NULL);
    gather->arena = arena_new(ARENA_BLOCK);
    return gather;
}

void scan_gather_free(struct scan_gather *gather)
{
    if (!gather)
        return;
    record_avro_plan_free(gather->plan);
    buf_done(&gather->bytes);
    free(gather->items);
    arena_free(gather->arena);
    free(gather);
}

void scan_gather_add(struct scan_gather *gather, const struct event *event)
{
    size_t from = gather->bytes.size;

    record_avro_write(&event_type, event, &gather->bytes);
    gather->items =
        mem_grow(gather->items, gather->count, &gather->capacity, sizeof(*gather->items));
    gather->items[gather->count++] =
        (struct gathered){event->event_time, from, gather->bytes.size - from};
}

bool scan_gather_is_full(const struct scan_gather *gather)
{
    return gather->bytes.size + gather->count * sizeof(*gather->items) >= FULL_AT;
}

static int by_time(const void *a, const void *b)
{
    const struct gathered *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

void scan_gather_give(struct scan_gather *gather,
                      void (*take)(void *self, const struct event *event), void *self)
{
    if (gather->count > 0)
        qsort(gather->items, gather->count, sizeof(*gather->items), by_time);
    for (size_t i = 0; i < gather->count; i++) {
        const struct gathered *item = &gather->items[i];
        struct text bytes = {gather->bytes.bytes + item->from, item->size};
        struct event event;

        arena_reset(gather->arena, ARENA_KEPT);
        record_set_defaults(&event_type, &event);
        /* It reads what it wrote. */
        if (record_avro_plan_read(gather->plan, bytes, gather->arena, &event, NULL) == 0)
            take(self, &event);
    }
    gather->count = 0;
    buf_reset(&gather->bytes);
}

#include "correlator/attack_types.h"

#include <stdlib.h>

#include "base/mem.h"
#include "correlator/owned.h"

static void attack_type_done(struct attack_type *type)
{
    times_done(&type->times);
    owned_free(type->type);
}

void attack_types_done(struct attack_types *types)
{
    for (size_t i = 0; i < types->count; i++)
        attack_type_done(&types->items[i]);
    free(types->items);
    *types = (struct attack_types){0};
}

static struct attack_type *of(struct attack_types *types, struct text type)
{
    for (size_t i = 0; i < types->count; i++) {
        if (text_equal(types->items[i].type, type))
            return &types->items[i];
    }
    types->items = mem_grow(types->items, types->count, &types->capacity, sizeof(*types->items));
    types->items[types->count] = (struct attack_type){.type = owned_copy(type)};
    return &types->items[types->count++];
}

static void forget(struct attack_types *types, int64_t before_ms)
{
    for (size_t i = types->count; i-- > 0;) {
        struct times *times = &types->items[i].times;

        times_drop_before(times, before_ms);
        if (times->count > 0)
            continue;
        attack_type_done(&types->items[i]);
        types->items[i] = types->items[--types->count];
    }
}

void attack_types_add(struct attack_types *types, struct text type, int64_t at_ms, int64_t keep_ms,
                      size_t limit)
{
    types->keep_ms = keep_ms;
    types->limit = limit;
    if (types->count == 0 || at_ms > types->newest_ms)
        types->newest_ms = at_ms;
    if (at_ms < types->newest_ms - keep_ms)
        return;
    struct times *times = &of(types, type)->times;

    if (!times_any_within(times, at_ms, at_ms))
        times_add(times, at_ms);
    if (times->count > limit)
        times_drop(times, times_at(times, 0));
    forget(types, types->newest_ms - keep_ms);
}

bool attack_types_other_within(const struct attack_types *types, struct text type, int64_t from_ms,
                               int64_t to_ms)
{
    for (size_t i = 0; i < types->count; i++) {
        if (!text_equal(types->items[i].type, type) &&
            times_any_within(&types->items[i].times, from_ms, to_ms))
            return true;
    }
    return false;
}

void attack_types_restore(struct attack_types *types, struct text type, int64_t at_ms)
{
    times_add(&of(types, type)->times, at_ms);
}

#include "iocfeed/outside/desk_expiry.h"

#include <stdlib.h>

#include "iocfeed/merge.h"

enum { AT_ONCE = 20000, EVERY_MS = 60000, ARENA_BLOCK = 1 << 16, ARENA_KEPT = 1 << 20 };

struct desk_expiry {
    const struct table *table;
    struct arena *arena; /* of one record */
    size_t at;           /* of the table */
    int64_t due_ms;
    struct counter *expired;
};

struct desk_expiry *desk_expiry_new(const struct table *table, struct metrics *metrics)
{
    struct desk_expiry *expiry = mem_zero(sizeof(*expiry));

    expiry->table = table;
    expiry->arena = arena_new(ARENA_BLOCK);
    expiry->expired = metrics_counter(metrics, "haechi_iocfeed_iocs_expired_total",
                                      "Indicators whose time was over.", NO_LABEL, NO_LABEL);
    return expiry;
}

void desk_expiry_free(struct desk_expiry *expiry)
{
    if (!expiry)
        return;
    arena_free(expiry->arena);
    free(expiry);
}

bool desk_expiry_is_due(const struct desk_expiry *expiry, int64_t now_ms)
{
    return now_ms >= expiry->due_ms;
}

void desk_expiry_sweep(struct desk_expiry *expiry, struct publisher *publisher, int64_t now_ms)
{
    struct text key;
    struct ioc ioc;
    struct error err = {0};

    for (int i = 0; i < AT_ONCE; i++) {
        arena_reset(expiry->arena, ARENA_KEPT);
        if (!table_next(expiry->table, &expiry->at, &key, expiry->arena, &ioc)) {
            expiry->at = 0;
            expiry->due_ms = now_ms + EVERY_MS;
            return;
        }
        bool was_active = ioc.is_active;

        if (!merge_expire(&ioc, now_ms, expiry->arena))
            continue;
        if (publisher_put(publisher, key, ioc.tenant, &ioc, &err) < 0)
            return;
        metrics_add(expiry->expired, was_active && !ioc.is_active);
    }
}

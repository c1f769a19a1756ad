#include "correlator/state_rule.h"

#include "correlator/shape.h"

enum { RULE_SHAPE, RULE_TYPE };

void state_rule_write(const struct plan *plan, struct buf *name)
{
    struct pack pack = {.into = name};

    pack_byte(&pack, plan->rule ? RULE_SHAPE : RULE_TYPE);
    if (!plan->rule) {
        pack_number(&pack, (uint64_t)plan->slot_ms);
        pack_once(&pack, plan_type(plan));
        return;
    }
    for (int i = 0; i < 8 * SHAPE_BYTES; i += 8)
        pack_byte(&pack, (uint8_t)(plan->shape >> i));
}

struct plan *state_rule_find(struct router *router, struct text name, struct arena *scratch)
{
    struct unpack unpack = {.rest = name, .copies = scratch};
    struct plan *plan;
    uint64_t shape = 0, slot_ms;
    uint8_t kind = pack_read_byte(&unpack);

    if (kind == RULE_SHAPE) {
        for (int i = 0; i < 8 * SHAPE_BYTES; i += 8)
            shape |= (uint64_t)pack_read_byte(&unpack) << i;
        return unpack.is_broken ? NULL : router_shape(router, shape);
    }
    if (kind != RULE_TYPE)
        return NULL;
    slot_ms = pack_read_number(&unpack);
    struct text type = pack_read_once(&unpack);

    if (unpack.is_broken)
        return NULL;
    plan = router_single(router, type);
    return (uint64_t)plan->slot_ms == slot_ms ? plan : NULL;
}

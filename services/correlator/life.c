#include "correlator/life.h"

#include <stdlib.h>

#include "correlator/slot_alert.h"
#include "correlator/track.h"

void life_done(struct life *life)
{
    free(life->alerts);
    timers_done(&life->timers);
    life->alerts = NULL;
    life->count = life->capacity = 0;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void send(struct life *life, struct slot *slot, enum alert_status status)
{
    slot->status = (int)status;
    slot->is_changed = false;
    slot->sent_ms = life->now_ms;
    life->alerts = mem_grow(life->alerts, life->count, &life->capacity, sizeof(*life->alerts));
    slot_alert_write(slot, &life->settings, life->now_ms, life->arena,
                     &life->alerts[life->count++]);
}

/* The alert before is no longer the last, the one after now continues this. */
static void tell_neighbours(struct life *life, struct slot *slot)
{
    struct slot *neighbours[] = {slots_before(slot), slots_after(slot)};

    for (size_t i = 0; i < COUNT_OF(neighbours); i++) {
        if (neighbours[i])
            life_change(life, neighbours[i]);
    }
}

void life_open(struct life *life, struct slot *slot)
{
    int64_t end_ms = slot->start_ms + slot->track->plan->slot_ms;

    slot->timer.kind = TIMER_SLOT;
    slot->settle_ms = later(end_ms, life->now_ms) + life->settings.settle_ms;
    if (!life->settings.only_last) {
        send(life, slot, ALERT_NEW);
        timers_set(&life->timers, &slot->timer, slot->settle_ms);
    }
    tell_neighbours(life, slot);
}

void life_change(struct life *life, struct slot *slot)
{
    int64_t due_ms = later(life->now_ms, slot->sent_ms + life->settings.update_every_ms);

    slot->is_changed = true;
    if (life->settings.only_last)
        return;
    if (life->now_ms >= slot->settle_ms) /* it has said its last word, and has one more */
        due_ms = life->now_ms + life->settings.settle_ms;
    if (slot->timer.place == 0 || due_ms < slot->timer.due_ms)
        timers_set(&life->timers, &slot->timer, due_ms);
}

static void send_last(struct life *life, struct slot *slot)
{
    enum alert_status status = slots_after(slot) ? ALERT_UPDATE : ALERT_RESOLVED;

    if (!slot->is_changed && slot->status == (int)status)
        return;
    slot->revision++;
    send(life, slot, status);
}

void life_fire(struct life *life, struct slot *slot)
{
    if (life->now_ms >= slot->settle_ms) {
        send_last(life, slot);
        return;
    }
    if (slot->is_changed) {
        slot->revision++;
        send(life, slot, ALERT_UPDATE);
    }
    timers_set(&life->timers, &slot->timer, slot->settle_ms);
}

void life_end(struct life *life, struct slot *slot)
{
    timers_clear(&life->timers, &slot->timer);
    send_last(life, slot);
}

#include "correlator/life.h"

#include <stdlib.h>

#include "correlator/group.h"
#include "correlator/owned.h"
#include "correlator/slot_alert.h"

void life_done(struct life *life)
{
    free(life->alerts);
    life->alerts = NULL;
    life->count = life->capacity = 0;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void arm(struct slot *slot, int64_t due_ms)
{
    slot->is_unwritten = true;
    slot->due_ms = due_ms;
    group_wake(slot->track->group, due_ms);
}

static struct alert *write(struct life *life, const struct slot *slot)
{
    life->alerts = mem_grow(life->alerts, life->count, &life->capacity, sizeof(*life->alerts));
    struct alert *alert = &life->alerts[life->count++];

    slot_alert_write(slot, &life->settings, life->now_ms, life->arena, alert);
    return alert;
}

static void send(struct life *life, struct slot *slot, enum alert_status status)
{
    slot->status = (int)status;
    slot->is_changed = false;
    slot->is_unwritten = true;
    slot->sent_ms = life->now_ms;
    write(life, slot);
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

/* A timer has sent: it rings again if nobody confirms that. */
static bool awaits_confirmation(struct life *life, struct slot *slot)
{
    if (life->settings.lease_ms == 0 || life->event_id.size > 0)
        return false;
    slot->is_unconfirmed = true;
    arm(slot, life->now_ms + life->settings.lease_ms);
    return true;
}

void life_open(struct life *life, struct slot *slot)
{
    int64_t end_ms = slot->start_ms + slot->track->plan->slot_ms;

    slot->settle_ms = later(end_ms, life->now_ms) + life->settings.settle_ms;
    slot->opened_ms = life->now_ms;
    slot->is_inexact = slot->track->is_crowded;
    if (life->settings.decision_ttl_ms > 0 && life->event_id.size > 0)
        slot->opener = owned_copy(life->event_id);
    if (!life->settings.only_last) {
        send(life, slot, ALERT_NEW);
        if (!awaits_confirmation(life, slot))
            arm(slot, slot->settle_ms);
    }
    tell_neighbours(life, slot);
}

/* When a change is to be sent. */
static int64_t change_due(const struct life *life, const struct slot *slot)
{
    if (life->now_ms >= slot->settle_ms) /* it has said its last word, and has one more */
        return life->now_ms + life->settings.settle_ms;
    return later(life->now_ms, slot->sent_ms + life->settings.update_every_ms);
}

void life_change(struct life *life, struct slot *slot)
{
    if (slot->is_dormant)
        return;
    slot->is_changed = slot->is_unwritten = true;
    slot->is_inexact |= slot->track->is_crowded;
    if (life->settings.only_last)
        return;
    int64_t due_ms = change_due(life, slot);

    if (due_ms < slot->due_ms)
        arm(slot, due_ms);
}

bool life_has_its_fill(const struct life *life)
{
    return life->settings.fill > 0 && life->count >= life->settings.fill;
}

static enum alert_status last_status(const struct slot *slot)
{
    return slots_after(slot) ? ALERT_UPDATE : ALERT_RESOLVED;
}

void life_fire(struct life *life, struct slot *slot)
{
    bool is_last = life->now_ms >= slot->settle_ms;
    enum alert_status status = ALERT_UPDATE;

    slot->due_ms = GROUP_NEVER;
    slot->is_unwritten = true;
    if (is_last)
        status = last_status(slot);
    else if (slot->is_unconfirmed && !slot->is_changed)
        status = (enum alert_status)slot->status;
    if (slot->is_changed || slot->is_unconfirmed || (is_last && slot->status != (int)status)) {
        slot->revision++;
        send(life, slot, status);
        if (awaits_confirmation(life, slot))
            return;
    }
    if (!is_last)
        arm(slot, slot->settle_ms);
}

void life_confirm(struct life *life, struct slot *slot, int64_t revision)
{
    if (!slot->is_unconfirmed || slot->revision != revision)
        return;
    slot->is_unconfirmed = false;
    slot->is_unwritten = true;
    slot->due_ms = GROUP_NEVER;
    if (slot->is_changed)
        arm(slot, change_due(life, slot));
    else if (slot->sent_ms < slot->settle_ms)
        arm(slot, slot->settle_ms);
}

bool life_repeat(struct life *life, struct track *track)
{
    bool is_opener = false;

    for (size_t i = 0; i < track->slots.count; i++) {
        struct slot *slot = track->slots.items[i];

        if (slot->opener.size == 0 || !text_equal(slot->opener, life->event_id) ||
            life->now_ms >= slot->opened_ms + life->settings.decision_ttl_ms)
            continue;
        is_opener = true;
        if (slot->is_dormant) /* what came after revision 0 is known to have arrived */
            continue;
        struct alert *alert = write(life, slot);

        alert->revision = 0;
        alert->status = ALERT_NEW;
    }
    return is_opener;
}

void life_end(struct life *life, struct slot *slot)
{
    enum alert_status status = last_status(slot);

    slot->due_ms = GROUP_NEVER;
    if (!slot->is_changed && !slot->is_unconfirmed && slot->status == (int)status)
        return;
    slot->revision++;
    send(life, slot, status);
}

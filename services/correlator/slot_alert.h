/* slot_alert: the alert that a slot stands for, as it is now. */
#pragma once

#include "base/alert.h"
#include "correlator/life.h"
#include "correlator/slots.h"

/* Its alert_id, in @arena. */
struct text slot_alert_id(const struct slot *slot, struct arena *arena);

/* All texts are in @arena, so that the alert outlives changes to the slot. */
void slot_alert_write(const struct slot *slot, const struct life_settings *settings, int64_t now_ms,
                      struct arena *arena, struct alert *alert);

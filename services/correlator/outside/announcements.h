/* announcements: alerts that timers made, until Kafka has them and their groups have heard so. */
#pragma once

#include "correlator/shared_windows.h"
#include "io/worker.h"

struct announcements;

struct announcements *announcements_new(void);
void announcements_free(struct announcements *announcements); /* NULL is fine */

/* For worker_send() of @alert. Its receipt must have come, or the producer be closed, before
 * announcements_free(). */
struct receipt announcements_add(struct announcements *announcements, const struct alert *alert);
/* It was not sent after all. */
void announcements_withdraw(struct announcements *announcements, const struct receipt *receipt);

/* Confirms what Kafka acknowledged since. On failure that is forgotten: the alerts will be made
 * again. */
int announcements_confirm(struct announcements *announcements, struct shared_windows *windows,
                          int64_t now_ms, struct error *err);

#include "base/siem_delivery.h"

#include <stddef.h>

static const char *const statuses[] = {"delivered", "dead", NULL};

#define DELIVERY(member) offsetof(struct siem_delivery, member)
static const struct record_field fields[] = {
    {.name = "alert_id", .kind = FIELD_TEXT, .offset = DELIVERY(alert_id)},
    {.name = "revision", .kind = FIELD_LONG, .offset = DELIVERY(revision)},
    {.name = "target", .kind = FIELD_TEXT, .offset = DELIVERY(target)},
    {.name = "status", .kind = FIELD_ENUM, .offset = DELIVERY(status), .symbols = statuses},
    {.name = "attempts", .kind = FIELD_LONG, .offset = DELIVERY(attempts)},
    {.name = "http_status", .kind = FIELD_LONG, .offset = DELIVERY(http_status), .nullable = true},
    {.name = "reason", .kind = FIELD_TEXT, .offset = DELIVERY(reason), .nullable = true},
    {.name = "latency_ms", .kind = FIELD_LONG, .offset = DELIVERY(latency_ms)},
    {.name = "delivered_at", .kind = FIELD_TIME, .offset = DELIVERY(delivered_at)},
    {.name = "tenant", .kind = FIELD_TEXT, .offset = DELIVERY(tenant)},
    {0},
};
const struct record_type siem_delivery_type = {"delivery", 1, sizeof(struct siem_delivery), fields};

/* siem_delivery: the receipt for one alert and one target (schemas/delivery.avsc). */
#pragma once

#include <stdint.h>

#include "base/record.h"
#include "base/text.h"

enum siem_delivery_status { SIEM_DELIVERED, SIEM_DEAD };

/* Texts are borrowed. */
struct siem_delivery {
    struct text alert_id;
    int64_t revision;
    struct text target;
    int status; /* enum siem_delivery_status */
    int64_t attempts;
    int64_t http_status; /* of the last reply; RECORD_NULL: there was none */
    struct text reason;  /* why it is dead; empty is null */
    int64_t latency_ms;  /* from the alert's emitted_at to the target's acknowledgement */
    int64_t delivered_at;
    struct text tenant;
};

extern const struct record_type siem_delivery_type;

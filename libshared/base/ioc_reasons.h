/* ioc_reasons: what an event that names an indicator has among its `indicators`.
 *
 *     ioc:ip:203.0.113.9 ioc_threat:c2 ioc_feed:urlhaus ioc_last_seen:2026-11-24T… ioc_port:443
 */
#pragma once

#include "base/ioc.h"

enum { IOC_REASONS_FEEDS = 8 /* as many are told */ };

/* What is empty, or RECORD_NULL, is not told. */
struct ioc_reasons {
    enum ioc_type type;
    struct text value;   /* canonical */
    struct text seen;    /* as it stands in the log, if that is another spelling */
    struct text seen_on; /* the day */
    struct text threat_type;
    struct record_texts feeds;
    int64_t first_seen, last_seen;
    struct text port; /* with which it was met, as it is listed */
};

/* In @arena. */
struct record_texts ioc_reasons_list(const struct ioc_reasons *reasons, struct arena *arena);

/* ioc: an indicator of compromise and who says so (schemas/ioc.avsc).
 *
 * The sources are the truth of a record: one entry for each feed that has the indicator now. All
 * else, but tenant, type and value, follows from them (services/iocfeed/merge.h), so that one feed
 * can take back what it said without touching what the others say.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/record.h"
#include "base/text.h"

enum ioc_type {
    IOC_IP,
    IOC_CIDR,
    IOC_DOMAIN, /* and all names below it */
    IOC_URL,
    IOC_MD5,
    IOC_SHA1,
    IOC_SHA256,
    IOC_EMAIL,
};
enum { IOC_TYPES = IOC_EMAIL + 1 };

/* What one feed says. */
struct ioc_source {
    struct text name;
    int64_t first_seen;
    int64_t last_seen;
    double confidence; /* 0 to 1 */
    struct text threat_type;
    int64_t valid_until;       /* exclusive; RECORD_NULL: for ever */
    struct record_texts ports; /* decimal; none: any */
    struct record_texts tags;
    struct text description;
};

/* Texts are borrowed. */
struct ioc {
    struct text tenant; /* null: all tenants */
    struct text value;  /* canonical (indicator.h) */
    int ioc_type;       /* enum ioc_type */
    struct text threat_type;
    double confidence;          /* the highest among sources that are still valid */
    double reputation;          /* 0 bad to 1 good */
    struct record_list sources; /* of struct ioc_source */
    int64_t first_seen;
    int64_t last_seen;
    int64_t valid_until; /* of the source that holds longest; RECORD_NULL: for ever */
    struct record_texts tags;
    struct text description;
    bool is_active;
    struct record_texts ports; /* the condition "ip:port" of feeds; none: any port */
};

extern const struct record_type ioc_record;

/* "ip", "cidr", … ended by NULL. */
extern const char *const ioc_types[];
bool ioc_type_parse(struct text t, enum ioc_type *type);

/* The Kafka key: <type>:<value>, a tenant's own <tenant>/<type>:<value>. In @arena. */
struct text ioc_key(struct text tenant, enum ioc_type type, struct text value, struct arena *arena);
/* What a key says; borrowed from it. False: it is none. */
bool ioc_key_parse(struct text key, struct text *tenant, enum ioc_type *type, struct text *value);

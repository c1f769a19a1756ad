/* warning_lists_parts: what is known of all lists, for who reads them (warning_lists.c) and who
 * asks them (warning_lists_find.c). */
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/cidr.h"
#include "base/record.h"
#include "iocfeed/warning_lists.h"
#include "iocfeed/warning_table.h"

struct list {
    const char *name; /* in the arena */
    unsigned types;   /* 1 << enum ioc_type that it is asked about */
    struct record_texts attributes;
};

struct substring {
    struct text text; /* lower case */
    uint32_t list;
};

struct pattern {
    pcre2_code *code;
    struct text text;
    uint32_t list;
};

struct warning_lists {
    struct arena *arena;
    struct list *lists;
    size_t count, capacity;
    struct warning_table strings;   /* lower case */
    struct warning_table hostnames; /* lower case, without a leading dot */
    struct warning_table ranges;    /* prefix and first address */
    bool prefixes[129];             /* that ranges have */
    struct substring *substrings;
    size_t substring_count, substring_capacity;
    struct pattern *patterns;
    size_t pattern_count, pattern_capacity;
    pcre2_match_data *match;
    pcre2_match_context *bounds;
    struct warning_lists_size size;
};

/* In @arena. */
struct text warning_lists_lower(struct text t, struct arena *arena);

/* A range as a key of their table. */
enum { WARNING_RANGE_KEY = 17 };
void warning_lists_range_key(const struct cidr *cidr, char key[WARNING_RANGE_KEY]);

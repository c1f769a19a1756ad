/* warning_table: entries of many lists, found by their bytes. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct warning_entry {
    struct text key; /* borrowed */
    uint32_t list;
};

/* Starts as {0}. Several lists may have the same key. */
struct warning_table {
    struct warning_entry
        *entries; /* owned; by hash, open addressing; an empty key is a free place */
    size_t count, capacity;
};

void warning_table_done(struct warning_table *table);
void warning_table_add(struct warning_table *table, struct text key, uint32_t list);
/* The entries with this key, one after the other: *@at begins as 0. NULL: no more. */
const struct warning_entry *warning_table_next(const struct warning_table *table, struct text key,
                                               size_t *at);

#include "iocfeed/warning_table.h"

#include <stdlib.h>

#include "base/mem.h"

/* FNV-1a (www.isthe.com/chongo/tech/comp/fnv). Lists are our own files: nobody makes collisions. */
static size_t hash_of(struct text key)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ (unsigned char)key.bytes[i]) * 0x100000001b3;
    return (size_t)(hash ^ hash >> 32);
}

void warning_table_done(struct warning_table *table)
{
    free(table->entries);
    *table = (struct warning_table){0};
}

static void place(struct warning_table *table, const struct warning_entry *entry)
{
    size_t at = hash_of(entry->key) & (table->capacity - 1);

    while (table->entries[at].key.size)
        at = (at + 1) & (table->capacity - 1);
    table->entries[at] = *entry;
}

static void widen(struct warning_table *table)
{
    struct warning_table wider = {.capacity = table->capacity ? table->capacity * 2 : 1024};

    wider.entries = mem_zero(wider.capacity * sizeof(*wider.entries));
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->entries[i].key.size)
            place(&wider, &table->entries[i]);
    }
    wider.count = table->count;
    free(table->entries);
    *table = wider;
}

void warning_table_add(struct warning_table *table, struct text key, uint32_t list)
{
    if (key.size == 0)
        return;
    if (table->count * 2 >= table->capacity)
        widen(table);
    place(table, &(struct warning_entry){key, list});
    table->count++;
}

const struct warning_entry *warning_table_next(const struct warning_table *table, struct text key,
                                               size_t *at)
{
    if (table->capacity == 0 || key.size == 0)
        return NULL;
    for (size_t i = hash_of(key) + *at;; i++) {
        const struct warning_entry *entry = &table->entries[i & (table->capacity - 1)];

        ++*at;
        if (entry->key.size == 0)
            return NULL;
        if (text_equal(entry->key, key))
            return entry;
    }
}

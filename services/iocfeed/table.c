#include "iocfeed/table.h"

#include <assert.h>
#include <stdlib.h>

#include "base/record_avro.h"
#include "base/record_avro_plan.h"

struct table {
    struct keyed *keyed;
    struct record_avro_plan *plan;
    struct buf bytes; /* of the record being set */
};

struct table *table_new(void)
{
    struct table *table = mem_zero(sizeof(*table));
    AUTO_BUF schema = {0};

    record_avro_schema(&ioc_record, &schema);
    table->keyed = keyed_new();
    table->plan = record_avro_plan_new(&ioc_record, buf_text(&schema), NULL);
    assert(table->plan);
    return table;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    keyed_free(table->keyed);
    record_avro_plan_free(table->plan);
    buf_done(&table->bytes);
    free(table);
}

size_t table_count(const struct table *table)
{
    return keyed_count(table->keyed);
}

static bool read(const struct table *table, struct text bytes, struct arena *arena, struct ioc *ioc)
{
    return record_avro_plan_read(table->plan, bytes, arena, ioc, NULL) == 0;
}

bool table_find(const struct table *table, struct text key, struct arena *arena, struct ioc *ioc)
{
    struct text bytes;

    return keyed_find(table->keyed, key, &bytes) && read(table, bytes, arena, ioc);
}

void table_set(struct table *table, struct text key, const struct ioc *ioc)
{
    buf_reset(&table->bytes);
    record_avro_write(&ioc_record, ioc, &table->bytes);
    keyed_set(table->keyed, key, buf_text(&table->bytes));
}

bool table_drop(struct table *table, struct text key)
{
    return keyed_drop(table->keyed, key);
}

bool table_next(const struct table *table, size_t *at, struct text *key, struct arena *arena,
                struct ioc *ioc)
{
    struct text bytes;

    while (keyed_next(table->keyed, at, key, &bytes)) {
        if (read(table, bytes, arena, ioc))
            return true;
    }
    return false;
}

bool table_next_with(const struct table *table, struct text text, size_t *at, struct text *key,
                     struct arena *arena, struct ioc *ioc)
{
    struct text bytes;

    while (keyed_next(table->keyed, at, key, &bytes)) {
        if (text_find(bytes, text) < bytes.size && read(table, bytes, arena, ioc))
            return true;
    }
    return false;
}

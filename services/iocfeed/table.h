/* table: the indicators as the topic has them, in memory: from key to Avro bytes. */
#pragma once

#include "base/ioc.h"
#include "base/keyed.h"

struct table;

struct table *table_new(void);
void table_free(struct table *table); /* NULL is fine */
AUTO_FREE(table)

size_t table_count(const struct table *table);

/* False: there is none. Texts of @ioc are the table's until @key changes, lists are in @arena. */
bool table_find(const struct table *table, struct text key, struct arena *arena, struct ioc *ioc);
/* All is copied. */
void table_set(struct table *table, struct text key, const struct ioc *ioc);
bool table_drop(struct table *table, struct text key); /* false: it was not there */

/* As table_next(), of those in whose records @text stands somewhere: few of many, quickly. */
bool table_next_with(const struct table *table, struct text text, size_t *at, struct text *key,
                     struct arena *arena, struct ioc *ioc);
/* As keyed_next(). */
bool table_next(const struct table *table, size_t *at, struct text *key, struct arena *arena,
                struct ioc *ioc);

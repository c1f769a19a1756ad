/* keyed: a table from texts to bytes, for millions of them: 16 bytes of its own and one block each.
 */
#pragma once

#include <stdbool.h>

#include "base/mem.h"
#include "base/text.h"

struct keyed;

struct keyed *keyed_new(void);
void keyed_free(struct keyed *keyed); /* NULL is fine */
AUTO_FREE(keyed)

size_t keyed_count(const struct keyed *keyed);
/* False: there is none. *@value is borrowed until the key is set or dropped. */
bool keyed_find(const struct keyed *keyed, struct text key, struct text *value);
/* Both are copied. */
void keyed_set(struct keyed *keyed, struct text key, struct text value);
bool keyed_drop(struct keyed *keyed, struct text key); /* false: it was not there */

/* One after the other in no order: *@at begins with 0. False: there are no more. Nothing may be set
 * or dropped in between. */
bool keyed_next(const struct keyed *keyed, size_t *at, struct text *key, struct text *value);

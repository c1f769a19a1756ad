/* cidr_table: which of many address ranges hold an address, the narrowest first.
 *
 * Ranges may lie in each other. A look-up is a binary search; for IPv4 among those only that share
 * the upper 16 bits. Immutable once made, so any thread may read it.
 */
#pragma once

#include "base/cidr.h"

struct cidr_table;

/* Of @ranges (copied); of equal ones the first counts. IPv4 /0 and IPv6 /0 are ranges like others.
 */
struct cidr_table *cidr_table_new(const struct cidr *ranges, size_t count);
void cidr_table_free(struct cidr_table *table); /* NULL is fine */
AUTO_FREE(cidr_table)

enum { CIDR_TABLE_NONE = -1 };

/* The position in @ranges of the narrowest that holds @address, or CIDR_TABLE_NONE. */
long cidr_table_find(const struct cidr_table *table, const struct address *address);
/* The same for the next wider one that holds range @position. */
long cidr_table_wider(const struct cidr_table *table, long position);

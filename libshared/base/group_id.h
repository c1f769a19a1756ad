/* group_id: the name of a group of events that belong together (correlation.md, "Groups").
 *
 * 32 lower-case hex digits, the first half of SHA-256 over the parts, each written as its length in
 * bytes in decimal, ':' and its bytes. The parts are the tenant, then the names of the fields in
 * the order of their bytes, then their values in the order of the names:
 *
 *     4:acme9:source_ip8:10.0.0.1
 *
 * The lengths keep parts apart whatever bytes they hold. Detector, correlator and whoever looks
 * into Redis must agree on this, byte for byte.
 */
#pragma once

#include <stddef.h>

#include "base/text.h"

enum { GROUP_ID_SIZE = 33 }; /* with the NUL */

/* @names are sorted by the caller, which does so once for each rule. */
void group_id_write(struct text tenant, const struct text *names, const struct text *values,
                    size_t count, char id[GROUP_ID_SIZE]);

/* Of an entity: @kind is `source_ip`, `host`, `user` or `event_id`. */
void group_id_of_entity(struct text tenant, struct text kind, struct text value,
                        char id[GROUP_ID_SIZE]);

/* The Redis key `haechi:{bNN}:<kind>:<group id>`, NN the first two digits of the id, which keep all
 * of a group's state in one slot of a Cluster. Borrowed from @into. */
struct text group_id_key(const char *kind, const char *id, char *into, size_t size);

/* That of its state: `haechi:{bNN}:<the id's other digits>`. There may be millions: four more bytes
 * would take sixteen. */
struct text group_id_state_key(const char *id, char *into, size_t size);

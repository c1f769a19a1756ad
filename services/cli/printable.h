/* printable: bytes that an attacker wrote, as a terminal may safely be shown them.
 *
 * Logs hold what attackers sent. Control characters (C0, C1, DEL), which a terminal would obey,
 * bytes that are not UTF-8, and characters that turn or hide what stands beside them (Unicode's
 * bidirectional controls, line separators, invisible ones) are written out: \n, \x1b, \u202e. What
 * is left is measured in columns of the terminal, in which Hangul or Han is two wide and a
 * combining mark none.
 */
#pragma once

#include "base/buf.h"
#include "base/text.h"

/* How many columns @t takes once it is made printable. */
size_t printable_columns(struct text t);

/* Appends @t made printable, in at most @limit columns: what is cut off shows as "…". Returns how
 * many columns were written. */
size_t printable_add(struct buf *out, struct text t, size_t limit);

/* Appends @json, a valid JSON text, with what printable_add() would write out as \u escapes: for a
 * terminal it is safe, for a JSON reader the same. */
void printable_add_json(struct buf *out, struct text json);

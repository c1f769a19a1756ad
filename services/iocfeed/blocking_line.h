/* blocking_line: a name as the programs that block names have it in their lists: ad blockers,
 * dnsmasq, Unbound, BIND and response policy zones. */
#pragma once

#include <stdbool.h>

#include "base/text.h"

/* Takes the first word, of those that blanks and tabs part, off *@rest; empty: there is none. */
struct text blocking_line_word(struct text *rest);

/* Whether @line is one; @name: what it blocks, empty where it says something else of the list. */
bool blocking_line_read(struct text line, struct text *name);

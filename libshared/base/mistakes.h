/* mistakes: what is wrong with a file, told together, so that it is mended once: a line each. */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

struct mistakes {
    struct buf *lines; /* of the first 20; borrowed */
    size_t count;      /* of all */
};

void mistakes_add(struct mistakes *mistakes, const struct error *err);
/* Behind the last of them: a line that says how many more there are, if there are. */
void mistakes_end(struct mistakes *mistakes);

/* One sentence of such lines, for who can show only that: the first, and how many more follow. */
void mistakes_first(const struct buf *lines, struct error *err);

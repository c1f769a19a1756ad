/* number: numbers as text, without asking printf for what is common. */
#pragma once

#include <stdint.h>

#include "base/buf.h"

void number_write_integer(int64_t value, struct buf *out);

/* The fewest decimal digits that read back as @value: 0.1, 1, 1e+300. Finite values only. */
void number_write_double(double value, struct buf *out);

/* number: numbers as text, without asking printf for what is common. */
#pragma once

#include <stdint.h>

#include "base/buf.h"

enum { NUMBER_DIGITS = 20 };

void number_write_integer(int64_t value, struct buf *out);
/* The same in @room, at its end. */
struct text number_digits(int64_t value, char room[NUMBER_DIGITS]);

/* The fewest decimal digits that read back as @value: 0.1, 1, 1e+300. Finite values only. */
void number_write_double(double value, struct buf *out);
/* The same, always with a point or an exponent: who guesses types from the first record
 * (Elasticsearch does) must not take 1 for a whole number. What is not finite comes as 0.0. */
void number_write_real(double value, struct buf *out);

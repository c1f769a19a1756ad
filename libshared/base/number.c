#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct text number_digits(int64_t value, char room[NUMBER_DIGITS])
{
    size_t from = NUMBER_DIGITS;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        room[--from] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        room[--from] = '-';
    return (struct text){room + from, NUMBER_DIGITS - from};
}

void number_write_integer(int64_t value, struct buf *out)
{
    char digits[NUMBER_DIGITS];

    buf_add(out, number_digits(value, digits));
}

/* Scores and seconds have few decimals: if n / 10,000 is rounded to just @value, then the decimal
 * digits of that fraction read back as @value, and none fewer do. */
static bool write_short(double value, struct buf *out)
{
    if (signbit(value) || value > 1e9)
        return false;
    int64_t scaled = (int64_t)(value * 10000 + 0.5);
    int decimals = (int)(scaled % 10000);

    if ((double)scaled / 10000 != value)
        return false;
    number_write_integer(scaled / 10000, out);
    if (decimals > 0)
        buf_add_byte(out, '.');
    for (int divisor = 1000; decimals > 0; divisor /= 10) {
        buf_add_byte(out, (char)('0' + decimals / divisor));
        decimals %= divisor;
    }
    return true;
}

void number_write_double(double value, struct buf *out)
{
    char digits[40];
    int size = 0;

    if (write_short(value, out))
        return;
    for (int precision = 15; precision <= 17; precision++) {
        size = snprintf(digits, sizeof(digits), "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    buf_add(out, (struct text){digits, (size_t)size});
}

void number_write_real(double value, struct buf *out)
{
    const size_t before = out->size;

    number_write_double(isfinite(value) ? value : 0, out);
    const struct text written = text_slice(buf_text(out), before, out->size);

    if (text_find_byte(written, '.') == written.size &&
        text_find_byte(written, 'e') == written.size)
        buf_add(out, TEXT(".0"));
}

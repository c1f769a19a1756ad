/* ascii: what kind of character a byte is, whatever the locale; bytes beyond ASCII are none. */
#pragma once

#include <stdbool.h>

static inline bool ascii_is_digit(char byte)
{
    return (unsigned char)(byte - '0') < 10;
}

static inline bool ascii_is_letter(char byte)
{
    return (unsigned char)((byte | 0x20) - 'a') < 26;
}

static inline bool ascii_is_alnum(char byte)
{
    return ascii_is_letter(byte) || ascii_is_digit(byte);
}

static inline bool ascii_is_hex(char byte)
{
    return ascii_is_digit(byte) || (unsigned char)((byte | 0x20) - 'a') < 6;
}

/* Of a hex digit, 0 to 15; -1: it is none. */
static inline int ascii_hex_value(char byte)
{
    if (!ascii_is_hex(byte))
        return -1;
    return ascii_is_digit(byte) ? byte - '0' : (byte | 0x20) - 'a' + 10;
}

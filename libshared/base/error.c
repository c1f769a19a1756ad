#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct error *err, enum error_class class, int code, const char *format,
                 va_list arguments) __attribute__((format(printf, 4, 0)));

static void fill(struct error *err, enum error_class class, int code, const char *format,
                 va_list arguments)
{
    if (!err)
        return;
    /* Formatted aside first: an argument may be err->text itself. */
    char text[sizeof(err->text)];

    vsnprintf(text, sizeof(text), format, arguments);
    for (char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            *at = ' '; /* arguments may hold line ends; a failure is one line */
    }
    snprintf(err->text, sizeof(err->text), "%s", text);
    err->class = class;
    err->code = code;
}

int error_set(struct error *err, int code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fill(err, ERROR_CONFIG, code, format, arguments);
    va_end(arguments);
    return code;
}

int error_set_class(struct error *err, enum error_class class, int code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fill(err, class, code, format, arguments);
    va_end(arguments);
    return code;
}

void error_prefix(struct error *err, const char *format, ...)
{
    if (!err)
        return;
    enum { MOST = 200 }; /* of the prefix: what was wrong counts more than where */
    char prefix[sizeof(err->text)];
    char text[sizeof(err->text)];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(prefix, sizeof(prefix), format, arguments);
    va_end(arguments);
    const size_t taken = strnlen(prefix, MOST) + strlen(": ");

    snprintf(text, sizeof(text), "%.*s: %.*s", MOST, prefix, (int)(sizeof(text) - 1 - taken),
             err->text);
    snprintf(err->text, sizeof(err->text), "%s", text);
}

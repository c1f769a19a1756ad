/* unit: cmocka with the headers it wants, in their order, and what all unit tests share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

/* How long tests wait for what must come: a limit for the slowest of machines, and no time. */
enum { UNIT_LIMIT_MS = 300 * 1000 };

/* Compares texts and shows both when they differ; @name is the row of the table. */
static inline void unit_text(const char *name, struct text got, const char *want)
{
    if (!text_is(got, want))
        fail_msg("%s: got '%.*s', want '%s'", name, TEXT_ARG(got), want);
}

/* The end of main(). A test that failed left by longjmp and freed nothing: the leak checker would
 * bury what it said, so it is not asked then. */
static inline int unit_end(int failed)
{
    if (failed == 0)
        return 0;
    fflush(NULL);
    _exit(1);
}

#define UNIT_MAIN(...)                                              \
    int main(void)                                                  \
    {                                                               \
        const struct CMUnitTest tests[] = {__VA_ARGS__};            \
        return unit_end(cmocka_run_group_tests(tests, NULL, NULL)); \
    }

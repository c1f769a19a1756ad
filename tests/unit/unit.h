/* unit: cmocka with the headers it wants, in their order, and what all unit tests share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* Compares texts and shows both when they differ; @name is the row of the table. */
static inline void unit_text(const char *name, struct text got, const char *want)
{
    if (!text_is(got, want))
        fail_msg("%s: got '%.*s', want '%s'", name, TEXT_ARG(got), want);
}

#define UNIT_MAIN(...)                                    \
    int main(void)                                        \
    {                                                     \
        const struct CMUnitTest tests[] = {__VA_ARGS__};  \
        return cmocka_run_group_tests(tests, NULL, NULL); \
    }

#include "unit.h"

#include "base/ascii.h"
#include "base/percent.h"

static void all_is_escaped_but_what_means_itself(void **state)
{
    static const char itself[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        AUTO_BUF out = {0};
        const char c = (char)byte;
        char want[4] = {c, '\0'};

        percent_add((struct text){&c, 1}, &out);
        if (c == '\0' || !strchr(itself, c))
            snprintf(want, sizeof(want), "%%%02X", byte);
        unit_text("a byte", buf_text(&out), want);
    }
}

static void hex_digits_have_their_values(void **state)
{
    static const char digits[] = "0123456789abcdef", upper[] = "ABCDEF";

    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        const char c = (char)byte;
        const char *at = c ? strchr(digits, c) : NULL, *in_upper = c ? strchr(upper, c) : NULL;
        int want = at ? (int)(at - digits) : in_upper ? (int)(in_upper - upper) + 10 : -1;

        assert_int_equal(ascii_hex_value(c), want);
    }
}

UNIT_MAIN(cmocka_unit_test(all_is_escaped_but_what_means_itself),
          cmocka_unit_test(hex_digits_have_their_values))

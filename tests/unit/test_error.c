#include "unit.h"

#include <errno.h>

#include "base/error.h"

static void a_failure_is_one_line_with_its_code(void **state)
{
    struct error err = {0};

    (void)state;
    assert_int_equal(error_set(&err, -EINVAL, "it is '%s'", "a\nb"), -EINVAL);
    assert_string_equal(err.text, "it is 'a b'");
    assert_int_equal(err.class, ERROR_CONFIG);
    assert_int_equal(error_set_class(&err, ERROR_RETRY, -EAGAIN, "again: %s", err.text), -EAGAIN);
    assert_string_equal(err.text, "again: it is 'a b'");
    assert_int_equal(error_set(NULL, -EIO, "nobody listens"), -EIO);
}

/* What would be right stands at the end. */
static void a_prefix_costs_no_end_that_fits(void **state)
{
    char room[sizeof(((struct error *)NULL)->text)];
    struct error err = {0};

    (void)state;
    for (size_t size = 1; size < sizeof(room); size++) {
        memset(room, 'x', size - 1);
        memcpy(room + size - 1, "!", 2);
        error_set(&err, -EINVAL, "%s", room);
        error_prefix(&err, "file:%d", 7);
        if ((strchr(err.text, '!') != NULL) != (size + strlen("file:7: ") < sizeof(err.text)))
            fail_msg("%zu characters", size);
        assert_true(strncmp(err.text, "file:7: ", 8) == 0);
    }
    error_set(&err, -EINVAL, "what");
    error_prefix(&err, "%s", room);
    assert_true(strlen(err.text) > 200 && strstr(err.text, ": what"));
}

UNIT_MAIN(cmocka_unit_test(a_failure_is_one_line_with_its_code),
          cmocka_unit_test(a_prefix_costs_no_end_that_fits))

#include "unit.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "io/process_metrics.h"

static double figure(const char *text, const char *name)
{
    AUTO_BUF line = {0};

    buf_addf(&line, "\n%s ", name);
    const char *found = strstr(text, buf_string(&line));

    assert_non_null(found);
    return strtod(found + line.size, NULL);
}

static void the_figures_are_those_of_this_process(void **state)
{
    AUTO_BUF out = {0};

    (void)state;
    process_metrics_render(&out);
    const char *text = buf_string(&out);
    double started = figure(text, "process_start_time_seconds");
    double now = (double)time(NULL);

    assert_true(started > now - 300 && started < now + 2);
    assert_true(figure(text, "process_resident_memory_bytes") > 100000);
    assert_true(figure(text, "process_virtual_memory_bytes") >
                figure(text, "process_resident_memory_bytes"));
    assert_true(figure(text, "process_cpu_seconds_total") >= 0);
    assert_true(figure(text, "process_max_fds") >= 3);
}

static void open_files_are_counted(void **state)
{
    AUTO_BUF before = {0};
    AUTO_BUF after = {0};

    (void)state;
    process_metrics_render(&before);
    int copy = dup(0);

    process_metrics_render(&after);
    close(copy);
    assert_true(figure(buf_string(&after), "process_open_fds") -
                    figure(buf_string(&before), "process_open_fds") ==
                1);
}

static void what_is_allocated_is_in_use(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    skip(); /* its allocator is not the one that is asked */
#endif
    enum { BYTES = 8 << 20 };
    AUTO_BUF before = {0};
    AUTO_BUF after = {0};

    (void)state;
    process_metrics_render(&before);
    void *block = mem_zero(BYTES);

    process_metrics_render(&after);
    free(block);
    assert_true(figure(buf_string(&after), "process_heap_in_use_bytes") -
                    figure(buf_string(&before), "process_heap_in_use_bytes") >=
                BYTES);
}

UNIT_MAIN(cmocka_unit_test(the_figures_are_those_of_this_process),
          cmocka_unit_test(open_files_are_counted), cmocka_unit_test(what_is_allocated_is_in_use))

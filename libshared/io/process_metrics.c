#include "io/process_metrics.h"

#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/number.h"

static void write_figure(const char *name, const char *type, const char *help, double value,
                         struct buf *out)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s ", name, help, name, type, name);
    number_write_double(value, out);
    buf_add_byte(out, '\n');
}

static bool read_file(const char *path, char *into, size_t size)
{
    FILE *file = fopen(path, "r");

    if (!file)
        return false;
    size_t got = fread(into, 1, size - 1, file);

    into[got] = '\0';
    fclose(file);
    return got > 0;
}

/* Seconds since the epoch at which the machine started; 0 if /proc does not say. */
static double boot_time(void)
{
    FILE *file = fopen("/proc/stat", "r");
    char line[256];
    double seconds = 0;

    /* Lines longer than the buffer come in pieces, none of which begins with the word. */
    while (file && seconds == 0 && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "btime ", 6) == 0)
            seconds = strtod(line + 6, NULL);
    }
    if (file)
        fclose(file);
    return seconds;
}

/* proc(5), /proc/pid/stat: fields 14 utime, 15 stime, 22 starttime (ticks), 23 vsize (bytes), 24
 * rss (pages). Counted from behind the name, which may hold blanks and parentheses. */
static void write_stat(struct buf *out)
{
    char text[1024];
    uint64_t utime, stime, start, size, pages;
    double tick = (double)sysconf(_SC_CLK_TCK), boot = boot_time();

    if (!read_file("/proc/self/stat", text, sizeof(text)))
        return;
    const char *rest = strrchr(text, ')');

    if (!rest || sscanf(rest + 1,
                        " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64 " %" SCNu64
                        " %*s %*s %*s %*s %*s %*s %" SCNu64 " %" SCNu64 " %" SCNu64,
                        &utime, &stime, &start, &size, &pages) != 5)
        return;
    write_figure("process_cpu_seconds_total", "counter",
                 "Total user and system CPU time spent in seconds.", (double)(utime + stime) / tick,
                 out);
    write_figure("process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.",
                 (double)size, out);
    write_figure("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
                 (double)pages * (double)sysconf(_SC_PAGESIZE), out);
    if (boot > 0)
        write_figure("process_start_time_seconds", "gauge",
                     "Start time of the process since unix epoch in seconds.",
                     boot + (double)start / tick, out);
}

static void write_descriptors(struct buf *out)
{
    DIR *folder = opendir("/proc/self/fd");
    struct rlimit limit;
    int count = 0;

    if (folder) {
        for (const struct dirent *item; (item = readdir(folder));)
            count += item->d_name[0] != '.';
        closedir(folder);
        count--; /* the folder itself, while it was read */
        write_figure("process_open_fds", "gauge", "Number of open file descriptors.", count, out);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        write_figure("process_max_fds", "gauge", "Maximum number of open file descriptors.",
                     (double)limit.rlim_cur, out);
}

/* What is allocated, without what the allocator keeps for later: the figure that shows a leak. */
static void write_heap(struct buf *out)
{
    struct mallinfo2 heap = mallinfo2();

    write_figure("process_heap_in_use_bytes", "gauge", "Memory that is allocated, in bytes.",
                 (double)heap.uordblks + (double)heap.hblkhd, out);
}

void process_metrics_render(struct buf *out)
{
    write_stat(out);
    write_heap(out);
    write_descriptors(out);
}

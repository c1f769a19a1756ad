#include "cli/lines.h"

#include <stdbool.h>
#include <stdlib.h>

struct lines {
    size_t limit;
    size_t capacity;
    size_t from;     /* of the line that is being looked for */
    size_t searched; /* up to here it has no end */
    size_t to;       /* end of what was fed */
    bool is_passing; /* the line is over the limit, its start is gone */
    bool has_ended;
    uint64_t count;
    char bytes[];
};

struct lines *lines_new(size_t limit, size_t block)
{
    size_t capacity = limit + 2 + block; /* \r and \n are not counted */
    struct lines *lines = mem_resize(NULL, sizeof(*lines) + capacity);

    *lines = (struct lines){.limit = limit, .capacity = capacity};
    return lines;
}

void lines_free(struct lines *lines)
{
    free(lines);
}

char *lines_room(struct lines *lines, size_t *size)
{
    /* All that is left is the start of one line. */
    if (lines->to - lines->from > lines->limit + 1)
        lines->is_passing = true;
    if (lines->is_passing)
        lines->from = lines->to;
    memmove(lines->bytes, lines->bytes + lines->from, lines->to - lines->from);
    lines->to -= lines->from;
    lines->searched = lines->to;
    lines->from = 0;
    *size = lines->capacity - lines->to;
    return lines->bytes + lines->to;
}

void lines_fed(struct lines *lines, size_t size)
{
    lines->to += size;
    lines->has_ended = size == 0;
}

static enum lines_result give(struct lines *lines, size_t size, struct text *line)
{
    const char *bytes = lines->bytes + lines->from;
    bool was_passing = lines->is_passing;

    lines->count++;
    lines->is_passing = false;
    if (size && bytes[size - 1] == '\r')
        size--;
    if (was_passing || size > lines->limit)
        return LINES_TOO_LONG;
    *line = (struct text){bytes, size};
    return LINES_LINE;
}

enum lines_result lines_next(struct lines *lines, struct text *line)
{
    const char *start = lines->bytes + lines->searched;
    const char *end = memchr(start, '\n', lines->to - lines->searched);

    if (end) {
        size_t at = (size_t)(end - lines->bytes);
        enum lines_result result = give(lines, at - lines->from, line);

        lines->from = lines->searched = at + 1;
        return result;
    }
    lines->searched = lines->to;
    if (!lines->has_ended)
        return LINES_MORE;
    if (lines->from == lines->to && !lines->is_passing)
        return LINES_END;
    enum lines_result result = give(lines, lines->to - lines->from, line);

    lines->from = lines->to;
    return result;
}

uint64_t lines_count(const struct lines *lines)
{
    return lines->count;
}

#include "base/mistakes.h"

#include <errno.h>

enum { MOST = 20 }; /* that are told */

void mistakes_add(struct mistakes *mistakes, const struct error *err)
{
    if (mistakes->count++ < MOST)
        buf_addf(mistakes->lines, "%s\n", err->text);
}

void mistakes_end(struct mistakes *mistakes)
{
    if (mistakes->count > MOST)
        buf_addf(mistakes->lines, "and %zu more mistakes, told when these are mended\n",
                 mistakes->count - MOST);
}

void mistakes_first(const struct buf *lines, struct error *err)
{
    struct text rest = buf_text(lines), first, line;
    size_t more = 0;

    text_split(&rest, '\n', &first);
    while (text_split(&rest, '\n', &line))
        more += line.size > 0;
    if (more == 0)
        error_set(err, -EINVAL, "%.*s", TEXT_ARG(first));
    else
        error_set(err, -EINVAL, "%.*s (and %zu more)", TEXT_ARG(first), more);
}

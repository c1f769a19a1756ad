#include "iocfeed/page_url.h"

#include "base/percent.h"

struct text page_url_origin(struct text url)
{
    size_t scheme = text_find(url, TEXT("://"));
    struct text rest = text_slice(url, scheme + 3, url.size);

    return text_slice(url, 0, scheme + 3 + text_find_byte(rest, '/'));
}

struct text page_url_resolve(struct text base, struct text reference, struct arena *arena)
{
    struct text front = base;

    if (text_find(reference, TEXT("://")) < reference.size)
        return arena_copy(arena, reference);
    if (text_starts(reference, TEXT("/")))
        front = page_url_origin(base);
    return arena_textf(arena, "%.*s%.*s", TEXT_ARG(front), TEXT_ARG(reference));
}

void page_url_add_query(struct buf *url, const char *name, struct text value)
{
    buf_add_byte(url, text_find_byte(buf_text(url), '?') < url->size ? '&' : '?');
    buf_add_string(url, name);
    buf_add_byte(url, '=');
    percent_add(value, url);
}

/* What analysts write so that nobody clicks on it, undone. */
#include "base/indicator_parts.h"

#include "base/buf.h"

struct fang {
    const char *written, *meant;
};

/* The wide dots are those that UTS 46 takes for one; "[." and ".]" are half done. */
enum { DOT_FANGS = 7 };
static const struct fang fangs[] = {
    {"[.]", "."},          {"(.)", "."},          {"{.}", "."},
    {"[dot]", "."},        {"(dot)", "."},        {"{dot}", "."},
    {"[.", "."},           {"[://]", "://"}, /* from here on not in paths */
    {"[:]", ":"},          {"[/]", "/"},          {"[@]", "@"},
    {"(@)", "@"},          {"[at]", "@"},         {"(at)", "@"},
    {"{at}", "@"},         {".]", "."},           {"\xEF\xBC\x8E", "."},
    {"\xE3\x80\x82", "."}, {"\xEF\xBD\xA1", "."},
};

static const struct fang schemes[] = {
    {"hxxps", "https"}, {"hxxp", "http"},   {"h**ps", "https"},
    {"h**p", "http"},   {"htxps", "https"}, {"htxp", "http"},
    {"meows", "https"}, {"meow", "http"},   {"fxp", "ftp"},
};

static bool starts_nocase(struct text t, struct text with)
{
    return text_equal_nocase(text_slice(t, 0, with.size), with);
}

/* "hxxp" counts before "://" or a fanged form of it only. */
static size_t take_scheme(struct text t, struct buf *out)
{
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        struct text written = text_of(schemes[i].written);
        struct text rest = text_slice(t, written.size, t.size);

        if (starts_nocase(t, written) &&
            (text_starts(rest, TEXT("://")) || text_starts(rest, TEXT("[:]//")) ||
             text_starts(rest, TEXT("[://]")))) {
            buf_add_string(out, schemes[i].meant);
            return written.size;
        }
    }
    return 0;
}

static const struct fang *fang_at(struct text t, bool in_path)
{
    if (t.bytes[0] == '.' ? t.size < 2 || t.bytes[1] != ']' : !strchr("[({\xEF\xE3", t.bytes[0]))
        return NULL; /* almost every byte */
    for (size_t i = 0; i < (in_path ? DOT_FANGS : COUNT_OF(fangs)); i++) {
        if (starts_nocase(t, text_of(fangs[i].written)))
            return &fangs[i];
    }
    return NULL;
}

struct text indicator_refang(struct text t, struct arena *arena)
{
    AUTO_BUF out = {0};
    size_t end = text_find_byte(t, '?'); /* a query is the giver's own */
    size_t at = take_scheme(t, &out);
    bool changed = at > 0, in_path = false;

    while (at < end) {
        /* A path is touched only if its host was: then it went through the same tool. */
        const struct fang *fang =
            in_path && !changed ? NULL : fang_at(text_slice(t, at, end), in_path);

        if (fang) {
            buf_add_string(&out, fang->meant);
            at += strlen(fang->written);
            changed = true;
            continue;
        }
        if (t.bytes[at] == '/' && out.size > 0 && !strchr(":/", out.bytes[out.size - 1]))
            in_path = true;
        buf_add_byte(&out, t.bytes[at++]);
    }
    if (!changed)
        return t;
    buf_add(&out, text_slice(t, end, t.size));
    return arena_copy(arena, buf_text(&out));
}

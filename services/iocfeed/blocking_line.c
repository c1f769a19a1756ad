#include "iocfeed/blocking_line.h"

#include "base/mem.h"

/* From behind @before to the first of @ends. */
static bool take_between(struct text line, struct text before, const char *ends, struct text *name)
{
    size_t size = 0;

    if (!text_starts(line, before))
        return false;
    line = text_slice(line, before.size, line.size);
    while (size < line.size && !strchr(ends, line.bytes[size]))
        size++;
    *name = text_slice(line, 0, size);
    return true;
}

struct text blocking_line_word(struct text *rest)
{
    size_t size = 0;
    struct text word;

    *rest = text_trim(*rest);
    while (size < rest->size && rest->bytes[size] != ' ' && rest->bytes[size] != '\t')
        size++;
    word = text_slice(*rest, 0, size);
    *rest = text_slice(*rest, size, rest->size);
    return word;
}

/* "evil.example CNAME .", and what every zone has: "$TTL 30", "@ SOA …", "NS localhost." */
static bool read_zone(struct text line, struct text *name)
{
    struct text rest = line, first = blocking_line_word(&rest), second = blocking_line_word(&rest);

    if (text_equal_nocase(second, TEXT("IN")))
        second = blocking_line_word(&rest);
    *name = (struct text){0};
    if (text_starts(first, TEXT("$")) || text_is(first, "@") ||
        text_equal_nocase(first, TEXT("NS")))
        return second.size > 0;
    if (!text_equal_nocase(second, TEXT("CNAME")))
        return false;
    *name = first;
    return true;
}

bool blocking_line_read(struct text line, struct text *name)
{
    static const struct {
        const char *before, *ends;
    } forms[] = {
        {"||", "^$/"},     {"address=/", "/"},       {"server=/", "/"},       {"local=/", "/"},
        {"zone \"", "\""}, {"local-zone: \"", "\""}, {"local-zone:\"", "\""},
    };
    static const char *const others[] = {"!", "[Adblock", "server:", "@@"};

    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (take_between(line, text_of(forms[i].before), forms[i].ends, name))
            return true;
    }
    *name = (struct text){0};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (text_starts(line, text_of(others[i])))
            return true;
    }
    return read_zone(line, name);
}

/* Every format there is, in the order in which `auto` tries them. */
#include "detector/format.h"

static const struct format_ops *const formats[] = {
    &format_json,         &format_syslog, &format_nginx_error,
    &format_apache_error, &format_clf,    &format_plain,
};

/* The last that comes into question is not asked: it is the answer in any case. */
const struct format_ops *format_of(enum source_format format, struct text log)
{
    const struct format_ops *found = NULL;

    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (format != SOURCE_AUTO && formats[i]->format != format)
            continue;
        if (found && found->maybe(log))
            break;
        found = formats[i];
    }
    return found;
}

void format_look_inside(const struct format_context *context, struct text text, struct entry *entry)
{
    struct format_context inner = *context;

    if (context->depth >= 2) /* JSON around syslog around an access log */
        return;
    inner.depth++;
    const struct format_ops *format = format_of(SOURCE_AUTO, text);

    if (format != &format_plain)
        format->parse(&inner, text, entry, NULL); /* refused: then it is just a text */
}

#include "cli/commands/alert_name.h"

#include <errno.h>

enum { DIGITS = 32, LEAST_DIGITS = 8, SHOWN_DIGITS = 8 };

#define PREFIX TEXT("SEC-")

/* The digits of an id of our form, or of the start of one; empty: it is something else. */
static struct text digits_of(struct text id)
{
    return text_starts(id, PREFIX) ? text_slice(id, PREFIX.size, id.size) : TEXT("");
}

static bool is_ours(struct text id)
{
    return digits_of(id).size == DIGITS;
}

static bool is_meant(struct text word, struct text id)
{
    struct text digits = text_starts(word, PREFIX) ? digits_of(word) : word;

    return text_equal(id, word) ||
           (is_ours(id) && digits.size >= LEAST_DIGITS && text_starts(digits_of(id), digits));
}

void alert_name_done(struct alert_name *name)
{
    buf_done(&name->id);
    buf_done(&name->other);
}

bool alert_name_is(struct alert_name *name, struct text id)
{
    if (!is_meant(text_of(name->word), id))
        return false;
    if (name->id.size == 0)
        buf_add(&name->id, id);
    else if (name->other.size == 0 && !text_equal(buf_text(&name->id), id))
        buf_add(&name->other, id);
    return true;
}

int alert_name_check(const struct alert_name *name, struct error *err)
{
    if (name->other.size == 0)
        return 0;
    return error_set(err, -EINVAL, "'%.60s' is the start of several ids: %.*s, %.*s", name->word,
                     TEXT_ARG(text_cut(buf_text(&name->id), 60)),
                     TEXT_ARG(text_cut(buf_text(&name->other), 60)));
}

struct text alert_name_short(struct text id)
{
    return is_ours(id) ? text_slice(digits_of(id), 0, SHOWN_DIGITS) : id;
}

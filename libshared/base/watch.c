#include "base/watch.h"

#include <inttypes.h>

static void add_part(struct buf *out, struct text part)
{
    buf_addf(out, "%zu:", part.size);
    buf_add(out, part);
}

void watch_target_write(const struct watch_target *target, struct buf *out)
{
    add_part(out, target->tenant);
    add_part(out, target->field);
    add_part(out, target->value);
}

static bool read_part(struct text *rest, struct text *part)
{
    size_t colon = text_find_byte(*rest, ':');
    int64_t size;

    if (colon == rest->size || !text_to_integer(text_slice(*rest, 0, colon), &size) ||
        (uint64_t)size > rest->size - colon - 1)
        return false;
    *part = text_slice(*rest, colon + 1, colon + 1 + (size_t)size);
    *rest = text_slice(*rest, colon + 1 + (size_t)size, rest->size);
    return true;
}

bool watch_target_read(struct text text, struct watch_target *target)
{
    return read_part(&text, &target->tenant) && read_part(&text, &target->field) &&
           read_part(&text, &target->value) && text.size == 0;
}

/* "<until, never or none> <since or always> <at> <version> <stays or leaves>" */
void watch_word_write(const struct watch_word *word, struct buf *out)
{
    if (!word->reads)
        buf_add_string(out, "none ");
    else if (word->until_ms == WATCH_NEVER)
        buf_add_string(out, "never ");
    else
        buf_addf(out, "%" PRId64 " ", word->until_ms);
    if (word->since_ms == WATCH_NEVER)
        buf_add_string(out, "always ");
    else
        buf_addf(out, "%" PRId64 " ", word->since_ms);
    buf_addf(out, "%" PRId64 " %" PRId64 " %s", word->at_ms, word->version,
             word->leaves ? "leaves" : "stays");
}

bool watch_word_read(struct text text, struct watch_word *word)
{
    struct text until, since, at, version;

    if (!text_split(&text, ' ', &until) || !text_split(&text, ' ', &since) ||
        !text_split(&text, ' ', &at) || !text_split(&text, ' ', &version))
        return false;
    *word = (struct watch_word){.reads = !text_is(until, "none"),
                                .until_ms = WATCH_NEVER,
                                .since_ms = WATCH_NEVER,
                                .leaves = text_is(text, "leaves")};
    if (word->reads && !text_is(until, "never") && !text_to_integer(until, &word->until_ms))
        return false;
    if (!text_is(since, "always") && !text_to_integer(since, &word->since_ms))
        return false;
    return text_to_integer(at, &word->at_ms) && text_to_integer(version, &word->version);
}

bool watch_view_add(struct watch_view *view, const struct watch_word *word, int64_t now_ms,
                    int64_t version)
{
    int64_t age_ms = now_ms - word->at_ms;

    if (age_ms > (word->leaves ? WATCH_LIVES_MS : WATCH_FORGET_MS))
        return false;
    if (age_ms > WATCH_LIVES_MS) {
        view->is_one_missing |= word->reads;
        return true;
    }
    view->living++;
    if (!word->reads)
        return true;
    view->reading++;
    view->is_one_behind |= word->version != version;
    if (word->until_ms < view->until_ms)
        view->until_ms = word->until_ms;
    if (word->since_ms > view->since_ms)
        view->since_ms = word->since_ms;
    return true;
}

bool watch_view_is_whole(const struct watch_view *view)
{
    return view->reading > 0 && !view->is_one_missing && !view->is_one_behind &&
           view->until_ms != WATCH_NEVER;
}

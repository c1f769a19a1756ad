#include "iocfeed/harvest.h"

#include <errno.h>
#include <stdlib.h>

#include "base/document.h"
#include "base/utf16.h"
#include "iocfeed/feeds.h"

enum { NAMES = 64 };

/* Formats, then providers that are not called as one. How many are formats; *@count: all. */
static size_t list_names(const char *names[NAMES], size_t *count)
{
    size_t formats = 0;

    while (feed_all[formats] && formats < NAMES) {
        names[formats] = feed_all[formats]->name;
        formats++;
    }
    *count = formats;
    for (size_t i = 0; provider_at(i) && *count < NAMES; i++) {
        if (!feed_find(text_of(provider_at(i)->name)))
            names[(*count)++] = provider_at(i)->name;
    }
    return formats;
}

int harvest_check_format(struct text name, struct error *err)
{
    const char *names[NAMES];
    size_t count, formats = list_names(names, &count);
    AUTO_BUF list = {0};

    if (feed_find(name) || provider_find(name))
        return 0;
    const char *nearest = document_nearest(name, names, count);

    if (nearest)
        return error_set(err, -EINVAL, "format is '%.*s'; did you mean '%s'?",
                         TEXT_ARG(text_cut(name, 40)), nearest);
    for (size_t i = 0; i < count; i++)
        buf_addf(&list, "%s%s", i == 0 ? "" : i == formats ? ", or a provider: " : ", ", names[i]);
    return error_set(err, -EINVAL, "format is '%.*s'; it may be %s", TEXT_ARG(text_cut(name, 40)),
                     buf_string(&list));
}

struct harvest *harvest_new(const struct profile *profile, const struct warning_lists *lists,
                            int64_t now_ms, const struct intake_sink *sink, struct text cursor,
                            struct error *err)
{
    const struct provider *provider = provider_find(text_of(profile->format));
    const struct feed_ops *format =
        feed_find(provider ? text_of(provider->format) : text_of(profile->format));

    if (harvest_check_format(text_of(profile->format), err) < 0)
        return NULL;
    struct harvest *harvest = mem_zero(sizeof(*harvest));

    harvest->arena = arena_new(64 * 1024);
    harvest->provider = provider;
    harvest->format = format;
    harvest->profile = provider ? provider_fill(provider, profile, harvest->arena) : *profile;
    harvest->cursor = arena_copy(harvest->arena, cursor);
    harvest->is_complete = !format->incremental || cursor.size == 0;
    /* Nobody vouches for single lines, yet they are meant. */
    if (!(harvest->profile.confidence > 0) && format == &feed_txt)
        harvest->profile.confidence = 0.7;
    harvest->intake = intake_new(&harvest->profile, lists, now_ms, sink);
    return harvest;
}

void harvest_free(struct harvest *harvest)
{
    if (!harvest)
        return;
    if (harvest->done && harvest->state)
        harvest->done(harvest->state);
    intake_free(harvest->intake);
    buf_done(&harvest->next);
    arena_free(harvest->arena);
    free(harvest);
}

int harvest_ask(struct harvest *harvest, struct feed_request *request, struct error *err)
{
    *request = (struct feed_request){.method = "GET"};
    if (harvest->format->ask) {
        int more = harvest->format->ask(harvest, request, err);

        if (more > 0 && harvest->pages++ == HARVEST_MAX_PAGES)
            return error_set_class(err, ERROR_POISON, -EBADMSG, "it has more than %d pages",
                                   HARVEST_MAX_PAGES);
        return more;
    }
    if (harvest->pages++ > 0)
        return 0;
    if (!harvest->profile.url || !harvest->profile.url[0])
        return error_set(err, -EINVAL, "feed '%s' has no url", harvest->profile.name);
    request->url = text_of(harvest->profile.url);
    return 1;
}

/* A log-in page, a portal's or an error page with status 200. No format begins with a tag, but for
 * lists in <pre> (VX Vault's) and values in brackets; what is said to be HTML is believed where
 * there is any, as scripts that print a list forget to say what it is. */
static bool is_page(struct text body, bool is_html)
{
    struct text start = text_slice(body, 0, 4096), line;

    if (is_html && text_find_byte(start, '<') < start.size)
        return true;
    while (text_split(&body, '\n', &line)) {
        line = text_trim(line);
        if (line.size > 0 && line.bytes[0] != '#' && line.bytes[0] != ';')
            return line.bytes[0] == '<' && !text_starts(line, TEXT("<http")) &&
                   !text_is(line, "<pre>");
    }
    return false;
}

/* And no page that is written in it. */
static bool is_xml(struct text body)
{
    struct text start = text_slice(body, 0, 4096);

    return text_starts(start, TEXT("<?xml")) && text_find(start, TEXT("<html")) == start.size;
}

static int take(struct harvest *harvest, const struct feed_ops *format,
                const struct feed_answer *answer, struct error *err)
{
    struct feed_answer clean = *answer;

    if (text_starts(clean.body, TEXT("\xEF\xBB\xBF")))
        clean.body = text_slice(clean.body, 3, clean.body.size);
    if (is_xml(text_trim(clean.body)))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "it is XML; feeds are read as JSON, CSV or text: STIX 1 and OpenIOC "
                               "are to be converted first");
    if (is_page(clean.body, clean.is_html))
        return error_set_class(
            err, ERROR_POISON, -EBADMSG,
            "it is a web page and no feed: a log-in, an error, or the wrong url");
    if (text_find_byte(text_slice(clean.body, 0, 4096), '\0') < 4096 &&
        text_find_byte(text_slice(clean.body, 0, 4096), '\0') < clean.body.size)
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "it is not text: it contains NUL bytes; is it compressed?");
    return format->parse(harvest, &clean, err);
}

/* Has no line of the first ones columns? A URL may hold commas. */
static bool is_plain_list(struct text body)
{
    struct text line;
    int lines = 0;

    while (lines < 20 && text_split(&body, '\n', &line)) {
        line = text_trim(line);
        if (line.size == 0 || line.bytes[0] == '#')
            continue;
        /* A quote begins a field or is part of a value. */
        if (line.bytes[0] == '"' || text_find(line, TEXT(",\"")) < line.size ||
            text_find_byte(line, ',') < text_find(line, TEXT("://")))
            return false;
        lines++;
    }
    return lines > 0;
}

/* Providers publish the same as CSV, as JSON and as a plain list: which it is shows. */
static const struct feed_ops *form_of(const struct harvest *harvest, struct text body)
{
    const struct feed_ops *format = harvest->format, *like = feed_guess(body);

    if (!harvest->provider || format->ask)
        return format;
    if (like == &feed_json || (format == &feed_json && like == &feed_csv))
        return like;
    if (format == &feed_json && like == &feed_txt && is_plain_list(body))
        return like;
    return format == &feed_csv && is_plain_list(body) ? &feed_txt : format;
}

int harvest_take(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    struct feed_answer read = *answer;

    read.body = utf16_to_utf8(answer->body, harvest->arena);
    return take(harvest, form_of(harvest, read.body), &read, err);
}

int harvest_take_file(struct harvest *harvest, struct text body, struct error *err)
{
    if (harvest->format->file_form)
        harvest->format = harvest->format->file_form;
    return harvest_take(harvest, &(struct feed_answer){.body = body}, err);
}

/* Whether too many bad rows say that it is not the feed. A few rows say little about the others, if
 * one of them is good; and of what changed since, bad rows must not block what comes behind them.
 */
static bool may_refuse(const struct harvest *harvest, const struct intake_counts *counts)
{
    const uint64_t few = 20;

    if (counts->good + counts->withdrawn == 0)
        return harvest->is_complete;
    return counts->rows >= few && !harvest->format->incremental;
}

int harvest_judge(const struct harvest *harvest, struct error *err)
{
    const struct profile *profile = &harvest->profile;
    struct intake_counts counts = intake_counts(harvest->intake);
    double most_bad = profile->max_bad_rows > 0 ? profile->max_bad_rows : 0.5;
    int64_t declared = intake_declared(harvest->intake);

    if (profile->max_rows > 0 && counts.rows > (uint64_t)profile->max_rows)
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "it has %llu rows; max_rows allows %lld",
                               (unsigned long long)counts.rows, (long long)profile->max_rows);
    if (declared > 0 && counts.entries < (uint64_t)declared)
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "it says that it has %lld entries, but %llu came: cut off",
                               (long long)declared, (unsigned long long)counts.entries);
    if ((double)counts.bad > most_bad * (double)counts.rows && may_refuse(harvest, &counts))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "%llu of its %llu rows cannot be read; max_bad_rows allows a share "
                               "of %g: is format '%s' right?",
                               (unsigned long long)counts.bad, (unsigned long long)counts.rows,
                               most_bad,
                               harvest->provider ? harvest->provider->name : profile->format);
    return 0;
}

struct text harvest_cursor(const struct harvest *harvest)
{
    return harvest->next.size ? buf_text(&harvest->next) : harvest->cursor;
}

bool harvest_is_complete(const struct harvest *harvest)
{
    return harvest->is_complete;
}

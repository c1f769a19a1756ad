#include "iocfeed/header_facts.h"

#include "base/moment.h"

/* "Last updated: 2026-03-12 14:28:39 UTC   #" → without what closes the box. */
static struct text value_behind(struct text comment, struct text name)
{
    size_t at = text_find(comment, name);

    if (at == comment.size)
        return (struct text){0};
    struct text value = text_trim(text_slice(comment, at + name.size, comment.size));

    if (text_starts(value, TEXT(":")))
        value = text_trim(text_slice(value, 1, value.size));
    while (value.size && value.bytes[value.size - 1] == '#')
        value = text_trim(text_slice(value, 0, value.size - 1));
    return value;
}

/* ctime(): "Sat Nov  7 22:41:34 UTC 2015". */
static int64_t ctime_of(struct text t)
{
    struct moment moment;
    AUTO_BUF line = {0};
    size_t zone = text_find(t, TEXT(" UTC "));

    if (t.size < 20 || t.bytes[3] != ' ' || zone + 5 >= t.size)
        return RECORD_NULL;
    /* As syslog writes it, with the year behind the time. */
    buf_add(&line, text_slice(t, 4, zone));
    buf_add_byte(&line, ' ');
    buf_add(&line, text_slice(t, zone + 5, t.size));
    return moment_parse_syslog(buf_text(&line), NULL, -1, &moment) ? moment.ms : RECORD_NULL;
}

/* RFC 9110's: "Thu, 24 Sep 2026 12:00:00 GMT". */
static int64_t http_date_of(struct text t)
{
    struct moment moment;
    AUTO_BUF line = {0};

    if (t.size != 29 || t.bytes[3] != ',' || !text_ends(t, TEXT(" GMT")))
        return RECORD_NULL;
    /* As web servers' logs write it. */
    buf_addf(&line, "%.2s/%.3s/%.4s:%.8s +0000", t.bytes + 5, t.bytes + 8, t.bytes + 12,
             t.bytes + 17);
    return moment_parse_clf(buf_text(&line), &moment) ? moment.ms : RECORD_NULL;
}

static void note_date(struct text comment, struct intake *intake)
{
    static const char *const names[] = {"Last updated", "Source File Date", "Last Updated",
                                        "last updated", "Last-Modified",    "Generated on",
                                        "Generated"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct text value = value_behind(comment, text_of(names[i]));

        if (value.size == 0)
            continue;
        int64_t ms = row_time(value);

        if (ms == RECORD_NULL)
            ms = ctime_of(value);
        if (ms == RECORD_NULL)
            ms = http_date_of(value);
        if (ms != RECORD_NULL)
            intake_set_content_time(intake, ms);
        return;
    }
}

static void note_entries(struct text comment, struct intake *intake)
{
    static const char *const names[] = {"Number of entries", "Entries", "END"};
    int64_t rows;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct text value;

        if (!text_starts(comment, text_of(names[i]))) /* "WEEKEND 5" says nothing of the kind */
            continue;
        value = value_behind(comment, text_of(names[i]));
        value = text_slice(value, 0, text_find_byte(value, ' '));
        if (text_to_integer(value, &rows)) {
            intake_set_declared(intake, rows);
            return;
        }
    }
}

void header_facts_note(struct text comment, struct intake *intake)
{
    comment = text_trim(comment);
    note_date(comment, intake);
    note_entries(comment, intake);
}

#include "iocfeed/feeds.h"
#include "iocfeed/feed.h"

#include <yyjson.h>

#include "base/mem.h"
#include "iocfeed/row.h"

const struct feed_ops *const feed_all[] = {
    &feed_json, &feed_csv,       &feed_txt, &feed_stix, &feed_taxii,
    &feed_misp, &feed_misp_rest, &feed_otx, &feed_tor,  NULL,
};

const struct feed_ops *feed_find(struct text name)
{
    for (size_t i = 0; feed_all[i]; i++) {
        if (text_is(name, feed_all[i]->name))
            return feed_all[i];
    }
    return NULL;
}

/* JSON by what its first bytes name. */
static const struct feed_ops *guess_json(struct text body)
{
    struct text start = text_slice(body, 0, 64 * 1024);
    static const struct {
        const char *word;
        const struct feed_ops *feed;
    } signs[] = {
        {"\"bundle--", &feed_stix},      {"\"indicator--", &feed_stix}, {"\"Event\"", &feed_misp},
        {"\"Attribute\"", &feed_misp},   {"\"Orgc\"", &feed_misp},      {"\"pulse", &feed_otx},
        {"\"prefetch_pulse", &feed_otx},
    };

    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (text_find(start, text_of(signs[i].word)) < start.size)
            return signs[i].feed;
    }
    return &feed_json;
}

/* The first line that is neither empty nor a comment. */
static struct text first_line(struct text body)
{
    struct text line;

    while (text_split(&body, '\n', &line)) {
        line = text_trim(line);
        if (line.size > 0 && line.bytes[0] != '#' && line.bytes[0] != ';')
            return line;
    }
    return (struct text){0};
}

/* Names of columns, of which one is of values: "Indicator type,Indicator". */
static bool is_header(struct text line)
{
    static const char separators[] = {',', ';', '\t', '|'};

    if (text_starts(line, TEXT("sep=")))
        return true;
    for (size_t i = 0; i < COUNT_OF(separators); i++) {
        struct text rest = line, name;

        while (text_find_byte(line, separators[i]) < line.size &&
               text_split(&rest, separators[i], &name)) {
            for (const char *const *names = row_part_names(ROW_VALUE); *names; names++) {
                if (row_names_equal(name, text_of(*names)) && !row_is_last_resort(name))
                    return true;
            }
        }
    }
    return false;
}

const struct feed_ops *feed_guess(struct text body)
{
    struct text line;

    if (text_starts(body, TEXT("\xEF\xBB\xBF")))
        body = text_slice(body, 3, body.size);
    line = first_line(body);
    if (line.size == 0)
        return &feed_txt;
    if (line.bytes[0] == '{' || (line.bytes[0] == '[' && line.size < 3) ||
        text_starts(line, TEXT("[{")) || text_starts(line, TEXT("[\"")))
        return guess_json(body);
    if (text_starts(line, TEXT("ExitNode ")))
        return &feed_tor;
    /* A URL may hold commas; a row of columns has them before any. */
    if (text_find_byte(line, ',') < text_find(line, TEXT("://")) &&
        text_find_byte(line, ',') < text_find_byte(line, ' '))
        return &feed_csv;
    return line.bytes[0] == '"' || is_header(line) ? &feed_csv : &feed_txt;
}

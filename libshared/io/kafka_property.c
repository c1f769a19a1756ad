#include "io/kafka_property.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/document.h"

enum { MOST_PROPERTIES = 1000 };

/* The list; NULL without memory for it. The caller frees it. */
static char *print_list(void)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&bytes, &size);

    if (!file)
        return NULL;
    rd_kafka_conf_properties_show(file);
    fclose(file);
    return bytes;
}

/* The next row's name and range, where both are; titles and lines have none.
 *     linger.ms      |  P  | 0 .. 900000     |             5 | high       | Alias for …
 */
static bool next_row(struct text *list, struct text *name, struct text *range)
{
    struct text line, use;

    while (text_split(list, '\n', &line)) {
        if (text_split(&line, '|', name) && text_split(&line, '|', &use) &&
            text_split(&line, '|', range)) {
            *name = text_trim(*name);
            *range = text_trim(*range);
            return true;
        }
    }
    return false;
}

void kafka_property_range(const char *name, struct buf *range)
{
    char *list = print_list();
    struct text rest = text_of(list), found, allowed;

    while (next_row(&rest, &found, &allowed)) {
        if (text_is(found, name)) {
            buf_add(range, allowed);
            break;
        }
    }
    free(list);
}

void kafka_property_nearest(const char *name, struct buf *nearest)
{
    AUTO(arena) arena = arena_new(16384);
    const char **names = arena_take(arena, MOST_PROPERTIES * sizeof(*names));
    char *list = print_list();
    struct text rest = text_of(list), found, allowed;
    size_t count = 0;

    while (count < MOST_PROPERTIES && next_row(&rest, &found, &allowed))
        names[count++] = arena_textf(arena, "%.*s", TEXT_ARG(found)).bytes;
    buf_add_string(nearest, document_nearest(text_of(name), names, count));
    free(list);
}

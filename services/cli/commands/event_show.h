/* event_show: events as people and programs read them: a row, or a JSON line. */
#pragma once

#include "base/event.h"
#include "cli/commands/output.h"
#include "cli/table.h"

struct event_show {
    enum output output;
    bool has_place;
    bool is_narrow; /* then: no year, no place, no category */
    bool has_head;  /* the table's first line is written */
    struct table table;
};

/* For stdout. @has_place: a column for the file and line, or none. On a terminal of less than 100
 * columns what can be spared is left out, so that there is room for the log. */
void event_show_init(struct event_show *show, int wish, bool has_place);
void event_show_add(struct event_show *show, const struct event *event, struct buf *out);

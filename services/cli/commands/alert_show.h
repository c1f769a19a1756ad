/* alert_show: alerts as people and programs read them: a row, or a JSON line. */
#pragma once

#include "base/alert.h"
#include "cli/commands/output.h"
#include "cli/table.h"

struct alert_show {
    enum output output;
    bool is_narrow;  /* then: no year */
    bool has_status; /* a column for new, update, resolved */
    bool has_id;     /* one for the id's first digits (alert_name.h) */
    bool has_head;   /* the table's first line is written */
    struct table table;
};

/* For stdout. */
void alert_show_init(struct alert_show *show, int wish, bool has_status, bool has_id);
void alert_show_add(struct alert_show *show, const struct alert *alert, struct buf *out);

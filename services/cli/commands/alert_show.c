#include "cli/commands/alert_show.h"
#include "cli/commands/alert_name.h"
#include "cli/json_line.h"

#include <inttypes.h>

#include "cli/progress.h"

enum { NARROW_TERMINAL = 100, SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

void alert_show_init(struct alert_show *show, int wish, bool has_status, bool has_id)
{
    struct terminal terminal = terminal_of(stdout);
    bool is_narrow = terminal.width && terminal.width < NARROW_TERMINAL;
    size_t count = 0;

    *show = (struct alert_show){.output = output_of(wish, &terminal),
                                .is_narrow = is_narrow,
                                .has_status = has_status,
                                .has_id = has_id};
    show->table.columns[count++] =
        (struct column){.title = "TIME (UTC)", .width = is_narrow ? 14 : 19, .least = TABLE_WHOLE};
    if (has_id)
        show->table.columns[count++] =
            (struct column){.title = "ID", .width = 8, .least = TABLE_WHOLE};
    show->table.columns[count++] =
        (struct column){.title = "OVER", .width = 7, .right = true, .drop = 1};
    show->table.columns[count++] =
        (struct column){.title = "LEVEL", .width = 8, .least = TABLE_WHOLE};
    if (has_status)
        show->table.columns[count++] =
            (struct column){.title = "STATUS", .width = 8, .least = TABLE_WHOLE, .drop = 3};
    show->table.columns[count++] =
        (struct column){.title = "EVENTS", .width = 6, .right = true, .drop = 2};
    show->table.columns[count++] =
        (struct column){.title = "GROUP", .width = 15, .least = TABLE_WHOLE};
    show->table.columns[count++] = (struct column){.title = "ALERT", .least = 16};
    show->table.count = count;
    show->table.colour = terminal.colour;
    table_layout(&show->table, terminal.width);
}

/* How long it took from the first event to the last: "48 s", "12 min"; one moment is "-". */
static struct text add_span(int64_t ms, struct buf *buf)
{
    if (ms <= 0)
        return TEXT("-");
    if (ms < MINUTE)
        buf_addf(buf, "%" PRId64 " s", (ms + SECOND - 1) / SECOND);
    else if (ms < HOUR)
        buf_addf(buf, "%" PRId64 " min", ms / MINUTE);
    else
        buf_addf(buf, "%" PRId64 " h", ms / HOUR);
    return buf_text(buf);
}

static struct text add_count(const struct alert *alert, struct buf *buf)
{
    if (!alert->count_exact)
        buf_add_string(buf, "≥ ");
    progress_add_count(buf, (uint64_t)alert->event_count);
    return buf_text(buf);
}

/* Values of the group, that of an event that stands for itself left out. */
static struct text add_group(const struct alert *alert, struct buf *buf)
{
    for (size_t i = 0; i < alert->group.count; i++) {
        if (text_is(alert->group.names[i], "event_id"))
            continue;
        buf_add_string(buf, buf->size ? ", " : "");
        buf_add(buf, alert->group.values[i]);
    }
    return buf->size ? buf_text(buf) : TEXT("-");
}

/* The title; of a single event, what it is and its log, which says more. */
static struct text add_what(const struct alert *alert, struct buf *buf)
{
    if (alert->correlation_id.size || alert->event_types.count == 0)
        return alert->title;
    buf_add(buf, alert->event_types.items[0]);
    buf_add_string(buf, "  ");
    buf_add(buf, alert->raw_payload);
    return buf_text(buf);
}

static void add_row(struct alert_show *show, const struct alert *alert, struct buf *out)
{
    AUTO_BUF time = {0};
    AUTO_BUF span = {0};
    AUTO_BUF events = {0};
    AUTO_BUF group = {0};
    AUTO_BUF what = {0};
    struct cell row[TABLE_COLUMNS];
    size_t count = 0;
    enum paint paint = alert->mode == MODE_SHADOW ? PAINT_DIM : paint_of_level(alert->severity);

    row[count++] = (struct cell){table_time(alert->first_seen, !show->is_narrow, &time), PAINT_DIM};
    if (show->has_id)
        row[count++] = (struct cell){alert_name_short(alert->alert_id), PAINT_NONE};
    row[count++] = (struct cell){add_span(alert->last_seen - alert->first_seen, &span), PAINT_DIM};
    row[count++] = (struct cell){text_of(event_levels[alert->severity]), paint};
    if (show->has_status)
        row[count++] = (struct cell){text_of(alert_statuses[alert->status]),
                                     alert->status == ALERT_NEW ? PAINT_BOLD : PAINT_DIM};
    row[count++] = (struct cell){add_count(alert, &events), PAINT_NONE};
    row[count++] = (struct cell){add_group(alert, &group), PAINT_BOLD};
    row[count++] = (struct cell){add_what(alert, &what), PAINT_NONE};
    if (!show->has_head)
        table_head(&show->table, out);
    show->has_head = true;
    table_row(&show->table, row, out);
}

void alert_show_add(struct alert_show *show, const struct alert *alert, struct buf *out)
{
    if (show->output == OUTPUT_TABLE)
        add_row(show, alert, out);
    else
        json_line_record(&alert_type, alert, out);
}

#include "cli/commands/event_show.h"
#include "cli/json_line.h"

#include <inttypes.h>
#include <string.h>

enum { NARROW_TERMINAL = 100, WIDE_TERMINAL = 140 };

void event_show_init(struct event_show *show, int wish, bool has_place)
{
    struct terminal terminal = terminal_of(stdout);
    bool is_narrow = terminal.width && terminal.width < NARROW_TERMINAL;
    bool is_wide = !terminal.width || terminal.width >= WIDE_TERMINAL;
    size_t count = 0;

    *show = (struct event_show){.output = output_of(wish, &terminal),
                                .has_place = has_place && !is_narrow,
                                .is_narrow = is_narrow};
    show->table.columns[count++] = (struct column){
        .title = "TIME (UTC)", .width = is_narrow ? 14 : 19, .least = TABLE_WHOLE, .drop = 2};
    show->table.columns[count++] =
        (struct column){.title = "LEVEL", .width = 8, .least = TABLE_WHOLE};
    show->table.columns[count++] = (struct column){.title = "EVENT",
                                                   .width = is_narrow ? 20
                                                            : is_wide ? 40
                                                                      : 28,
                                                   .least = is_narrow ? 13 : 16};
    show->table.columns[count++] =
        (struct column){.title = "SOURCE", .width = 15, .least = TABLE_WHOLE};
    if (show->has_place)
        show->table.columns[count++] =
            (struct column){.title = "LINE", .width = 16, .least = 12, .drop = 1};
    show->table.columns[count++] = (struct column){.title = "LOG", .least = is_narrow ? 16 : 20};
    show->table.count = count;
    show->table.colour = terminal.colour;
    table_layout(&show->table, terminal.width);
}

/* "xss" of web_attacks.xss */
static struct text attack(struct text type)
{
    size_t dot = text_find_byte(type, '.');

    return dot + 1 < type.size ? text_slice(type, dot + 1, type.size) : type;
}

static struct text entity(const struct event *event)
{
    struct text entity = event_entity(event);

    return text_equal(entity, event->event_id) ? TEXT("-") : entity;
}

/* An access log repeats the address and the time before the request, which is what one looks for.
 */
static struct text without_prefix(const struct event *event)
{
    size_t quote = text_find_byte(event->payload, '"');

    if (event->source_ip.size && text_starts(event->payload, event->source_ip) &&
        quote + 1 < event->payload.size)
        return text_slice(event->payload, quote, event->payload.size);
    return event->payload;
}

static struct text add_place(const struct origin *origin, struct buf *buf)
{
    struct text name = origin->topic;

    for (size_t at; (at = text_find_byte(name, '/')) + 1 < name.size;)
        name = text_slice(name, at + 1, name.size);
    buf_add(buf, name);
    buf_addf(buf, ":%" PRId64, origin->offset);
    return buf_text(buf);
}

static void add_row(struct event_show *show, const struct event *event, struct buf *out)
{
    AUTO_BUF time = {0};
    AUTO_BUF place = {0};
    struct cell row[TABLE_COLUMNS];
    size_t count = 0;
    enum paint paint = event->mode == MODE_SHADOW ? PAINT_DIM : paint_of_level(event->threat_level);

    row[count++] = (struct cell){table_time(event->event_time, !show->is_narrow, &time), PAINT_DIM};
    row[count++] = (struct cell){text_of(event_levels[event->threat_level]), paint};
    row[count++] =
        (struct cell){show->is_narrow ? attack(event->event_type) : event->event_type, PAINT_NONE};
    row[count++] = (struct cell){entity(event), PAINT_BOLD};
    if (show->has_place)
        row[count++] = (struct cell){add_place(&event->origin, &place), PAINT_DIM};
    row[count++] = (struct cell){without_prefix(event), PAINT_NONE};
    if (!show->has_head)
        table_head(&show->table, out);
    show->has_head = true;
    table_row(&show->table, row, out);
}

void event_show_add(struct event_show *show, const struct event *event, struct buf *out)
{
    if (show->output == OUTPUT_TABLE)
        add_row(show, event, out);
    else
        json_line_record(&event_type, event, out);
}

#include "iocfeed/misp_event.h"

#include "iocfeed/json_path.h"

/* What the event says of all its attributes. */
struct event {
    yyjson_val *tags;
    struct text info;
    bool is_deleted; /* the object that the attribute is of */
};

/* true, "1", 1. */
static bool is_true(yyjson_val *value)
{
    return yyjson_is_true(value) || (yyjson_is_int(value) && yyjson_get_int(value) == 1) ||
           text_is(json_path_text(value), "1") || text_is(json_path_text(value), "true");
}

static void add_tags(struct row *row, yyjson_val *tags, struct arena *arena)
{
    yyjson_val *tag;
    size_t i, max;

    yyjson_arr_foreach(tags, i, max, tag)
        row_add_tag(row, json_path_text(yyjson_obj_get(tag, "name")), arena);
}

static void set_time(struct row *row, enum row_part part, yyjson_val *value, struct arena *arena)
{
    AUTO_BUF scratch = {0};
    struct text text;

    if (json_path_scalar(value, &scratch, &text))
        row_set(row, part, text, arena);
}

static void fill(struct harvest *harvest, const struct event *event, yyjson_val *attribute,
                 struct row *row)
{
    struct arena *arena = intake_arena(harvest->intake);

    row_clear(row);
    row->misp_type = json_path_text(yyjson_obj_get(attribute, "type"));
    row->left_out = is_true(yyjson_obj_get(attribute, "to_ids")) ? NULL : &row_not_to_ids;
    row->withdrawn = event->is_deleted || is_true(yyjson_obj_get(attribute, "deleted"));
    set_time(row, ROW_FIRST_SEEN, yyjson_obj_get(attribute, "first_seen"), arena);
    set_time(row, ROW_LAST_SEEN, yyjson_obj_get(attribute, "last_seen"), arena);
    if (row->last_seen == RECORD_NULL)
        set_time(row, ROW_LAST_SEEN, yyjson_obj_get(attribute, "timestamp"), arena);
    row->description = json_path_text(yyjson_obj_get(attribute, "comment"));
    if (row->description.size == 0)
        row->description = event->info;
    add_tags(row, yyjson_obj_get(attribute, "Tag"), arena);
    add_tags(row, event->tags, arena);
}

static void take_attribute(struct harvest *harvest, const struct event *event,
                           yyjson_val *attribute)
{
    struct row row;

    fill(harvest, event, attribute, &row);
    row_set_type_of_many(&row, row.misp_type);
    row.value = json_path_text(yyjson_obj_get(attribute, "value"));
    intake_row(harvest->intake, &row);
}

static void take_attributes(struct harvest *harvest, const struct event *event,
                            yyjson_val *attributes)
{
    yyjson_val *attribute;
    size_t i, max;

    yyjson_arr_foreach(attributes, i, max, attribute) take_attribute(harvest, event, attribute);
}

void misp_event_take(struct harvest *harvest, yyjson_val *event)
{
    yyjson_val *inner = yyjson_obj_get(event, "Event"), *object;
    AUTO_BUF scratch = {0};
    struct text time;
    size_t i, max;

    if (inner)
        event = inner;
    struct event about = {.tags = yyjson_obj_get(event, "Tag"),
                          .info = json_path_text(yyjson_obj_get(event, "info"))};

    if (json_path_scalar(yyjson_obj_get(event, "timestamp"), &scratch, &time) &&
        row_time(time) != RECORD_NULL)
        intake_set_content_time(harvest->intake, row_time(time));
    take_attributes(harvest, &about, yyjson_obj_get(event, "Attribute"));
    yyjson_arr_foreach(yyjson_obj_get(event, "Object"), i, max, object)
    {
        about.is_deleted = is_true(yyjson_obj_get(object, "deleted"));
        take_attributes(harvest, &about, yyjson_obj_get(object, "Attribute"));
    }
}

void misp_event_take_attributes(struct harvest *harvest, yyjson_val *attributes)
{
    yyjson_val *attribute;
    size_t i, max;

    yyjson_arr_foreach(attributes, i, max, attribute)
    {
        yyjson_val *event = yyjson_obj_get(attribute, "Event");
        const struct event about = {.info = json_path_text(yyjson_obj_get(event, "info"))};

        take_attribute(harvest, &about, attribute);
    }
}

bool misp_event_take_any(struct harvest *harvest, yyjson_val *root)
{
    yyjson_val *response = yyjson_obj_get(root, "response"), *item;
    size_t i, max;

    if (response)
        root = response;
    if (yyjson_is_arr(root)) {
        yyjson_arr_foreach(root, i, max, item) misp_event_take(harvest, item);
        return true;
    }
    if (yyjson_obj_get(root, "Event") || yyjson_obj_get(root, "info")) {
        misp_event_take(harvest, root);
        return true;
    }
    if (yyjson_is_arr(yyjson_obj_get(root, "Attribute"))) {
        misp_event_take_attributes(harvest, yyjson_obj_get(root, "Attribute"));
        return true;
    }
    return false;
}

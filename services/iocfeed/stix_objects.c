#include "iocfeed/stix_objects.h"

#include <stdlib.h>

#include "iocfeed/json_path.h"
#include "iocfeed/key_index.h"
#include "iocfeed/stix_pattern.h"

/* What is kept of an indicator until all are known; texts are in the harvest's arena. */
struct found {
    struct text id;
    int64_t modified;
    bool revoked;
    struct text pattern;
    struct text pattern_type;
    struct row row; /* all but the value */
};

struct stix_objects {
    struct found *items;
    size_t count, capacity;
    struct key_index index;
    uint64_t seen;
};

struct stix_objects *stix_objects_new(void)
{
    return mem_zero(sizeof(struct stix_objects));
}

void stix_objects_free(struct stix_objects *objects)
{
    if (!objects)
        return;
    key_index_done(&objects->index);
    free(objects->items);
    free(objects);
}

static struct text key_of(const void *self, size_t position)
{
    return ((const struct stix_objects *)self)->items[position].id;
}

static struct text kept(struct harvest *harvest, yyjson_val *object, const char *name)
{
    return arena_copy(harvest->arena, json_path_text(yyjson_obj_get(object, name)));
}

/* The marking definitions of TLP, whose ids the standard fixes (STIX 2.1 §7.2.1.4). */
static const struct {
    const char *id, *tag;
} markings[] = {
    {"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", "tlp:clear"},
    {"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "tlp:green"},
    {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", "tlp:amber"},
    {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "tlp:red"},
    /* TLP 2.0, by OASIS' extension. */
    {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "tlp:clear"},
    {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "tlp:green"},
    {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "tlp:amber"},
    {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "tlp:amber+strict"},
    {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "tlp:red"},
};

static void add_tags(struct harvest *harvest, yyjson_val *object, struct row *row)
{
    yyjson_val *marks = yyjson_obj_get(object, "object_marking_refs");
    yyjson_val *labels = yyjson_obj_get(object, "labels"), *item;
    size_t i, max;

    yyjson_arr_foreach(labels, i, max, item)
        row_add_tag(row, arena_copy(harvest->arena, json_path_text(item)), harvest->arena);
    yyjson_arr_foreach(marks, i, max, item)
    {
        for (size_t k = 0; k < COUNT_OF(markings); k++) {
            if (text_is(json_path_text(item), markings[k].id))
                row_add_tag(row, text_of(markings[k].tag), harvest->arena);
        }
    }
}

/* 2.1 has indicator_types, 2.0 has labels in their place. */
static struct text threat_of(struct harvest *harvest, yyjson_val *object)
{
    yyjson_val *types = yyjson_obj_get(object, "indicator_types");

    if (!types)
        types = yyjson_obj_get(object, "labels");
    return arena_copy(harvest->arena, json_path_text(yyjson_arr_get_first(types)));
}

/* Does it say that it is harmless? */
static bool is_benign(yyjson_val *object)
{
    yyjson_val *types = yyjson_obj_get(object, "indicator_types"), *type;
    size_t i, max;

    if (!types)
        types = yyjson_obj_get(object, "labels");
    yyjson_arr_foreach(types, i, max, type)
    {
        if (text_equal_nocase(json_path_text(type), TEXT("benign")))
            return true;
    }
    return false;
}

/* Why it is not to be looked for; NULL: it is. A day ahead it is taken: clocks and time zones are
 * wrong more often, and a server that tells what is new tells it once. */
static const struct row_reason *why_left_out(yyjson_val *object, int64_t valid_from, int64_t now_ms)
{
    static const struct row_reason not_yet_valid = {"not_yet_valid",
                                                    "counts from a time that is yet to come"};
    const int64_t day_ms = 24 * 60 * 60 * 1000;

    if (is_benign(object))
        return &row_benign;
    return valid_from != RECORD_NULL && valid_from > now_ms + day_ms ? &not_yet_valid : NULL;
}

static void read_row(struct harvest *harvest, yyjson_val *object, struct row *row)
{
    yyjson_val *confidence = yyjson_obj_get(object, "confidence");

    row_clear(row);
    row->is_fanged = true; /* STIX is for machines */
    row->threat_type = threat_of(harvest, object);
    if (yyjson_is_num(confidence) && yyjson_get_num(confidence) >= 0 &&
        yyjson_get_num(confidence) <= 100)
        row->confidence = yyjson_get_num(confidence) / 100;
    row->first_seen = row_time(json_path_text(yyjson_obj_get(object, "valid_from")));
    row->left_out = why_left_out(object, row->first_seen, intake_now(harvest->intake));
    row->last_seen = row_time(json_path_text(yyjson_obj_get(object, "modified")));
    row->valid_until = row_time(json_path_text(yyjson_obj_get(object, "valid_until")));
    row->description = kept(harvest, object, "name");
    if (row->description.size == 0)
        row->description = kept(harvest, object, "description");
    add_tags(harvest, object, row);
}

static void add_indicator(struct stix_objects *objects, struct harvest *harvest, yyjson_val *object)
{
    struct text id = json_path_text(yyjson_obj_get(object, "id"));
    int64_t modified = row_time(json_path_text(yyjson_obj_get(object, "modified")));
    int64_t known = id.size ? key_index_find(&objects->index, id, key_of, objects) : KEY_INDEX_NONE;
    struct found *found;

    objects->seen++;
    if (known >= 0 && objects->items[known].modified >= modified)
        return;
    if (known < 0) {
        objects->items =
            mem_grow(objects->items, objects->count, &objects->capacity, sizeof(*objects->items));
        objects->items[objects->count].id = arena_copy(harvest->arena, id);
        known = (int64_t)objects->count++;
        if (id.size)
            key_index_add(&objects->index, (size_t)known, key_of, objects);
    }
    found = &objects->items[known];
    found->modified = modified;
    found->revoked = yyjson_get_bool(yyjson_obj_get(object, "revoked"));
    found->pattern = kept(harvest, object, "pattern");
    found->pattern_type = kept(harvest, object, "pattern_type");
    read_row(harvest, object, &found->row);
    found->row.line = objects->seen;
    if (modified != RECORD_NULL)
        intake_set_content_time(harvest->intake, modified);
}

void stix_objects_add(struct stix_objects *objects, struct harvest *harvest, yyjson_val *list)
{
    yyjson_val *object;
    size_t i, max;

    if (yyjson_is_obj(list)) {
        add_indicator(objects, harvest, list);
        return;
    }
    yyjson_arr_foreach(list, i, max, object)
    {
        if (text_is(json_path_text(yyjson_obj_get(object, "type")), "indicator"))
            add_indicator(objects, harvest, object);
    }
}

static void hand_over(struct harvest *harvest, const struct found *found)
{
    struct arena *arena = intake_arena(harvest->intake);
    struct stix_atoms atoms;

    if (found->pattern_type.size && !text_equal_nocase(found->pattern_type, TEXT("stix"))) {
        intake_refuse(harvest->intake, INTAKE_LEFT_OUT, "pattern_language",
                      "is a pattern in another language than STIX", found->pattern,
                      found->row.line);
        return;
    }
    if (!stix_pattern_read(found->pattern, arena, &atoms) || atoms.count == 0) {
        intake_refuse(harvest->intake, atoms.reason == STIX_SYNTAX ? INTAKE_BAD : INTAKE_LEFT_OUT,
                      stix_pattern_code(atoms.reason), stix_pattern_text(atoms.reason),
                      found->pattern, found->row.line);
        return;
    }
    /* The intake's memory goes with each row: the atoms move to where they last. */
    struct stix_atom *kept_atoms = arena_take(harvest->arena, atoms.count * sizeof(*kept_atoms));

    for (size_t i = 0; i < atoms.count; i++)
        kept_atoms[i] = (struct stix_atom){atoms.items[i].kind,
                                           arena_copy(harvest->arena, atoms.items[i].value),
                                           arena_copy(harvest->arena, atoms.items[i].port)};
    for (size_t i = 0; i < atoms.count; i++) {
        struct row row = found->row;

        row.value = kept_atoms[i].value;
        row.kind = kept_atoms[i].kind;
        row.port = kept_atoms[i].port;
        row.withdrawn = found->revoked;
        intake_row(harvest->intake, &row);
    }
}

void stix_objects_finish(const struct stix_objects *objects, struct harvest *harvest)
{
    for (size_t i = 0; i < objects->count; i++)
        hand_over(harvest, &objects->items[i]);
}

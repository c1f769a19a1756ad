#include "base/record_avro_plan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/schema.h"
#include "base/wire.h"

enum { MAX_STEPS = 100000 };

/* 0001-01-01 to 9999-12-31, what RFC 3339 can write: also keeps differences of times from
 * overflowing. */
#define FIRST_MS INT64_C(-62135596800000)
#define LAST_MS INT64_C(253402300799999)

/* What is done with one value of the writer's. */
enum action {
    SKIP,    /* we have no such field */
    DEFAULT, /* a null that may be: the field stays as it is */
    REFUSE,  /* a branch of a union that is nothing to us */
    CHOOSE,  /* a union: by the branch */
    COPY,    /* into the field, as its kind says */
};

struct step {
    enum action action;
    const struct schema_node *writer;
    const struct record_field *field;
    struct step *steps; /* RECORD: by the writer's fields; union: by branch; lists: the item's */
    int *symbols;       /* ENUM: ours by the writer's index, -1 for one that we do not know */
};

struct record_avro_plan {
    struct arena *arena; /* of all of it */
    const struct record_type *type;
    const struct schema_node *writer;
    struct step *root;
    size_t step_count;
    uint64_t fingerprint;
};

/* Lists and maps hold texts, records stand alone: as fields they have no place of their own. */
static const struct record_field text_item = {.name = "item", .kind = FIELD_TEXT};

static bool compile(struct record_avro_plan *plan, struct step *step,
                    const struct schema_node *writer, const struct record_field *field,
                    struct error *err);

static struct step *new_steps(struct record_avro_plan *plan, size_t count)
{
    plan->step_count += count;
    return arena_zero(plan->arena, count * sizeof(struct step));
}

static const struct record_field *find_field(const struct record_type *type, struct text name)
{
    for (const struct record_field *field = type->fields; field->name; field++) {
        if (text_is(name, field->name))
            return field;
    }
    return NULL;
}

static bool compile_record(struct record_avro_plan *plan, struct step *step,
                           const struct record_type *type, struct error *err)
{
    const struct schema_node *writer = step->writer;

    step->steps = new_steps(plan, writer->count);
    for (size_t i = 0; i < writer->count; i++) {
        const struct record_field *field = find_field(type, writer->words[i]);

        if (!compile(plan, &step->steps[i], writer->children[i], field, err)) {
            error_prefix(err, "%s", type->name);
            return false;
        }
    }
    return true;
}

static bool compile_union(struct record_avro_plan *plan, struct step *step, struct error *err)
{
    const struct schema_node *writer = step->writer;
    struct error problem = {0};
    bool any = false;

    step->action = CHOOSE;
    step->steps = new_steps(plan, writer->count);
    for (size_t i = 0; i < writer->count; i++) {
        bool fits = compile(plan, &step->steps[i], writer->children[i], step->field, &problem);

        any = any || fits;
        if (!fits)
            step->steps[i] = (struct step){.action = REFUSE, .field = step->field};
    }
    if (!any)
        error_set_class(err, ERROR_POISON, -EBADMSG, "no branch of the writer's union fits: %s",
                        problem.text);
    return any;
}

static void map_symbols(struct record_avro_plan *plan, struct step *step)
{
    const struct schema_node *writer = step->writer;

    step->symbols = arena_take(plan->arena, writer->count * sizeof(*step->symbols));
    for (size_t i = 0; i < writer->count; i++) {
        step->symbols[i] = -1;
        for (int j = 0; step->field->symbols[j]; j++) {
            if (text_is(writer->words[i], step->field->symbols[j]))
                step->symbols[i] = j;
        }
    }
}

/* The resolution rules of the specification for what is no union. */
static bool is_readable(const struct record_field *field, enum schema_kind writer)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return writer == SCHEMA_STRING || writer == SCHEMA_BYTES;
    case FIELD_TIME:
    case FIELD_LONG:
        return writer == SCHEMA_INT || writer == SCHEMA_LONG;
    case FIELD_DOUBLE:
        return writer >= SCHEMA_INT && writer <= SCHEMA_DOUBLE;
    case FIELD_BOOLEAN:
        return writer == SCHEMA_BOOLEAN;
    case FIELD_ENUM:
        return writer == SCHEMA_ENUM;
    case FIELD_TEXT_LIST:
    case FIELD_RECORD_LIST:
        return writer == SCHEMA_ARRAY;
    case FIELD_TEXT_MAP:
        return writer == SCHEMA_MAP;
    case FIELD_RECORD:
        return writer == SCHEMA_RECORD;
    }
    return false;
}

static bool compile_items(struct record_avro_plan *plan, struct step *step, struct error *err)
{
    const struct schema_node *item = step->writer->children[0];

    step->steps = new_steps(plan, 1);
    if (step->field->kind != FIELD_RECORD_LIST)
        return compile(plan, step->steps, item, &text_item, err);

    struct record_field *record = ARENA_NEW(plan->arena, struct record_field);

    *record =
        (struct record_field){.name = "item", .kind = FIELD_RECORD, .record = step->field->record};
    return compile(plan, step->steps, item, record, err);
}

static bool compile(struct record_avro_plan *plan, struct step *step,
                    const struct schema_node *writer, const struct record_field *field,
                    struct error *err)
{
    *step = (struct step){.action = field ? COPY : SKIP, .writer = writer, .field = field};
    if (!field)
        return true;
    if (plan->step_count > MAX_STEPS) {
        error_set_class(err, ERROR_POISON, -EBADMSG, "the writer's schema is too large");
        return false;
    }
    if (writer->kind == SCHEMA_UNION)
        return compile_union(plan, step, err);
    if (writer->kind == SCHEMA_NULL && field->nullable) {
        step->action = DEFAULT;
        return true;
    }
    if (!is_readable(field, writer->kind)) {
        error_set_class(err, ERROR_POISON, -EBADMSG, "%s: the writer's type is %s", field->name,
                        schema_kind_name(writer->kind));
        return false;
    }
    if (field->kind == FIELD_ENUM)
        map_symbols(plan, step);
    if (field->kind == FIELD_RECORD)
        return compile_record(plan, step, field->record, err);
    if (writer->kind == SCHEMA_ARRAY || writer->kind == SCHEMA_MAP)
        return compile_items(plan, step, err);
    return true;
}

static int read_value(struct wire *wire, struct arena *arena, const struct step *step, void *place);

static int read_time(struct wire *wire, const struct step *step, int64_t *ms)
{
    if (wire_integer(wire, step->writer->kind, ms) < 0)
        return -EBADMSG;
    if (*ms < FIRST_MS || *ms > LAST_MS)
        return wire_refuse(wire, "a time outside the years 1 to 9999");
    return 0;
}

static int read_double(struct wire *wire, const struct step *step, double *value)
{
    if (wire_number(wire, step->writer->kind, value) < 0)
        return -EBADMSG;
    if (isfinite(*value))
        return 0;
    if (!step->field->nullable)
        return wire_refuse(wire, "a double that is not a number");
    *value = NAN;
    return 0;
}

static int read_enum(struct wire *wire, const struct step *step, int *value)
{
    size_t index;

    if (wire_index(wire, step->writer->count, &index) < 0)
        return -EBADMSG;
    if (step->symbols[index] < 0)
        return wire_refuse(wire, "an enum symbol that is not known here");
    *value = step->symbols[index];
    return 0;
}

/* An array that grows in the arena. A block's count is a claim, so room is made only as items are
 * really there. */
static void *room_for_one(struct arena *arena, void *items, size_t count, size_t *capacity,
                          size_t item_size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 8;
    void *larger = arena_take(arena, *capacity * item_size);

    if (count > 0)
        memcpy(larger, items, count * item_size);
    return larger;
}

static int read_texts(struct wire *wire, struct arena *arena, const struct step *step,
                      struct record_texts *texts)
{
    size_t count, capacity = 0;

    do {
        if (wire_block(wire, &count) < 0)
            return -EBADMSG;
        for (size_t i = 0; i < count; i++) {
            texts->items =
                room_for_one(arena, texts->items, texts->count, &capacity, sizeof(*texts->items));
            if (read_value(wire, arena, step->steps, &texts->items[texts->count]) < 0)
                return -EBADMSG;
            texts->count++;
        }
    } while (count > 0);
    return 0;
}

static int read_map(struct wire *wire, struct arena *arena, const struct step *step,
                    struct record_map *map)
{
    size_t count, names = 0, values = 0;

    do {
        if (wire_block(wire, &count) < 0)
            return -EBADMSG;
        for (size_t i = 0; i < count; i++) {
            map->names = room_for_one(arena, map->names, map->count, &names, sizeof(*map->names));
            map->values =
                room_for_one(arena, map->values, map->count, &values, sizeof(*map->values));
            if (wire_text(wire, &map->names[map->count]) < 0 ||
                read_value(wire, arena, step->steps, &map->values[map->count]) < 0)
                return -EBADMSG;
            map->count++;
        }
    } while (count > 0);
    return 0;
}

static int read_record(struct wire *wire, struct arena *arena, const struct step *step,
                       const struct record_type *type, void *record)
{
    record_set_defaults(type, record);
    for (size_t i = 0; i < step->writer->count; i++) {
        const struct step *next = &step->steps[i];
        void *place = next->field ? (char *)record + next->field->offset : NULL;

        if (read_value(wire, arena, next, place) < 0) {
            error_prefix(wire->err, "%.*s", TEXT_ARG(step->writer->words[i]));
            return -EBADMSG;
        }
    }
    return 0;
}

static int read_records(struct wire *wire, struct arena *arena, const struct step *step,
                        struct record_list *list)
{
    size_t size = step->field->record->size, count, capacity = 0;

    do {
        if (wire_block(wire, &count) < 0)
            return -EBADMSG;
        for (size_t i = 0; i < count; i++) {
            list->items = room_for_one(arena, list->items, list->count, &capacity, size);
            if (read_value(wire, arena, step->steps, (char *)list->items + list->count * size) < 0)
                return -EBADMSG;
            list->count++;
        }
    } while (count > 0);
    return 0;
}

static int take_value(struct wire *wire, struct arena *arena, const struct step *step, void *place)
{
    switch (step->field->kind) {
    case FIELD_TEXT:
        return wire_text(wire, place);
    case FIELD_TIME:
        return read_time(wire, step, place);
    case FIELD_LONG:
        return wire_integer(wire, step->writer->kind, place);
    case FIELD_DOUBLE:
        return read_double(wire, step, place);
    case FIELD_BOOLEAN:
        return wire_boolean(wire, place);
    case FIELD_ENUM:
        return read_enum(wire, step, place);
    case FIELD_TEXT_LIST:
        return read_texts(wire, arena, step, place);
    case FIELD_TEXT_MAP:
        return read_map(wire, arena, step, place);
    case FIELD_RECORD:
        return read_record(wire, arena, step, step->field->record, place);
    case FIELD_RECORD_LIST:
        return read_records(wire, arena, step, place);
    }
    return 0;
}

/* Depth needs no limit here: steps follow our tables, which end; the writer's cycles are skipped.
 */
static int read_value(struct wire *wire, struct arena *arena, const struct step *step, void *place)
{
    size_t branch;

    switch (step->action) {
    case SKIP:
        return wire_skip(wire, step->writer);
    case DEFAULT:
        return 0;
    case REFUSE:
        return wire_refuse(wire, "a null or other type that may not stand here");
    case CHOOSE:
        if (wire_index(wire, step->writer->count, &branch) < 0)
            return -EBADMSG;
        return read_value(wire, arena, &step->steps[branch], place);
    case COPY:
        return take_value(wire, arena, step, place);
    }
    return 0;
}

struct record_avro_plan *record_avro_plan_new(const struct record_type *type,
                                              struct text writer_schema, struct error *err)
{
    AUTO(record_avro_plan) plan = mem_zero(sizeof(*plan));

    plan->arena = arena_new(4096);
    plan->type = type;
    plan->writer = schema_parse(plan->arena, writer_schema, err);
    if (!plan->writer)
        return NULL;
    plan->fingerprint = schema_fingerprint(plan->writer);
    plan->root = new_steps(plan, 1);
    struct record_field *whole = ARENA_NEW(plan->arena, struct record_field);

    *whole = (struct record_field){.name = type->name, .kind = FIELD_RECORD, .record = type};
    if (!compile(plan, plan->root, plan->writer, whole, err))
        return NULL;
    return TAKE(plan);
}

void record_avro_plan_free(struct record_avro_plan *plan)
{
    if (!plan)
        return;
    arena_free(plan->arena);
    free(plan);
}

int record_avro_plan_read(const struct record_avro_plan *plan, struct text bytes,
                          struct arena *arena, void *record, struct error *err)
{
    struct wire wire = wire_of(bytes, err);
    void *draft = arena_take(arena, plan->type->size);

    if (read_value(&wire, arena, plan->root, draft) < 0) {
        error_prefix(err, "%s", plan->type->name);
        return -EBADMSG;
    }
    if (wire.rest.size > 0) {
        wire_refuse(&wire, "more bytes behind the record");
        error_prefix(err, "%s", plan->type->name);
        return -EBADMSG;
    }
    memcpy(record, draft, plan->type->size);
    return 0;
}

uint64_t record_avro_plan_fingerprint(const struct record_avro_plan *plan)
{
    return plan->fingerprint;
}

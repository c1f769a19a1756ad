/* json: objects (or plain strings) in `indicators`, `iocs`, a list, or wherever the settings'
 * `list` says; also one after the other (JSON lines), as Spamhaus writes them, with its metadata
 * last.
 */
#include "iocfeed/feeds.h"

#include <errno.h>

#include "base/arena_json.h"
#include "iocfeed/harvest.h"
#include "iocfeed/json_path.h"

struct walk {
    struct harvest *harvest;
    struct buf scratch;
    uint64_t number; /* of the row: JSON has no lines to speak of */
    size_t lists;    /* found */
};

static void set_tags(struct row *row, yyjson_val *tags, struct arena *arena)
{
    size_t i, max;
    yyjson_val *tag;

    yyjson_arr_foreach(tags, i, max, tag)
    {
        if (yyjson_is_obj(tag))
            tag = yyjson_obj_get(tag, "name");
        row_add_tag(row, json_path_text(tag), arena);
    }
}

static void set_part(struct walk *walk, struct row *row, enum row_part part, yyjson_val *value)
{
    struct arena *arena = intake_arena(walk->harvest->intake);
    struct text text;

    if (part == ROW_TAGS && yyjson_is_arr(value))
        set_tags(row, value, arena);
    else if (json_path_scalar(value, &walk->scratch, &text))
        row_set(row, part, arena_copy(arena, text), arena);
}

/* Where settings say that @part stands; NULL: they do not. */
static const char *path_of(const struct profile *profile, enum row_part part)
{
    enum row_part named;

    for (size_t i = 0; i < profile->fields.count; i++) {
        if (row_part_parse(text_of(profile->fields.names[i]), &named) && named == part)
            return profile->fields.values[i];
    }
    return NULL;
}

/* @name is where it was found. */
static yyjson_val *find_part(const struct profile *profile, yyjson_val *object, enum row_part part,
                             struct text *name)
{
    const char *const *names = row_part_names(part);
    struct text rest = text_of(path_of(profile, part)), wanted = {0};
    yyjson_val *value = NULL;

    while (!value && text_split(&rest, '|', name)) {
        wanted = *name;
        value = json_path_get(object, *name);
    }
    for (; !value && *names; names++) {
        *name = text_of(*names);
        if (part != ROW_VALUE || row_column_fits(wanted, *name))
            value = yyjson_obj_getn(object, name->bytes, name->size);
    }
    return value;
}

/* Spamhaus' last line. */
static bool take_metadata(struct walk *walk, yyjson_val *object)
{
    yyjson_val *records = yyjson_obj_get(object, "records");
    yyjson_val *time = yyjson_obj_get(object, "timestamp");

    if (!text_is(json_path_text(yyjson_obj_get(object, "type")), "metadata"))
        return false;
    if (yyjson_is_int(records))
        intake_set_declared(walk->harvest->intake, yyjson_get_sint(records));
    if (yyjson_is_int(time) && yyjson_get_sint(time) > 0 && yyjson_get_sint(time) < 253402300800)
        intake_set_content_time(walk->harvest->intake, yyjson_get_sint(time) * 1000);
    return true;
}

static void take_value(struct walk *walk, yyjson_val *object, struct text name, yyjson_val *value)
{
    const struct profile *profile = &walk->harvest->profile;
    struct row row;

    row_clear(&row);
    row.line = walk->number;
    row.kind = row_kind_of_column(name);
    set_part(walk, &row, ROW_VALUE, value);
    for (int part = 0; part < ROW_PARTS; part++) {
        if (part != ROW_VALUE &&
            (value = find_part(profile, object, (enum row_part)part, &name)) != NULL)
            set_part(walk, &row, (enum row_part)part, value);
    }
    intake_row(walk->harvest->intake, &row);
}

/* An object has a value, or one at each of the settings' paths ("sha256|md5"). */
static void take_object(struct walk *walk, yyjson_val *object)
{
    const struct profile *profile = &walk->harvest->profile;
    struct text rest = text_of(path_of(profile, ROW_VALUE)), name;
    bool has_one = false;

    while (text_split(&rest, '|', &name)) {
        yyjson_val *value = json_path_get(object, name);

        if (!value || yyjson_is_null(value))
            continue;
        take_value(walk, object, name, value);
        has_one = true;
    }
    if (has_one)
        return;
    /* A provider may call it otherwise in another of its forms; what one's own settings name is not
     * to be found elsewhere. */
    bool may_look = walk->harvest->provider || !path_of(profile, ROW_VALUE);
    yyjson_val *value = may_look ? find_part(profile, object, ROW_VALUE, &name) : NULL;

    if (value)
        take_value(walk, object, name, value);
    else
        intake_refuse(walk->harvest->intake, INTAKE_BAD, "no_value", "is a row without a value",
                      (struct text){0}, walk->number);
}

static void take_item(struct walk *walk, yyjson_val *item)
{
    struct row row;

    if (yyjson_is_obj(item) && take_metadata(walk, item))
        return;
    walk->number++;
    if (yyjson_is_obj(item)) {
        take_object(walk, item);
    } else if (yyjson_is_str(item)) {
        row_clear(&row);
        row.line = walk->number;
        row.value = json_path_text(item);
        intake_row(walk->harvest->intake, &row);
    } else {
        intake_refuse(walk->harvest->intake, INTAKE_BAD, "not_an_object",
                      "is neither an object nor a string", (struct text){0}, walk->number);
    }
}

static void take_list(void *self, yyjson_val *list)
{
    struct walk *walk = self;
    size_t i, max;
    yyjson_val *item;

    walk->lists++;
    if (!yyjson_is_arr(list)) {
        take_item(walk, list);
        return;
    }
    yyjson_arr_foreach(list, i, max, item) take_item(walk, item);
}

/* Are all members lists of objects? ThreatFox: {"<id>": [{…}]}. */
static bool is_map_of_lists(yyjson_val *root)
{
    yyjson_val *key, *value;
    size_t i, max;

    yyjson_obj_foreach(root, i, max, key, value)
    {
        if (!yyjson_is_arr(value) || !yyjson_is_obj(yyjson_arr_get_first(value)))
            return false;
    }
    return yyjson_obj_size(root) > 0;
}

static void take_root(struct walk *walk, yyjson_val *root)
{
    static const char *const lists[] = {"indicators", "iocs", "data", "results", "urls"};
    const char *path = walk->harvest->profile.list;
    struct text name;

    if (path && path[0]) {
        json_path_each(root, text_of(path), take_list, walk);
        return;
    }
    for (size_t i = 0; yyjson_is_obj(root) && i < COUNT_OF(lists); i++) {
        yyjson_val *list = yyjson_obj_get(root, lists[i]);

        if (yyjson_is_arr(list)) {
            take_list(walk, list);
            return;
        }
    }
    if (is_map_of_lists(root))
        json_path_each(root, TEXT("*"), take_list, walk);
    else if (walk->lists > 0 || yyjson_is_arr(root) ||
             find_part(&walk->harvest->profile, root, ROW_VALUE, &name) ||
             text_is(json_path_text(yyjson_obj_get(root, "type")), "metadata"))
        take_list(walk, root); /* the list, or one of several lines */
}

static int json_parse(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    struct walk walk = {.harvest = harvest};
    struct text rest = text_trim(answer->body);
    int code = 0;

    while (rest.size > 0 && code == 0) {
        yyjson_read_err problem;
        yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)rest.bytes, rest.size,
                                           YYJSON_READ_STOP_WHEN_DONE, NULL, &problem);

        if (!doc) {
            code = error_set_class(
                err, ERROR_POISON, -EBADMSG, "not JSON at byte %zu: %s; cut off, or not the feed",
                (size_t)(rest.bytes - answer->body.bytes) + problem.pos, problem.msg);
            break;
        }
        take_root(&walk, yyjson_doc_get_root(doc));
        rest = text_trim(text_slice(rest, yyjson_doc_get_read_size(doc), rest.size));
        yyjson_doc_free(doc);
    }
    buf_done(&walk.scratch);
    if (code == 0 && walk.lists == 0)
        code = error_set_class(err, ERROR_POISON, -EBADMSG,
                               "there is no list of indicators in it; `indicators`, `iocs` or a "
                               "list are looked for, or what the setting `list` says");
    return code;
}

const struct feed_ops feed_json = {.name = "json", .parse = json_parse};

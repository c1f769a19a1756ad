/* json: objects (or plain strings) in `indicators`, `iocs`, a list, or wherever the settings'
 * `list` says; also one after the other (JSON lines), as Spamhaus writes them, with its metadata
 * last.
 */
#include "iocfeed/feeds.h"

#include <errno.h>

#include "base/arena_json.h"
#include "iocfeed/harvest.h"
#include "iocfeed/json_path.h"
#include "iocfeed/json_rows.h"

struct walk {
    struct harvest *harvest;
    struct buf scratch;
    uint64_t number; /* of the row: JSON has no lines to speak of */
    size_t lists;    /* found */
    bool has_end;    /* Spamhaus' last line was among them */
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

/* Can @value be what @part wants? One that says nothing leaves the next name its turn: an object
 * may have a `url` of null and an `ip`. */
static bool is_usable(yyjson_val *value, enum row_part part)
{
    if (yyjson_is_arr(value))
        return (part == ROW_TAGS || part == ROW_VALUE) && yyjson_arr_size(value) > 0 &&
               (part == ROW_TAGS || !yyjson_is_ctn(yyjson_arr_get_first(value)));
    if (part == ROW_VALUE && !yyjson_is_str(value)) /* "ioc": true */
        return false;
    return !yyjson_is_obj(value) && !yyjson_is_null(value) &&
           !(yyjson_is_str(value) && row_says_nothing(json_path_text(value)));
}

/* What settings say that has @part, the first that is there of "a|b". */
static yyjson_val *find_set(yyjson_val *object, struct text paths, enum row_part part)
{
    struct text path;

    while (text_split(&paths, '|', &path)) {
        yyjson_val *value = json_path_get(object, path);

        if (value && is_usable(value, part))
            return value;
    }
    return NULL;
}

/* Of @object's members the one that has @part under the best of its names; @name: that name. */
static yyjson_val *find_named(yyjson_val *object, struct text wanted, enum row_part part,
                              struct text *name)
{
    const char *const *names = row_part_names(part);
    size_t best = SIZE_MAX, i, max;
    yyjson_val *found = NULL, *key, *value;
    bool has_other = false; /* a name of values, though its value says nothing */

    yyjson_obj_foreach(object, i, max, key, value)
    {
        for (size_t rank = 0; names[rank] && rank < best; rank++) {
            if (!row_names_equal(json_path_text(key), text_of(names[rank])) ||
                (part == ROW_VALUE && !row_column_fits(wanted, text_of(names[rank]))))
                continue;
            has_other =
                has_other || (!yyjson_is_bool(value) && !row_is_last_resort(text_of(names[rank])));
            if (!is_usable(value, part))
                continue;
            best = rank;
            found = value;
            *name = text_of(names[rank]);
        }
    }
    return part == ROW_VALUE && found && has_other && row_is_last_resort(*name) ? NULL : found;
}

static yyjson_val *find_part(const struct profile *profile, yyjson_val *object, enum row_part part,
                             struct text *name)
{
    struct text paths = text_of(path_of(profile, part));
    yyjson_val *value = find_set(object, paths, part);

    return value ? value
                 : find_named(object, text_slice(paths, 0, text_find_byte(paths, '|')), part, name);
}

/* Spamhaus' last line. */
static bool is_metadata(yyjson_val *object)
{
    return text_is(json_path_text(yyjson_obj_get(object, "type")), "metadata");
}

static bool take_metadata(struct walk *walk, yyjson_val *object)
{
    yyjson_val *records = yyjson_obj_get(object, "records");
    yyjson_val *time = yyjson_obj_get(object, "timestamp");

    if (!is_metadata(object))
        return false;
    walk->has_end = true;
    if (yyjson_is_int(records))
        intake_set_declared(walk->harvest->intake, yyjson_get_sint(records));
    if (yyjson_is_int(time) && yyjson_get_sint(time) > 0 && yyjson_get_sint(time) < 253402300800)
        intake_set_content_time(walk->harvest->intake, yyjson_get_sint(time) * 1000);
    return true;
}

/* @object may be NULL: there is the value alone. */
static void take_scalar(struct walk *walk, yyjson_val *object, enum indicator_kind kind,
                        yyjson_val *value, bool goes_on)
{
    const struct profile *profile = &walk->harvest->profile;
    struct text name;
    struct row row;

    row_clear(&row);
    row.line = walk->number;
    row.kind = kind;
    row.goes_on = goes_on;
    set_part(walk, &row, ROW_VALUE, value);
    for (int part = 0; object && part < ROW_PARTS; part++) {
        if (part != ROW_VALUE &&
            (value = find_part(profile, object, (enum row_part)part, &name)) != NULL)
            set_part(walk, &row, (enum row_part)part, value);
    }
    intake_row(walk->harvest->intake, &row);
}

/* A value, or a list of them. */
static void take_value(struct walk *walk, yyjson_val *object, struct text name, yyjson_val *value,
                       bool goes_on)
{
    enum indicator_kind kind = row_kind_of_column(name);
    size_t i, max;
    yyjson_val *item;

    if (!yyjson_is_arr(value)) {
        take_scalar(walk, object, kind, value, goes_on);
        return;
    }
    yyjson_arr_foreach(value, i, max, item) take_scalar(walk, object, kind, item, goes_on || i > 0);
}

/* An object has a value, or one at each of the settings' paths ("sha256|md5"). */
static void take_object(struct walk *walk, yyjson_val *object)
{
    const struct profile *profile = &walk->harvest->profile;
    struct text paths = text_of(path_of(profile, ROW_VALUE)), rest = paths, name;
    bool has_one = false;

    while (text_split(&rest, '|', &name)) {
        yyjson_val *value = json_path_get(object, name);

        if (!value || !is_usable(value, ROW_VALUE))
            continue;
        take_value(walk, object, name, value, has_one);
        has_one = true;
    }
    if (has_one)
        return;
    /* A provider may call it otherwise in another of its forms; what one's own settings name is not
     * to be found elsewhere. */
    bool may_look = walk->harvest->provider || paths.size == 0;
    yyjson_val *value = may_look ? find_part(profile, object, ROW_VALUE, &name) : NULL;

    if (value)
        take_value(walk, object, name, value, false);
    else
        intake_refuse(walk->harvest->intake, INTAKE_BAD, "no_value", "is a row without a value",
                      (struct text){0}, walk->number);
}

static void take_item(struct walk *walk, yyjson_val *item)
{
    if (yyjson_is_obj(item) && take_metadata(walk, item))
        return;
    walk->number++;
    if (yyjson_is_obj(item)) {
        take_object(walk, item);
    } else if (yyjson_is_str(item)) {
        take_scalar(walk, NULL, INDICATOR_ANY, item, false);
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

static bool is_list_of_texts(yyjson_val *value)
{
    return yyjson_is_arr(value) && yyjson_is_str(yyjson_arr_get_first(value));
}

/* {"ips": ["192.0.2.1"], "domains": […]}: lists under what they are of. False: there is none. */
static bool take_lists_by_type(struct walk *walk, yyjson_val *root)
{
    yyjson_val *key, *list, *item;
    size_t i, k, max, count, lists = walk->lists;
    enum indicator_kind kind;

    yyjson_obj_foreach(root, i, max, key, list)
    {
        if (!is_list_of_texts(list) || !row_kind_parse(json_path_text(key), &kind))
            continue;
        walk->lists++;
        yyjson_arr_foreach(list, k, count, item)
        {
            walk->number++;
            take_scalar(walk, NULL, kind, item, false);
        }
    }
    return walk->lists > lists;
}

/* {"192.0.2.1": {"score": 5}}: the values are the names. False: they are not. */
static bool take_names(struct walk *walk, yyjson_val *object)
{
    const struct indicator_rules rules = {.refang = true, .looking_up = true};
    yyjson_val *key, *value;
    size_t i, max;

    yyjson_obj_foreach(object, i, max, key, value)
    {
        struct indicator found;

        if (i == 0 && indicator_read(json_path_text(key), INDICATOR_ANY, &rules,
                                     intake_arena(walk->harvest->intake), &found) != INDICATOR_GOOD)
            return false;
        walk->number++;
        take_scalar(walk, yyjson_is_obj(value) ? value : NULL, INDICATOR_ANY, key, false);
    }
    walk->lists += yyjson_obj_size(object) > 0;
    return yyjson_obj_size(object) > 0;
}

static bool has_value(const struct walk *walk, yyjson_val *object)
{
    struct text name;
    yyjson_val *value = find_part(&walk->harvest->profile, object, ROW_VALUE, &name);

    /* Lists and what sends them have names too. */
    return value && !yyjson_is_arr(value) && !text_is(name, "name");
}

/* Finds out where the rows of @root are. */
static int take_root(struct walk *walk, yyjson_val *root, struct error *err)
{
    const char *path = walk->harvest->profile.list;
    bool is_answer = json_path_is_answer(root);
    size_t lists = walk->lists;
    yyjson_val *list = json_rows_find(root), *row = has_value(walk, root) ? root : list;

    if (path && path[0])
        json_path_each(root, text_of(path), take_list, walk);
    else if (yyjson_is_arr(list))
        take_list(walk, list);
    else if (json_path_is_empty_answer(root))
        walk->lists++;
    else if (is_map_of_lists(list))
        json_path_each(list, TEXT("*"), take_list, walk);
    else if (!is_answer && (has_value(walk, row) || walk->lists > 0 || is_metadata(root)))
        take_list(walk, row); /* alone, or one of several lines */
    else if (!is_answer && !take_lists_by_type(walk, list) && json_rows_only_list(list))
        take_list(walk, json_rows_only_list(list));
    else if (walk->lists == lists && !take_names(walk, list))
        return json_path_refusal(root, err);
    return 0;
}

/* What is fetched has the provider's last line; a file of it may be a part. */
static bool is_cut_off(const struct walk *walk)
{
    const struct provider *provider = walk->harvest->provider;

    return provider && provider->ends_with_metadata && walk->harvest->pages > 0 && !walk->has_end;
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
        code = take_root(&walk, yyjson_doc_get_root(doc), err);
        rest = text_trim(text_slice(rest, yyjson_doc_get_read_size(doc), rest.size));
        yyjson_doc_free(doc);
    }
    buf_done(&walk.scratch);
    if (code == 0 && is_cut_off(&walk))
        code = error_set_class(err, ERROR_POISON, -EBADMSG,
                               "its last line, {\"type\":\"metadata\",…}, is missing: cut off");
    if (code == 0 && walk.lists == 0)
        code = error_set_class(err, ERROR_POISON, -EBADMSG,
                               "there is no list of indicators in it; `indicators`, `iocs` or a "
                               "list are looked for, or what the setting `list` says");
    return code;
}

const struct feed_ops feed_json = {.name = "json", .parse = json_parse};

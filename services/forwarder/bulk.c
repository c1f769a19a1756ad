#include "forwarder/bulk.h"

#include "base/arena_json.h"
#include "forwarder/ecs.h"
#include "forwarder/field.h"
#include "forwarder/native.h"
#include "forwarder/object.h"

void bulk_write(const struct alert *alert, struct text host, bool ecs, struct buf *out)
{
    AUTO_BUF identity = {0};
    AUTO_BUF document = {0};

    field_identity(alert, &identity);
    buf_add(out, TEXT("{\"create\":{"));
    object_text(out, "_id", buf_text(&identity));
    buf_add(out, TEXT("}}\n"));
    if (ecs) {
        ecs_write(alert, host, out);
    } else {
        buf_add_byte(out, '{');
        object_time(out, "@timestamp", alert->timestamp);
        native_write(alert, host, &document);
        buf_add_byte(out, ',');
        buf_add(out, text_slice(buf_text(&document), 1, document.size)); /* without its brace */
    }
    buf_add_byte(out, '\n');
}

static struct text text_of_member(yyjson_val *object, const char *name)
{
    yyjson_val *value = yyjson_obj_get(object, name);

    return (struct text){yyjson_get_str(value), yyjson_get_len(value)};
}

/* 400 for what is wrong with the index or the cluster, so that no document would be taken: it is
 * closed, its name is not allowed, it may not be made since the cluster has all the shards that it
 * may have (elastic/elasticsearch #110993: validation_exception, before illegal_argument_…), or its
 * pipeline is missing. A reason may quote a document, so that only its beginning counts. */
static bool is_of_index(yyjson_val *error)
{
    const struct text type = text_of_member(error, "type");
    const struct text reason = text_of_member(error, "reason");

    if (text_is(type, "validation_exception") || text_is(type, "illegal_argument_exception"))
        return text_starts(reason, TEXT("Validation Failed: 1: this action would add ")) ||
               text_starts(reason, TEXT("this action would add ")) ||
               text_starts(reason, TEXT("pipeline with id ["));
    return text_is(type, "index_closed_exception") || text_is(type, "invalid_index_name_exception");
}

/* The watermark makes an index read-only until space is made: 403 until Elasticsearch 7.x, 429
 * since, and no right is missing. */
static bool is_block(yyjson_val *error)
{
    return text_is(text_of_member(error, "type"), "cluster_block_exception");
}

static enum bulk_outcome judge_item(int64_t status, yyjson_val *error)
{
    if ((status >= 200 && status < 300) || status == 409)
        return BULK_TAKEN;
    if (is_block(error))
        return BULK_RETRY;
    if (status == 401 || status == 403 || status == 404 || (status == 400 && is_of_index(error)))
        return BULK_CONFIG;
    return status >= 400 && status < 500 && status != 408 && status != 429 ? BULK_POISON
                                                                           : BULK_RETRY;
}

enum bulk_outcome bulk_judge_refusal(struct text body, struct arena *arena)
{
    yyjson_val *error = yyjson_obj_get(arena_json_read(arena, body, NULL), "error");

    if (is_block(error))
        return BULK_RETRY;
    /* "id [SEC-…] is too long, must be no longer than 512 bytes": the only complaint of a part. */
    return text_is(text_of_member(error, "type"), "action_request_validation_exception")
               ? BULK_POISON
               : BULK_CONFIG;
}

bool bulk_read_reply(struct text body, size_t count, struct arena *arena,
                     enum bulk_outcome *outcomes, struct text *reason)
{
    yyjson_val *items = yyjson_obj_get(arena_json_read(arena, body, NULL), "items"), *item;
    size_t i, size;

    *reason = (struct text){0};
    if (!yyjson_is_arr(items) || yyjson_arr_size(items) != count)
        return false;
    yyjson_arr_foreach(items, i, size, item)
    {
        if (!yyjson_is_int(yyjson_ptr_get(item, "/create/status")))
            return false;
    }
    yyjson_arr_foreach(items, i, size, item)
    {
        yyjson_val *result = yyjson_obj_get(item, "create");
        yyjson_val *error = yyjson_obj_get(result, "error");
        const struct text type = text_of_member(error, "type");

        outcomes[i] = judge_item(yyjson_get_sint(yyjson_obj_get(result, "status")), error);
        if (outcomes[i] != BULK_TAKEN && reason->size == 0)
            *reason = arena_textf(arena, "%.*s: %.*s", TEXT_ARG(type),
                                  TEXT_ARG(text_of_member(error, "reason")));
    }
    return true;
}

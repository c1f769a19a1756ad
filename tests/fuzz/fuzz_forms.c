/* Whatever an alert holds, its JSON forms (native, ECS, OCSF) are one line of valid JSON with no
 * member twice, and a reader finds in them the texts that were put in. */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/hostile_alert.h"
#include "../unit/json_reader.h"
#include "base/record_json.h"
#include "forwarder/ecs.h"
#include "forwarder/native.h"
#include "forwarder/ocsf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

static yyjson_val *read_line(struct arena *arena, const struct buf *line)
{
    yyjson_val *root = arena_json_read(arena, buf_text(line), NULL);

    must(root && json_has_no_doubles(root));
    must(text_find_byte(buf_text(line), '\n') == line->size);
    return root;
}

static void check_native(struct arena *arena, const struct alert *alert)
{
    AUTO_BUF line = {0};
    AUTO_BUF raw = {0};

    native_write(alert, alert->host, &line);
    yyjson_val *root = read_line(arena, &line);

    must(json_text_is(arena, root, "/event_id", alert->alert_id));
    must(json_text_is(arena, root, "/title", alert->title));
    must(json_text_is(arena, root, "/host", alert->host));
    record_json_write(&alert_type, alert, &raw);
    must(yyjson_equals(yyjson_obj_get(root, "raw_data"),
                       arena_json_read(arena, buf_text(&raw), NULL)));
}

static void check_within(struct arena *arena, const struct alert *alert, size_t limit)
{
    AUTO_BUF line = {0};

    native_write_within(alert, alert->host, limit, &line);
    must(line.size <= limit && text_find_byte(buf_text(&line), '\x7F') == line.size);
    yyjson_val *root = read_line(arena, &line);

    must(yyjson_get_bool(yyjson_obj_get(root, "truncated")) ||
         json_text_is(arena, root, "/title", alert->title));
}

static void check_ecs(struct arena *arena, const struct alert *alert)
{
    AUTO_BUF line = {0};

    ecs_write(alert, alert->host, &line);
    yyjson_val *root = read_line(arena, &line);

    must(json_text_is(arena, root, "/event/id", alert->alert_id));
    must(json_text_is(arena, root, "/message", alert->description));
    must(json_text_is(arena, root, "/rule/name", alert->title));
    must(json_text_is(arena, root, "/source/address", alert->source_ip));
    must(json_text_is(arena, root, "/user/name", alert->user));
    must(json_text_is(arena, root, "/event/original", alert->raw_payload));
    must(yyjson_arr_size(yyjson_ptr_get(root, "/tags")) == alert->tags.count);
}

static void check_ocsf(struct arena *arena, const struct alert *alert)
{
    AUTO_BUF line = {0};

    ocsf_write(alert, &line);
    yyjson_val *root = read_line(arena, &line);

    must(json_text_is(arena, root, "/finding_info/uid", alert->alert_id));
    must(json_text_is(arena, root, "/finding_info/title", alert->title));
    must(json_text_is(arena, root, "/message", alert->description));
    must(json_text_is(arena, root, "/raw_data", alert->raw_payload));
    must(json_text_is(arena, root, "/evidences/0/user/name", alert->user));
    must(yyjson_arr_size(yyjson_ptr_get(root, "/metadata/labels")) == alert->tags.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(16384);
    const struct alert alert = hostile_alert((struct text){(const char *)data, size}, arena);

    check_native(arena, &alert);
    check_within(arena, &alert, NATIVE_LIMIT_MIN + size % 8192);
    check_ecs(arena, &alert);
    check_ocsf(arena, &alert);
    return 0;
}

/* otx: AlienVault OTX, the pulses that the key's owner subscribed to, page by page, newest changes
 * since the last harvest. `next` in an answer is a whole URL: it is followed only on the same host.
 */
#include "iocfeed/feeds.h"

#include <errno.h>

#include "base/arena_json.h"
#include "base/moment.h"
#include "iocfeed/harvest.h"
#include "iocfeed/json_path.h"
#include "iocfeed/page_url.h"

static int otx_ask(struct harvest *harvest, struct feed_request *request, struct error *err)
{
    AUTO_BUF url = {0};

    if (!harvest->profile.url || !harvest->profile.url[0])
        return error_set(err, -EINVAL, "feed '%s' has no url", harvest->profile.name);
    if (harvest->pages > 0) {
        request->url = harvest->page;
        return harvest->page.size > 0;
    }
    buf_addf(&url, "%s%climit=50&page=1", harvest->profile.url,
             strchr(harvest->profile.url, '?') ? '&' : '?');
    if (harvest->cursor.size)
        buf_addf(&url, "&modified_since=%.*s", TEXT_ARG(harvest->cursor));
    request->url = arena_copy(harvest->arena, buf_text(&url));
    return 1;
}

static int turn_page(struct harvest *harvest, yyjson_val *root, struct error *err)
{
    struct text next = json_path_text(yyjson_obj_get(root, "next"));

    if (next.size &&
        !text_equal(page_url_origin(next), page_url_origin(text_of(harvest->profile.url))))
        return error_set_class(
            err, ERROR_POISON, -EBADMSG,
            "the next page is said to be at '%.*s', another server: not followed", TEXT_ARG(next));
    if (next.size && text_equal(next, harvest->page))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "the server says again and again that '%.*s' is next",
                               TEXT_ARG(next));
    harvest->page = arena_copy(harvest->arena, next);
    return 0;
}

struct pulse {
    yyjson_val *tags, *tlp, *name;
};

static void take_indicator(struct harvest *harvest, const struct pulse *pulse,
                           yyjson_val *indicator, uint64_t number)
{
    struct arena *arena = intake_arena(harvest->intake);
    yyjson_val *active = yyjson_obj_get(indicator, "is_active"), *tag;
    struct row row;
    size_t i, max;

    row_clear(&row);
    row.line = number;
    row_set(&row, ROW_VALUE, json_path_text(yyjson_obj_get(indicator, "indicator")), arena);
    row_set_type_of_many(&row, json_path_text(yyjson_obj_get(indicator, "type")));
    row_set(&row, ROW_FIRST_SEEN, json_path_text(yyjson_obj_get(indicator, "created")), arena);
    row_set(&row, ROW_VALID_UNTIL, json_path_text(yyjson_obj_get(indicator, "expiration")), arena);
    row_set(&row, ROW_DESCRIPTION, json_path_text(yyjson_obj_get(indicator, "title")), arena);
    if (row.description.size == 0)
        row.description = json_path_text(pulse->name);
    yyjson_arr_foreach(pulse->tags, i, max, tag) row_add_tag(&row, json_path_text(tag), arena);
    if (yyjson_is_str(pulse->tlp))
        row_add_tag(&row, arena_textf(arena, "tlp:%.*s", TEXT_ARG(json_path_text(pulse->tlp))),
                    arena);
    row.withdrawn = active && (yyjson_is_false(active) ||
                               (yyjson_is_int(active) && yyjson_get_int(active) == 0));
    intake_row(harvest->intake, &row);
}

static void take_pulse(struct harvest *harvest, yyjson_val *value)
{
    const struct pulse pulse = {yyjson_obj_get(value, "tags"), yyjson_obj_get(value, "TLP"),
                                yyjson_obj_get(value, "name")};
    const struct pulse lower = {pulse.tags, pulse.tlp ? pulse.tlp : yyjson_obj_get(value, "tlp"),
                                pulse.name};
    int64_t modified = row_time(json_path_text(yyjson_obj_get(value, "modified")));
    yyjson_val *indicator;
    size_t i, max;

    if (modified != RECORD_NULL)
        intake_set_content_time(harvest->intake, modified);
    yyjson_arr_foreach(yyjson_obj_get(value, "indicators"), i, max, indicator)
        take_indicator(harvest, &lower, indicator, i + 1);
    if (yyjson_is_str(yyjson_obj_get(value, "indicator"))) /* of an export, which has no pulses */
        take_indicator(harvest, &(struct pulse){NULL, NULL, NULL}, value, 0);
}

static int otx_parse(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    AUTO(arena) arena = arena_new(256 * 1024);
    yyjson_val *root = arena_json_read(arena, answer->body, err), *results, *pulse;
    size_t i, max;

    if (!root)
        return -EBADMSG;
    results = yyjson_obj_get(root, "results");
    if (yyjson_is_arr(yyjson_obj_get(root, "indicators")))
        take_pulse(harvest, root); /* one pulse alone */
    else if (!yyjson_is_arr(results) && json_path_refusal(root, err) < 0)
        return err->code;
    else if (!yyjson_is_arr(results))
        return error_set_class(err, ERROR_POISON, -EBADMSG,
                               "no page of OTX pulses: `results` is looked for");
    yyjson_arr_foreach(results, i, max, pulse) take_pulse(harvest, pulse);
    if (harvest->next.size == 0) /* what changes while the pages are read comes next time */
        moment_write(intake_now(harvest->intake), &harvest->next);
    return turn_page(harvest, root, err);
}

const struct feed_ops feed_otx = {
    .name = "otx", .incremental = true, .ask = otx_ask, .parse = otx_parse};

/* misp_rest: attributes for detection from a MISP server, by its REST search, page after page until
 * one is short. The url is the server's. The key goes into Authorization, without "Bearer".
 */
#include "iocfeed/feeds.h"

#include <errno.h>

#include "base/arena_json.h"
#include "iocfeed/harvest.h"
#include "iocfeed/misp_event.h"

enum { PAGE_ROWS = 1000 };

static int misp_rest_ask(struct harvest *harvest, struct feed_request *request, struct error *err)
{
    struct text base = text_of(harvest->profile.url);
    AUTO_BUF body = {0};

    if (base.size == 0)
        return error_set(err, -EINVAL, "feed '%s' has no url", harvest->profile.name);
    if (harvest->pages > 0 && harvest->page.size == 0)
        return 0;
    if (text_ends(base, TEXT("/")))
        base.size--;
    request->url = text_ends(base, TEXT("/restSearch"))
                       ? base
                       : arena_textf(harvest->arena, "%.*s/attributes/restSearch", TEXT_ARG(base));
    request->method = "POST";
    request->accept = request->content_type = "application/json";
    buf_addf(&body,
             "{\"returnFormat\":\"json\",\"deleted\":[0,1],\"includeEventTags\":true,"
             "\"limit\":%d,\"page\":%zu",
             PAGE_ROWS, harvest->pages + 1);
    if (harvest->cursor.size) /* to_ids may have been switched off since */
        buf_addf(&body, ",\"timestamp\":\"%.*s\"", TEXT_ARG(harvest->cursor));
    else
        buf_add_string(&body, ",\"to_ids\":1");
    buf_add_byte(&body, '}');
    request->body = arena_copy(harvest->arena, buf_text(&body));
    return 1;
}

static int misp_rest_parse(struct harvest *harvest, const struct feed_answer *answer,
                           struct error *err)
{
    AUTO(arena) arena = arena_new(256 * 1024);
    yyjson_val *root = arena_json_read(arena, answer->body, err), *attributes;

    if (!root)
        return -EBADMSG;
    attributes = yyjson_obj_get(root, "response");
    if (!yyjson_is_arr(attributes)) /* some versions have no more than [] where nothing is found */
        attributes = yyjson_obj_get(attributes, "Attribute");
    if (!yyjson_is_arr(attributes))
        return error_set_class(
            err, ERROR_POISON, -EBADMSG,
            "no answer to a search of attributes: `response.Attribute` is looked "
            "for; is the key allowed to use the REST interface?");
    misp_event_take_attributes(harvest, attributes);
    harvest->page = yyjson_arr_size(attributes) < PAGE_ROWS ? (struct text){0} : TEXT("next");
    if (harvest->next.size == 0) /* seconds; what changes meanwhile comes next time */
        buf_addf(&harvest->next, "%lld", (long long)(intake_now(harvest->intake) / 1000));
    return 0;
}

const struct feed_ops feed_misp_rest = {.name = "misp_rest",
                                        .incremental = true,
                                        .file_form = &feed_misp,
                                        .ask = misp_rest_ask,
                                        .parse = misp_rest_parse};

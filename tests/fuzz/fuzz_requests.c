/* Whatever two alerts hold, the bodies of HTTP targets have the records of two alerts: neither more
 * nor fewer, each with the members that were put in, in the framing that the receiver reads; and no
 * header ends early. */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/cef_reader.h"
#include "../unit/hostile_alert.h"
#include "../unit/json_reader.h"
#include "../unit/leef_reader.h"
#include "../unit/syslog_reader.h"
#include "base/mem.h"
#include "forwarder/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

struct trial {
    struct arena *arena;
    const struct alert *const *alerts;
    size_t count;
    struct text body;
};

static struct text identity_of(const struct trial *trial, size_t i)
{
    AUTO_BUF out = {0};

    buf_add(&out, trial->alerts[i]->alert_id);
    buf_addf(&out, "-%lld", (long long)trial->alerts[i]->revision);
    return arena_copy(trial->arena, buf_text(&out));
}

static yyjson_val *read_all(const struct trial *trial, struct text json)
{
    yyjson_val *root = arena_json_read(trial->arena, json, NULL);

    must(root && json_has_no_doubles(root));
    return root;
}

/* JSON after JSON, with blanks between, as HEC reads it. */
static void check_splunk(const struct trial *trial)
{
    struct text rest = trial->body;
    size_t count = 0;

    for (; text_trim(rest).size > 0; count++) {
        yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)rest.bytes, rest.size,
                                           YYJSON_READ_STOP_WHEN_DONE, NULL, NULL);

        must(doc != NULL && count < trial->count);
        yyjson_val *root = yyjson_doc_get_root(doc);
        const struct alert *alert = trial->alerts[count];

        must(json_has_no_doubles(root) && yyjson_obj_size(root) <= 7);
        must(json_text_is(trial->arena, root, "/event/alert_id", alert->alert_id));
        must(json_text_is(trial->arena, root, "/event/title", alert->title));
        must(json_text_is(trial->arena, root, "/fields/alert_id", alert->alert_id));
        must(yyjson_obj_size(yyjson_obj_get(root, "fields")) == 2);
        rest = text_slice(rest, yyjson_doc_get_read_size(doc), rest.size);
        yyjson_doc_free(doc);
    }
    must(count == trial->count);
}

/* An action a line, a document a line, and a line end behind the last. */
static void check_bulk(const struct trial *trial)
{
    struct text rest = trial->body, line;

    must(text_ends(rest, TEXT("\n")));
    for (size_t i = 0; i < trial->count; i++) {
        must(text_split(&rest, '\n', &line));
        yyjson_val *action = read_all(trial, line);

        must(yyjson_obj_size(action) == 1 &&
             yyjson_obj_size(yyjson_obj_get(action, "create")) == 1);
        must(json_text_is(trial->arena, action, "/create/_id", identity_of(trial, i)));
        must(text_split(&rest, '\n', &line));
        must(json_text_is(trial->arena, read_all(trial, line), "/message",
                          trial->alerts[i]->description));
    }
    must(rest.size == 0);
}

static void check_rows(const struct trial *trial, yyjson_val *rows, const char *id,
                       const char *title)
{
    must(yyjson_arr_size(rows) == trial->count);
    for (size_t i = 0; i < trial->count; i++) {
        yyjson_val *row = yyjson_arr_get(rows, i);

        must(json_text_is(trial->arena, row, id, trial->alerts[i]->alert_id));
        must(json_text_is(trial->arena, row, title, trial->alerts[i]->title));
    }
}

static void check_sentinel(const struct trial *trial)
{
    check_rows(trial, read_all(trial, trial->body), "/AlertId", "/Title");
}

static void check_batch(const struct trial *trial)
{
    yyjson_val *root = read_all(trial, trial->body);

    must(yyjson_obj_size(root) == 1);
    check_rows(trial, yyjson_obj_get(root, "events"), "/alert_id", "/title");
}

static void check_webhook(const struct trial *trial)
{
    yyjson_val *root = read_all(trial, trial->body);

    must(yyjson_obj_size(root) == 3);
    must(json_text_is(trial->arena, root, "/data/finding_info/uid", trial->alerts[0]->alert_id));
}

static void check_pagerduty(const struct trial *trial)
{
    const struct alert *alert = trial->alerts[0];
    yyjson_val *root = read_all(trial, trial->body);
    yyjson_val *payload = yyjson_obj_get(root, "payload");

    must(json_text_is(trial->arena, root, "/dedup_key", text_cut(alert->alert_id, 255)));
    must((payload != NULL) == (alert->status != ALERT_RESOLVED));
    must(!payload || yyjson_get_len(yyjson_obj_get(payload, "source")) > 0);
}

static void check_slack(const struct trial *trial)
{
    yyjson_val *root = read_all(trial, trial->body), *block;
    yyjson_val *blocks = yyjson_obj_get(root, "blocks");
    size_t i, count;

    must(yyjson_arr_size(blocks) == trial->count);
    yyjson_arr_foreach(blocks, i, count, block)
    {
        yyjson_val *value = yyjson_ptr_get(block, "/text/text");
        const struct text text = {yyjson_get_str(value), yyjson_get_len(value)};

        must(text.size > 0 && text.size <= 3000);
        must(text_find_byte(text, '<') == text.size && text_find_byte(text, '>') == text.size);
    }
}

static void check_arcsight(const struct trial *trial)
{
    struct text rest = trial->body, line;

    for (size_t i = 0; i < trial->count; i++) {
        struct pairs want = {0};
        struct cef_record record;

        must(text_split(&rest, '\n', &line) && cef_read(trial->arena, line, &record));
        cef_want_alert(&want, trial->arena, trial->alerts[i]);
        must(pairs_match(&record.pairs, &want, false));
    }
    must(rest.size == 0);
}

static void check_qradar(const struct trial *trial)
{
    struct text rest = trial->body, line;

    for (size_t i = 0; i < trial->count; i++) {
        struct pairs want = {0};
        struct syslog_record message;
        struct leef_record record;

        must(text_split(&rest, '\n', &line) && syslog_read_3164(line, &message));
        must(leef_read(message.message, &record));
        leef_want_alert(&want, trial->arena, trial->alerts[i], '^');
        must(pairs_match(&record.pairs, &want, false));
    }
    must(rest.size == 0);
}

static const struct {
    const char *target, *yaml;
    void (*check)(const struct trial *trial);
} cases[] = {
    {"splunk", "  url: https://x\n  token: t\n  compress: false\n", check_splunk},
    {"elasticsearch", "  url: https://x\n  compress: false\n", check_bulk},
    {"sentinel",
     "  endpoint: https://x\n  rule_id: dcr-0\n  identity: managed\n  compress: false\n",
     check_sentinel},
    {"http", "  url: https://x\n", check_batch},
    {"http", "  url: https://x\n  mode: webhook\n  body: ocsf\n", check_webhook},
    {"pagerduty", "  routing_key: r\n", check_pagerduty},
    {"slack", "  url: https://x\n", check_slack},
    {"arcsight", "  transport: http\n  url: https://x\n", check_arcsight},
    {"qradar", "  transport: http\n  url: https://x\n", check_qradar},
};

static const char *no_environment(const char *name)
{
    (void)name;
    return NULL;
}

/* Names and values of headers are one line each. */
static void check_headers(const struct request *request)
{
    for (const char *h = NULL; (h = request_next_header(request, h));) {
        must(strstr(h, ": ") != NULL);
        for (const char *c = h; *c; c++)
            must((unsigned char)*c >= 0x20 && *c != 0x7F);
    }
}

static void check(size_t number, struct arena *arena, const struct alert *const *alerts)
{
    const struct target_ops *ops = target_find(cases[number].target);
    void *config = mem_zero(ops->config_size);
    const struct settings_section section = {"target", ops->settings, config};
    const struct target_context context = {
        .host = alerts[1]->host, .token = TEXT("token"), .unique = TEXT("unique")};
    AUTO_REQUEST request = {0};
    AUTO_BUF yaml = {0};

    buf_addf(&yaml, "target:\n%s", cases[number].yaml);
    struct settings *settings =
        settings_parse("fuzz", buf_text(&yaml), &section, 1, no_environment, NULL);

    must(settings && (!ops->check || ops->check(config, NULL) == 0));
    const struct target_limits limits =
        ops->limits ? ops->limits(config) : (struct target_limits){0};
    const struct parcel parcel = {alerts, limits.max_events == 1 ? 1 : 2};

    ops->render(config, &context, &parcel, &request);
    check_headers(&request);
    cases[number].check(&(struct trial){arena, alerts, parcel.count, buf_text(&request.body)});
    settings_free(settings);
    free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(16384);
    const size_t half = size / 2;
    const struct alert first = hostile_alert((struct text){(const char *)data, half}, arena);
    const struct alert second =
        hostile_alert((struct text){(const char *)data + half, size - half}, arena);
    const struct alert *const alerts[] = {&first, &second};

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check(i, arena, alerts);
    return 0;
}

/* Whatever two alerts hold, a receiver finds two messages in their frames, in each the header, the
 * structured data and the body that were put in. */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/cef_reader.h"
#include "../unit/hostile_alert.h"
#include "../unit/json_reader.h"
#include "../unit/leef_reader.h"
#include "../unit/syslog_reader.h"
#include "forwarder/syslog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

static void check_body(struct arena *arena, const struct alert *alert,
                       const struct syslog_form *form, struct text message)
{
    struct pairs want = {0};
    struct cef_record cef;
    struct leef_record leef;

    if (form->body == SYSLOG_JSON) {
        if (text_starts(message, TEXT("\xEF\xBB\xBF")))
            message = text_slice(message, 3, message.size);
        if (form->header == SYSLOG_RFC3164)
            message = text_slice(message, text_find_byte(message, ' '), message.size);
        yyjson_val *root = arena_json_read(arena, message, NULL);

        must(root && json_has_no_doubles(root));
        must(yyjson_get_bool(yyjson_obj_get(root, "truncated")) ||
             json_text_is(arena, root, "/alert_id", alert->alert_id));
    } else if (form->body == SYSLOG_CEF) {
        cef_want_alert(&want, arena, alert);
        must(cef_read(arena, message, &cef) && pairs_match(&cef.pairs, &want, false));
    } else {
        leef_want_alert(&want, arena, alert, '^');
        must(leef_read(message, &leef) && pairs_match(&leef.pairs, &want, false));
    }
}

/* All of it or none: a short message leaves it out, as the body says the same. */
static void check_data(struct arena *arena, const struct alert *alert,
                       const struct syslog_form *form, const struct syslog_record *record)
{
    enum { ROOMY = 4096 };
    struct pairs want = {0};

    if (form->structured && (record->data_id.size > 0 || form->limit >= ROOMY)) {
        syslog_want_data(&want, arena, alert);
        must(text_is(record->data_id, "haechi@32473"));
    }
    must(pairs_match(&record->data, &want, true));
}

static void check_message(struct arena *arena, const struct alert *alert,
                          const struct syslog_form *form, struct text message)
{
    struct syslog_record record;

    must(message.size <= form->limit && text_is_utf8(message));
    for (size_t i = 0; i < message.size; i++)
        must((unsigned char)message.bytes[i] >= 0x20 && message.bytes[i] != 0x7F);
    if (form->header == SYSLOG_RFC5424) {
        must(syslog_read_5424(arena, message, &record));
        must(text_equal(record.app, syslog_shown_name(arena, form->app, 48)));
        check_data(arena, alert, form, &record);
    } else {
        must(syslog_read_3164(message, &record));
    }
    must(text_equal(record.host, syslog_shown_name(arena, form->host, 255)));
    must(record.priority == syslog_priority(alert, form->facility));
    check_body(arena, alert, form, record.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(16384);
    AUTO_BUF stream = {0};
    const size_t half = size / 2;
    const struct alert alerts[] = {
        hostile_alert((struct text){(const char *)data, half}, arena),
        hostile_alert((struct text){(const char *)data + half, size - half}, arena),
    };
    const struct syslog_form form = {
        .header = size % 2 ? SYSLOG_RFC5424 : SYSLOG_RFC3164,
        .body = (enum syslog_body)(size / 2 % 3),
        .leef = {2, '^'},
        .facility = (int)(size % 24),
        .host = alerts[0].host,
        .app = alerts[0].tenant,
        .enterprise = SYSLOG_PEN_EXAMPLE,
        .structured = size / 4 % 2,
        .bom = size / 8 % 2,
        .limit = SYSLOG_LIMIT_MIN + size % 8192,
    };
    const bool counted = size / 16 % 2;

    for (size_t i = 0; i < COUNT_OF(alerts); i++) {
        AUTO_BUF message = {0};

        syslog_write(&alerts[i], &form, &message);
        syslog_frame(buf_text(&message), counted ? SYSLOG_OCTET_COUNTING : SYSLOG_LF, &stream);
    }
    struct text rest = buf_text(&stream), frame;

    for (size_t i = 0; i < COUNT_OF(alerts); i++) {
        must(syslog_read_frame(&rest, counted, &frame));
        check_message(arena, &alerts[i], &form, frame);
    }
    must(rest.size == 0);
    return 0;
}

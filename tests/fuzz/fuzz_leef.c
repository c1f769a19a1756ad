/* Whatever an alert holds, a reader of LEEF finds the header and the keys that were put in, in
 * their order, with their values; and a line that had to be cut holds fewer of them, or less of
 * their ends, but the alert's id. */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/hostile_alert.h"
#include "../unit/leef_reader.h"
#include "forwarder/leef.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct alert *alert, const struct leef_form *form, size_t limit,
                  bool complete)
{
    AUTO(arena) arena = arena_new(16384);
    AUTO_BUF out = {0};
    struct leef_record record;
    struct pairs want = {0};
    const char delimiter = (char)(form->version == 1 ? '\t' : form->delimiter);

    leef_write(alert, form, limit, &out);
    leef_want_alert(&want, arena, alert, delimiter);
    if (out.size > limit || !leef_read(buf_text(&out), &record) ||
        !leef_header_matches(arena, &record, alert, form->version, delimiter, limit) ||
        !pairs_match(&record.pairs, &want, complete) ||
        !pairs_keep_id(&record.pairs, "alertId", alert))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct leef_form forms[] = {{1, '\0'}, {2, '^'}, {2, '~'}, {2, '\t'}};
    const struct leef_form *form = &forms[size % COUNT_OF(forms)];
    AUTO(arena) arena = arena_new(4096);
    const struct alert alert = hostile_alert((struct text){(const char *)data, size}, arena);

    check(&alert, form, 1 << 20, true);
    check(&alert, form, LEEF_LIMIT_MIN + size % 4096, false);
    return 0;
}

/* Any text as an indicator of any kind: the first byte says the kind and the rules. Its canonical
 * form has itself as its form, unless it had to be told what it is. */
#include <stdlib.h>

#include "base/indicator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge_forms(struct text url)
{
    struct text forms[INDICATOR_URL_FORMS];
    size_t count = indicator_url_forms(url, forms);

    if (count == 0 || count > INDICATOR_URL_FORMS || !text_equal(forms[0], url))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct indicator_rules rules = {.refang = data[0] & 16, .looking_up = data[0] & 32};
    enum indicator_kind kind = (enum indicator_kind)(data[0] % 9);
    AUTO(arena) arena = arena_new(4096);
    struct text raw = {(const char *)data + 1, size - 1};
    struct indicator found, again;
    struct address first, last;
    struct cidr cidr;

    for (bool more = indicator_span(raw, &first, &last); more;)
        more = indicator_span_next(&first, &last, &cidr);
    if (indicator_read(raw, kind, &rules, arena, &found) != INDICATOR_GOOD)
        return 0;
    if (found.type == IOC_URL)
        judge_forms(found.value);
    rules.refang = false;
    /* Domains, URLs and mailboxes are known as such: the key says it. */
    kind = found.type == IOC_URL      ? INDICATOR_URL
           : found.type == IOC_DOMAIN ? INDICATOR_DOMAIN
           : found.type == IOC_EMAIL  ? INDICATOR_EMAIL
                                      : INDICATOR_ANY;
    if (indicator_read(found.value, kind, &rules, arena, &again) != INDICATOR_GOOD ||
        !text_equal(found.value, again.value))
        abort();
    return 0;
}

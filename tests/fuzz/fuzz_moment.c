/* Whatever stands where a time should be: no crash, and what is taken as RFC 3339 comes out the
 * same when it is written and read again. */
#include <stdlib.h>

#include "base/moment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void comes_back(struct moment moment)
{
    AUTO_BUF out = {0};
    struct moment again;

    moment_write(moment.ms, &out);
    if (!moment_parse_rfc3339(buf_text(&out), NULL, &again))
        abort();
    /* Years before 0 and after 9999 can be reached by an offset, and are clamped. */
    if (again.ms != moment.ms && moment.ms > -62167219200000 && moment.ms < 253402300799999)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text t = {(const char *)data, size};
    struct moment moment;
    bool known;

    if (moment_parse_rfc3339(t, NULL, &moment) || moment_parse_any(t, NULL, 0, &moment) ||
        moment_parse_clf(t, &moment) || moment_parse_epoch(t, &moment) ||
        moment_parse_slashed(t, NULL, &moment))
        comes_back(moment);
    if (moment_take_rfc3339(t, NULL, &moment) > size ||
        moment_take_syslog(t, NULL, 1769867736250, &moment, &known) > size)
        abort();
    return 0;
}

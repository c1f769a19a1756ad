/* Whatever a receiver answers, judging it does not crash, leak or hang, and says something of each
 * alert. Input: a byte for the target, two for the status, the body. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "forwarder/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct target_ops *choose(unsigned number)
{
    const struct target_ops *const *list = target_list();
    unsigned count = 0;

    while (list[count])
        count++;
    return list[number % count];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    const struct target_ops *ops = choose(data[0]);
    const struct alert alert = {0}, *alerts[3] = {&alert, &alert, &alert};
    const struct parcel parcel = {alerts, 3};
    const struct reply reply = {100 + (data[1] << 8 | data[2]) % 500,
                                {(const char *)data + 3, size - 3}};
    enum verdict each[3] = {(enum verdict)99, (enum verdict)99, (enum verdict)99};
    struct judgement judgement = {.each = each};
    void *config = mem_zero(ops->config_size);
    AUTO_BUF token = {0};
    struct error err;
    int64_t lifetime;

    if (ops->judge) {
        ops->judge(config, &parcel, &reply, &judgement);
        for (size_t i = 0; i < COUNT_OF(each); i++) {
            if (each[i] > VERDICT_CONFIG || judgement.reason.size > 1000)
                abort();
        }
    }
    if (ops->hear && ops->hear(config, 7, &reply) > VERDICT_CONFIG)
        abort();
    if (ops->grant && ops->grant(config, &reply, &token, &lifetime, &err) > VERDICT_CONFIG)
        abort();
    buf_done(&judgement.reason);
    free(config);
    return 0;
}

#include "detector/quota.h"

#include <stdlib.h>

enum { MINUTE_MS = 60 * 1000 };

struct minute {
    int64_t start_ms;
    int64_t allowed;
    uint64_t withheld;
};

struct quota {
    struct minute *minutes; /* one a rule */
    size_t *over;           /* rules with withheld events that are not told yet */
    size_t over_count;
};

struct quota *quota_new(size_t rules)
{
    struct quota *quota = mem_zero(sizeof(*quota));

    quota->minutes = mem_zero((rules + 1) * sizeof(*quota->minutes));
    quota->over = mem_zero((rules + 1) * sizeof(*quota->over));
    return quota;
}

void quota_free(struct quota *quota)
{
    if (!quota)
        return;
    free(quota->minutes);
    free(quota->over);
    free(quota);
}

static int64_t minute_of(int64_t now_ms)
{
    return now_ms - now_ms % MINUTE_MS;
}

bool quota_allows(struct quota *quota, size_t rule, int64_t limit, int64_t now_ms)
{
    struct minute *minute = &quota->minutes[rule];

    if (limit == 0)
        return true;
    /* A clock set back goes on with the minute that it was in. */
    if (minute_of(now_ms) > minute->start_ms)
        *minute = (struct minute){.start_ms = minute_of(now_ms)};
    if (minute->allowed < limit) {
        minute->allowed++;
        return true;
    }
    if (minute->withheld++ == 0)
        quota->over[quota->over_count++] = rule;
    return false;
}

bool quota_next_notice(struct quota *quota, int64_t now_ms, struct quota_notice *notice)
{
    for (size_t i = 0; i < quota->over_count; i++) {
        size_t rule = quota->over[i];
        struct minute *minute = &quota->minutes[rule];

        if (minute_of(now_ms) <= minute->start_ms)
            continue;
        *notice = (struct quota_notice){rule, minute->start_ms, minute->withheld};
        minute->withheld = 0;
        quota->over[i] = quota->over[--quota->over_count];
        return true;
    }
    return false;
}

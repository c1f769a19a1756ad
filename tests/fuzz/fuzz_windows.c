/* Whatever events come, the windows do not crash; and in whatever order, as long as lateness allows
 * it, they give the same final alerts.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/windows_random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_EVENTS = 30 };

static void take(void *into, size_t size, struct choices *choices)
{
    struct text taken = text_slice(choices->bytes, 0, size);

    memset(into, 0, size);
    if (taken.size)
        memcpy(into, taken.bytes, taken.size);
    choices->bytes = text_slice(choices->bytes, taken.size, choices->bytes.size);
}

/* Any time, texts of any bytes, levels as they may be. */
static struct event hostile_event(struct choices *choices, struct arena *arena, size_t n)
{
    struct event event = random_event(choices, arena, n);
    struct text *const texts[] = {&event.event_id, &event.event_type, &event.source_ip,
                                  &event.user,     &event.host,       &event.tenant};

    if (choose(choices, 2))
        take(&event.event_time, sizeof(event.event_time), choices);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        size_t bytes = choose(choices, 3) ? 0 : choose(choices, 40);

        if (bytes == 0)
            continue;
        *texts[i] = text_slice(choices->bytes, 0, bytes);
        choices->bytes = text_slice(choices->bytes, bytes, choices->bytes.size);
    }
    return event;
}

static void feed_hostile(struct choices *choices, const struct correlations *rules,
                         struct arena *arena)
{
    struct windows_settings settings = WINDOWS_DEFAULTS;
    struct alert *alerts;
    int64_t now_ms = 0;

    settings.members = 1 + choose(choices, 40);
    settings.suppress_ms = (int64_t)choose(choices, 3) * 60000;
    AUTO(windows) windows = windows_new(rules, &settings);

    for (size_t i = 0; choices->bytes.size > 0 && i < 1000; i++) {
        struct event event = hostile_event(choices, arena, i);

        now_ms += (int64_t)choose(choices, 256) * 1000;
        windows_feed(windows, &event, 1, now_ms);
        windows_advance(windows, now_ms);
        windows_take(windows, &alerts);
    }
    windows_finish(windows, now_ms);
    for (size_t i = windows_take(windows, &alerts); i-- > 0;) {
        if (alerts[i].event_count < (int64_t)alerts[i].event_ids.count ||
            alerts[i].event_ids.count == 0 || alerts[i].first_seen > alerts[i].last_seen)
            abort();
    }
}

static void compare_orders(struct choices *choices, const struct correlations *rules,
                           struct arena *arena)
{
    struct random_arrival order[2 * MOST_EVENTS];
    struct random_result *results = mem_zero(2 * sizeof(*results));
    struct event events[MOST_EVENTS];
    struct text got, want;
    size_t count = 1 + choose(choices, MOST_EVENTS);

    for (size_t i = 0; i < count; i++)
        events[i] = random_event(choices, arena, i);
    for (int k = 0; k < 2; k++)
        windows_free(random_run(choices, rules, order, random_order(choices, events, count, order),
                                arena, &results[k]));
    if (!random_same(&results[0], &results[1], &got, &want))
        abort();
    free(results);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices choices = {.bytes = {(const char *)data, size}};
    AUTO(arena) arena = arena_new(65536);
    AUTO(correlations) rules = random_rules_of_each_kind();

    if (choose(&choices, 2))
        feed_hostile(&choices, rules, arena);
    else
        compare_orders(&choices, rules, arena);
    return 0;
}

/* Whatever bytes are stored as a group's state, a correlator goes on with them or begins anew, and
 * does not crash: it reads them, feeds events, rings timers, adds that or writes them again. Of a
 * state that it wrote itself, a few bytes are changed.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/windows_random.h"
#include "correlator/group_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENTS = 12 };

struct desk {
    struct windows_settings settings;
    struct router *router;
    struct group_codec *codec;
    struct group_limits limits;
    struct life life;
    struct arena *arena;
    struct share shares[2 * EVENTS]; /* of the last feed() */
    struct group_taken taken[2 * EVENTS];
    size_t taken_count;
};

static struct desk open_desk(const struct correlations *rules)
{
    struct desk desk = {.settings = random_settings(), .arena = arena_new(65536)};
    const struct router_settings router = windows_router(&desk.settings);
    const struct group_keeping keeping = {3600000, 60000, 60000, 1};

    desk.settings.members = 10;
    desk.router = router_new(rules, &router);
    desk.codec = group_codec_new(desk.router, &keeping);
    desk.limits = windows_limits(&desk.settings);
    desk.life.settings = windows_life(&desk.settings);
    desk.life.settings.lease_ms = 10000;
    desk.life.settings.decision_ttl_ms = 3600000;
    desk.life.now_ms = CORRELATION_TEST_START;
    desk.life.arena = desk.arena;
    return desk;
}

static void leave_taken(struct desk *desk)
{
    for (size_t i = 0; i < desk->taken_count; i++)
        sighting_leave(desk->shares[i].offer.event);
    desk->taken_count = 0;
}

static void close_desk(struct desk *desk)
{
    leave_taken(desk);
    life_done(&desk->life);
    group_codec_free(desk->codec);
    router_free(desk->router);
    arena_free(desk->arena);
}

static void take(struct desk *desk, struct group *group, const struct share *share)
{
    size_t at = desk->taken_count++;

    desk->shares[at] = *share;
    desk->taken[at] = (struct group_taken){&desk->shares[at],
                                           group_take(group, share, &desk->limits, &desk->life)};
}

/* To all rules there are, whether or not they would select it. */
static void feed(struct desk *desk, struct group *group, struct choices *choices)
{
    static const struct text values[CORRELATION_MAX_SELECTIONS] = {{"a", 1}, {"b", 1}};

    leave_taken(desk);
    for (size_t i = 0; i < EVENTS; i++) {
        struct event event = random_event(choices, desk->arena, i);
        struct sighting *sighting = sighting_new(&event);
        struct plan *plan = router_plan(desk->router, choose(choices, router_plans(desk->router)));
        const struct share share = {.plan = plan,
                                    .offer = {.event = sighting,
                                              .selections = (uint32_t)choose(choices, 4),
                                              .nested = (uint32_t)choose(choices, 2),
                                              .value = event.user,
                                              .number = event.event_time % 7,
                                              .nested_values = values}};
        const struct share note = {
            .type = event.event_type, .at_ms = event.event_time, .event_id = event.event_id};

        take(desk, group, &share);
        take(desk, group, &note);
        desk->life.now_ms += (int64_t)choose(choices, 60) * 1000;
        if (choose(choices, 3) == 0)
            group_fire(group, &desk->limits, &desk->life);
    }
}

static void write(struct desk *desk, struct group *group, struct buf *state)
{
    struct group_state_facts facts;

    if (group_codec_add(desk->codec, group, desk->taken, desk->taken_count, desk->life.now_ms,
                        state, &facts))
        return;
    buf_reset(state);
    group_codec_write(desk->codec, group, desk->life.now_ms, state);
}

static void use(struct desk *desk, struct text state, struct choices *choices)
{
    struct group *group = group_codec_read(desk->codec, state, 5000, NULL);
    AUTO_BUF again = {0};

    if (!group)
        return;
    buf_add(&again, state);
    feed(desk, group, choices);
    write(desk, group, &again);
    feed(desk, group, choices);
    write(desk, group, &again);
    group_free(group);
    /* What it writes it can read. */
    group = group_codec_read(desk->codec, buf_text(&again), 5000, NULL);
    if (!group)
        abort();
    group_free(group);
}

static void change_own(struct desk *desk, struct choices *choices)
{
    static const struct text name = {"source_ip", 9}, value = {"10.0.0.1", 8};
    AUTO_BUF key = {0};
    AUTO_BUF state = {0};

    group_write_key(TEXT("default"), &name, &value, 1, &key);
    struct group *group = group_new(buf_text(&key), TEXT("default"), &name, &value, 1, 5000);

    feed(desk, group, choices);
    write(desk, group, &state);
    feed(desk, group, choices);
    write(desk, group, &state);
    group_free(group);
    for (size_t i = choose(choices, 4); i > 0; i--)
        state.bytes[(choose(choices, 256) * 256 + choose(choices, 256)) % state.size] =
            (char)choose(choices, 256);
    use(desk, buf_text(&state), choices);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices choices = {.bytes = {(const char *)data, size}};
    AUTO(correlations) rules = random_rules_of_each_kind();
    struct desk desk = open_desk(rules);

    for (size_t i = 0; i < 4; i++)
        router_single(desk.router, text_of((const char *[]){"a.x", "a.y", "b.x", "b.y"}[i]));
    if (choose(&choices, 2))
        change_own(&desk, &choices);
    else
        use(&desk, choices.bytes, &choices);
    close_desk(&desk);
    return 0;
}

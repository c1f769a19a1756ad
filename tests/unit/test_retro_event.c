#include "base/ioc_level.h"
#include "iocfeed/retro_event.h"
#include "unit.h"

enum { DAY = 20484 }; /* 2026-01-31 */
#define NOW_MS INT64_C(1770000000000)

static struct ioc_source sources[] = {{.name = {"urlhaus", 7}}, {.name = {"own", 3}}};

static struct ioc sample(void)
{
    return (struct ioc){.value = TEXT("203.0.113.9"),
                        .ioc_type = IOC_IP,
                        .threat_type = TEXT("c2"),
                        .confidence = 0.9,
                        .sources = {sources, COUNT_OF(sources)},
                        .is_active = true};
}

static struct event event_of(const struct ioc *ioc, int64_t day, struct arena *arena)
{
    struct event event;

    retro_event_fill(&event, ioc_key(ioc->tenant, (enum ioc_type)ioc->ioc_type, ioc->value, arena),
                     ioc, day, NOW_MS, arena);
    return event;
}

static void the_day_is_the_logs_time_and_now_the_events(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    const struct ioc ioc = sample();
    const struct event event = event_of(&ioc, DAY, arena);

    (void)state;
    unit_text("day", retro_event_day(DAY, arena), "2026-01-31");
    assert_true(event.timestamp == (int64_t)DAY * RETRO_EVENT_DAY_MS);
    assert_true(event.event_time == NOW_MS && event.detected_at == NOW_MS);
}

static void it_says_what_is_known_of_the_indicator(void **state)
{
    static const char *const reasons[] = {"ioc:ip:203.0.113.9", "ioc_threat:c2", "ioc_feed:urlhaus",
                                          "ioc_feed:own"};
    AUTO(arena) arena = arena_new(4096);
    const struct ioc ioc = sample();
    const struct event event = event_of(&ioc, DAY, arena);

    (void)state;
    unit_text("type", event.event_type, "threat_intel.retro_hit");
    unit_text("payload", event.payload, "203.0.113.9");
    unit_text("tenant", event.tenant, "default");
    assert_int_equal(event.threat_level, (int)ioc_level_of(NULL, TEXT("c2"), 0.9));
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        bool is_there = false;

        for (size_t k = 0; k < event.indicators.count; k++)
            is_there |= text_is(event.indicators.items[k], reasons[i]);
        if (!is_there)
            fail_msg("indicators lack %s", reasons[i]);
    }
}

static void an_id_is_that_of_indicator_tenant_and_day(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    const struct ioc ioc = sample();
    struct ioc other = ioc, of_tenant = ioc;
    const struct text id = event_of(&ioc, DAY, arena).event_id;

    (void)state;
    other.value = TEXT("203.0.113.10");
    of_tenant.tenant = TEXT("acme");
    assert_int_equal(id.size, 32);
    assert_true(text_equal(id, event_of(&ioc, DAY, arena).event_id));
    assert_false(text_equal(id, event_of(&ioc, DAY + 1, arena).event_id));
    assert_false(text_equal(id, event_of(&other, DAY, arena).event_id));
    assert_false(text_equal(id, event_of(&of_tenant, DAY, arena).event_id));
    unit_text("tenant", event_of(&of_tenant, DAY, arena).tenant, "acme");
}

UNIT_MAIN(cmocka_unit_test(the_day_is_the_logs_time_and_now_the_events),
          cmocka_unit_test(it_says_what_is_known_of_the_indicator),
          cmocka_unit_test(an_id_is_that_of_indicator_tenant_and_day))

/* What several feeds say of one IOC, what one feed says again and again, and what changed. */
#include "unit.h"

#include <math.h>

#include "base/buf.h"
#include "base/record_json.h"
#include "iocfeed/decay.h"
#include "iocfeed/merge.h"
#include "iocfeed/roster.h"

enum { NOW = 1000000 };

static struct text tag_a[] = {{"a", 1}}, tag_b[] = {{"b", 1}}, port_80[] = {{"80", 2}},
                   port_443[] = {{"443", 3}};

static struct ioc_source source_of(const char *name, double confidence)
{
    return (struct ioc_source){.name = text_of(name),
                               .first_seen = RECORD_NULL,
                               .last_seen = RECORD_NULL,
                               .confidence = confidence,
                               .threat_type = TEXT("c2"),
                               .valid_until = RECORD_NULL};
}

static void the_head_follows_from_the_sources(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    struct ioc_source a = source_of("a", 0.5), b = source_of("b", 0.9);
    struct ioc ioc;

    (void)state;
    a.first_seen = 10;
    a.last_seen = 20;
    a.tags = (struct record_texts){tag_a, 1};
    a.ports = (struct record_texts){port_80, 1};
    b.threat_type = TEXT("malware");
    b.description = TEXT("words");
    b.tags = (struct record_texts){tag_b, 1};
    b.ports = (struct record_texts){port_443, 1};
    b.valid_until = NOW + 100;
    merge_start(&ioc, (struct text){0}, IOC_IP, TEXT("192.0.2.1"));
    assert_false(ioc.is_active);
    merge_add(&ioc, &a, NOW, arena);
    assert_true(ioc.is_active && ioc.confidence == 0.5);
    merge_add(&ioc, &b, NOW, arena);
    assert_true(ioc.confidence == 0.9 && fabs(ioc.reputation - 0.1) < 1e-9);
    unit_text("type", ioc.threat_type, "malware");
    unit_text("description", ioc.description, "words");
    assert_int_equal(ioc.tags.count, 2);
    assert_int_equal(ioc.ports.count, 2);
    assert_int_equal(ioc.first_seen, 10);
    assert_int_equal(ioc.last_seen, NOW);
    assert_true(ioc.valid_until == RECORD_NULL); /* a's word has no end */
}

static void what_one_source_says_ends_with_its_time(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    struct ioc_source a = source_of("a", 0.5), b = source_of("b", 0.9);
    struct ioc ioc;

    (void)state;
    a.ports = (struct record_texts){port_80, 1};
    a.valid_until = NOW + 200;
    b.threat_type = TEXT("malware");
    b.ports = (struct record_texts){port_443, 1};
    b.valid_until = NOW + 100;
    merge_start(&ioc, (struct text){0}, IOC_IP, TEXT("192.0.2.1"));
    merge_add(&ioc, &a, NOW, arena);
    merge_add(&ioc, &b, NOW, arena);
    assert_false(merge_expire(&ioc, NOW + 99, arena));
    assert_true(ioc.confidence == 0.9);
    assert_true(merge_expire(&ioc, NOW + 100, arena)); /* a's word counts */
    assert_true(ioc.is_active && ioc.confidence == 0.5);
    unit_text("type", ioc.threat_type, "c2");
    assert_int_equal(ioc.ports.count, 1);
    assert_false(merge_expire(&ioc, NOW + 101, arena)); /* told once */
    assert_true(merge_expire(&ioc, NOW + 200, arena));
    assert_false(ioc.is_active);
    assert_false(merge_expire(&ioc, NOW + 300, arena));
}

static void one_feed_takes_back_only_its_own_word(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    struct ioc_source a = source_of("a", 0.9), b = source_of("b", 0.5);
    struct ioc ioc;

    (void)state;
    merge_start(&ioc, TEXT("acme"), IOC_DOMAIN, TEXT("e.example"));
    merge_add(&ioc, &a, NOW, arena);
    merge_add(&ioc, &b, NOW, arena);
    assert_true(merge_remove(&ioc, TEXT("c"), NOW, arena));
    assert_int_equal(ioc.sources.count, 2);
    assert_true(merge_remove(&ioc, TEXT("a"), NOW, arena));
    assert_true(ioc.is_active && ioc.confidence == 0.5);
    assert_false(merge_remove(&ioc, TEXT("b"), NOW, arena));
}

static void times_of_a_feed_go_their_way_only(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    struct ioc_source a = source_of("a", 0.9);
    struct ioc ioc;

    (void)state;
    merge_start(&ioc, (struct text){0}, IOC_IP, TEXT("192.0.2.1"));
    merge_add(&ioc, &a, NOW, arena);
    a.last_seen = 50; /* a mirror that is behind */
    merge_add(&ioc, &a, NOW + 5, arena);
    assert_int_equal(ioc.last_seen, NOW);
    assert_int_equal(ioc.first_seen, 50);
    a.last_seen = RECORD_NULL;
    merge_add(&ioc, &a, NOW + 9, arena);
    assert_int_equal(ioc.last_seen, NOW + 9);
    assert_int_equal(ioc.sources.count, 1);
}

static void with_one_feed_that_names_no_port_any_counts(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    struct ioc_source a = source_of("a", 0.5), b = source_of("b", 0.9);
    struct ioc ioc;

    (void)state;
    a.ports = (struct record_texts){port_80, 1};
    merge_start(&ioc, (struct text){0}, IOC_IP, TEXT("192.0.2.1"));
    merge_add(&ioc, &a, NOW, arena);
    assert_int_equal(ioc.ports.count, 1);
    merge_add(&ioc, &b, NOW, arena);
    assert_int_equal(ioc.ports.count, 0);
}

/* MISP's own check values. */
/* MISP's formula, @days after the value was seen. */
static double score(const struct decay *decay, double base, double days)
{
    return base * (1 - pow(days / decay->lifetime_days, 1 / decay->speed));
}

static void an_indicator_ends_when_misps_decay_says(void **state)
{
    static const struct {
        double speed, days;
    } cases[] = {{1, 7}, {2, 4.9}, {0.5, 8.36660}};
    const double day = 24.0 * 60 * 60 * 1000;
    const int64_t seen = 1790000000000;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct decay decay = {10, cases[i].speed, 30};
        const double got = (double)(decay_end(&decay, 100, seen) - seen) / day;

        if (fabs(got - cases[i].days) > 0.001)
            fail_msg("speed %g: got %g days, want %g", cases[i].speed, got, cases[i].days);
        assert_true(score(&decay, 100, got - 1e-4) >= 30);
        assert_true(score(&decay, 100, got + 1e-4) < 30);
        assert_true(decay_end(&decay, 30, seen) == seen);
    }
}

static struct sighting sighting_of(const char *value, bool withdrawn)
{
    return (struct sighting){.type = IOC_IP,
                             .value = text_of(value),
                             .source = source_of("feed", 0.5),
                             .withdrawn = withdrawn};
}

static void a_feed_may_name_an_ioc_again(void **state)
{
    AUTO(sightings) sightings = sightings_new("acme");
    struct sighting one = sighting_of("192.0.2.1", false), two = one, back = one;

    (void)state;
    one.source.ports = (struct record_texts){port_80, 1};
    one.source.first_seen = 10;
    two.source.ports = (struct record_texts){port_443, 1};
    two.source.confidence = 0.7;
    two.source.last_seen = 30;
    back.withdrawn = true;
    sightings_add(sightings, &back);
    assert_int_equal(sightings_held(sightings), 0);
    sightings_add(sightings, &one);
    sightings_add(sightings, &two);
    sightings_add(sightings, &back);
    assert_int_equal(sightings_count(sightings), 1);
    assert_int_equal(sightings_held(sightings), 1);
    const struct sightings_entry *entry = sightings_find(sightings, TEXT("acme/ip:192.0.2.1"));

    assert_non_null(entry);
    assert_false(entry->sighting.withdrawn);
    unit_text("value", entry->sighting.value, "192.0.2.1");
    assert_int_equal(entry->sighting.source.ports.count, 2);
    assert_true(entry->sighting.source.confidence == 0.7);
    assert_int_equal(entry->sighting.source.first_seen, 10);
    assert_int_equal(entry->sighting.source.last_seen, 30);
    two.source.ports = (struct record_texts){0};
    sightings_add(sightings, &two);
    assert_int_equal(entry->sighting.source.ports.count, 0);
}

static void write_change(void *self, enum roster_change change, struct text key,
                         const struct sighting *sighting)
{
    static const char signs[] = {'+', '~', '-'};

    assert_true((change == ROSTER_REMOVED) == !sighting);
    buf_addf(self, "%c%.*s ", signs[change], TEXT_ARG(key));
}

static void note(struct roster *roster, const char *key, const struct ioc_source *source)
{
    struct ioc_source noted = *source;

    if (noted.last_seen == RECORD_NULL)
        noted.last_seen = NOW - 500;
    roster_note(roster, text_of(key), &noted);
}

static void only_what_changed_is_told(void **state)
{
    struct sighting same = sighting_of("192.0.2.1", false), other = sighting_of("192.0.2.2", false),
                    seen = sighting_of("192.0.2.3", false), added = sighting_of("192.0.2.4", false),
                    taken = sighting_of("192.0.2.5", true), never = sighting_of("192.0.2.6", true),
                    renewed = sighting_of("192.0.2.7", false),
                    fresh = sighting_of("192.0.2.8", false);
    static const char *const wants[] = {
        "~ip:192.0.2.2 ~ip:192.0.2.3 +ip:192.0.2.4 -ip:192.0.2.5 ~ip:192.0.2.7 ",
        "~ip:192.0.2.2 ~ip:192.0.2.3 +ip:192.0.2.4 -ip:192.0.2.5 ~ip:192.0.2.7 -ip:192.0.2.9 "};

    (void)state;
    for (int complete = 0; complete < 2; complete++) {
        AUTO(roster) roster = roster_new();
        AUTO(sightings) sightings = sightings_new(NULL);
        AUTO_BUF got = {0};
        const struct roster_sink sink = {&got, write_change};
        struct ioc_source before = same.source;

        note(roster, "ip:192.0.2.1", &before);
        note(roster, "ip:192.0.2.2", &before);
        note(roster, "ip:192.0.2.3", &before);
        note(roster, "ip:192.0.2.5", &before);
        note(roster, "ip:192.0.2.9", &before);
        before.valid_until = NOW + 400;
        note(roster, "ip:192.0.2.7", &before);
        before.valid_until = NOW + 600;
        note(roster, "ip:192.0.2.8", &before);
        other.source.confidence = 0.6;
        seen.source.last_seen = NOW - 100;
        renewed.source.valid_until = fresh.source.valid_until = NOW + 1000;
        const struct sighting *all[] = {&same,  &other, &seen,    &added,
                                        &taken, &never, &renewed, &fresh};

        for (size_t i = 0; i < COUNT_OF(all); i++)
            sightings_add(sightings, all[i]);
        struct roster_counts counts = roster_compare(roster, sightings, complete == 1, NOW, &sink);

        unit_text(complete ? "complete" : "in part", buf_text(&got), wants[complete]);
        assert_int_equal(counts.added, 1);
        assert_int_equal(counts.changed, 3);
        assert_int_equal(counts.removed, 1 + complete);
        assert_int_equal(counts.same, 2);
        assert_int_equal(counts.taken_back, 1);
    }
}

/* One that the feed takes back, one whose time is over, one that is lost. */
static void only_what_a_feed_no_longer_names_is_lost(void **state)
{
    AUTO(roster) roster = roster_new();
    AUTO(sightings) sightings = sightings_new(NULL);
    struct sighting taken = sighting_of("192.0.2.1", true);
    struct ioc_source before = taken.source;

    (void)state;
    note(roster, "ip:192.0.2.1", &before);
    note(roster, "ip:192.0.2.2", &before);
    before.valid_until = NOW;
    note(roster, "ip:192.0.2.3", &before);
    sightings_add(sightings, &taken);
    struct roster_counts counts = roster_compare(roster, sightings, true, NOW, NULL);

    assert_int_equal(counts.removed, 3);
    assert_int_equal(counts.taken_back, 2);
}

static void a_feed_that_shrinks_too_much_is_refused(void **state)
{
    static const struct {
        size_t before, now;
        double most;
        bool allowed;
    } cases[] = {{0, 0, 0, true},    {10, 10, 0, true},      {10, 9, 0, false},
                 {10, 5, 0.5, true}, {10, 4, 0.5, false},    {10, 0, 0.5, false},
                 {2, 0, 1, true},    {100, 90, 0.05, false}, {100, 95, 0.05, true},
                 {1, 100, 0, true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        int code = roster_may_shrink(cases[i].before, cases[i].now, cases[i].most, &err);

        assert_int_equal(code == 0, cases[i].allowed);
    }
}

UNIT_MAIN(cmocka_unit_test(the_head_follows_from_the_sources),
          cmocka_unit_test(what_one_source_says_ends_with_its_time),
          cmocka_unit_test(one_feed_takes_back_only_its_own_word),
          cmocka_unit_test(times_of_a_feed_go_their_way_only),
          cmocka_unit_test(with_one_feed_that_names_no_port_any_counts),
          cmocka_unit_test(an_indicator_ends_when_misps_decay_says),
          cmocka_unit_test(a_feed_may_name_an_ioc_again),
          cmocka_unit_test(only_what_changed_is_told),
          cmocka_unit_test(only_what_a_feed_no_longer_names_is_lost),
          cmocka_unit_test(a_feed_that_shrinks_too_much_is_refused))

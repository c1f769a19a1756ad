#include "unit.h"

#include "base/ioc_brief.h"

static struct ioc sample(struct ioc_source *sources, size_t count)
{
    return (struct ioc){.confidence = 0.9,
                        .reputation = 0.1,
                        .threat_type = TEXT("c2"),
                        .first_seen = 1793500000000,
                        .last_seen = 1793600000000,
                        .valid_until = RECORD_NULL,
                        .sources = {sources, count},
                        .is_active = true};
}

static void what_is_written_is_read(void **state)
{
    struct ioc_source sources[] = {{.name = TEXT("urlhaus")}, {.name = TEXT("own list")}};
    struct text ports[] = {TEXT("443"), TEXT("8443")};
    struct ioc ioc = sample(sources, 2);
    struct ioc_brief brief;
    AUTO_BUF line = {0};

    (void)state;
    ioc.ports = (struct record_texts){ports, 2};
    ioc_brief_write(&ioc, &line);
    assert_true(ioc_brief_read(buf_text(&line), &brief));
    assert_true(brief.confidence == 0.9 && brief.reputation == 0.1);
    assert_true(brief.first_seen == ioc.first_seen && brief.last_seen == ioc.last_seen);
    assert_true(brief.valid_until == RECORD_NULL);
    unit_text("ports", brief.ports, "443,8443");
    unit_text("threat", brief.threat_type, "c2");
    unit_text("feeds", brief.feeds, "urlhaus,own_list");
}

/* Redis packs a hash only while each of its values has at most 64 bytes. */
static void many_feeds_are_counted(void **state)
{
    struct ioc_source sources[12];
    AUTO_BUF line = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        sources[i] = (struct ioc_source){.name = TEXT("some-feed")};
    struct ioc ioc = sample(sources, COUNT_OF(sources));
    struct ioc_brief brief;

    ioc.threat_type = TEXT("a threat with a very long name");
    ioc_brief_write(&ioc, &line);
    if (line.size > 64)
        fail_msg("%zu bytes: %s", line.size, buf_string(&line));
    assert_true(ioc_brief_read(buf_text(&line), &brief));
    unit_text("feeds", brief.feeds, "some-feed,some-feed,+10");
}

static void other_texts_are_no_brief(void **state)
{
    static const char *const lines[] = {"",
                                        "90",
                                        "x 10 a b - - c2 f",
                                        "90 10 a",
                                        "101 10 a b - - c2 f",
                                        "90 10 A b - - c2 f",
                                        "90 10 aaaaaaaaaaaa b - - c2 f"};
    struct ioc_brief brief;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        if (ioc_brief_read(text_of(lines[i]), &brief))
            fail_msg("'%s' is taken", lines[i]);
    }
}

static void long_keys_are_there_by_their_hash(void **state)
{
    static const char sha256[] =
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b856";
    struct ioc_place place;

    (void)state;
    ioc_place_of(TEXT("ip:203.0.113.9"), TEXT("gen"), 12, &place);
    unit_text("short", (struct text){place.field, place.field_size}, "ip:203.0.113.9");
    unit_text("bucket", text_slice((struct text){place.hash, place.hash_size}, 0, 9), "haechi:{i");
    ioc_place_of(text_of(sha256), TEXT("gen"), 12, &place);
    assert_int_equal(place.field_size, strlen("sha256:~") + 32);
    assert_memory_equal(place.field, "sha256:~", 8);
}

static void buckets_hold_about_fifty(void **state)
{
    (void)state;
    assert_int_equal(ioc_place_bits(0), 12);
    for (size_t count = 300000; count < 50000000; count *= 2) {
        size_t each = count >> ioc_place_bits(count);

        if (each < 32 || each > 64)
            fail_msg("%zu of %zu in a bucket", each, count);
    }
}

UNIT_MAIN(cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(many_feeds_are_counted),
          cmocka_unit_test(other_texts_are_no_brief),
          cmocka_unit_test(long_keys_are_there_by_their_hash),
          cmocka_unit_test(buckets_hold_about_fifty))

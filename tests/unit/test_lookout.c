#include "unit.h"

#include "detector/lookout.h"

enum { AT = 5000 };

/* Targets as "field=value", of tenant default unless "tenant/field=value". */
static struct text target(const char *words, struct arena *arena)
{
    struct text rest = text_of(words), tenant = TEXT("default"), field;
    size_t slash = text_find_byte(rest, '/');
    AUTO_BUF key = {0};

    if (slash < rest.size) {
        tenant = text_slice(rest, 0, slash);
        rest = text_slice(rest, slash + 1, rest.size);
    }
    text_split(&rest, '=', &field);
    watch_target_write(&(struct watch_target){tenant, field, rest}, &key);
    return arena_copy(arena, buf_text(&key));
}

static void watch(struct lookout *lookout, const char *const *targets, size_t count,
                  struct arena *arena)
{
    struct text keys[32];

    for (size_t i = 0; i < count; i++)
        keys[i] = target(targets[i], arena);
    lookout_watch(lookout, keys, count);
}

static size_t news(const struct lookout *lookout)
{
    struct text name;
    int64_t at_ms;
    size_t count = 0;

    for (size_t at = 0; lookout_next_news(lookout, &at, &name, &at_ms);)
        count++;
    return count;
}

static void see(struct lookout *lookout, const char *log, int64_t at_ms, struct arena *arena)
{
    const char *topics[] = {"logs"};
    const char *names[] = {"service"}, *values[] = {"sshd"};
    const struct source_settings settings = {.topics = {topics, 1},
                                             .format = SOURCE_AUTO,
                                             .tenant_field = "tenant",
                                             .logsource = {names, values, 1}};
    struct error err;
    AUTO(source) source = source_new(&settings, &err);
    struct entry entry;

    assert_int_equal(source_parse_message(source, text_of(log), -1, arena, &entry, &err), 0);
    lookout_see(lookout, source, TEXT("logs"), &entry, at_ms, arena);
}

static const struct {
    const char *label, *target, *log;
    bool is_seen;
} rows[] = {
    {"host", "host=gate-1", "{\"host\":\"gate-1\",\"message\":\"x\"}", true},
    {"nested", "host=gate-1", "{\"host\":{\"name\":\"gate-1\"},\"message\":\"x\"}", true},
    {"another host", "host=gate-1", "{\"host\":\"gate-12\",\"message\":\"gate-1\"}", false},
    {"in another field", "host=gate-1", "{\"message\":\"gate-1\"}", false},
    {"syslog", "host=web1", "<34>1 2026-01-01T00:00:00Z web1 app - - - hello", true},
    {"address with a port", "source_ip=10.0.0.1", "{\"source_ip\":\"10.0.0.1:443\"}", true},
    {"address in another form", "source_ip=2001:db8::1", "{\"src_ip\":\"2001:DB8:0:0::1\"}", true},
    {"field of the log", "fields.a.b=x y", "{\"a\":{\"b\":\"x y\"}}", true},
    {"a number", "fields.port=22", "{\"port\":22}", true},
    {"escaped in the log", "fields.a=\"q\"", "{\"a\":\"\\\"q\\\"\"}", true},
    {"topic", "topic=logs", "{\"message\":\"x\"}", true},
    {"another topic", "topic=other", "{\"message\":\"other\"}", false},
    {"logsource", "logsource.service=sshd", "anything", true},
    {"another logsource", "logsource.service=nginx", "nginx", false},
    {"no such part of a logsource", "logsource.product=sshd", "sshd", false},
    {"of its tenant", "acme/host=h", "{\"host\":\"h\",\"tenant\":\"acme\"}", true},
    {"of another tenant", "host=h", "{\"host\":\"h\",\"tenant\":\"acme\"}", false},
};

static void a_log_is_seen_by_what_is_in_its_fields(void **state)
{
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(lookout) lookout = lookout_new();

        watch(lookout, &rows[i].target, 1, arena);
        see(lookout, rows[i].log, AT, arena);
        if (news(lookout) != rows[i].is_seen || lookout_is_looking(lookout) == rows[i].is_seen)
            fail_msg("%s: seen %zu", rows[i].label, news(lookout));
    }
}

static void many_are_looked_for_as_few_are(void **state)
{
    static const char *const hosts[] = {"host=h1", "host=h2", "host=h3",  "host=h4",
                                        "host=h5", "host=h6", "host=h7",  "host=h8",
                                        "host=h9", "user=h3", "host=h10", "host=h1"};
    AUTO(lookout) lookout = lookout_new();
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    watch(lookout, hosts, COUNT_OF(hosts), arena);
    assert_int_equal(lookout_count(lookout), 11);
    see(lookout, "{\"host\":\"h3\"}", AT, arena);
    see(lookout, "{\"host\":\"h10\"}", AT, arena);
    see(lookout, "{\"host\":\"h3\"}", AT + 1, arena);
    see(lookout, "{\"host\":\"h11\"}", AT, arena);
    assert_int_equal(news(lookout), 2);
}

static void what_was_told_is_no_news_until_it_is_seen_later(void **state)
{
    static const char *const hosts[] = {"host=a", "host=b"};
    AUTO(lookout) lookout = lookout_new();
    AUTO(arena) arena = arena_new(4096);
    struct text name;
    int64_t at_ms;
    size_t at = 0;

    (void)state;
    watch(lookout, hosts, 2, arena);
    see(lookout, "{\"host\":\"a\"}", AT, arena);
    assert_true(lookout_next_news(lookout, &at, &name, &at_ms));
    unit_text("name", name, "7:default4:host1:a");
    assert_int_equal(at_ms, AT);
    lookout_told(lookout);
    lookout_begin(lookout);
    see(lookout, "{\"host\":\"a\"}", AT - 1, arena);
    assert_int_equal(news(lookout), 0);
    lookout_begin(lookout);
    see(lookout, "{\"host\":\"a\"}", AT + 1, arena);
    assert_int_equal(news(lookout), 1);
}

static void what_several_have_seen_is_the_latest_of_each(void **state)
{
    static const char *const hosts[] = {"host=a", "host=b"};
    AUTO(lookout) first = lookout_new();
    AUTO(lookout) second = lookout_new();
    AUTO(arena) arena = arena_new(4096);
    struct text name;
    int64_t at_ms;
    size_t at = 0;

    (void)state;
    watch(first, hosts, 2, arena);
    watch(second, hosts, 2, arena);
    see(first, "{\"host\":\"a\"}", AT + 1, arena);
    see(second, "{\"host\":\"a\"}", AT, arena);
    see(second, "{\"host\":\"b\"}", AT + 2, arena);
    lookout_merge(first, second);
    assert_true(lookout_next_news(first, &at, &name, &at_ms));
    assert_int_equal(at_ms, AT + 1);
    assert_true(lookout_next_news(first, &at, &name, &at_ms));
    assert_int_equal(at_ms, AT + 2);
}

static void in_a_round_each_is_looked_for_once(void **state)
{
    static const char *const hosts[] = {"host=a", "host=b"};
    AUTO(lookout) lookout = lookout_new();
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    assert_false(lookout_is_looking(lookout));
    watch(lookout, hosts, 2, arena);
    see(lookout, "{\"host\":\"a\"}", AT, arena);
    assert_true(lookout_is_looking(lookout));
    see(lookout, "{\"host\":\"b\"}", AT, arena);
    assert_false(lookout_is_looking(lookout));
    lookout_begin(lookout);
    assert_true(lookout_is_looking(lookout));
    lookout_watch(lookout, NULL, 0);
    assert_false(lookout_is_looking(lookout));
}

UNIT_MAIN(cmocka_unit_test(a_log_is_seen_by_what_is_in_its_fields),
          cmocka_unit_test(many_are_looked_for_as_few_are),
          cmocka_unit_test(what_was_told_is_no_news_until_it_is_seen_later),
          cmocka_unit_test(what_several_have_seen_is_the_latest_of_each),
          cmocka_unit_test(in_a_round_each_is_looked_for_once))

#include "source_unit.h"

#include "base/settings.h"

static void topics_are_names_or_regular_expressions(void **state)
{
    static const struct {
        const char *topic, *name;
        bool want;
    } cases[] = {
        {"nginx", "nginx", true},
        {"nginx", "nginx-2", false},
        {"a.b", "axb", false}, /* a name is no expression */
        {"^k8s\\..*", "k8s.acme.shop", true},
        {"^k8s\\..*", "k8sacme", false},
        {"^k8s", "k8s-anything", true}, /* not anchored at the end */
        {"^k8s$", "k8s-anything", false},
        {"^(a|b)+$", "abba", true}, /* extended */
        {"^k8s", "x-k8s", false},
        {"^", "anything", true},
        {"^", "", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *topics[] = {"other", cases[i].topic};
        const struct source_settings settings = {.topics = {topics, 2}};
        AUTO(source) source = unit_source(&settings);

        if (source_has_topic(source, text_of(cases[i].name)) != cases[i].want)
            fail_msg("'%s' and '%s': not %d", cases[i].topic, cases[i].name, cases[i].want);
        assert_true(source_has_topic(source, TEXT("other")));
    }
}

static void wrong_settings_are_named(void **state)
{
    const char *bad_topic[] = {"^a("}, *bad_field[] = {"sorce_ip"}, *ip_field[] = {"source_ip"};
    const char *path[] = {"x"}, *no_path[] = {""};
    const struct {
        const char *name;
        struct source_settings settings;
        const char *in_text[2]; /* what was wrong, what would be right */
    } cases[] = {
        {"expression", {.topics = {bad_topic, 1}}, {"^a(", "POSIX extended"}},
        {"zone", {.timezone = "Mars/Base"}, {"Mars/Base", "Asia/Seoul"}},
        {"field", {.fields = {bad_field, path, 1}}, {"sorce_ip", "source_ip"}},
        {"path", {.fields = {ip_field, no_path, 1}}, {"source_ip", "empty path"}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};

        if (source_new(&cases[i].settings, &err))
            fail_msg("%s: taken", cases[i].name);
        for (size_t k = 0; k < 2; k++) {
            if (!strstr(err.text, cases[i].in_text[k]))
                fail_msg("%s: '%s' says nothing of %s", cases[i].name, err.text,
                         cases[i].in_text[k]);
        }
    }
}

static void an_override_comes_before_the_built_in_candidates(void **state)
{
    const char *names[] = {"source_ip", "user"}, *paths[] = {"net.peer.addr", "principal"};
    static const struct {
        const char *log, *want;
    } cases[] = {
        {"{\"client_ip\":\"10.0.0.1\",\"net\":{\"peer\":{\"addr\":\"10.0.0.9\"}}}", "10.0.0.9"},
        {"{\"client_ip\":\"10.0.0.1\",\"net\":{\"peer.addr\":\"10.0.0.9\"}}", "10.0.0.9"},
        {"{\"client_ip\":\"10.0.0.1\",\"net.peer\":{\"addr\":\"10.0.0.9\"}}", "10.0.0.9"},
        {"{\"client_ip\":\"10.0.0.1\",\"net.peer.addr\":\"10.0.0.9\"}", "10.0.0.9"},
        {"{\"client_ip\":\"10.0.0.1\",\"net\":{\"peer\":{}}}", "10.0.0.1"},
        {"{\"client_ip\":\"10.0.0.1\",\"net\":\"peer\"}", "10.0.0.1"},
    };
    const struct source_settings settings = {.fields = {names, paths, 2}};
    AUTO(source) source = unit_source(&settings);
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct entry entry;

        assert_int_equal(source_parse(source, text_of(cases[i].log), -1, arena, &entry, NULL), 0);
        unit_text(cases[i].log, entry.fields[ENTRY_SOURCE_IP], cases[i].want);
        unit_two_steps(cases[i].log, source, text_of(cases[i].log), -1, &entry, 0);
    }
}

/* Vector's `source_ip` of a syslog is the relay, unless the operator says that it is not. */
static void who_sent_a_syslog_to_vector_is_not_its_source(void **state)
{
    const char *names[] = {"source_ip"}, *paths[] = {"source_ip"};
    static const struct {
        const char *log, *want, *want_overridden;
    } cases[] = {
        {"{\"source_ip\":\"10.0.0.5\",\"source_type\":\"syslog\"}", "", "10.0.0.5"},
        {"{\"source_type\":\"socket\",\"source_ip\":\"10.0.0.5\"}", "", "10.0.0.5"},
        {"{\"source_ip\":\"10.0.0.5\",\"source_type\":\"syslog\",\"src_ip\":\"10.0.0.9\"}",
         "10.0.0.9", "10.0.0.5"},
        {"{\"source_ip\":\"10.0.0.5\",\"source_type\":\"file\"}", "10.0.0.5", "10.0.0.5"},
        {"{\"source_ip\":\"10.0.0.5\"}", "10.0.0.5", "10.0.0.5"},
    };
    const struct source_settings plain = {0}, overridden = {.fields = {names, paths, 1}};
    AUTO(source) source = unit_source(&plain);
    AUTO(source) other = unit_source(&overridden);
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct entry entry;

        assert_int_equal(source_parse(source, text_of(cases[i].log), -1, arena, &entry, NULL), 0);
        unit_text(cases[i].log, entry.fields[ENTRY_SOURCE_IP], cases[i].want);
        assert_int_equal(source_parse(other, text_of(cases[i].log), -1, arena, &entry, NULL), 0);
        unit_text(cases[i].log, entry.fields[ENTRY_SOURCE_IP], cases[i].want_overridden);
    }
}

static void the_tenant_is_the_field_s_else_the_source_s_else_default(void **state)
{
    static const struct {
        const char *tenant, *field, *log, *want;
    } cases[] = {
        {NULL, NULL, "{}", "default"},
        {"acme", NULL, "{\"t\":\"x\"}", "acme"},
        {"acme", "k.ns", "{\"k\":{\"ns\":\"shop\"}}", "shop"},
        {"acme", "k.ns", "{\"k\":{}}", "acme"},
        {NULL, "k.ns", "{\"k\":5}", "default"},
        {"acme", "program", "<13>shop: x", "shop"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct source_settings settings = {.tenant = cases[i].tenant,
                                                 .tenant_field = cases[i].field};
        AUTO(source) source = unit_source(&settings);
        AUTO(arena) arena = arena_new(4096);
        struct entry entry;

        assert_int_equal(source_parse(source, text_of(cases[i].log), -1, arena, &entry, NULL), 0);
        unit_text(cases[i].log, entry.tenant, cases[i].want);
        unit_two_steps(cases[i].log, source, text_of(cases[i].log), -1, &entry, 0);
    }
}

static void times_without_a_zone_are_in_the_source_s(void **state)
{
    static const char *const logs[] = {
        "{\"time\":\"2026-01-31 22:30:00\"}",
        "<13>Jan 31 22:30:00 web1 app: x",
        "2026/01/31 22:30:00 [error] 1#2: x",
        "2026-01-31 22:30:00 INFO x",
    };
    const struct source_settings settings = {.timezone = "Asia/Seoul"};
    AUTO(source) source = unit_source(&settings);
    AUTO(arena) arena = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(logs); i++) {
        struct entry entry;

        assert_int_equal(source_parse(source, text_of(logs[i]), 1769867736250, arena, &entry, NULL),
                         0);
        assert_true(entry.has_time);
        assert_int_equal(moment_hour(entry.time), 22);
        assert_true(entry.time.ms == 1769866200000);
    }
}

UNIT_MAIN(cmocka_unit_test(topics_are_names_or_regular_expressions),
          cmocka_unit_test(wrong_settings_are_named),
          cmocka_unit_test(an_override_comes_before_the_built_in_candidates),
          cmocka_unit_test(who_sent_a_syslog_to_vector_is_not_its_source),
          cmocka_unit_test(the_tenant_is_the_field_s_else_the_source_s_else_default),
          cmocka_unit_test(times_without_a_zone_are_in_the_source_s))

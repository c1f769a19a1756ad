/* What the detector's threads do at the same time: parse and match by one set of rules. */
#include "unit.h"

#include "detector/detect.h"
#include "detector/detector_settings.h"
#include "io/crew.h"

enum { MEMBERS = 4, LOGS = 4000, SLICE = 32 };

static const char *const logs[] = {
    "{\"@timestamp\":\"2026-10-10T13:00:00Z\",\"message\":\"GET /index.html\"}",
    "{\"client_ip\":\"192.0.2.7\",\"message\":\"GET /?id=1+UNION+SELECT+user--\"}",
    "192.0.2.8 - - [10/Oct/2026:13:00:00 +0900] \"GET /?q=<script>alert(1)</script> H\" 200 5",
    "\"c\"",
    "sshd[4]: Failed password for root from 192.0.2.9 port 22 ssh2",
    "nothing at all",
};

struct member {
    struct engine_scratch *scratch;
    struct arena *arena;
};

struct fixture {
    struct settings *settings;
    struct detector_settings detector;
    struct source_settings source_settings;
    struct source *source;
    struct detect *detect;
    struct ruleset *ruleset;
    struct engine *engine;
    struct member members[MEMBERS];
    size_t found[LOGS]; /* rules that fired */
};

static void start(struct fixture *f)
{
    const struct settings_section section = {"detector", detector_settings_rows, &f->detector};
    struct error err = {0};

    f->settings = settings_load(NULL, &section, 1, NULL, &err);
    f->ruleset = ruleset_new();
    assert_int_equal(ruleset_add(f->ruleset, HAECHI_SOURCE "/deploy/rules", &err), 0);
    f->source = source_new(&f->source_settings, &err);
    f->detect = detect_new(&f->detector.detect, &err);
    f->engine = engine_new(f->ruleset, &err);
    if (!f->settings || !f->source || !f->detect || !f->engine)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < MEMBERS; i++)
        f->members[i] = (struct member){engine_scratch_new(f->engine), arena_new(65536)};
}

static void stop(struct fixture *f)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        engine_scratch_free(f->members[i].scratch);
        arena_free(f->members[i].arena);
    }
    engine_free(f->engine);
    detect_free(f->detect);
    source_free(f->source);
    ruleset_free(f->ruleset);
    settings_free(f->settings);
}

static void look(void *self, size_t number, size_t begin, size_t end)
{
    struct fixture *f = self;
    struct member *member = &f->members[number];

    for (size_t i = begin; i < end; i++) {
        const struct detect_origin origin = {.offset = (int64_t)i, .kafka_ms = 1791600000000};
        struct detection *detections;
        struct entry entry;

        arena_reset(member->arena, SIZE_MAX);
        if (source_parse_message(f->source, text_of(logs[i % COUNT_OF(logs)]), origin.kafka_ms,
                                 member->arena, &entry, NULL) == 0)
            f->found[i] = detect_match(f->detect, f->engine, member->scratch, f->source, &entry,
                                       &origin, member->arena, &detections);
    }
}

static void threads_find_together_what_one_finds(void **state)
{
    static struct fixture f;
    static size_t alone[LOGS];
    AUTO(crew) one = crew_new(1);
    AUTO(crew) four = crew_new(MEMBERS);
    size_t all = 0;

    (void)state;
    start(&f);
    crew_run(one, LOGS, SLICE, look, &f);
    memcpy(alone, f.found, sizeof(alone));
    memset(f.found, 0xFF, sizeof(f.found));
    crew_run(four, LOGS, SLICE, look, &f);
    assert_memory_equal(alone, f.found, sizeof(alone));
    for (size_t i = 0; i < LOGS; i++)
        all += alone[i];
    assert_true(all >= LOGS / COUNT_OF(logs) * 3);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_find_together_what_one_finds)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The detector as a process, between a broker inside this test (librdkafka's mock cluster) and a
 * real Redis. */
#include "redis_server.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <limits.h>

#include "base/event.h"
#include "base/group_id.h"
#include "base/record_json.h"
#include "io/clock.h"

enum { TOPICS_PARTITIONS = 1 };

struct fixture {
    char folder[64];
    rd_kafka_t *host; /* of the mock cluster, and our producer */
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *reader;
    struct redis_server redis;
    pid_t detector;
    int metrics_port;
    struct arena *arena;
};

static void write_file(const struct fixture *f, const char *name, const char *text)
{
    char path[128], fresh[128];

    snprintf(path, sizeof(path), "%s/%s", f->folder, name);
    snprintf(fresh, sizeof(fresh), "%s/new", f->folder);
    FILE *file = fopen(fresh, "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(fresh, path), 0);
}

static void start_cluster(struct fixture *f)
{
    char text[256];

    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    rd_kafka_conf_set(conf, "log_level", "0", text, sizeof(text));
    f->host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    assert_non_null(f->host);
    f->cluster = rd_kafka_mock_cluster_new(f->host, 1);
    assert_non_null(f->cluster);
    rd_kafka_brokers_add(f->host, rd_kafka_mock_cluster_bootstraps(f->cluster));
    for (size_t i = 0; i < 3; i++) {
        static const char *const topics[] = {"raw-logs", "detected-events", "dead-letters"};

        rd_kafka_mock_topic_create(f->cluster, topics[i], TOPICS_PARTITIONS, 1);
    }
}

static void start_reader(struct fixture *f)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_partition_list_t *from = rd_kafka_topic_partition_list_new(2);
    char text[256];

    rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(f->cluster), text,
                      sizeof(text));
    rd_kafka_conf_set(conf, "group.id", "test", text, sizeof(text));
    rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", text, sizeof(text));
    f->reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
    assert_non_null(f->reader);
    rd_kafka_poll_set_consumer(f->reader);
    rd_kafka_topic_partition_list_add(from, "detected-events", 0)->offset = 0;
    rd_kafka_topic_partition_list_add(from, "dead-letters", 0)->offset = 0;
    assert_int_equal(rd_kafka_assign(f->reader, from), 0);
    rd_kafka_topic_partition_list_destroy(from);
}

static void write_settings(const struct fixture *f, const char *more)
{
    AUTO_BUF settings = {0};

    buf_addf(&settings,
             "kafka:\n"
             "  bootstrap_servers: %s\n"
             "  properties: {session.timeout.ms: '6000', fetch.wait.max.ms: '10'}\n"
             "redis: {host: 127.0.0.1, port: %d, timeout: 20s, %s}\n"
             "detector:\n"
             "  default_rules: false\n"
             "  rules: [%s/rules.yaml]\n"
             "  max_log_bytes: 4KiB\n"
             "  metrics: {address: 127.0.0.1, port: %d}\n",
             rd_kafka_mock_cluster_bootstraps(f->cluster), f->redis.port, more, f->folder,
             f->metrics_port);
    write_file(f, "haechi.yaml", buf_string(&settings));
}

static void own_path(char *path, size_t size, const char *program)
{
    char own[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);

    assert_true(length > 0);
    own[length] = '\0';
    *strrchr(own, '/') = '\0';
    snprintf(path, size, "%s/../%s", own, program);
}

/* @check: with --check. */
static pid_t start_detector(const struct fixture *f, bool check)
{
    char program[PATH_MAX + 32], settings[128], log[128];
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    own_path(program, sizeof(program), "haechi-detector");
    snprintf(settings, sizeof(settings), "%s/haechi.yaml", f->folder);
    snprintf(log, sizeof(log), "%s/log", f->folder);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

    dup2(fd, 1);
    dup2(fd, 2);
    execl(program, program, "--config", settings, check ? "--check" : (char *)NULL, (char *)NULL);
    _exit(127);
}

static int exit_status(pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char rules[] =
    "category: test\n"
    "rules:\n"
    "  - {id: evil, threat_level: HIGH, confidence: 0.5, patterns: [evil]}\n";

static void make_folder(struct fixture *f)
{
    snprintf(f->folder, sizeof(f->folder), "/tmp/haechi-detector-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->arena = arena_new(65536);
    f->metrics_port = free_port();
}

static int begin(void **state)
{
    struct fixture *f = mem_zero(sizeof(*f));

    signal(SIGPIPE, SIG_IGN);
    make_folder(f);
    redis_server_start(&f->redis, NULL, NULL);
    start_cluster(f);
    start_reader(f);
    write_file(f, "rules.yaml", rules);
    write_settings(f, "on_failure: degrade");
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    char command[128];

    if (f->detector)
        kill(f->detector, SIGKILL);
    if (f->detector)
        waitpid(f->detector, NULL, 0);
    rd_kafka_destroy(f->reader);
    rd_kafka_mock_cluster_destroy(f->cluster);
    rd_kafka_destroy(f->host);
    redis_server_stop(&f->redis);
    arena_free(f->arena);
    snprintf(command, sizeof(command), "rm -rf %s", f->folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    free(f);
    return 0;
}

static void send_log(const struct fixture *f, struct text log)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(f->host, "raw-logs", NULL);

    assert_int_equal(rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, (void *)(uintptr_t)log.bytes,
                                      log.size, NULL, 0, NULL),
                     0);
    assert_int_equal(rd_kafka_flush(f->host, UNIT_LIMIT_MS), 0);
    rd_kafka_topic_destroy(topic);
}

static void fail_with_log(const struct fixture *f, const char *what)
{
    char path[128];
    AUTO_BUF log = {0};

    snprintf(path, sizeof(path), "%s/log", f->folder);
    FILE *file = fopen(path, "r");

    if (file) {
        log.size += fread(buf_reserve(&log, 65536), 1, 65536, file);
        fclose(file);
    }
    fail_msg("%s:\n%s", what, buf_string(&log));
}

/* The next record of either topic; the caller destroys it. */
static rd_kafka_message_t *receive(const struct fixture *f)
{
    int64_t limit_us = clock_monotonic_us() + UNIT_LIMIT_MS * INT64_C(1000);

    while (clock_monotonic_us() < limit_us) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(f->reader, 100);

        if (message && !message->err)
            return message;
        if (message)
            rd_kafka_message_destroy(message);
        if (waitpid(f->detector, NULL, WNOHANG) != 0)
            fail_with_log(f, "the detector ended");
    }
    fail_with_log(f, "nothing came");
    return NULL;
}

static struct text header(const rd_kafka_message_t *message, const char *name)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t size;

    if (rd_kafka_message_headers(message, &headers) != 0 ||
        rd_kafka_header_get_last(headers, name, &value, &size) != 0)
        return (struct text){0};
    return (struct text){value, size};
}

/* Reads an event and gives its key; the message is destroyed. */
static void receive_event(const struct fixture *f, struct event *event)
{
    rd_kafka_message_t *message = receive(f);
    struct text value = {message->payload, message->len}, key = {message->key, message->key_len};
    struct error err = {0};

    if (record_json_read(&event_type, arena_copy(f->arena, value), f->arena, event, &err) < 0)
        fail_msg("%s in '%.*s'", err.text, TEXT_ARG(value));
    assert_string_equal(rd_kafka_topic_name(message->rkt), "detected-events");
    assert_true(text_equal(key, event_entity(event)));
    unit_text("schema", header(message, "haechi.schema"), "event/1");
    unit_text("tenant", header(message, "haechi.tenant"), "default");
    unit_text("content type", header(message, "content-type"), "application/json");
    assert_int_equal(header(message, "haechi.ruleset_version").size, 16);
    rd_kafka_message_destroy(message);
}

static bool has_indicator(const struct event *event, const char *wanted)
{
    for (size_t i = 0; i < event->indicators.count; i++) {
        if (text_is(event->indicators.items[i], wanted))
            return true;
    }
    return false;
}

/* As a correlator would: @count events of the address in the minute before. */
static void remember_events(const struct fixture *f, const char *address, int64_t at_ms, int count)
{
    redisContext *redis = redisConnect("127.0.0.1", f->redis.port);
    char id[GROUP_ID_SIZE], key[80];

    group_id_of_entity(TEXT("default"), TEXT("source_ip"), text_of(address), id);
    group_id_key("recent", id, key, sizeof(key));
    for (int i = 0; i < count; i++)
        freeReplyObject(redisCommand(redis, "ZADD %s %lld event-%d", key, (long long)at_ms - i, i));
    redisFree(redis);
}

static void what_redis_remembers_weighs_and_its_absence_is_marked(void **state)
{
    struct fixture *f = *state;
    static const char log[] = "{\"@timestamp\":\"2026-01-31T03:00:00Z\",\"src\":\"8.8.4.4\","
                              "\"message\":\"evil\"}"; /* Saturday night */
    const int64_t at_ms = 1769828400000;
    struct event event;

    remember_events(f, "8.8.4.4", at_ms, 11);
    f->detector = start_detector(f, false);
    send_log(f, text_of(log));
    receive_event(f, &event);
    assert_int_equal(event.context.recent_events, 11);
    assert_int_equal(event.context.enrichment, ENRICHMENT_FULL);
    assert_true(has_indicator(&event, "suspicious_timing:0.6"));
    assert_true(event.confidence_score == 0.6);

    redis_server_stop(&f->redis);
    send_log(f, text_of(log));
    receive_event(f, &event);
    assert_int_equal(event.context.enrichment, ENRICHMENT_DEGRADED);
    assert_false(has_indicator(&event, "suspicious_timing:0.6"));

    redis_server_start(&f->redis, NULL, NULL);
    for (int i = 0; i < UNIT_LIMIT_MS && event.context.enrichment == ENRICHMENT_DEGRADED; i++) {
        send_log(f, text_of(log));
        receive_event(f, &event);
    }
    assert_int_equal(event.context.enrichment, ENRICHMENT_FULL);
    assert_int_equal(event.context.recent_events, 0); /* it came back empty */
}

static void with_pause_events_wait_for_redis(void **state)
{
    struct fixture *f = *state;
    struct event event;

    write_settings(f, "on_failure: pause");
    redis_server_stop(&f->redis);
    f->detector = start_detector(f, false);
    send_log(f, TEXT("{\"src\":\"8.8.4.4\",\"message\":\"evil 1\"}"));
    for (int i = 0; i < 20; i++)
        assert_null(rd_kafka_consumer_poll(f->reader, 100));
    redis_server_start(&f->redis, NULL, NULL);
    receive_event(f, &event);
    assert_int_equal(event.context.enrichment, ENRICHMENT_FULL);
    unit_text("payload", event.payload, "evil 1");
    send_log(f, TEXT("{\"src\":\"8.8.4.4\",\"message\":\"evil 2\"}"));
    receive_event(f, &event);
    unit_text("once each", event.payload, "evil 2");
}

/* Takes as long as the minute still has. */
static void what_a_rule_withheld_is_told_without_waiting_for_another_log(void **state)
{
    struct fixture *f = *state;
    struct event event = {0};

    write_file(f, "rules.yaml",
               "category: test\n"
               "rules:\n"
               "  - {id: evil, threat_level: HIGH, confidence: 0.5, patterns: [evil],\n"
               "     max_per_minute: 1}\n");
    f->detector = start_detector(f, false);
    for (int i = 0; i < 20; i++)
        send_log(f, TEXT("evil"));
    while (!text_is(event.event_type, "notice.max_per_minute"))
        receive_event(f, &event);
    unit_text("rule", event.rule_id, "test.evil");
    unit_text("a log of those withheld", event.origin.topic, "raw-logs");
    assert_true(event.origin.offset > 0);
}

static void must_be_refused(const struct fixture *f, struct text log, const char *reason)
{
    send_log(f, log);
    rd_kafka_message_t *message = receive(f);

    assert_string_equal(rd_kafka_topic_name(message->rkt), "dead-letters");
    unit_text("reason", header(message, "haechi.reason"), reason);
    unit_text("topic", header(message, "haechi.topic"), "raw-logs");
    assert_true(text_equal((struct text){message->payload, message->len}, log));
    rd_kafka_message_destroy(message);
}

static void what_cannot_be_read_goes_to_dead_letters_whole(void **state)
{
    struct fixture *f = *state;
    AUTO_BUF large = {0}, deep = {0};
    struct event event;

    for (int i = 0; i < 5000; i++)
        buf_add_byte(&large, 'x');
    buf_add_string(&deep, "{\"message\":");
    for (int i = 0; i < 100; i++)
        buf_add_byte(&deep, '[');
    for (int i = 0; i < 100; i++)
        buf_add_byte(&deep, ']');
    buf_add_byte(&deep, '}');
    f->detector = start_detector(f, false);
    must_be_refused(f, buf_text(&large), "too_large");
    must_be_refused(f, buf_text(&deep), "too_deep");
    send_log(f, TEXT("a good evil one"));
    receive_event(f, &event);
    unit_text("payload", event.payload, "a good evil one");
}

/* Sends until a rule of @id fires on "evil". */
static void must_come_into_force(const struct fixture *f, const char *id)
{
    for (int i = 0; i < UNIT_LIMIT_MS / 50; i++) {
        struct event event;

        send_log(f, TEXT("evil"));
        receive_event(f, &event);
        if (text_is(event.rule_id, id))
            return;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    fail_with_log(f, id);
}

static bool log_says(const struct fixture *f, const char *what)
{
    char command[256];

    snprintf(command, sizeof(command), "grep -q '%s' %s/log", what, f->folder);
    for (int i = 0; i < UNIT_LIMIT_MS / 50; i++) {
        if (system(command) == 0) /* NOLINT(cert-env33-c) */
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return false;
}

static void changed_rules_come_into_force_and_bad_ones_do_not(void **state)
{
    struct fixture *f = *state;
    struct event event;

    f->detector = start_detector(f, false);
    send_log(f, TEXT("evil"));
    receive_event(f, &event);
    unit_text("rule", event.rule_id, "test.evil");
    write_file(f, "rules.yaml",
               "category: test\n"
               "rules:\n"
               "  - {id: new, threat_level: LOW, confidence: 0.5, patterns: [evil]}\n");
    must_come_into_force(f, "test.new"); /* noticed by itself */
    write_file(f, "rules.yaml", "category: test\nrules:\n  - {id: bad, patterns: ['(']}\n");
    assert_int_equal(kill(f->detector, SIGHUP), 0);
    assert_true(log_says(f, "rules.yaml:3"));
    send_log(f, TEXT("evil"));
    receive_event(f, &event);
    unit_text("rule", event.rule_id, "test.new");
}

static void a_check_reads_rules_too(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(exit_status(start_detector(f, true)), 0);
    write_file(f, "rules.yaml", "category: test\nrules:\n  - {id: bad, patterns: ['(']}\n");
    assert_int_equal(exit_status(start_detector(f, true)), 2);
    assert_true(log_says(f, "rules.yaml:3"));
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_redis_remembers_weighs_and_its_absence_is_marked),
        CASE(with_pause_events_wait_for_redis),
        CASE(what_a_rule_withheld_is_told_without_waiting_for_another_log),
        CASE(what_cannot_be_read_goes_to_dead_letters_whole),
        CASE(changed_rules_come_into_force_and_bad_ones_do_not),
        CASE(a_check_reads_rules_too),
    };

    return redis_server_is_installed() ? unit_end(cmocka_run_group_tests(tests, NULL, NULL)) : 0;
}

#include "cli/commands/events.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/moment.h"
#include "cli/commands/event_show.h"
#include "cli/commands/follow.h"
#include "io/clock.h"
#include "io/codec.h"

enum { WAIT_MS = 200, ARENA_KEPT = 1024 * 1024 };

struct tail_options {
    struct cluster_options cluster;
    const char *topic;
    const char *from;
    struct text_list rules;
    int level;
    int output;
    int64_t count; /* 0: no limit */
    bool follow;
};

struct tail {
    const struct arguments *arguments;
    const struct tail_options *options;
    struct cluster cluster;
    struct codec *codec;
    struct follow *follow;
    struct event_show show;
    struct arena *arena; /* of one message */
    struct buf out;
    int64_t shown;
    uint64_t undecodable;
};

/* Ctrl-C is how one leaves; a signal handler can speak to nothing but such a variable. */
static volatile sig_atomic_t is_over;

static void end(int signal_number)
{
    (void)signal_number;
    is_over = 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = end};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* "15m", "2h", "1d" ago. */
static bool parse_ago(struct text t, int64_t now_ms, int64_t *at_ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    int64_t count = 0;

    if (t.size < 2 || !text_to_integer(text_slice(t, 0, t.size - 1), &count) || count > 100000)
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (t.bytes[t.size - 1] == units[i].unit) {
            *at_ms = now_ms - count * units[i].ms;
            return true;
        }
    }
    return false;
}

static int parse_from(const struct tail_options *options, enum follow_from *from, int64_t *at_ms,
                      struct error *err)
{
    struct text t = text_of(options->from);
    struct moment moment;

    if (!options->from)
        *from = options->follow ? FOLLOW_LATEST : FOLLOW_EARLIEST;
    else if (text_is(t, "earliest"))
        *from = FOLLOW_EARLIEST;
    else if (text_is(t, "latest"))
        *from = FOLLOW_LATEST;
    else if (parse_ago(t, clock_now_ms(), at_ms))
        *from = FOLLOW_TIME;
    else if (moment_parse_rfc3339(t, NULL, &moment)) {
        *from = FOLLOW_TIME;
        *at_ms = moment.ms;
    } else {
        return error_set(err, -EINVAL,
                         "--from is '%.60s'; it may be earliest, latest, a time as "
                         "2026-01-31T13:55:36Z, or how long ago, as 15m, 2h, 1d",
                         options->from);
    }
    return 0;
}

static bool is_wanted(const struct tail *tail, const struct event *event)
{
    const struct text_list *rules = &tail->options->rules;
    bool is_named = rules->count == 0;

    for (size_t i = 0; i < rules->count && !is_named; i++)
        is_named = text_is(event->rule_id, rules->items[i]);
    return is_named && event->threat_level >= tail->options->level;
}

/* Says of the first that it is no event, and at the end of how many. */
static void complain_of(struct tail *tail, const rd_kafka_message_t *message,
                        const struct error *reason)
{
    struct error err;

    if (tail->undecodable++ > 0)
        return;
    error_set(&err, -EBADMSG, "%s, partition %" PRId32 ", offset %" PRId64 ": passed over: %s",
              rd_kafka_topic_name(message->rkt), message->partition, message->offset, reason->text);
    terminal_complain(tail->arguments, &err);
}

/* False: the output is gone. */
static bool show(struct tail *tail, const rd_kafka_message_t *message)
{
    struct text value = {message->payload, message->len};
    struct error err = {0};
    struct event event;

    arena_reset(tail->arena, ARENA_KEPT);
    if (codec_decode(tail->codec, &event_type, value, tail->arena, &event, &err) < 0) {
        complain_of(tail, message, &err);
        return true;
    }
    if (!is_wanted(tail, &event))
        return true;
    buf_reset(&tail->out);
    event_show_add(&tail->show, &event, &tail->out);
    tail->shown++;
    return terminal_print(tail->arguments, buf_text(&tail->out));
}

static int read_all(struct tail *tail, struct error *err)
{
    while (!is_over && (tail->options->count == 0 || tail->shown < tail->options->count)) {
        rd_kafka_message_t *message = NULL;
        bool is_good = true;

        switch (follow_next(tail->follow, WAIT_MS, &message, err)) {
        case FOLLOW_MESSAGE:
            is_good = show(tail, message);
            rd_kafka_message_destroy(message);
            if (!is_good)
                return error_set(err, -EPIPE, "ended");
            break;
        case FOLLOW_NOTHING:
            break;
        case FOLLOW_END:
            return 0;
        case FOLLOW_FAILED:
            return err->code;
        }
    }
    return 0;
}

static int open_tail(struct tail *tail, struct error *err)
{
    const struct tail_options *options = tail->options;
    enum follow_from from = FOLLOW_LATEST;
    int64_t from_ms = 0;

    if (parse_from(options, &from, &from_ms, err) < 0 ||
        cluster_open(&tail->cluster, &options->cluster, RD_KAFKA_CONSUMER, err) < 0)
        return -EINVAL;
    tail->codec = codec_open(FORMAT_JSON, &tail->cluster.shared.registry);
    tail->follow =
        follow_open(&tail->cluster,
                    options->topic ? options->topic : tail->cluster.shared.topics.detected_events,
                    from, from_ms, !options->follow, err);
    return tail->follow ? 0 : -EIO;
}

static int run(const struct arguments *arguments)
{
    struct tail tail = {.arguments = arguments, .options = arguments->config};
    struct error err = {0};
    int result;

    catch_signals();
    tail.arena = arena_new(65536);
    event_show_init(&tail.show, tail.options->output, false);
    result = open_tail(&tail, &err);
    if (result == 0)
        result = read_all(&tail, &err);
    if (result < 0 && result != -EPIPE)
        terminal_complain(arguments, &err);
    if (tail.undecodable > 1) {
        error_set(&err, -EBADMSG, "%" PRIu64 " records in all were no events", tail.undecodable);
        terminal_complain(arguments, &err);
    }
    follow_close(tail.follow);
    codec_close(tail.codec);
    cluster_close(&tail.cluster);
    arena_free(tail.arena);
    buf_done(&tail.out);
    return result == 0 ? 0 : result == -EINVAL ? 2 : 1;
}

static const char *const levels[] = {"low", "medium", "high", "critical", NULL};

static const struct option_row tail_rows[] = {
    CLUSTER_OPTIONS(tail_options),
    {"topic", 't', OPTION_TEXT, offsetof(struct tail_options, topic), "TOPIC",
     "instead of topics.detected_events of the settings", NULL, 0, 0},
    {"from", 0, OPTION_TEXT, offsetof(struct tail_options, from), "WHERE",
     "earliest, latest, a time (2026-01-31T13:55:36Z) or how long ago (15m, 2h, 1d); else latest, "
     "with --no-follow earliest",
     NULL, 0, 0},
    {"follow", 'f', OPTION_ON, offsetof(struct tail_options, follow), NULL,
     "go on when all is shown, and wait for more (the default)", NULL, 0, 0},
    {"no-follow", 0, OPTION_OFF, offsetof(struct tail_options, follow), NULL,
     "end when all that is there is shown", NULL, 0, 0},
    {"count", 'n', OPTION_INTEGER, offsetof(struct tail_options, count), "N",
     "end after so many events are shown", NULL, 1, INT64_MAX},
    {"rule", 'r', OPTION_TEXTS, offsetof(struct tail_options, rules), "RULE",
     "show only events of this rule, as web_attacks.xss; may be given again", NULL, 0, 0},
    {"level", 'l', OPTION_CHOICE, offsetof(struct tail_options, level), "LEVEL",
     "show only events of at least this", levels, 0, 0},
    {"output", 'o', OPTION_CHOICE, offsetof(struct tail_options, output), "FORMAT", OUTPUT_HELP,
     output_choices, 0, 0},
    {0},
};

static const struct example tail_examples[] = {
    {"haechi events tail", "watch what is detected, from now on"},
    {"haechi events tail --from 1h --level high", "what was bad in the last hour, and go on"},
    {"haechi events tail --no-follow --rule web_attacks.xss --output json | jq .source_ip",
     "all that the topic holds of one rule, for a program"},
    {0},
};

static const struct tail_options tail_defaults = {.follow = true};

static const struct command tail_command = {
    .name = "tail",
    .summary = "Show detected events as they come",
    .about = "Reads the topic of detected events, in JSON or Avro, without a consumer group: "
             "watching disturbs nobody. One line an event. Ctrl-C ends it, with status 0.",
    .examples = tail_examples,
    .options = tail_rows,
    .defaults = &tail_defaults,
    .config_size = sizeof(struct tail_options),
    .run = run,
};

static const struct command *const commands[] = {&tail_command, NULL};

const struct command events_command = {
    .name = "events", .summary = "Watch detected events", .commands = commands};

#include "cli/commands/tail.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#include "io/codec.h"

enum { WAIT_MS = 200, ARENA_KEPT = 1024 * 1024 };

struct tail {
    const struct arguments *arguments;
    const struct tail_options *options;
    const struct tail_kind *kind;
    void *self;
    enum output output;
    struct cluster cluster;
    struct codec *codec;
    struct follow *follow;
    void *record;        /* one of the kind's */
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

/* Says of the first that it is no record, and at the end of how many. */
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

    arena_reset(tail->arena, ARENA_KEPT);
    if (codec_decode(tail->codec, tail->kind->type, value, tail->arena, tail->record, &err) < 0) {
        complain_of(tail, message, &err);
        return true;
    }
    buf_reset(&tail->out);
    if (!tail->kind->add(tail->self, tail->record, &tail->out))
        return true;
    tail->shown++;
    return output_print(tail->arguments, tail->output, buf_text(&tail->out));
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

static int open_tail(struct tail *tail, const struct cluster_options *cluster, struct error *err)
{
    const struct tail_options *options = tail->options;
    enum follow_from from = FOLLOW_LATEST;
    int64_t from_ms = 0;

    if (follow_parse_from("from", options->from, options->follow ? FOLLOW_LATEST : FOLLOW_EARLIEST,
                          &from, &from_ms, err) < 0 ||
        cluster_open(&tail->cluster, cluster, RD_KAFKA_CONSUMER, err) < 0)
        return -EINVAL;
    tail->codec = codec_open(FORMAT_JSON, &tail->cluster.shared.registry);
    tail->follow = follow_open(&tail->cluster,
                               options->topic ? options->topic
                                              : tail->kind->topic(&tail->cluster.shared.topics),
                               from, from_ms, !options->follow, err);
    return tail->follow ? 0 : -EIO;
}

static int end_tail(struct tail *tail, struct error *err)
{
    buf_reset(&tail->out);
    if (!tail->kind->end)
        return 0;
    tail->kind->end(tail->self, &tail->out);
    return output_print(tail->arguments, tail->output, buf_text(&tail->out))
               ? 0
               : error_set(err, -EPIPE, "ended");
}

static void count_undecodable(const struct tail *tail)
{
    struct error err;

    if (tail->undecodable <= 1)
        return;
    error_set(&err, -EBADMSG, "%" PRIu64 " records in total could not be read as %s",
              tail->undecodable, tail->kind->records);
    terminal_complain(tail->arguments, &err);
}

int tail_run(const struct arguments *arguments, const struct cluster_options *cluster,
             const struct tail_options *options, const struct tail_kind *kind, void *self)
{
    struct tail tail = {.arguments = arguments, .options = options, .kind = kind, .self = self};
    const struct terminal terminal = terminal_of(stdout);
    struct error err = {0};
    int result;

    catch_signals();
    tail.output = output_of(options->output, &terminal);
    tail.arena = arena_new(65536);
    tail.record = mem_zero(kind->type->size);
    result = open_tail(&tail, cluster, &err);
    if (result == 0)
        result = read_all(&tail, &err);
    if (result == 0)
        result = end_tail(&tail, &err);
    if (result < 0 && result != -EPIPE)
        terminal_complain(arguments, &err);
    count_undecodable(&tail);
    follow_close(tail.follow);
    codec_close(tail.codec);
    cluster_close(&tail.cluster);
    arena_free(tail.arena);
    buf_done(&tail.out);
    free(tail.record);
    return result == 0 ? 0 : result == -EINVAL ? 2 : 1;
}

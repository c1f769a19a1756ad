/* Sends dead letters again to the topic that they came from, each once.
 *
 * The record goes first and the note that it went (letters.h) when the broker has it, so that a
 * replay that is cut off between the two sends a record again rather than never. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli/commands/dead_letters.h"
#include "cli/commands/letters.h"
#include "cli/commands/output.h"
#include "cli/commands/target_settings.h"
#include "io/dead_letter.h"

enum { WAIT_MS = 100, ANSWER_MS = 60000 };

struct replay_options {
    struct cluster_options cluster;
    struct letters_options letters;
    bool dry_run;
    int output;
};

/* Of the forwarder. */
struct targets {
    struct target_file file;
    bool is_read;
    int result; /* of reading them */
    struct error err;
};

struct replay {
    const struct replay_options *options;
    const char *topic; /* of dead letters */
    rd_kafka_t *producer;
    struct targets targets;
    size_t replayed, before, failed;
    char trouble[200];
};

/* On its way; its opaque. NULL of a note. */
struct sent {
    char id[40];
};

static void fail(struct replay *replay, const char *why)
{
    if (replay->failed++ == 0)
        snprintf(replay->trouble, sizeof(replay->trouble), "%s", why);
}

static rd_kafka_resp_err_t send_parts(struct replay *replay, const rd_kafka_vu_t *parts,
                                      size_t count)
{
    rd_kafka_error_t *error = rd_kafka_produceva(replay->producer, parts, count);
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);

    if (error)
        rd_kafka_error_destroy(error);
    return code;
}

static rd_kafka_resp_err_t note(struct replay *replay, const char *id)
{
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = replay->topic},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)id, strlen(id)}},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {"haechi.replayed", id, -1}},
    };

    return send_parts(replay, parts, COUNT_OF(parts));
}

static void on_report(rd_kafka_t *producer, const rd_kafka_message_t *message, void *self)
{
    struct replay *replay = self;
    struct sent *sent = message->_private;
    rd_kafka_resp_err_t code = message->err;

    (void)producer;
    if (sent && !code) {
        replay->replayed++;
        code = note(replay, sent->id);
    }
    if (code)
        fail(replay, rd_kafka_err2str(code));
    free(sent);
}

/* Those of the message itself. haechi.target stays: only that lane of the forwarder is to take it.
 */
static rd_kafka_headers_t *headers_of(const struct letter *letter)
{
    rd_kafka_headers_t *there = NULL;

    rd_kafka_message_headers(letter->message, &there);
    rd_kafka_headers_t *headers = there ? rd_kafka_headers_copy(there) : rd_kafka_headers_new(1);

    dead_letter_clear(headers);
    if (letter->target.size > 0)
        rd_kafka_header_add(headers, "haechi.target", -1, letter->target.bytes,
                            (ssize_t)letter->target.size);
    return headers;
}

static rd_kafka_resp_err_t produce(struct replay *replay, const struct letter *letter)
{
    AUTO_BUF topic = {0};
    struct sent *sent = mem_zero(sizeof(*sent));
    rd_kafka_headers_t *headers = headers_of(letter);
    rd_kafka_resp_err_t code;

    snprintf(sent->id, sizeof(sent->id), "%s", letter->id);
    buf_add(&topic, letter->topic);
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = buf_string(&topic)},
        {.vtype = RD_KAFKA_VTYPE_KEY,
         .u.mem = {(void *)(uintptr_t)letter->key.bytes, letter->key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
         .u.mem = {(void *)(uintptr_t)letter->value.bytes, letter->value.size}},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = sent},
    };

    while ((code = send_parts(replay, parts, COUNT_OF(parts))) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        rd_kafka_poll(replay->producer, WAIT_MS);
    if (code) {
        rd_kafka_headers_destroy(headers);
        free(sent);
    }
    return code;
}

/* The forwarder's lanes, as the settings have them, read when the first letter asks for one: a
 * letter for a lane that is not there would be noted as replayed, and taken by nobody. */
static int check_target(struct replay *replay, struct text name, struct error *err)
{
    struct targets *targets = &replay->targets;

    if (!targets->is_read)
        targets->result =
            target_settings_read(&targets->file, replay->options->cluster.config, &targets->err);
    targets->is_read = true;
    if (targets->result < 0) {
        *err = targets->err;
        return targets->result;
    }
    for (size_t i = 0; i < targets->file.forwarder.targets.count; i++) {
        if (text_is(name, forwarder_target(&targets->file.forwarder, i)->name))
            return 0;
    }
    return error_set(err, -ENOENT,
                     "target '%.*s' is not in the settings; with the settings of a forwarder that "
                     "has it (--config), it can be replayed",
                     TEXT_ARG(text_cut(name, 60)));
}

static int send_again(struct replay *replay, const struct letter *letter, struct error *err)
{
    if (letter->topic.size == 0)
        return error_set(err, -EINVAL, "it does not say which topic it came from");
    if (letter->target.size > 0 && check_target(replay, letter->target, err) < 0)
        return -ENOENT;
    if (replay->options->dry_run) {
        replay->replayed++;
        return 0;
    }
    rd_kafka_resp_err_t code = produce(replay, letter);

    rd_kafka_poll(replay->producer, 0);
    return code ? error_set(err, -EIO, "%s", rd_kafka_err2str(code)) : 0;
}

/* What the operands name. */
struct choice {
    struct letter_id id;
    bool is_found;
};

struct run {
    const struct arguments *arguments;
    struct choice *choices; /* one for each operand; without any all letters are chosen */
    struct replay replay;
};

static bool is_chosen(struct run *run, const struct letter_id *id)
{
    bool is_chosen = run->arguments->count == 0;

    for (size_t i = 0; i < run->arguments->count; i++) {
        struct choice *choice = &run->choices[i];

        if (choice->id.partition == id->partition && choice->id.offset == id->offset)
            is_chosen = choice->is_found = true;
    }
    return is_chosen;
}

static bool take(void *self, const struct letter *letter)
{
    struct run *run = self;
    struct replay *replay = &run->replay;
    struct error err = {0};

    if (!is_chosen(run, &letter->place))
        return true;
    if (letter->is_replayed)
        replay->before++;
    else if (send_again(replay, letter, &err) < 0)
        fail(replay, err.text);
    return true;
}

static int read_choices(struct run *run, struct error *err)
{
    run->choices = mem_zero((run->arguments->count + 1) * sizeof(*run->choices));
    for (size_t i = 0; i < run->arguments->count; i++) {
        if (letter_id_parse(run->arguments->operands[i], &run->choices[i].id, err) < 0)
            return -EINVAL;
    }
    return 0;
}

/* Names those that were not there; how many. */
static size_t complain_of_missing(const struct run *run)
{
    struct error err;
    size_t count = 0;

    for (size_t i = 0; i < run->arguments->count; i++) {
        if (run->choices[i].is_found)
            continue;
        count++;
        error_set(&err, -ENOENT,
                  "there is no dead letter %.60s that the options choose; haechi dead-letters list "
                  "shows them",
                  run->arguments->operands[i]);
        terminal_complain(run->arguments, &err);
    }
    return count;
}

static int open_producer(struct replay *replay, struct cluster *cluster, struct error *err)
{
    static const char *const properties[][2] = {
        {"enable.idempotence", "true"},
        {"partitioner", "murmur2_random"}, /* a key has one partition */
        {"message.timeout.ms", "60000"},
        {"message.max.bytes", "4194304"}};
    rd_kafka_conf_t *conf = rd_kafka_conf_dup(rd_kafka_conf(cluster->kafka));
    char problem[256];

    for (size_t i = 0; i < COUNT_OF(properties); i++)
        rd_kafka_conf_set(conf, properties[i][0], properties[i][1], problem, sizeof(problem));
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_opaque(conf, replay);
    replay->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof(problem));
    if (replay->producer)
        return 0;
    rd_kafka_conf_destroy(conf);
    return error_set(err, -EIO, "no Kafka producer: %s", problem);
}

static int work(struct run *run, struct letters *letters, struct error *err)
{
    struct replay *replay = &run->replay;

    replay->topic = letters_topic(letters);
    if (open_producer(replay, letters_cluster(letters), err) < 0)
        return -EIO;
    int result = letters_each(letters, take, run, err);

    /* Reports make notes, which want reports of their own: flush() waits for both. */
    if (rd_kafka_flush(replay->producer, ANSWER_MS) && result == 0)
        result = error_set_class(err, ERROR_RETRY, -ETIMEDOUT,
                                 "the brokers did not take everything within a minute; run it "
                                 "again, what was taken will not go twice");
    rd_kafka_purge(replay->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(replay->producer, WAIT_MS);
    rd_kafka_destroy(replay->producer);
    return result;
}

static void add_summary(const struct run *run, enum output output, struct buf *out)
{
    const struct replay *replay = &run->replay;

    if (output == OUTPUT_TABLE)
        buf_addf(out, "%zu %s, %zu had been before, %zu failed\n", replay->replayed,
                 replay->options->dry_run ? "would be replayed" : "replayed", replay->before,
                 replay->failed);
    else
        buf_addf(out, "{\"replayed\":%zu,\"replayed_before\":%zu,\"failed\":%zu,\"dry_run\":%s}\n",
                 replay->replayed, replay->before, replay->failed,
                 replay->options->dry_run ? "true" : "false");
}

/* What was done, and what was not. Returns the exit status. */
static int say(const struct run *run)
{
    const struct replay *replay = &run->replay;
    const struct terminal terminal = terminal_of(stdout);
    const size_t missing = complain_of_missing(run);
    struct error err;
    AUTO_BUF out = {0};

    add_summary(run, output_of(replay->options->output, &terminal), &out);
    if (replay->failed > 0) {
        error_set(&err, -EIO, "%zu could not be replayed, the first since: %s", replay->failed,
                  replay->trouble);
        terminal_complain(run->arguments, &err);
    }
    return terminal_print(run->arguments, buf_text(&out)) && replay->failed + missing == 0 ? 0 : 1;
}

static int run_replay(const struct arguments *arguments)
{
    struct run run = {.arguments = arguments, .replay = {.options = arguments->config}};
    struct letters *letters = NULL;
    struct error err = {0};
    int result = read_choices(&run, &err);

    if (result == 0) {
        letters = letters_open(&run.replay.options->cluster, &run.replay.options->letters, &err);
        result = letters ? work(&run, letters, &err) : err.code;
    }
    letters_close(letters);
    if (result < 0)
        terminal_complain(arguments, &err);
    int status = result == 0 ? say(&run) : result == -EINVAL ? 2 : 1;

    target_settings_done(&run.replay.targets.file);
    free(run.choices);
    return status;
}
static const struct option_row rows[] = {
    CLUSTER_OPTIONS(replay_options),
    LETTERS_OPTIONS(replay_options),
    {"dry-run", 'n', OPTION_ON, offsetof(struct replay_options, dry_run), NULL,
     "show how many would be sent, and send none", NULL, 0, 0},
    OUTPUT_OPTION(replay_options, output),
    {0},
};

static const struct example examples[] = {
    {"haechi dead-letters replay --target splunk --since 1d",
     "once the token's index is fixed: deliver what Splunk refused since yesterday"},
    {"haechi dead-letters replay 0:42 0:43", "send these two again"},
    {0},
};

const struct command dead_letters_replay_command = {
    .name = "replay",
    .summary = "Send dead letters again, each once",
    .operands = "[LETTER…]",
    .least = 0,
    .most = 10000,
    .about =
        "Sends what was refused back to the topic that it came from, with its key and headers, and "
        "records that in the topic of dead letters: letters that have been replayed are skipped, "
        "so running it twice does no harm. A letter that a target of the forwarder refused goes to "
        "that target alone; if the settings no longer have it, it is not sent. Without LETTER and "
        "without options that choose, all letters are sent that have not been. Exit status 1: some "
        "could not be sent, or a LETTER is not there.",
    .examples = examples,
    .options = rows,
    .config_size = sizeof(struct replay_options),
    .run = run_replay,
};

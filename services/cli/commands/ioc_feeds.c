/* `haechi ioc feeds`: how feeds fare, and what they would bring. */
#include <errno.h>
#include <stdlib.h>

#include <yyjson.h>

#include "cli/commands/cluster.h"
#include "cli/commands/ioc.h"
#include "cli/commands/ioc_feed_forget.h"
#include "cli/commands/ioc_feed_test.h"
#include "cli/commands/output.h"
#include "cli/commands/settings_file.h"
#include "cli/commands/warning_options.h"
#include "cli/table.h"
#include "io/ioc_keys.h"
#include "io/redis.h"

enum { COLUMNS = 6 };

struct feeds_options {
    struct cluster_options cluster;
    int output;
};

struct session {
    struct cluster cluster;
    struct redis *redis;
};

static int open_session(struct session *session, const struct feeds_options *options,
                        struct error *err)
{
    *session = (struct session){0};
    int result = cluster_open(&session->cluster, &options->cluster, RD_KAFKA_PRODUCER, err);

    if (result == 0)
        session->redis = redis_open(&session->cluster.shared.redis, NULL, "cli");
    return result;
}

static void close_session(struct session *session)
{
    redis_close(session->redis);
    cluster_close(&session->cluster);
}

static struct text member(yyjson_val *object, const char *name)
{
    yyjson_val *value = yyjson_obj_get(object, name);

    return (struct text){yyjson_get_str(value), yyjson_get_len(value)};
}

static void make_row(struct text json, struct arena *arena, struct cell row[COLUMNS])
{
    yyjson_doc *doc = yyjson_read(json.bytes, json.size, 0);
    yyjson_val *root = yyjson_doc_get_root(doc);
    static const char *const names[COLUMNS] = {"feed",         "iocs", "last_contact",
                                               "content_date", "due",  "error"};

    for (int i = 0; i < COLUMNS; i++)
        row[i] = (struct cell){arena_copy(arena, member(root, names[i])), PAINT_NONE};
    row[0].paint = PAINT_BOLD;
    row[1].text = arena_textf(arena, "%llu",
                              (unsigned long long)yyjson_get_uint(yyjson_obj_get(root, "iocs")));
    row[5].paint = PAINT_BAD;
    yyjson_doc_free(doc);
}

static void add_table(const redisReply *all, struct buf *out)
{
    AUTO(arena) arena = arena_new(16384);
    struct terminal terminal = terminal_of(stdout);
    struct table table = {.columns = {{.title = "FEED", .least = TABLE_WHOLE},
                                      {.title = "IOCS", .right = true},
                                      {.title = "LAST CONTACT", .least = TABLE_WHOLE},
                                      {.title = "CONTENT OF", .least = TABLE_WHOLE, .drop = 2},
                                      {.title = "NEXT", .least = TABLE_WHOLE, .drop = 1},
                                      {.title = "ERROR"}},
                          .count = COLUMNS,
                          .colour = terminal.colour};
    size_t count = all->elements / 2;
    struct cell(*rows)[COLUMNS] = arena_take(arena, (count + 1) * sizeof(*rows));

    for (size_t i = 0; i < count; i++) {
        const redisReply *json = all->element[2 * i + 1];

        make_row((struct text){json->str, (size_t)json->len}, arena, rows[i]);
    }
    table_write(&table, rows[0], count, terminal.width, out);
}

static int list(const struct arguments *arguments, struct session *session, struct error *err)
{
    const struct feeds_options *options = arguments->config;
    const struct text words[] = {TEXT("HGETALL"), TEXT(IOC_KEY_FEEDS)};
    struct terminal terminal = terminal_of(stdout);
    const enum output output = output_of(options->output, &terminal);
    redisReply *const *replies;
    AUTO_BUF out = {0};
    size_t count;

    redis_ask(session->redis, words, COUNT_OF(words));
    if (redis_run_strict(session->redis, &replies, &count, err) < 0)
        return err->code;
    if (replies[0]->type != REDIS_REPLY_ARRAY)
        return error_set(err, -EIO, "Redis holds nothing about the feeds");
    if (output == OUTPUT_TABLE) {
        add_table(replies[0], &out);
    } else {
        for (size_t i = 1; i < replies[0]->elements; i += 2)
            buf_addf(&out, "%s\n", replies[0]->element[i]->str);
    }
    return output_print(arguments, output, buf_text(&out)) ? 0 : -EPIPE;
}

static int refresh(const struct arguments *arguments, struct session *session, struct error *err)
{
    redisReply *const *replies;
    size_t count;

    for (size_t i = 0; i < arguments->count; i++) {
        const struct text words[] = {TEXT("HDEL"), TEXT(IOC_KEY_DUE),
                                     text_of(arguments->operands[i])};

        redis_ask(session->redis, words, COUNT_OF(words));
    }
    if (redis_run_strict(session->redis, &replies, &count, err) < 0)
        return err->code;
    for (size_t i = 0; i < count; i++) {
        if (replies[i]->type == REDIS_REPLY_INTEGER && replies[i]->integer == 0)
            return error_set(
                err, -ENOENT,
                "there is no feed '%.100s' to refresh; haechi ioc feeds list shows the feeds",
                arguments->operands[i]);
    }
    return 0;
}

static int with_session(const struct arguments *arguments,
                        int (*act)(const struct arguments *, struct session *, struct error *))
{
    struct session session;
    struct error err = {0};
    int result = open_session(&session, arguments->config, &err);

    if (result == 0)
        result = act(arguments, &session, &err);
    if (result < 0 && result != -EPIPE)
        terminal_complain(arguments, &err);
    close_session(&session);
    return result == 0 ? 0 : result == -EINVAL ? 2 : 1;
}

static int run_list(const struct arguments *arguments)
{
    return with_session(arguments, list);
}

static int run_refresh(const struct arguments *arguments)
{
    return with_session(arguments, refresh);
}

static const struct option_row rows_of_list[] = {
    CLUSTER_OPTIONS(feeds_options),
    OUTPUT_OPTION(feeds_options, output),
    {0},
};
static const struct option_row rows_of_others[] = {CLUSTER_OPTIONS(feeds_options), {0}};

static const struct example list_examples[] = {
    {"haechi ioc feeds list", "which feeds are fresh, and which have trouble?"}, {0}};
static const struct example refresh_examples[] = {
    {"haechi ioc feeds refresh urlhaus", "ask it now"}, {0}};

static const struct command list_command = {.name = "list",
                                            .summary = "Show the state of the feeds",
                                            .examples = list_examples,
                                            .options = rows_of_list,
                                            .config_size = sizeof(struct feeds_options),
                                            .run = run_list};
static const struct command refresh_command = {.name = "refresh",
                                               .summary = "Have feeds fetched at once",
                                               .operands = "NAME…",
                                               .least = 1,
                                               .most = SIZE_MAX,
                                               .examples = refresh_examples,
                                               .options = rows_of_others,
                                               .config_size = sizeof(struct feeds_options),
                                               .run = run_refresh};

static const struct command *const commands[] = {
    &list_command, &refresh_command, &ioc_feed_test_command, &ioc_feed_forget_command, NULL};

static const struct example group_examples[] = {
    {"haechi ioc feeds list", "which feeds are fresh, and which have trouble?"},
    {"haechi ioc feeds refresh urlhaus", "ask it now"},
    {0},
};

const struct command ioc_feeds_command = {.name = "feeds",
                                          .summary = "Show, refresh, test and forget feeds",
                                          .examples = group_examples,
                                          .commands = commands};

/* `haechi ioc check`: values, or whole logs, against what detectors look up. */
#include <errno.h>
#include <stdlib.h>

#include "base/ioc_brief.h"
#include "base/moment.h"
#include "base/observable.h"
#include "cli/commands/cluster.h"
#include "cli/commands/input.h"
#include "cli/commands/ioc.h"
#include "cli/commands/output.h"
#include "cli/printable.h"
#include "cli/table.h"
#include "io/clock.h"
#include "io/ioc_view.h"

enum { AT_ONCE = 5000, LINE_LIMIT = 64 * 1024, KEYS = 2 };

struct check_options {
    struct cluster_options cluster;
    const char *tenant;
    int output;
    bool listed; /* show only those */
};

struct value {
    struct text text;
    struct suspect *suspects;
    size_t count, first; /* position of its first question */
};

struct check {
    const struct arguments *arguments;
    const struct check_options *options;
    struct cluster cluster;
    struct redis *redis;
    struct ioc_view *view;
    struct arena *arena; /* of the values at hand */
    struct value values[AT_ONCE];
    size_t count;
    struct text *keys, *briefs;
    size_t key_count, key_capacity;
    enum output output;
    struct table table;
    struct buf out;
    int64_t now_ms;
};

static struct text tenant_of(const struct check *check)
{
    return check->options->tenant ? text_of(check->options->tenant) : TEXT("default");
}

static void add_key(struct check *check, struct text key)
{
    check->keys =
        mem_grow(check->keys, check->key_count, &check->key_capacity, sizeof(*check->keys));
    check->keys[check->key_count++] = key;
}

static void take(struct check *check, struct text text)
{
    struct value *value = &check->values[check->count++];
    struct sieve_counts counts = {0};

    value->text = arena_copy(check->arena, text);
    text = observable_plain(value->text, false, true, check->arena);
    value->first = check->key_count;
    value->count = sieve_sift(ioc_view_sieve(check->view), text, NULL, check->arena,
                              &value->suspects, &counts);
    for (size_t i = 0; i < value->count; i++) {
        const struct suspect *suspect = &value->suspects[i];

        if (suspect->type == IOC_CIDR)
            continue;
        add_key(check, ioc_key((struct text){0}, suspect->type, suspect->value, check->arena));
        add_key(check, ioc_key(tenant_of(check), suspect->type, suspect->value, check->arena));
    }
}

static void add_time(struct buf *out, const char *name, int64_t ms)
{
    if (ms == RECORD_NULL)
        return;
    buf_addf(out, ",\"%s\":\"", name);
    moment_write(ms, out);
    buf_add_byte(out, '"');
}

static void add_json(struct check *check, const struct value *value, struct text key,
                     const struct ioc_brief *brief)
{
    struct buf *out = &check->out;
    struct text feeds, feed;
    bool is_first = true;

    buf_add_string(out, "{\"value\":");
    buf_add_json(out, value->text);
    buf_addf(out, ",\"listed\":%s", brief ? "true" : "false");
    if (brief) {
        buf_add_string(out, ",\"ioc\":");
        buf_add_json(out, key);
        buf_addf(out, ",\"confidence\":%g,\"reputation\":%g,\"threat_type\":", brief->confidence,
                 brief->reputation);
        buf_add_json(out, brief->threat_type);
        buf_add_string(out, ",\"feeds\":[");
        for (feeds = brief->feeds; text_split(&feeds, ',', &feed); is_first = false) {
            buf_add_string(out, is_first ? "" : ",");
            buf_add_json(out, feed);
        }
        buf_add_byte(out, ']');
        add_time(out, "first_seen", brief->first_seen);
        add_time(out, "last_seen", brief->last_seen);
        add_time(out, "valid_until", brief->valid_until);
    }
    buf_add_string(out, "}\n");
}

static void show(struct check *check, const struct value *value, struct text key,
                 const struct ioc_brief *brief)
{
    char confidence[16] = "";

    if (!brief && check->options->listed)
        return;
    if (check->output == OUTPUT_JSON) {
        add_json(check, value, key, brief);
        return;
    }
    if (brief)
        snprintf(confidence, sizeof(confidence), "%.2f", brief->confidence);
    const struct cell row[] = {
        {value->text, PAINT_BOLD},
        {brief ? TEXT("listed") : TEXT("-"), brief ? PAINT_BAD : PAINT_DIM},
        {text_of(confidence), PAINT_NONE},
        {brief ? brief->threat_type : (struct text){0}, PAINT_NONE},
        {brief ? brief->feeds : (struct text){0}, PAINT_NONE},
        {key, PAINT_NONE},
    };

    table_row(&check->table, row, &check->out);
}

static bool is_good(const struct check *check, struct text line, struct ioc_brief *brief)
{
    return line.size && ioc_brief_read(line, brief) &&
           (brief->valid_until == RECORD_NULL || brief->valid_until > check->now_ms);
}

/* The narrowest of everybody's or the tenant's. */
static bool find_range(struct check *check, long range, struct text *key, struct ioc_brief *brief)
{
    for (; range != CIDR_TABLE_NONE; range = sieve_wider(ioc_view_sieve(check->view), range)) {
        struct ioc_range found = ioc_view_range(check->view, range);
        struct text tenant, value;
        enum ioc_type type;

        if (ioc_key_parse(found.key, &tenant, &type, &value) &&
            (tenant.size == 0 || text_equal(tenant, tenant_of(check))) &&
            is_good(check, found.brief, brief)) {
            *key = found.key;
            return true;
        }
    }
    return false;
}

static void answer(struct check *check, const struct value *value)
{
    size_t next = value->first;
    bool is_listed = false;
    struct ioc_brief brief;

    for (size_t i = 0; i < value->count; i++) {
        struct text key = {0};
        bool is_found;

        if (value->suspects[i].type == IOC_CIDR) {
            is_found = find_range(check, value->suspects[i].range, &key, &brief);
        } else {
            is_found = is_good(check, check->briefs[next + 1], &brief);
            key = check->keys[is_found ? next + 1 : next];
            is_found = is_found || is_good(check, check->briefs[next], &brief);
            next += KEYS;
        }
        if (is_found)
            show(check, value, key, &brief);
        is_listed |= is_found;
    }
    if (!is_listed)
        show(check, value, (struct text){0}, NULL);
}

static int flush(struct check *check, struct error *err)
{
    check->briefs = arena_zero(check->arena, (check->key_count + 1) * sizeof(*check->briefs));
    if (check->key_count > 0 && ioc_view_ask(check->view, check->keys, check->key_count,
                                             check->briefs, check->arena, err) < 0)
        return err->code;
    for (size_t i = 0; i < check->count; i++)
        answer(check, &check->values[i]);
    bool is_written = output_print(check->arguments, check->output, buf_text(&check->out));

    buf_reset(&check->out);
    arena_reset(check->arena, 4 << 20);
    check->count = check->key_count = 0;
    return is_written ? 0 : -EPIPE;
}

static int add(struct check *check, struct text value, struct error *err)
{
    value = text_trim(value);
    if (value.size > 0)
        take(check, value);
    return check->count == AT_ONCE ? flush(check, err) : 0;
}

static int add_lines(struct check *check, struct error *err)
{
    struct input *input = input_open("-", LINE_LIMIT, NULL, NULL, err);
    enum input_result got;
    struct text line;
    int result = input ? 0 : -EIO;

    while (result == 0 && (got = input_line(input, &line, err)) != INPUT_END) {
        if (got == INPUT_FAILED)
            result = -EIO;
        else if (got == INPUT_LINE)
            result = add(check, line, err);
    }
    input_close(input);
    return result;
}

static void start_table(struct check *check)
{
    struct terminal terminal = terminal_of(stdout);

    check->table = (struct table){
        .columns =
            {{.title = "VALUE", .width = 32, .least = 39},
             {.title = "STATUS", .width = 6, .least = TABLE_WHOLE},
             {.title = "CONFIDENCE", .width = 10, .right = true, .least = TABLE_WHOLE, .drop = 1},
             {.title = "THREAT", .width = 14, .drop = 3},
             {.title = "FEEDS", .width = 20, .drop = 2},
             {.title = "IOC", .width = 30}},
        .count = 6,
        .colour = terminal.colour};
    table_layout(&check->table, terminal.width);
    table_head(&check->table, &check->out);
}

static int run_all(struct check *check, struct error *err)
{
    const struct arguments *arguments = check->arguments;
    int result = ioc_view_refresh(check->view, err);

    if (result < 0)
        return result;
    if (!ioc_view_sieve(check->view))
        return error_set(err, -ENOENT, "Redis at %s:%d has no indicators; does haechi-iocfeed run?",
                         check->cluster.shared.redis.host, (int)check->cluster.shared.redis.port);
    if (check->output == OUTPUT_TABLE)
        start_table(check);
    for (size_t i = 0; result == 0 && i < arguments->count; i++)
        result = strcmp(arguments->operands[i], "-") == 0
                     ? add_lines(check, err)
                     : add(check, text_of(arguments->operands[i]), err);
    if (result == 0 && arguments->count == 0)
        result = add_lines(check, err);
    return result == 0 ? flush(check, err) : result;
}

static int run(const struct arguments *arguments)
{
    struct terminal terminal = terminal_of(stdout);
    struct check *check = mem_zero(sizeof(*check));
    struct error err = {0};

    check->arguments = arguments;
    check->options = arguments->config;
    check->output = output_of(check->options->output, &terminal);
    check->now_ms = clock_now_ms();
    check->arena = arena_new(1 << 20);
    int result = cluster_open(&check->cluster, &check->options->cluster, RD_KAFKA_PRODUCER, &err);

    if (result == 0) {
        check->redis = redis_open(&check->cluster.shared.redis, NULL, "cli");
        check->view = ioc_view_new(check->redis);
        result = run_all(check, &err);
    }
    if (result < 0 && result != -EPIPE)
        terminal_complain(arguments, &err);
    ioc_view_free(check->view);
    redis_close(check->redis);
    cluster_close(&check->cluster);
    arena_free(check->arena);
    free(check->keys);
    buf_done(&check->out);
    free(check);
    return result == 0 ? 0 : result == -EINVAL ? 2 : 1;
}

static const struct option_row rows[] = {
    {"tenant", 0, OPTION_TEXT, offsetof(struct check_options, tenant), "TENANT",
     "tenant whose own indicators count too (default: default)", NULL, 0, 0},
    {"listed", 'l', OPTION_ON, offsetof(struct check_options, listed), NULL,
     "show only values that are listed", NULL, 0, 0},
    CLUSTER_OPTIONS(check_options),
    OUTPUT_OPTION(check_options, output),
    {0},
};

static const struct example examples[] = {
    {"haechi ioc check 203.0.113.7 'hxxp://evil[.]example/a'", "are these known?"},
    {"haechi ioc check --listed <access.log", "which lines of a log name a known one?"},
    {0},
};

const struct command ioc_check_command = {
    .name = "check",
    .summary = "Check whether values are known indicators, and which sources list them",
    .operands = "[VALUE…]",
    .most = SIZE_MAX,
    .about = "Looks values up as detectors do: in the filter, the ranges, and Redis. A value is an "
             "address, domain, URL, hash or mail address, defanged or not, or any line of text "
             "that contains some; without a value, or with -, lines are read from stdin. An "
             "indicator for a domain also covers all names below it, and one for a URL its other "
             "forms; the column IOC shows the entry that matched.",
    .examples = examples,
    .options = rows,
    .config_size = sizeof(struct check_options),
    .run = run};

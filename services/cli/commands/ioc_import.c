/* `haechi ioc import`: feed files into the topic of IOCs, by iocfeed's own code. */
#include "cli/commands/ioc_import.h"
#include "cli/json_line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/record_json.h"
#include "cli/commands/ioc.h"
#include "cli/commands/ioc_file.h"
#include "cli/printable.h"
#include "cli/table.h"
#include "io/clock.h"
#include "iocfeed/harvest.h"
#include "iocfeed/merge.h"

struct import {
    const struct arguments *arguments;
    const struct import_options *options;
    struct terminal terminal;
    enum output output;
    int64_t now_ms;
    struct warning_lists *lists;
    struct sightings *sightings; /* of all files */
    struct buf out;
    struct table table;
    struct intake_counts sums; /* without reasons */
    struct buf summary;
    bool failed;
};

static void add_ioc_json(struct import *import, const struct sighting *sighting)
{
    AUTO(arena) arena = arena_new(4096);
    struct ioc ioc;

    merge_start(&ioc, text_of(import->options->tenant), sighting->type, sighting->value);
    merge_add(&ioc, &sighting->source, import->now_ms, arena);
    json_line_record(&ioc_record, &ioc, &import->out);
}

static void add_ioc_row(struct import *import, const struct sighting *sighting)
{
    AUTO(arena) arena = arena_new(1024);
    struct text port =
        sighting->source.ports.count ? sighting->source.ports.items[0] : (struct text){0};
    const struct cell cells[] = {
        {.text = text_of(ioc_types[sighting->type])},
        {.text = sighting->source.threat_type},
        {.text = arena_textf(arena, "%.2f", sighting->source.confidence)},
        {.text = port},
        {.text = sighting->value},
    };

    table_row(&import->table, cells, &import->out);
}

static void add_refusal_json(struct import *import, const struct refusal *refusal)
{
    static const char *const classes[] = {"left_out", "held_back", "bad"};

    buf_add_string(&import->out, "{\"value\":");
    buf_add_json(&import->out, refusal->value);
    buf_addf(&import->out, ",\"line\":%" PRIu64 ",\"class\":\"%s\",\"reason\":", refusal->line,
             classes[refusal->class]);
    buf_add_json(&import->out, text_of(refusal->code));
    buf_add_string(&import->out, ",\"text\":");
    buf_add_json(&import->out, text_of(refusal->text));
    buf_add_string(&import->out, "}\n");
}

static void note_refusal(void *self, const struct refusal *refusal)
{
    struct import *import = self;
    AUTO(arena) arena = arena_new(1024);

    if (!import->options->refused)
        return;
    if (import->output == OUTPUT_JSON) {
        add_refusal_json(import, refusal);
        return;
    }
    const struct cell cells[] = {
        {.text = refusal->line ? arena_textf(arena, "%" PRIu64, refusal->line) : TEXT("")},
        {.text = text_of(refusal->code),
         .paint = refusal->class == INTAKE_BAD ? PAINT_BAD : PAINT_MEDIUM},
        {.text = refusal->value},
    };

    table_row(&import->table, cells, &import->out);
}

static void note_sighting(void *self, const struct sighting *sighting)
{
    struct import *import = self;

    sightings_add(import->sightings, sighting);
}

static void start_table(struct import *import)
{
    static const struct table taken = {.columns = {{.title = "TYPE", .width = 6},
                                                   {.title = "THREAT", .width = 18},
                                                   {.title = "CONF", .width = 4, .right = true},
                                                   {.title = "PORT", .width = 5, .right = true},
                                                   {.title = "VALUE", .width = 20}},
                                       .count = 5};
    static const struct table refused = {.columns = {{.title = "LINE", .width = 6, .right = true},
                                                     {.title = "REASON", .width = 20},
                                                     {.title = "VALUE", .width = 20}},
                                         .count = 3};

    import->table = import->options->refused ? refused : taken;
    import->table.colour = import->terminal.colour;
    table_layout(&import->table, import->terminal.width);
    table_head(&import->table, &import->out);
}

static bool parse_ttl(const char *text, int64_t *ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    struct text t = text_of(text);
    int64_t count;

    for (size_t i = 0; t.size > 1 && i < COUNT_OF(units); i++) {
        if (t.bytes[t.size - 1] == units[i].unit &&
            text_to_integer(text_slice(t, 0, t.size - 1), &count) && count > 0 && count <= 100000) {
            *ms = count * units[i].ms;
            return true;
        }
    }
    return false;
}

/* "value=indicator" → names and values. */
static int split_fields(const struct text_list *fields, struct arena *arena, struct text_map *map,
                        struct error *err)
{
    enum row_part part;

    map->names = arena_take(arena, (fields->count + 1) * sizeof(*map->names));
    map->values = arena_take(arena, (fields->count + 1) * sizeof(*map->values));
    for (size_t i = 0; i < fields->count; i++) {
        struct text field = text_of(fields->items[i]);
        size_t equals = text_find_byte(field, '=');
        struct text name = text_slice(field, 0, equals);

        if (equals + 1 >= field.size || !row_part_parse(name, &part))
            return error_set(err, -EINVAL,
                             "--field is '%s'; it must be PART=COLUMN, PART being value, type, "
                             "threat_type, confidence, first_seen, last_seen, valid_until, tags, "
                             "description, port, is_active or to_ids",
                             fields->items[i]);
        map->names[map->count] = arena_textf(arena, "%.*s", TEXT_ARG(name)).bytes;
        map->values[map->count++] = fields->items[i] + equals + 1;
    }
    return 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return strcmp(path, "-") == 0 ? "stdin" : slash ? slash + 1 : path;
}

int ioc_import_confidence(const char *word, double *confidence, struct error *err)
{
    char *end;

    *confidence = strtod(word, &end);
    if (end != word && strcmp(end, "%") == 0) {
        *confidence /= 100;
        end++;
    }
    if (end != word && *end == '\0' && *confidence > 0 && *confidence <= 1)
        return 0;
    return error_set(err, -EINVAL,
                     "--confidence is '%.60s'; it may be a number above 0 and up to 1, or a "
                     "percentage as 90%%",
                     word);
}

static int fill_profile(const struct import_options *options, const char *path, struct arena *arena,
                        struct profile *profile, struct error *err)
{
    *profile = (struct profile){.name = options->source ? options->source : base_name(path),
                                .format = options->format,
                                .type = options->type,
                                .threat_type = options->threat_type,
                                .tags = options->tags,
                                .tenant = options->tenant,
                                .list = options->list,
                                .separator = options->separator,
                                .allow_private = options->allow_private,
                                .max_bad_rows = 1};
    if (options->confidence &&
        ioc_import_confidence(options->confidence, &profile->confidence, err) < 0)
        return -EINVAL;
    if (options->ttl && !parse_ttl(options->ttl, &profile->ttl_ms))
        return error_set(err, -EINVAL, "--ttl is '%s'; it may be as 12h, 30d", options->ttl);
    return split_fields(&options->fields, arena, &profile->fields, err);
}

static void add_sums(struct import *import, const struct intake_counts *counts)
{
    import->sums.rows += counts->rows;
    import->sums.good += counts->good;
    import->sums.withdrawn += counts->withdrawn;
    import->sums.left_out += counts->left_out;
    import->sums.held_back += counts->held_back;
    import->sums.bad += counts->bad;
}

static void summarise(struct import *import, const char *path, const struct harvest *harvest)
{
    struct intake_counts counts = intake_counts(harvest->intake);
    struct buf *out = &import->summary;
    static const char *const classes[] = {"left out", "held back by", "unreadable"};

    add_sums(import, &counts);
    printable_add(out, text_of(base_name(path)), SIZE_MAX);
    buf_addf(out,
             ": %s: %" PRIu64 " rows: %" PRIu64 " good, %" PRIu64 " withdrawn, %" PRIu64
             " left out, %" PRIu64 " held back, %" PRIu64 " unreadable\n",
             harvest->provider ? harvest->provider->name : harvest->format->name, counts.rows,
             counts.good, counts.withdrawn, counts.left_out, counts.held_back, counts.bad);
    for (size_t i = 0; i < counts.reason_count; i++) {
        buf_addf(out, "  %10" PRIu64 " %s ", counts.reasons[i].rows,
                 classes[counts.reasons[i].class]);
        printable_add(out, text_of(counts.reasons[i].code), 60);
        buf_add_byte(out, '\n');
    }
}

/* That of the options which can be wrong by themselves. */
static int check_options(const struct import_options *options, struct error *err)
{
    AUTO(arena) arena = arena_new(1024);
    struct profile profile;

    if (options->format && harvest_check_format(text_of(options->format), err) < 0) {
        error_prefix(err, "--format");
        return -EINVAL;
    }
    return fill_profile(options, "-", arena, &profile, err);
}

/* Whatever it is, none of it is an indicator. */
static int judge_nothing(const struct harvest *harvest, struct error *err)
{
    struct intake_counts counts = intake_counts(harvest->intake);

    if (counts.bad == 0 || counts.good > 0 || counts.withdrawn > 0)
        return 0;
    return error_set(err, -EBADMSG,
                     "none of its %" PRIu64 " rows is an indicator; is it a feed, and --format "
                     "right?",
                     counts.rows);
}

static int import_file(struct import *import, const char *path, struct error *err)
{
    const struct intake_sink sink = {import, note_sighting, note_refusal};
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF body = {0};
    struct profile profile;
    int result = ioc_file_read(path, &body, err);

    if (result < 0)
        return result;
    if (fill_profile(import->options, path, arena, &profile, err) < 0)
        return -EINVAL;
    if (!profile.format)
        profile.format = feed_guess(buf_text(&body))->name;
    AUTO(harvest)
    harvest = harvest_new(&profile, import->lists, import->now_ms, &sink, (struct text){0}, err);

    if (!harvest)
        return -EINVAL;
    result = harvest_take_file(harvest, buf_text(&body), err);
    if (result == 0) {
        summarise(import, path, harvest);
        result = harvest_judge(harvest, err);
    }
    if (result == 0)
        result = judge_nothing(harvest, err);
    if (result < 0)
        error_prefix(err, "%s", path);
    return result;
}

static void show_taken(struct import *import)
{
    for (size_t i = 0; i < sightings_count(import->sightings); i++) {
        const struct sighting *sighting = &sightings_at(import->sightings, i)->sighting;

        if (sighting->withdrawn)
            continue;
        if (import->output == OUTPUT_JSON)
            add_ioc_json(import, sighting);
        else
            add_ioc_row(import, sighting);
    }
}

static int finish(struct import *import)
{
    const struct import_options *options = import->options;
    struct error err = {0};
    size_t written = 0;

    if (!options->refused && options->dry_run)
        show_taken(import);
    if (!output_print(import->arguments, import->output, buf_text(&import->out)))
        return 1;
    fputs(buf_string(&import->summary), stderr);
    if (import->failed || options->dry_run || options->refused)
        return import->failed ? 1 : 0;
    if (ioc_publish(options, import->sightings, import->now_ms, &written, &err) < 0)
        return terminal_complain(import->arguments, &err);
    fprintf(stderr, "%zu IOCs: %zu records written, the others were so already\n",
            sightings_count(import->sightings), written);
    return 0;
}

static int run_import(const struct arguments *arguments)
{
    const struct import_options *options = arguments->config;
    struct import import = {.arguments = arguments,
                            .options = options,
                            .terminal = terminal_of(stdout),
                            .now_ms = clock_now_ms()};
    struct error err = {0};

    if (check_options(options, &err) < 0) {
        terminal_complain(arguments, &err);
        return 2;
    }
    AUTO(warning_lists)
    lists = lists_read(&options->warnings.lists, &options->warnings.allow, &err);
    AUTO(sightings) sightings = sightings_new(options->tenant);
    int result;

    if (!lists)
        return terminal_complain(arguments, &err);
    import.output = output_of(options->output, &import.terminal);
    import.lists = lists;
    import.sightings = sightings;
    if (import.output == OUTPUT_TABLE && (options->dry_run || options->refused))
        start_table(&import);
    for (size_t i = 0; i < arguments->count; i++) {
        if (import_file(&import, arguments->operands[i], &err) == 0)
            continue;
        terminal_complain(arguments, &err);
        import.failed = true;
    }
    result = finish(&import);
    buf_done(&import.out);
    buf_done(&import.summary);
    return result;
}

#define TEXT_ROW(name, letter, member, value, help) \
    OPTION_ROW(OPTION_TEXT, name, letter, import_options, member, value, help)
#define TEXTS_ROW(name, member, value, help) \
    OPTION_ROW(OPTION_TEXTS, name, 0, import_options, member, value, help)
#define ON_ROW(name, letter, member, help) \
    OPTION_ROW(OPTION_ON, name, letter, import_options, member, NULL, help)
static const struct option_row rows[] = {
    TEXT_ROW("format", 'f', format, "FORMAT",
             "what the files are, where their content is not to say it: a provider (urlhaus, "
             "threatfox, feodo, …), or a format: json, csv, txt, stix, taxii, misp, misp_rest, "
             "otx, tor"),
    TEXT_ROW("source", 's', source, "NAME",
             "source to name in the IOCs (default: the file's name)"),
    TEXT_ROW("type", 0, type, "TYPE", "type of rows that name none: ip, domain, url, hash, email"),
    TEXT_ROW("threat-type", 0, threat_type, "THREAT",
             "threat type of rows that name none: c2, malware, …"),
    TEXT_ROW("confidence", 0, confidence, "NUMBER",
             "confidence of rows that name none, above 0 and up to 1, or a percentage"),
    TEXT_ROW("ttl", 0, ttl, "TIME", "validity of rows that name none, such as 12h or 30d"),
    TEXT_ROW("tenant", 0, tenant, "TENANT", "only for this tenant (default: all tenants)"),
    TEXTS_ROW("tag", tags, "TAG", "tag added to each IOC; may be repeated"),
    TEXTS_ROW("field", fields, "PART=COLUMN",
              "where to find a part: a column's name or position, or a JSON path; may be repeated"),
    TEXT_ROW("list", 0, list, "PATH", "JSON path of the rows, such as data.items or *"),
    TEXT_ROW("separator", 0, separator, "CHARACTER", "between columns of CSV; or the word tab"),
    ON_ROW("allow-private", 0, allow_private, "accept private and reserved addresses"),
    WARNING_OPTIONS(import_options),
    ON_ROW("dry-run", 'n', dry_run, "show what would be imported, and change nothing"),
    ON_ROW("refused", 0, refused, "show what would be refused and why, and change nothing"),
    TEXT_ROW("topic", 't', topic, "TOPIC",
             "topic to write, instead of topics.iocs in the settings"),
    CLUSTER_OPTIONS(import_options),
    OUTPUT_OPTION(import_options, output),
    {0},
};

static const struct example examples[] = {
    {"haechi ioc import --dry-run feed.csv", "what would become of this file?"},
    {"haechi ioc import --format threatfox --source threatfox recent.csv",
     "into the topic, as that feed's"},
    {"haechi ioc import --refused --warning-lists lists/ feed.json", "what is refused, and why?"},
    {0},
};

const struct command ioc_import_command = {
    .name = "import",
    .summary = "Import indicators from feed files",
    .operands = "FILE…",
    .least = 1,
    .most = SIZE_MAX,
    .about = "Reads each file (- is stdin; .gz, .zst and .zip of one file are read) as iocfeed "
             "would read the feed, "
             "normalises its values, leaves out what is useless or on a warning list, and adds the "
             "rest to the topic of IOCs, keeping what other sources say there. Rows that the file "
             "withdraws are withdrawn. A summary of what became of the rows goes to stderr. Exit "
             "status 1: a file could not be read, is cut off, or holds no indicator.",
    .examples = examples,
    .options = rows,
    .config_size = sizeof(struct import_options),
    .run = run_import};

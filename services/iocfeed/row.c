#include "iocfeed/row.h"

#include <math.h>
#include <stdlib.h>

#include "base/moment.h"

void row_clear(struct row *row)
{
    *row = (struct row){.confidence = (double)NAN,
                        .first_seen = RECORD_NULL,
                        .last_seen = RECORD_NULL,
                        .valid_until = RECORD_NULL};
}

/* Of several columns the first of these that is there holds the part. */
static const char *const value_names[] = {"value",
                                          "indicator",
                                          "indicator_value",
                                          "ioc_value",
                                          "ioc",
                                          "observable",
                                          "artifact",
                                          "url",
                                          "dst_ip",
                                          "ip",
                                          "cidr",
                                          "network",
                                          "ip_address",
                                          "ip_addr",
                                          "src_ip",
                                          "source_ip",
                                          "remote_ip",
                                          "ipv4",
                                          "ipv6",
                                          "address",
                                          "ip_range",
                                          "subnet",
                                          "domain",
                                          "domain_name",
                                          "fqdn",
                                          "hostname",
                                          "host",
                                          "sha256_hash",
                                          "sha256",
                                          "file_sha256",
                                          "sha1_hash",
                                          "sha1",
                                          "file_sha1",
                                          "md5_hash",
                                          "md5",
                                          "file_md5",
                                          "hash",
                                          "file_hash",
                                          "email",
                                          "email_address",
                                          "source_url",
                                          "source_fqdn",
                                          "observable_value",
                                          "data",
                                          "name",
                                          NULL};
static const char *const type_names[] = {
    "type", "ioc_type", "indicator_type", "data_type", "entity_type", "observable_type", NULL};
static const char *const threat_names[] = {
    "threat_type", "threat", "category", "classification", "classification_type", "verdict", NULL};
static const char *const confidence_names[] = {"confidence",
                                               "confidence_level",
                                               "confidence_score",
                                               "abuse_confidence_score",
                                               "malicious_confidence",
                                               "score",
                                               NULL};
static const char *const first_names[] = {
    "first_seen",      "first_seen_utc", "dateadded",  "listingdate",
    "submission_time", "created",        "created_at", "created_ts",
    "published_date",  "date",           NULL};
static const char *const last_names[] = {"last_seen",    "last_seen_utc",    "last_online",
                                         "last_updated", "last_reported_at", "modified",
                                         "modified_at",  "modified_ts",      NULL};
static const char *const until_names[] = {
    "valid_until",     "expires",         "expiration",    "expires_at",
    "expiration_time", "expiration_date", "expiration_ts", NULL};
static const char *const tag_names[] = {"tags", "tag", "labels", "attribute_tag", NULL};
static const char *const description_names[] = {"description",
                                                "malware_printable",
                                                "malware",
                                                "signature",
                                                "listingreason",
                                                "comment",
                                                "comments",
                                                "note",
                                                "notes",
                                                "reason",
                                                "target",
                                                "sblid",
                                                "title",
                                                "name",
                                                NULL};
static const char *const port_names[] = {"port", "dst_port", NULL};
static const char *const active_names[] = {"is_active", "active", NULL};
static const char *const to_ids_names[] = {"to_ids", NULL};

static const struct {
    const char *name; /* in settings */
    const char *const *names;
} parts[ROW_PARTS] = {
    [ROW_VALUE] = {"value", value_names},
    [ROW_TYPE] = {"type", type_names},
    [ROW_THREAT_TYPE] = {"threat_type", threat_names},
    [ROW_CONFIDENCE] = {"confidence", confidence_names},
    [ROW_FIRST_SEEN] = {"first_seen", first_names},
    [ROW_LAST_SEEN] = {"last_seen", last_names},
    [ROW_VALID_UNTIL] = {"valid_until", until_names},
    [ROW_TAGS] = {"tags", tag_names},
    [ROW_DESCRIPTION] = {"description", description_names},
    [ROW_PORT] = {"port", port_names},
    [ROW_IS_ACTIVE] = {"is_active", active_names},
    [ROW_TO_IDS] = {"to_ids", to_ids_names},
};

const struct row_reason row_benign = {"benign", "is said to be harmless"};
const struct row_reason row_not_to_ids = {"not_to_ids", "is not meant for detection (to_ids)"};

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

static bool is_between(char byte)
{
    return byte == ' ' || byte == '_' || byte == '-' || byte == '.';
}

bool row_names_equal(struct text a, struct text b)
{
    size_t i = 0, k = 0;

    for (;;) {
        while (i < a.size && is_between(a.bytes[i]))
            i++;
        while (k < b.size && is_between(b.bytes[k]))
            k++;
        if (i == a.size || k == b.size)
            return i == a.size && k == b.size;
        if (lower(a.bytes[i++]) != lower(b.bytes[k++]))
            return false;
    }
}

bool row_part_parse(struct text name, enum row_part *part)
{
    for (int i = 0; i < ROW_PARTS; i++) {
        if (text_is(name, parts[i].name)) {
            *part = (enum row_part)i;
            return true;
        }
    }
    return false;
}

bool row_is_last_resort(struct text name)
{
    return row_kind_of_column(name) == INDICATOR_EMAIL || row_names_equal(name, TEXT("name")) ||
           row_names_equal(name, TEXT("data"));
}

const char *const *row_part_names(enum row_part part)
{
    return parts[part].names;
}

static bool is_hash(enum indicator_kind kind)
{
    return kind >= INDICATOR_HASH && kind <= INDICATOR_SHA256;
}

bool row_column_fits(struct text wanted, struct text name)
{
    enum indicator_kind a = row_kind_of_column(wanted), b = row_kind_of_column(name);

    return a == INDICATOR_ANY || b == INDICATOR_ANY || a == b || (is_hash(a) && is_hash(b));
}

int64_t row_time(struct text text)
{
    struct moment moment;
    char whole[21];

    text = text_trim(text);
    if (text_ends(text, TEXT("(UTC)")))
        text = text_trim(text_slice(text, 0, text.size - 5));
    else if (text_ends(text, TEXT("UTC")))
        text = text_trim(text_slice(text, 0, text.size - 3));
    if (text.size == 10 && text.bytes[4] == '-') { /* a day */
        memcpy(whole, text.bytes, 10);
        memcpy(whole + 10, "T00:00:00Z", 10);
        text = (struct text){whole, 20};
    }
    if (!moment_parse_rfc3339(text, NULL, &moment) && !moment_parse_any(text, NULL, 0, &moment))
        return RECORD_NULL;
    return moment.ms;
}

/* STIX' scale of None, Low, Med, High (2.1, appendix A). */
static double confidence_of_word(struct text word)
{
    static const struct {
        const char *word;
        double value;
    } words[] = {{"low", 0.15}, {"medium", 0.5}, {"med", 0.5}, {"moderate", 0.5}, {"high", 0.85}};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (text_equal_nocase(word, text_of(words[i].word)))
            return words[i].value;
    }
    return (double)NAN;
}

double row_confidence(struct text text)
{
    char copy[32], *end;

    text = text_trim(text);
    const bool is_percentage = text_ends(text, TEXT("%"));

    text.size -= is_percentage;
    if (text.size == 0 || text.size >= sizeof(copy))
        return (double)NAN;
    memcpy(copy, text.bytes, text.size);
    copy[text.size] = '\0';
    double value = strtod(copy, &end);

    if (*end != '\0' || !(value >= 0) || value > 100)
        return (double)NAN;
    return is_percentage || value > 1 ? value / 100 : value;
}

static const struct {
    const char *from, *to;
} threats[] = {
    {"botnet_cc", "c2"},
    {"c&c", "c2"},
    {"cc", "c2"},
    {"command-and-control", "c2"},
    {"command and control", "c2"},
    {"malware_download", "malware"},
    {"payload_delivery", "malware"},
    {"payload", "malware"},
    {"malicious-activity", "malware"},
    {"malicious activity", "malware"},
    {"attribution", "unknown"},
    {"anomalous-activity", "suspicious"},
    {"anonymization", "anonymizer"},
    {"tor", "anonymizer"},
    {"phish", "phishing"},
    {"compromised-host", "compromised"},
    {"bruteforce", "brute_force"},
    {"scanning", "scanner"},
    {"scanning_host", "scanner"},
};

struct text row_threat_name(struct text name, struct arena *arena)
{
    char *bytes = arena_take(arena, name.size);

    for (size_t i = 0; i < name.size; i++)
        bytes[i] = lower(name.bytes[i]);
    struct text found = {bytes, name.size};

    for (size_t i = 0; i < COUNT_OF(threats); i++) {
        if (text_is(found, threats[i].from))
            return text_of(threats[i].to);
    }
    return found;
}

void row_add_tag(struct row *row, struct text tag, struct arena *arena)
{
    struct record_texts *tags = &row->tags;
    const size_t most = 64;

    tag = text_trim(tag);
    if (tag.size == 0 || tags->count >= most)
        return;
    for (size_t i = 0; i < tags->count; i++) {
        if (text_equal(tags->items[i], tag))
            return;
    }
    if (tags->count % 8 == 0) {
        struct text *items = arena_take(arena, (tags->count + 8) * sizeof(*items));

        if (tags->count)
            memcpy(items, tags->items, tags->count * sizeof(*items));
        tags->items = items;
    }
    tags->items[tags->count++] = tag;
}

bool row_says_nothing(struct text text)
{
    text = text_trim(text);
    return text.size == 0 || text_is(text, "None") || text_is(text, "n/a") ||
           text_is(text, "N/A") || text_equal_nocase(text, TEXT("null")) || text_is(text, "-");
}

static bool is_no(struct text text)
{
    return text_equal_nocase(text, TEXT("false")) || text_is(text, "0") ||
           text_equal_nocase(text, TEXT("no")) || text_equal_nocase(text, TEXT("f")) ||
           text_equal_nocase(text, TEXT("inactive"));
}

/* MISP's sample of malware is a file's name and its MD5. */
static void set_type(struct row *row, struct text type)
{
    if (text_is(type, "malware-sample"))
        type = TEXT("filename|md5");
    if (text_find_byte(type, '|') < type.size)
        row->composite = type;
    else
        row->bad_type = !row_kind_parse(type, &row->kind);
}

void row_set_type_of_many(struct row *row, struct text type)
{
    set_type(row, type);
    if (row->bad_type || text_is(type, "link")) /* MISP's leads to a report */
        row->kind = INDICATOR_UNSUPPORTED;
    row->bad_type = false;
}

static void set_threat(struct row *row, struct text threat)
{
    int64_t number;

    if (text_to_integer(threat, &number)) /* Defender's category: it says nothing to others */
        return;
    row->threat_type = threat;
    if (text_equal_nocase(threat, TEXT("benign")))
        row->left_out = &row_benign;
}

void row_set(struct row *row, enum row_part part, struct text text, struct arena *arena)
{
    struct text rest, tag;

    text = text_trim(text);
    if (row_says_nothing(text))
        return;
    switch (part) {
    case ROW_VALUE:
        row->value = text;
        break;
    case ROW_TYPE:
        set_type(row, text);
        break;
    case ROW_THREAT_TYPE:
        set_threat(row, text);
        break;
    case ROW_CONFIDENCE:
        row->confidence = row_confidence(text);
        if (isnan(row->confidence))
            row->confidence = confidence_of_word(text);
        break;
    case ROW_FIRST_SEEN:
        row->first_seen = row_time(text);
        break;
    case ROW_LAST_SEEN:
        row->last_seen = row_time(text);
        break;
    case ROW_VALID_UNTIL:
        row->valid_until = row_time(text);
        break;
    case ROW_TAGS:
        rest = text;
        while (text_split(&rest, ',', &tag))
            row_add_tag(row, tag, arena);
        break;
    case ROW_DESCRIPTION:
        row->description = text;
        break;
    case ROW_PORT:
        row->port = text;
        break;
    case ROW_IS_ACTIVE:
        row->withdrawn = is_no(text);
        break;
    case ROW_TO_IDS:
        if (is_no(text))
            row->left_out = &row_not_to_ids;
        break;
    case ROW_PARTS:
        break;
    }
}

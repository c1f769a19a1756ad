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
static const char *const value_names[] = {
    "value",    "indicator", "ioc_value",  "ioc",         "url",    "dst_ip",    "ip",
    "cidr",     "network",   "ip_address", "ipaddress",   "src_ip", "address",   "domain",
    "dstip",    "hostname",  "host",       "sha256_hash", "sha256", "sha1_hash", "sha1",
    "md5_hash", "md5",       "hash",       "email",       NULL};
static const char *const type_names[] = {"type", "ioc_type", "indicator_type", NULL};
static const char *const threat_names[] = {"threat_type", "threat", "threattype", "category", NULL};
static const char *const confidence_names[] = {"confidence", "confidence_level", "score", NULL};
static const char *const first_names[] = {"first_seen",      "first_seen_utc", "firstseen",
                                          "dateadded",       "date_added",     "listingdate",
                                          "submission_time", "created",        NULL};
static const char *const last_names[] = {"last_seen",   "last_seen_utc", "lastseen",
                                         "last_online", "modified",      NULL};
static const char *const until_names[] = {"valid_until", "expires", "expiration", "expires_at",
                                          NULL};
static const char *const tag_names[] = {"tags", "tag", "labels", NULL};
static const char *const description_names[] = {"description",   "malware_printable",
                                                "malware",       "signature",
                                                "listingreason", "comment",
                                                "target",        "sblid",
                                                "name",          NULL};
static const char *const port_names[] = {"port", "dst_port", "dstport", NULL};
static const char *const active_names[] = {"is_active", "active", NULL};

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
};

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

const char *const *row_part_names(enum row_part part)
{
    return parts[part].names;
}

/* Types and columns, as MISP, ThreatFox, OTX, STIX tools and the seed call them. Of the unsupported
 * those are here that are known to be something else: 32 digits of an imphash are no MD5. */
static const struct {
    const char *name;
    enum indicator_kind kind;
} kinds[] = {
    {"unknown", INDICATOR_ANY},
    {"any", INDICATOR_ANY},
    {"ip", INDICATOR_ADDRESS},
    {"ips", INDICATOR_ADDRESS},
    {"ipv4", INDICATOR_ADDRESS},
    {"ipv6", INDICATOR_ADDRESS},
    {"ipv4-addr", INDICATOR_ADDRESS},
    {"ipv6-addr", INDICATOR_ADDRESS},
    {"ip:port", INDICATOR_ADDRESS},
    {"ip-src", INDICATOR_ADDRESS},
    {"ip-dst", INDICATOR_ADDRESS},
    {"ip_address", INDICATOR_ADDRESS},
    {"ipaddress", INDICATOR_ADDRESS},
    {"address", INDICATOR_ADDRESS},
    {"dst_ip", INDICATOR_ADDRESS},
    {"dstip", INDICATOR_ADDRESS},
    {"src_ip", INDICATOR_ADDRESS},
    {"cidr", INDICATOR_ADDRESS},
    {"network", INDICATOR_ADDRESS},
    {"netset", INDICATOR_ADDRESS},
    {"domain", INDICATOR_DOMAIN},
    {"domain-name", INDICATOR_DOMAIN},
    {"hostname", INDICATOR_DOMAIN},
    {"host", INDICATOR_DOMAIN},
    {"fqdn", INDICATOR_DOMAIN},
    {"url", INDICATOR_URL},
    {"uri", INDICATOR_URL},
    {"hash", INDICATOR_HASH},
    {"filehash", INDICATOR_HASH},
    {"md5", INDICATOR_MD5},
    {"md5_hash", INDICATOR_MD5},
    {"filehash-md5", INDICATOR_MD5},
    {"x509-fingerprint-md5", INDICATOR_MD5},
    {"sha1", INDICATOR_SHA1},
    {"sha-1", INDICATOR_SHA1},
    {"sha1_hash", INDICATOR_SHA1},
    {"filehash-sha1", INDICATOR_SHA1},
    {"x509-fingerprint-sha1", INDICATOR_SHA1},
    {"sha256", INDICATOR_SHA256},
    {"sha-256", INDICATOR_SHA256},
    {"sha256_hash", INDICATOR_SHA256},
    {"filehash-sha256", INDICATOR_SHA256},
    {"x509-fingerprint-sha256", INDICATOR_SHA256},
    {"email", INDICATOR_EMAIL},
    {"email-addr", INDICATOR_EMAIL},
    {"email-src", INDICATOR_EMAIL},
    {"email-dst", INDICATOR_EMAIL},
    {"email-reply-to", INDICATOR_EMAIL},
    {"target-email", INDICATOR_UNSUPPORTED}, /* the victim's */
};

bool row_kind_parse(struct text name, enum indicator_kind *kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (text_equal_nocase(name, text_of(kinds[i].name))) {
            *kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}

enum indicator_kind row_kind_of_column(struct text name)
{
    enum indicator_kind kind = INDICATOR_ANY;

    row_kind_parse(name, &kind);
    return kind;
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

double row_confidence(struct text text)
{
    char copy[32], *end;

    text = text_trim(text);
    if (text_ends(text, TEXT("%")))
        text.size--;
    if (text.size == 0 || text.size >= sizeof(copy))
        return (double)NAN;
    memcpy(copy, text.bytes, text.size);
    copy[text.size] = '\0';
    double value = strtod(copy, &end);

    if (*end != '\0' || !(value >= 0) || value > 100)
        return (double)NAN;
    return value > 1 ? value / 100 : value;
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
    char *lower = arena_take(arena, name.size);

    for (size_t i = 0; i < name.size; i++) {
        char byte = name.bytes[i];

        lower[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
    }
    struct text found = {lower, name.size};

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

static bool says_nothing(struct text text)
{
    return text.size == 0 || text_is(text, "None") || text_is(text, "n/a") ||
           text_is(text, "N/A") || text_equal_nocase(text, TEXT("null")) || text_is(text, "-");
}

static bool is_no(struct text text)
{
    return text_equal_nocase(text, TEXT("false")) || text_is(text, "0") ||
           text_equal_nocase(text, TEXT("no")) || text_equal_nocase(text, TEXT("f")) ||
           text_equal_nocase(text, TEXT("inactive"));
}

void row_set(struct row *row, enum row_part part, struct text text, struct arena *arena)
{
    struct text rest, tag;

    text = text_trim(text);
    if (says_nothing(text))
        return;
    switch (part) {
    case ROW_VALUE:
        row->value = text;
        break;
    case ROW_TYPE:
        row->bad_type = !row_kind_parse(text, &row->kind);
        break;
    case ROW_THREAT_TYPE:
        row->threat_type = text;
        break;
    case ROW_CONFIDENCE:
        row->confidence = row_confidence(text);
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
    case ROW_PARTS:
        break;
    }
}

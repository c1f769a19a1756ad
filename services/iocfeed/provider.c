#include "iocfeed/provider.h"

#define MINUTES(n) ((int64_t)(n)*60 * 1000)
#define HOURS(n) ((int64_t)(n)*60 * 60 * 1000)
#define DAYS(n) ((int64_t)(n)*24 * 60 * 60 * 1000)

/* abuse.ch: CC0, for commercial and non-commercial use (each list's terms of use); an Auth-Key of
 * auth.abuse.ch is required since 30 June 2025; at most every 5 minutes. */
#define ABUSE_CH \
    .floor_ms = MINUTES(5), .key_header = "Auth-Key", .licence = "CC0 (abuse.ch terms of use)"

static const struct provider providers[] = {
    {.name = "urlhaus",
     .title = "URLhaus, URLs that spread malware",
     .url = "https://urlhaus.abuse.ch/downloads/csv_recent/",
     .format = "csv",
     .type = "url",
     .threat_type = "malware",
     .confidence = 0.8,
     .fields = {"value", "url"},
     .interval_ms = MINUTES(15),
     .key_needed = true,
     .page = "https://urlhaus.abuse.ch/api/",
     ABUSE_CH},
    {.name = "threatfox",
     .title = "ThreatFox, IOCs of malware",
     .url = "https://threatfox.abuse.ch/export/csv/recent/",
     .format = "csv",
     .threat_type = "malware",
     .confidence = 0.5,
     .fields = {"value", "ioc_value"},
     .interval_ms = MINUTES(15),
     .key_needed = true,
     .page = "https://threatfox.abuse.ch/export/",
     ABUSE_CH},
    {.name = "malwarebazaar",
     .title = "MalwareBazaar, hashes of malware samples",
     .url = "https://bazaar.abuse.ch/export/csv/recent/",
     .format = "csv",
     .type = "hash",
     .threat_type = "malware",
     .confidence = 0.9,
     .fields = {"value", "sha256_hash|sha1_hash|md5_hash"},
     .interval_ms = MINUTES(15),
     .key_needed = true,
     .page = "https://bazaar.abuse.ch/export/",
     ABUSE_CH},
    {.name = "feodo",
     .title = "Feodo Tracker, C2 servers of botnets",
     .url = "https://feodotracker.abuse.ch/downloads/ipblocklist.csv",
     .format = "csv",
     .type = "ip",
     .threat_type = "c2",
     .confidence = 0.9,
     .fields = {"value", "dst_ip", "port", "dst_port"},
     .interval_ms = MINUTES(30),
     .may_be_empty = true,
     .page = "https://feodotracker.abuse.ch/blocklist/",
     ABUSE_CH},
    {.name = "sslbl",
     .title = "SSLBL, SHA-1 of certificates of C2 servers",
     .url = "https://sslbl.abuse.ch/blacklist/sslblacklist.csv",
     .format = "csv",
     .type = "sha1",
     .threat_type = "c2",
     .confidence = 0.8,
     .fields = {"value", "sha1"},
     .interval_ms = HOURS(1),
     .page = "https://sslbl.abuse.ch/blacklist/",
     ABUSE_CH},
    {.name = "otx",
     .title = "AlienVault OTX, the pulses that one subscribed to",
     .url = "https://otx.alienvault.com/api/v1/pulses/subscribed",
     .format = "otx",
     .confidence = 0.4,
     .interval_ms = HOURS(1),
     .floor_ms = MINUTES(15),
     .ttl_ms = DAYS(90),
     .key_header = "X-OTX-API-KEY",
     .key_needed = true,
     .licence = "OTX end-user agreement; each pulse has its TLP",
     .page = "https://otx.alienvault.com/api"},
    {.name = "spamhaus_drop",
     .title = "Spamhaus DROP, IPv4 ranges of criminals",
     .url = "https://www.spamhaus.org/drop/drop_v4.json",
     .format = "json",
     .type = "cidr",
     .threat_type = "malicious_network",
     .confidence = 0.9,
     .fields = {"value", "cidr", "description", "sblid"},
     .ends_with_metadata = true,
     .interval_ms = HOURS(12),
     .floor_ms = HOURS(1),
     .licence = "free for all, with Spamhaus' copyright line kept",
     .page = "https://www.spamhaus.org/blocklists/do-not-route-or-peer/"},
    {.name = "spamhaus_drop_v6",
     .title = "Spamhaus DROP, IPv6 ranges of criminals",
     .url = "https://www.spamhaus.org/drop/drop_v6.json",
     .format = "json",
     .type = "cidr",
     .threat_type = "malicious_network",
     .confidence = 0.9,
     .fields = {"value", "cidr", "description", "sblid"},
     .ends_with_metadata = true,
     .interval_ms = HOURS(12),
     .floor_ms = HOURS(1),
     .licence = "free for all, with Spamhaus' copyright line kept",
     .page = "https://www.spamhaus.org/blocklists/do-not-route-or-peer/"},
    {.name = "spamhaus_drop_txt",
     .title = "Spamhaus DROP as text, of old",
     .url = "https://www.spamhaus.org/drop/drop.txt",
     .format = "txt",
     .type = "cidr",
     .threat_type = "malicious_network",
     .confidence = 0.9,
     .interval_ms = HOURS(12),
     .floor_ms = HOURS(1),
     .licence = "free for all, with Spamhaus' copyright line kept",
     .page = "https://www.spamhaus.org/blocklists/do-not-route-or-peer/"},
    {.name = "firehol",
     .title = "FireHOL level 1, ranges of several lists",
     .url = "https://raw.githubusercontent.com/firehol/blocklist-ipsets/master/"
            "firehol_level1.netset",
     .format = "txt",
     .type = "ip",
     .threat_type = "malicious_network",
     .confidence = 0.7,
     .interval_ms = HOURS(6),
     .floor_ms = HOURS(1),
     .licence = "that of the lists in it",
     .page = "https://iplists.firehol.org/"},
    {.name = "blocklist_de",
     .title = "blocklist.de, addresses that attacked servers in the last 48 hours",
     .url = "https://lists.blocklist.de/lists/all.txt",
     .format = "txt",
     .type = "ip",
     .threat_type = "brute_force",
     .confidence = 0.6,
     .interval_ms = HOURS(6),
     .floor_ms = HOURS(1),
     .licence = "free, without warranty",
     .page = "https://www.blocklist.de/en/export.html"},
    {.name = "cins",
     .title = "CINS Army, addresses with a bad score",
     .url = "https://cinsscore.com/list/ci-badguys.txt",
     .format = "txt",
     .type = "ip",
     .threat_type = "scanner",
     .confidence = 0.6,
     .interval_ms = HOURS(6),
     .floor_ms = HOURS(1),
     .licence = "free",
     .page = "https://cinsscore.com/"},
    {.name = "et_compromised",
     .title = "Emerging Threats, compromised hosts",
     .url = "https://rules.emergingthreats.net/blockrules/compromised-ips.txt",
     .format = "txt",
     .type = "ip",
     .threat_type = "compromised",
     .confidence = 0.6,
     .interval_ms = HOURS(12),
     .floor_ms = HOURS(1),
     .licence = "BSD (Proofpoint ET Open)",
     .page = "https://rules.emergingthreats.net/"},
    {.name = "tor_exits",
     .title = "Tor exit nodes: context, not malice",
     .url = "https://check.torproject.org/exit-addresses",
     .format = "tor",
     .type = "ip",
     .threat_type = "anonymizer",
     .confidence = 0.3,
     .interval_ms = HOURS(1),
     .floor_ms = HOURS(1),
     .licence = "public domain (CC0)",
     .page = "https://check.torproject.org/"},
    {.name = "phishtank",
     .title = "PhishTank, verified phishing URLs",
     .url = "",
     .url_form = "http://data.phishtank.com/data/<key>/online-valid.csv.gz",
     .format = "csv",
     .type = "url",
     .threat_type = "phishing",
     .confidence = 0.9,
     .fields = {"value", "url", "description", "target", "is_active", "online"},
     .interval_ms = HOURS(6),
     .floor_ms = HOURS(1),
     .key_needed = true,
     .licence = "PhishTank terms of use; the key is in the URL",
     .page = "https://phishtank.org/developer_info.php"},
    {.name = "openphish",
     .title = "OpenPhish community feed, phishing URLs",
     .url = "https://raw.githubusercontent.com/openphish/public_feed/refs/heads/main/feed.txt",
     .format = "txt",
     .type = "url",
     .threat_type = "phishing",
     .confidence = 0.8,
     .interval_ms = HOURS(12),
     .floor_ms = HOURS(1),
     .licence = "personal and non-commercial use (OpenPhish terms of use)",
     .page = "https://openphish.com/phishing_feeds.html"},
    {.name = "botvrij",
     .title = "botvrij.eu, IOCs of open reports (one type a file: ioclist.<type>)",
     .url = "https://www.botvrij.eu/data/ioclist.ip-dst",
     .type_behind = "ioclist.",
     .format = "txt",
     .threat_type = "malware",
     .confidence = 0.5,
     .interval_ms = HOURS(24),
     .floor_ms = HOURS(1),
     .licence = "free, attribution asked for",
     .page = "https://www.botvrij.eu/"},
    {.name = "bruteforceblocker",
     .title = "BruteForceBlocker, addresses that guess SSH passwords",
     .url = "http://danger.rulez.sk/projects/bruteforceblocker/blist.php",
     .format = "txt",
     .type = "ip",
     .threat_type = "brute_force",
     .confidence = 0.6,
     .interval_ms = HOURS(6),
     .floor_ms = HOURS(1),
     .licence = "free",
     .page = "http://danger.rulez.sk/index.php/bruteforceblocker/"},
};

const struct provider *provider_at(size_t i)
{
    return i < COUNT_OF(providers) ? &providers[i] : NULL;
}

const struct provider *provider_find(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(providers); i++) {
        if (text_is(name, providers[i].name))
            return &providers[i];
    }
    return NULL;
}

static struct text_map map_of(const struct provider *provider, struct arena *arena)
{
    struct text_map map = {0};
    const size_t most = COUNT_OF(provider->fields) / 2;

    map.names = arena_take(arena, most * sizeof(*map.names));
    map.values = arena_take(arena, most * sizeof(*map.values));
    for (; map.count < most && provider->fields[map.count * 2]; map.count++) {
        map.names[map.count] = provider->fields[map.count * 2];
        map.values[map.count] = provider->fields[map.count * 2 + 1];
    }
    return map;
}

/* "…/ioclist.ip-dst.raw" is a list of "ip-dst": its lines do not say so, and the name of a file may
 * look like one of a machine. */
static const char *type_in_url(const struct provider *provider, const char *url,
                               struct arena *arena)
{
    struct text name = text_of(url), behind = text_of(provider->type_behind);
    size_t at = text_find(name, behind);

    if (behind.size == 0 || at == name.size)
        return NULL;
    name = text_slice(name, at + behind.size, name.size);
    return arena_textf(arena, "%.*s", (int)text_find_byte(name, '.'), name.bytes).bytes;
}

#define FILL(member)                          \
    do {                                      \
        if (!filled.member)                   \
            filled.member = provider->member; \
    } while (0)

struct profile provider_fill(const struct provider *provider, const struct profile *profile,
                             struct arena *arena)
{
    struct profile filled = *profile;

    FILL(url);
    if (!filled.type)
        filled.type = type_in_url(provider, profile->url, arena);
    FILL(type);
    FILL(threat_type);
    FILL(list);
    FILL(separator);
    FILL(comment);
    FILL(ttl_ms);
    filled.format = provider->format;
    if (!(filled.confidence > 0))
        filled.confidence = provider->confidence;
    if (filled.fields.count == 0)
        filled.fields = map_of(provider, arena);
    return filled;
}

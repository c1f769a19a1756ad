/* What providers' files hold that a plain reader takes for something else. */
#include "feed_harvest.h"

static void other_forms_of_a_providers_data_are_read(void **state)
{
    static const struct feed_case cases[] = {
        {"URLhaus, JSON",
         {.format = "urlhaus"},
         "{\"1\":[{\"dateadded\":\"2026-02-26 12:05:20 UTC\",\"url\":\"http://192.0.2.1:58801/i\","
         "\"url_status\":\"online\",\"last_online\":null,\"threat\":\"malware_download\","
         "\"tags\":[\"elf\",\"Mozi\"],\"urlhaus_link\":\"https://urlhaus.abuse.ch/url/1/\"}]}",
         "url:http://192.0.2.1:58801/i malware 0.8 tags=elf,Mozi first=2026-02-26T12:05:20.000Z\n"},
        {"URLhaus, API",
         {.format = "urlhaus"},
         "{\"query_status\":\"ok\",\"urls\":[{\"id\":\"1\",\"url\":\"http://a.invented.example/x\","
         "\"url_status\":\"online\",\"host\":\"a.invented.example\",\"date_added\":"
         "\"2026-02-26 12:05:20 UTC\",\"threat\":\"malware_download\",\"tags\":null}]}",
         "url:http://a.invented.example/x malware 0.8 first=2026-02-26T12:05:20.000Z\n"},
        {"URLhaus, a URL a line, with commas in them",
         {.format = "urlhaus"},
         "#####\n# URLhaus\n#####\nhttp://a.invented.example/a,b\nhttp://192.0.2.1/x\n",
         "url:http://a.invented.example/a,b malware 0.8\nurl:http://192.0.2.1/x malware 0.8\n"},
        {"URLhaus, hosts file",
         {.format = "urlhaus"},
         "# Title\n127.0.0.1\ta.invented.example\n127.0.0.1\tb.invented.example\n",
         "domain:a.invented.example malware 0.8\ndomain:b.invented.example malware 0.8\n"},
        {"ThreatFox, API",
         {.format = "threatfox"},
         "{\"query_status\":\"ok\",\"data\":[{\"id\":\"1\",\"ioc\":\"192.0.2.1:4444\","
         "\"threat_type\":\"botnet_cc\",\"ioc_type\":\"ip:port\",\"malware\":\"win.x\","
         "\"malware_printable\":\"X\",\"confidence_level\":75,\"first_seen\":"
         "\"2026-02-26 12:05:20 UTC\",\"last_seen\":null,\"tags\":[\"c2\"]}]}",
         "ip:192.0.2.1 c2 0.75 port=4444 tags=c2 first=2026-02-26T12:05:20.000Z \"X\"\n"},
        {"MalwareBazaar, API: three hashes an object",
         {.format = "malwarebazaar"},
         "{\"query_status\":\"ok\",\"data\":[{\"sha256_hash\":"
         "\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\",\"sha3_384_hash\":"
         "\"aa\",\"sha1_hash\":null,\"md5_hash\":\"9dd4e461268c8034f5c8564e155c67a6\","
         "\"imphash\":\"8dd4e461268c8034f5c8564e155c67a6\",\"signature\":\"X\"}]}",
         "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 malware 0.9 "
         "\"X\"\nmd5:9dd4e461268c8034f5c8564e155c67a6 malware 0.9 \"X\"\n"},
        {"Feodo, JSON",
         {.format = "feodo"},
         "[{\"ip_address\":\"192.0.2.1\",\"port\":443,\"status\":\"offline\",\"hostname\":"
         "\"a.invented.example\",\"as_number\":1,\"as_name\":\"X\",\"country\":\"US\","
         "\"first_seen\":\"2026-01-01 "
         "01:02:03\",\"last_online\":\"2026-02-01\",\"malware\":\"X\"}]",
         "ip:192.0.2.1 c2 0.9 port=443 first=2026-01-01T01:02:03.000Z "
         "last=2026-02-01T00:00:00.000Z \"X\"\n"},
        {"Feodo, an address a line",
         {.format = "feodo"},
         "# a\n192.0.2.1\n",
         "ip:192.0.2.1 c2 0.9\n"},
        {"Feodo, empty", {.format = "feodo"}, "# a\n# END 0 entries\n", ""},
        {"PhishTank, JSON",
         {.format = "phishtank"},
         "[{\"phish_id\":\"1\",\"url\":\"http://a.invented.example/\",\"phish_detail_url\":"
         "\"http://www.phishtank.com/1\",\"submission_time\":\"2026-01-01T01:02:03+00:00\","
         "\"verified\":\"yes\",\"online\":\"yes\",\"target\":\"Other\"}]",
         "url:http://a.invented.example/ phishing 0.9 first=2026-01-01T01:02:03.000Z \"Other\"\n"},
        {"Tor, in bulk",
         {.format = "tor_exits"},
         "192.0.2.1\n2001:db8::1\n",
         "ip:192.0.2.1 anonymizer 0.3\nip:2001:db8::1 anonymizer 0.3\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), false);
}

static void providers_traps_are_known(void **state)
{
    static const struct feed_case cases[] = {
        {"the licence's words are no header",
         {.format = "urlhaus"},
         "# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\n"
         "# may be used by domain, url\n"
         "\"1\",\"2026-02-26 "
         "12:05:20\",\"http://192.0.2.1/i\",\"online\",\"\",\"x\",\"\",\"\",\"\"\n",
         "url:http://192.0.2.1/i\n"},
        {"a new column in the middle",
         {.format = "threatfox"},
         "# \"first_seen_utc\",\"ioc_id\",\"brand_new\",\"ioc_value\",\"ioc_type\"\n"
         "\"2026-09-24 09:11:10\", \"1\", \"10.0.0.1\", \"192.0.2.1:80\", \"ip:port\"\n",
         "ip:192.0.2.1\n"},
        {"the value's column called as in the API",
         {.format = "threatfox"},
         "# \"first_seen_utc\",\"ioc_id\",\"ioc\",\"ioc_type\"\n"
         "\"2026-09-24 09:11:10\", \"1\", \"[2001:db8::7]:80\", \"ip:port\"\n",
         "ip:2001:db8::7\n"},
        {"a header that names fewer columns",
         {.format = "malwarebazaar"},
         "# \"first_seen_utc\",\"sha256_hash\",\"md5_hash\",\"sha1_hash\"\n"
         "\"2026-09-24 09:11:10\", "
         "\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\", \"n/a\", \"n/a\", "
         "\"r\", \"a,b.exe\", \"exe\", \"x\", \"n/a\", \"n/a\", \"n/a\", \"n/a\", \"n/a\", "
         "\"n/a\"\n",
         "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n"},
        {"SSLBL: a comma in the last column",
         {.format = "sslbl"},
         "# Listingdate,SHA1,Listingreason\r\n"
         "2024-09-02 06:17:52,4da14224452c1fe61f46b1112c43ecfd9f322c82,Rhadamanthys C&C, again\r\n",
         "sha1:4da14224452c1fe61f46b1112c43ecfd9f322c82\n"},
        {"Spamhaus' ASN list: whose domain it is blames nobody",
         {.format = "spamhaus_drop"},
         "{\"asn\":1,\"rir\":\"arin\",\"domain\":\"invented.example\",\"cc\":\"US\"}\n"
         "{\"type\":\"metadata\",\"timestamp\":1791060242,\"records\":1}\n",
         "error: it says that it has 1 entries, but 0 came: cut off\n"},
        {"Spamhaus: a line of something else among them",
         {.format = "spamhaus_drop"},
         "{\"cidr\":\"192.0.2.0/24\"}\n{\"domain\":\"invented.example\"}\n",
         "cidr:192.0.2.0/24\n?no_value \n"},
        {"Spamhaus: fewer than it says",
         {.format = "spamhaus_drop"},
         "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"x\"}\n"
         "{\"type\":\"metadata\",\"timestamp\":1791060242,\"records\":2}\n",
         "cidr:192.0.2.0/24\nerror: it says that it has 2 entries, but 1 came: cut off\n"},
        {"Spamhaus: twice the same",
         {.format = "spamhaus_drop_v6"},
         "{\"cidr\":\"2001:db8::/32\",\"sblid\":\"SBL1\"}\n{\"cidr\":\"2001:db8::/32\"}\n"
         "{\"type\":\"metadata\",\"timestamp\":1791060242,\"records\":2}\n",
         "cidr:2001:db8::/32\ncidr:2001:db8::/32\n"},
        {"the EDROP of old",
         {.format = "spamhaus_drop_txt"},
         "; Spamhaus EDROP List\n; merged into DROP\n",
         ""},
        {"botvrij: a file's name is no domain",
         {.format = "botvrij", .url = "https://www.botvrij.eu/data/ioclist.filename.raw"},
         "report.zip\ninvoice.com\n",
         "?unsupported_type report.zip\n?unsupported_type invoice.com\n"},
        {"botvrij: a URL's fragment is no comment",
         {.format = "botvrij", .url = "https://www.botvrij.eu/data/ioclist.url"},
         "# 1\n# 2\n# 3\n# 4\n# 5\n# 6\nhttp://a.invented.example/x#y # url - words\n",
         "url:http://a.invented.example/x\n"},
        {"PhishTank: no longer online",
         {.format = "phishtank"},
         "phish_id,url,phish_detail_url,submission_time,verified,verification_time,online,target\n"
         "1,\"http://a.invented.example/?a=1,2\",http://x,2026-01-01T01:02:03+00:00,yes,"
         "2026-01-01T01:02:03+00:00,yes,Other\n"
         "2,http://b.invented.example/,http://x,2026-01-01T01:02:03+00:00,yes,"
         "2026-01-01T01:02:03+00:00,no,Other\n",
         "url:http://a.invented.example/?a=1,2\n-url:http://b.invented.example/\n"},
        {"BruteForceBlocker",
         {.format = "bruteforceblocker"},
         "# IP\t\t\t# Last Reported\tCount\tID\n192.0.2.1\t\t# 2026-01-01 01:02:03\t\t5\t77\n",
         "ip:192.0.2.1\n"},
        {"OpenPhish: a URL with all sorts in it",
         {.format = "openphish"},
         "https://a.invented.example/x,y?u=http://b.example/;z\nhttps://c.invented.example/#/"
         "login\n",
         "url:https://a.invented.example/x,y?u=http://b.example/;z\n"
         "url:https://c.invented.example/\n"},
        {"blocklist.de: both families",
         {.format = "blocklist_de"},
         "192.0.2.1\n2001:db8::1\n",
         "ip:192.0.2.1\nip:2001:db8::1\n"},
        {"a page for people",
         {.format = "cins"},
         "\n <!DOCTYPE html><html><body>Please log in</body></html>",
         "error: it is a web page and no feed: a log-in, an error, or the wrong url\n"},
        {"an error for machines, with status 200",
         {.format = "urlhaus"},
         "{\"query_status\":\"unknown_auth_key\"}",
         "error: it is the server's answer 'unknown_auth_key' (query_status) and no feed\n"},
        {"prose for machines, with status 200",
         {.format = "et_compromised"},
         "Rate limit exceeded\n",
         "?bad_address Rate limit exceeded\nerror: 1 of its 1 rows cannot be read; max_bad_rows "
         "allows a share of 0.5: is format 'et_compromised' right?\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), true);
}

static void other_files_are_read_as_they_are_found(void **state)
{
    static const char *value[] = {"value"};
    static const char *nested[] = {"a.bad"};
    static const char *two[] = {"sha256|md5"};
    static const struct feed_case cases[] = {
        {"a byte order mark before the header, CRLF behind",
         {.format = "csv"},
         "\xEF\xBB\xBF\"Indicator\",\"Type\"\r\n\"192.0.2.1\",\"IPv4\"\r\n",
         "ip:192.0.2.1\n"},
        {"Latin-1 in the words costs nothing, in the value its row",
         {.format = "csv"},
         "value,description\n192.0.2.1,caf\xE9\ncaf\xE9.example,x\n192.0.2.2,y\n",
         "ip:192.0.2.1\n?not_utf8 caf\xE9.example\nip:192.0.2.2\n"},
        {"two quotes that are never closed",
         {.format = "csv"},
         "value,type\n\"192.0.2.1,ip\n192.0.2.2,ip\n192.0.2.3,ip\n\"192.0.2.4,ip\n192.0.2.5,ip\n",
         "?bad_row \"192.0.2.1,ip\nip:192.0.2.2\nip:192.0.2.3\n?bad_row \"192.0.2.4,ip\n"
         "ip:192.0.2.5\n"},
        {"defanged",
         {.format = "txt"},
         "hxxps://a[.]invented[.]example/x\nh**p://b(.)invented(.)example/\n"
         "c[dot]invented{.}example\nd\xEF\xBC\x8Einvented\xE3\x80\x82"
         "example\nhxxp[:]//192[.]0[.]2[.]1/?u=a[.]b\n192[.]0[.]2[.]2\nx[at]invented[.]example\n",
         "url:https://a.invented.example/x\nurl:http://b.invented.example/\n"
         "domain:c.invented.example\ndomain:d.invented.example\n"
         "url:http://192.0.2.1/?u=a[.]b\nip:192.0.2.2\nemail:x@invented.example\n"},
        {"a domain and what follows it, where the settings say that it is one",
         {.format = "txt", .type = "domain"},
         "a.invented.example 2026-01-01\nb.invented.example\n",
         "domain:a.invented.example\ndomain:b.invented.example\n"},
        {"hidden host parts",
         {.format = "txt"},
         "http://user:pass@a.invented.example:80/%41?#f\nHTTP://A.Invented.Example.:8080\n"
         "http://0x7f.1/\nhttp://[2001:DB8::1]:443/\n",
         "url:http://a.invented.example/A\nurl:http://a.invented.example:8080/\n"
         "?bad_address http://0x7f.1/\nurl:http://[2001:db8::1]:443/\n"},
        {"hashes of all lengths",
         {.format = "csv"},
         "hash\nd41d8cd98f00b204e9800998ecf8427e\n00000000000000000000000000000000\n"
         "ABCDEF0123456789ABCDEF0123456789\n"
         "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2"
         "877eec2f63b931bd47417a81a538327af927da3e\n",
         "?empty_file_hash d41d8cd98f00b204e9800998ecf8427e\n"
         "?zero_hash 00000000000000000000000000000000\nmd5:abcdef0123456789abcdef0123456789\n"
         "?hash_length cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85"
         "f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e\n"},
        {"ranges with bits behind, too wide, of one address",
         {.format = "txt"},
         "192.0.2.9/24\n0.0.0.0/0\n64.0.0.0/7\n192.0.2.1/32\n2001:db8::1/128\n2000::/3\n",
         "cidr:192.0.2.0/24\n?too_wide 0.0.0.0/0\n-cidr:0.0.0.0/0\n?too_wide "
         "64.0.0.0/7\n-cidr:64.0.0.0/7\nip:192.0.2.1\n"
         "ip:2001:db8::1\n?too_wide 2000::/3\n-cidr:2000::/3\n"},
        {"own paths are looked at and no others",
         {.format = "json", .fields = {value, nested, 1}},
         "[{\"a\":{\"bad\":\"192.0.2.1\"},\"domain\":\"x.invented.example\"},"
         "{\"domain\":\"y.invented.example\"},{\"a\":{\"bad\":\"192.0.2.2\"}}]",
         "ip:192.0.2.1\n?no_value \nip:192.0.2.2\n"},
        {"several values an object",
         {.format = "json", .fields = {value, two, 1}},
         "[{\"sha256\":\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\","
         "\"md5\":\"9dd4e461268c8034f5c8564e155c67a6\"}]",
         "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n"
         "md5:9dd4e461268c8034f5c8564e155c67a6\n"},
        {"a TAXII page in a file",
         {.format = "taxii"},
         "{\"more\":true,\"next\":\"1\",\"objects\":[{\"type\":\"indicator\",\"id\":\"indicator--"
         "1\","
         "\"pattern_type\":\"stix\",\"pattern\":\"[ipv4-addr:value = '192.0.2.1']\"}]}",
         "ip:192.0.2.1\n"},
        {"an OTX type for each",
         {.format = "otx"},
         "{\"results\":[{\"indicators\":["
         "{\"indicator\":\"2001:db8::1\",\"type\":\"IPv6\"},"
         "{\"indicator\":\"http://a.invented.example/\",\"type\":\"URL\"},"
         "{\"indicator\":\"a@invented.example\",\"type\":\"email\"},"
         "{\"indicator\":\"9dd4e461268c8034f5c8564e155c67a6\",\"type\":\"FileHash-MD5\"},"
         "{\"indicator\":\"8dd4e461268c8034f5c8564e155c67a6\",\"type\":\"FileHash-IMPHASH\"},"
         "{\"indicator\":\"7dd4e461268c8034f5c8564e155c67a6\",\"type\":\"FileHash-PEHASH\"},"
         "{\"indicator\":\"C:\\\\x.exe\",\"type\":\"FilePath\"},"
         "{\"indicator\":\"m\",\"type\":\"Mutex\"}]}],\"next\":null}",
         "ip:2001:db8::1\nurl:http://a.invented.example/\nemail:a@invented.example\n"
         "md5:9dd4e461268c8034f5c8564e155c67a6\n"
         "?unsupported_type 8dd4e461268c8034f5c8564e155c67a6\n"
         "?unsupported_type 7dd4e461268c8034f5c8564e155c67a6\n?unsupported_type C:\\x.exe\n"
         "?unsupported_type m\n"},
    };

    (void)state;
    feed_check(cases, COUNT_OF(cases), true);
}

UNIT_MAIN(cmocka_unit_test(other_forms_of_a_providers_data_are_read),
          cmocka_unit_test(providers_traps_are_known),
          cmocka_unit_test(other_files_are_read_as_they_are_found))

#include "base/indicator.h"

#include "base/ascii.h"
#include "base/indicator_parts.h"
#include "base/lower.h"

static const struct {
    const char *code, *text;
} reasons[INDICATOR_REASONS] = {
    [INDICATOR_GOOD] = {"good", "is good"},
    [INDICATOR_EMPTY] = {"empty", "is empty"},
    [INDICATOR_TOO_LONG] = {"too_long", "is longer than 4096 bytes"},
    [INDICATOR_CONTROL] = {"control_character", "holds a NUL or another control character"},
    [INDICATOR_NOT_UTF8] = {"not_utf8", "is not UTF-8"},
    [INDICATOR_UNKNOWN] = {"unknown",
                           "is not an address, range, domain, URL, hash or mail address"},
    [INDICATOR_NOT_LOOKED_FOR] = {"unsupported_type",
                                  "is of a type that is not looked for in logs; "
                                  "IPs, ranges, domains, URLs, MD5, SHA-1 and "
                                  "SHA-256 hashes and mail addresses are"},
    [INDICATOR_MISMATCH] = {"type_mismatch", "is not of the type that it is said to be"},
    [INDICATOR_BAD_ADDRESS] = {"bad_address",
                               "is no IP address: four decimal parts of 0 to 255, or "
                               "IPv6"},
    [INDICATOR_LEADING_ZERO] = {"leading_zero",
                                "has a part with a leading zero, which some read as "
                                "octal and some do not"},
    [INDICATOR_ZONE] = {"zone_id", "has a zone (%…), which means something on one machine only"},
    [INDICATOR_BOGON] = {"bogon", "lies in private or reserved space, which is another machine in "
                                  "each network"},
    [INDICATOR_BAD_PORT] = {"bad_port", "has a port that is not 1 to 65535"},
    [INDICATOR_BAD_PREFIX] = {"bad_prefix", "has a prefix that is not 0 to 32, or 128 for IPv6"},
    [INDICATOR_TOO_WIDE] = {"too_wide", "is a wider range than may be listed"},
    [INDICATOR_BAD_DOMAIN] =
        {"bad_domain",
         "is not a domain name: labels of 1 to 63 letters, digits, '-' and '_', 253 in all"},
    [INDICATOR_SINGLE_LABEL] = {"single_label",
                                "is a name without a dot, which is another machine in "
                                "each network"},
    [INDICATOR_PUBLIC_SUFFIX] = {"public_suffix", "is a public suffix: everybody's names are below "
                                                  "it"},
    [INDICATOR_UNKNOWN_TLD] = {"unknown_tld", "ends in no known top-level domain, and nothing says "
                                              "that it is a domain"},
    [INDICATOR_BAD_URL] = {"bad_url", "is no URL: [scheme://]host[:port][/path][?query]"},
    [INDICATOR_NO_HOST] = {"no_host", "is a path without a host, which may be on any"},
    [INDICATOR_BAD_HASH] = {"bad_hash", "is not a hash: it may hold hexadecimal digits only"},
    [INDICATOR_HASH_LENGTH] = {"hash_length", "is a hash of a length that is not looked for: 32 "
                                              "digits are MD5, 40 SHA-1, 64 SHA-256"},
    [INDICATOR_ZERO_HASH] = {"zero_hash", "is a hash of zeros: somebody had none to write"},
    [INDICATOR_EMPTY_FILE] = {"empty_file_hash",
                              "is the hash of the empty file, which is everywhere"},
    [INDICATOR_BAD_EMAIL] = {"bad_email",
                             "is not a mail address, which is written local-part@domain"},
    [INDICATOR_BAD_MAILBOX] = {"unsupported_mailbox",
                               "is a mail address that is not looked for in logs: those are that "
                               "have letters, digits, '.', '_', '+' and '-' before the '@'"},
};

const char *indicator_reason_code(enum indicator_reason reason)
{
    return reasons[reason].code;
}

const char *indicator_reason_text(enum indicator_reason reason)
{
    return reasons[reason].text;
}

static enum indicator_reason judge_bytes(struct text t)
{
    if (t.size == 0)
        return INDICATOR_EMPTY;
    if (t.size > INDICATOR_MAX_BYTES)
        return INDICATOR_TOO_LONG;
    for (size_t i = 0; i < t.size; i++) {
        if ((unsigned char)t.bytes[i] < 0x20 || t.bytes[i] == 0x7F)
            return INDICATOR_CONTROL;
    }
    return text_is_utf8(t) ? INDICATOR_GOOD : INDICATOR_NOT_UTF8;
}

/* What logs and observable.h take for the start of a mail address; in lower case to @out. */
static enum indicator_reason read_mailbox(struct text t, char *out)
{
    for (size_t i = 0; i < t.size; i++) {
        if (strchr(" \"(),:;<>[\\]", t.bytes[i]))
            return INDICATOR_BAD_EMAIL;
        if (!ascii_is_alnum(t.bytes[i]) && !strchr("._+-", t.bytes[i]))
            return INDICATOR_BAD_MAILBOX;
    }
    lower_ascii(t, out);
    return INDICATOR_GOOD;
}

static enum indicator_reason read_email(struct text t, struct arena *arena, struct indicator *out)
{
    struct text domain;
    char mailbox[64];
    enum indicator_reason reason;
    size_t at;

    if (text_equal_nocase(text_slice(t, 0, 7), TEXT("mailto:")))
        t = text_slice(t, 7, t.size);
    at = text_find_byte(t, '@');
    domain = text_slice(t, at + 1, t.size);
    if (at == 0 || at > 64 || at == t.size || text_find_byte(domain, '@') < domain.size)
        return INDICATOR_BAD_EMAIL;
    reason = read_mailbox(text_slice(t, 0, at), mailbox);
    if (reason != INDICATOR_GOOD)
        return reason;
    if (indicator_domain_name(domain, arena, &out->host) != INDICATOR_GOOD ||
        text_find_byte(out->host, '.') == out->host.size)
        return INDICATOR_BAD_EMAIL;
    out->type = IOC_EMAIL;
    out->value =
        arena_textf(arena, "%.*s@%.*s", (int)at, mailbox, (int)out->host.size, out->host.bytes);
    return INDICATOR_GOOD;
}

static bool is_hash_like(struct text t)
{
    if (t.size != 32 && t.size != 40 && t.size != 56 && t.size != 64 && t.size != 96 &&
        t.size != 128)
        return false;
    for (size_t i = 0; i < t.size; i++) {
        if (!strchr("0123456789abcdefABCDEF", t.bytes[i]))
            return false;
    }
    return true;
}

static enum indicator_reason guess(struct text t, const struct indicator_rules *rules,
                                   struct arena *arena, struct indicator *out)
{
    if (text_find(t, TEXT("://")) < t.size)
        return indicator_url(t, rules, arena, out);
    if (text_find_byte(t, ' ') < t.size)
        return INDICATOR_UNKNOWN;
    if (is_hash_like(t))
        return indicator_hash(t, arena, out);
    if (indicator_address_like(t))
        return indicator_address(t, rules, arena, out);
    size_t slash = text_find_byte(t, '/');

    if (slash < t.size)
        return indicator_url(t, rules, arena, out);
    if (text_find_byte(t, '@') < t.size)
        return read_email(t, arena, out);
    enum indicator_reason reason = indicator_domain(t, true, rules, arena, out);

    /* Nobody said that it is a domain: that it is a bad one says less than that it is nothing. */
    return reason == INDICATOR_BAD_DOMAIN || reason == INDICATOR_SINGLE_LABEL ? INDICATOR_UNKNOWN
                                                                              : reason;
}

static const char *const wide_blanks[] = {
    "\xC2\xA0",     /* no-break space */
    "\xE2\x80\x8B", /* zero-width space */
    "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x80\x8E",
    "\xE2\x80\xAF", "\xE2\x81\xA0", /* word joiner */
    "\xE3\x80\x80", "\xEF\xBB\xBF",
};

/* Without white space around it, also what pages and spreadsheets leave and nobody sees. */
static struct text trim(struct text t)
{
    size_t before;

    do {
        before = t.size;
        t = text_trim(t);
        for (size_t i = 0; i < COUNT_OF(wide_blanks); i++) {
            struct text blank = text_of(wide_blanks[i]);

            if (text_starts(t, blank))
                t = text_slice(t, blank.size, t.size);
            if (text_ends(t, blank))
                t = text_slice(t, 0, t.size - blank.size);
        }
    } while (t.size < before);
    return t;
}

static enum indicator_reason read_domain(struct text t, const struct indicator_rules *rules,
                                         struct arena *arena, struct indicator *out)
{
    struct indicator other;

    if (text_find(t, TEXT("://")) < t.size || text_find_byte(t, '@') < t.size ||
        (indicator_address_like(t) && indicator_address(t, rules, arena, &other) == INDICATOR_GOOD))
        return INDICATOR_MISMATCH;
    return indicator_domain(t, false, rules, arena, out);
}

static enum indicator_reason read_kind(struct text t, enum indicator_kind kind,
                                       const struct indicator_rules *rules, struct arena *arena,
                                       struct indicator *out)
{
    enum indicator_reason reason;

    switch (kind) {
    case INDICATOR_ANY:
        return guess(t, rules, arena, out);
    case INDICATOR_ADDRESS:
        return indicator_address(t, rules, arena, out);
    case INDICATOR_DOMAIN:
        return read_domain(t, rules, arena, out);
    case INDICATOR_URL:
        return indicator_url(t, rules, arena, out);
    case INDICATOR_EMAIL:
        return read_email(t, arena, out);
    case INDICATOR_HASH:
        return indicator_hash(t, arena, out);
    case INDICATOR_MD5:
    case INDICATOR_SHA1:
    case INDICATOR_SHA256:
        reason = indicator_hash(t, arena, out);
        if (reason == INDICATOR_GOOD &&
            (int)out->type - (int)IOC_MD5 != (int)kind - (int)INDICATOR_MD5)
            return INDICATOR_MISMATCH;
        return reason;
    case INDICATOR_UNSUPPORTED:
        break;
    }
    return INDICATOR_NOT_LOOKED_FOR;
}

enum indicator_reason indicator_read(struct text raw, enum indicator_kind kind,
                                     const struct indicator_rules *rules, struct arena *arena,
                                     struct indicator *out)
{
    struct text t = trim(raw);
    enum indicator_reason reason = judge_bytes(t);

    if (reason != INDICATOR_GOOD)
        return reason;
    *out = (struct indicator){0};
    if (rules->refang)
        t = indicator_refang(t, arena);
    return read_kind(t, kind, rules, arena, out);
}

/* URLs and mailboxes around a host. */
#include "base/buf.h"
#include "base/observable_parts.h"

enum { MAX_SCHEME = 16, MAX_USER = 256, MAX_PORT = 5 };

bool observable_is_escaped(struct text t, size_t at)
{
    return at >= 3 && t.bytes[at - 3] == '%' && ascii_is_hex(t.bytes[at - 2]) &&
           ascii_is_hex(t.bytes[at - 1]);
}

/* Whether what stands before @at is @escape ("%2F"). */
static bool is_behind(struct text t, size_t at, struct text escape)
{
    return at >= escape.size && text_equal_nocase(text_slice(t, at - escape.size, at), escape);
}

/* Where the scheme that ends before @end begins: letters and digits, the first a letter, and of
 * "%20http" not the 20. @end: there is none. */
static size_t scheme_from(struct text t, size_t end)
{
    size_t from = end;

    while (from > 0 && end - from < MAX_SCHEME && ascii_is_alnum(t.bytes[from - 1]))
        from--;
    if (from > 0 && end - from >= 2 && observable_is_escaped(t, from + 2))
        from += 2;
    while (from < end && ascii_is_digit(t.bytes[from]))
        from++;
    return from;
}

/* http://user:pass@evil.example:8080/a?b
 *                  ^ @host; the result is where the authority begins, @host where none does. */
static size_t authority_from(struct text t, size_t host)
{
    size_t from = host;

    if (host == 0 || t.bytes[host - 1] != '@')
        return host;
    while (from > 0 && host - from < MAX_USER && t.bytes[from - 1] != '/' &&
           (unsigned char)t.bytes[from - 1] > ' ' && t.bytes[from - 1] != '"')
        from--;
    return from > 0 && t.bytes[from - 1] == '/' ? from : host;
}

/* "/", or ":81/": it goes on as a URL without a scheme does. */
static bool has_path(struct text t, size_t end)
{
    size_t at = end;

    if (at < t.size && t.bytes[at] == ':') {
        at++;
        while (at < t.size && at - end <= MAX_PORT && ascii_is_digit(t.bytes[at]))
            at++;
        if (at == end + 1)
            return false;
    }
    return at < t.size && t.bytes[at] == '/';
}

/* The colon of the scheme that ends before "%2F%2F", itself perhaps "%3A"; @authority: none. */
static size_t escaped_colon(struct text t, size_t authority)
{
    if (!is_behind(t, authority, TEXT("%2F%2F")))
        return authority;
    size_t slashes = authority - 6;

    if (is_behind(t, slashes, TEXT("%3A")))
        return slashes - 3;
    return is_behind(t, slashes, TEXT(":")) ? slashes - 1 : authority;
}

static enum observable_link link_of(struct text t, size_t authority, size_t end)
{
    char before = authority > 0 ? t.bytes[authority - 1] : ' ';

    if (before == '/' && authority >= 3 && memcmp(t.bytes + authority - 3, "://", 3) == 0)
        return OBSERVABLE_URL;
    if ((before | 0x20) == 'f' && escaped_colon(t, authority) < authority)
        return OBSERVABLE_ESCAPED_URL;
    return has_path(t, end) ? OBSERVABLE_BARE_URL : OBSERVABLE_NO_URL;
}

static size_t mailbox_from(struct text t, size_t host)
{
    char before = host > 0 ? t.bytes[host - 1] : ' ';
    bool is_plain = before == '@';

    if (!is_plain && !(before == '0' && is_behind(t, host, TEXT("%40"))))
        return OBSERVABLE_NONE;
    size_t end = host - (is_plain ? 1 : 3), from = end;

    while (from > 0 && end - from <= OBSERVABLE_MAILBOX_MAX &&
           observable_is(t.bytes[from - 1], OBSERVABLE_MAILBOX))
        from--;
    if (end - from >= 2 && observable_is_escaped(t, from + 2))
        from += 2;
    return from < end && end - from <= OBSERVABLE_MAILBOX_MAX ? from : OBSERVABLE_NONE;
}

void observable_look_around(struct text t, size_t host, struct observable *found)
{
    size_t end = (size_t)(found->text.bytes - t.bytes) + found->text.size;

    found->mail = found->kind == OBSERVABLE_DOMAIN ? mailbox_from(t, host) : OBSERVABLE_NONE;
    found->authority = authority_from(t, host > 0 && t.bytes[host - 1] == '[' ? host - 1 : host);
    found->link = link_of(t, found->authority, end);
    if (found->link == OBSERVABLE_BARE_URL)
        found->authority = host;
}

/* Where URLs end. */

static bool ends(char byte)
{
    return (unsigned char)byte <= ' ' || byte == 0x7F || byte == '"' || byte == '<' || byte == '>';
}

/* What may be a part of a URL, or stand behind one. */
static bool may_end(char byte)
{
    return (unsigned char)byte >= 0x80 || strchr(",;&|'`()[]{}\\^", byte);
}

static struct text undo_escapes(struct text t, struct arena *arena)
{
    char *bytes = arena_take(arena, t.size);
    size_t size = 0;

    for (size_t i = 0; i < t.size; i++) {
        bytes[size++] = t.bytes[i];
        if (i + 3 <= t.size && observable_is_escaped(t, i + 3)) {
            bytes[size - 1] =
                (char)(ascii_hex_value(t.bytes[i + 1]) << 4 | ascii_hex_value(t.bytes[i + 2]));
            i += 2;
        }
    }
    return (struct text){bytes, size};
}

static size_t add_url(struct text url, struct text *urls, size_t count)
{
    if (count == OBSERVABLE_URLS || (count > 0 && urls[count - 1].size == url.size))
        return count;
    urls[count] = url;
    return count + 1;
}

static struct text without_end_of_sentence(struct text url)
{
    while (url.size > 0 && strchr(".,;:!?)]}'", url.bytes[url.size - 1]))
        url.size--;
    return url;
}

/* @host: how much of @url certainly belongs to it. */
static size_t list_urls(struct text url, size_t host, struct text *urls)
{
    size_t count = add_url(url, urls, 0);
    bool in_query = false;

    count = add_url(without_end_of_sentence(url), urls, count);
    for (size_t i = host; i < url.size; i++) {
        char byte = url.bytes[i];

        in_query |= byte == '?';
        if (may_end(byte) && !(in_query && byte == '&'))
            count = add_url(without_end_of_sentence(text_slice(url, 0, i)), urls, count);
    }
    return count;
}

/* Where the URL begins; NONE: its scheme is none. */
static size_t url_from(struct text t, const struct observable *one)
{
    if (one->link == OBSERVABLE_BARE_URL)
        return one->authority;
    bool is_escaped = one->link == OBSERVABLE_ESCAPED_URL;
    size_t colon = is_escaped ? escaped_colon(t, one->authority) : one->authority - 3;
    size_t from = scheme_from(t, colon);

    return from == colon ? OBSERVABLE_NONE : from;
}

size_t observable_urls(struct text text, const struct observable *one, struct arena *arena,
                       struct text urls[OBSERVABLE_URLS])
{
    size_t host = (size_t)(one->text.bytes - text.bytes) + one->text.size, end = host;
    bool is_escaped = one->link == OBSERVABLE_ESCAPED_URL;
    size_t from = url_from(text, one);

    if (from == OBSERVABLE_NONE)
        return 0;
    while (end < text.size && end - from < OBSERVABLE_URL_MAX && !ends(text.bytes[end]) &&
           !(is_escaped && (text.bytes[end] == '&' || text.bytes[end] == '+')))
        end++;
    struct text url = text_slice(text, from, end);

    if (!is_escaped)
        return list_urls(url, host - from, urls);
    url = undo_escapes(url, arena);
    for (end = 0; end < url.size && !ends(url.bytes[end]);)
        end++;
    return list_urls(text_slice(url, 0, end), text_find(url, TEXT("://")) + 3 + one->text.size,
                     urls);
}

/* URLs: RFC 3986's normal forms, and those under which one may be listed. */
#include "base/indicator_parts.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "base/percent.h"

/* A path as browsers send it: they take '\\' for '/' (URL standard §4.4, "special" schemes). */
static struct text with_slashes(struct text path, struct arena *arena)
{
    char *bytes;

    if (text_find_byte(path, '\\') == path.size)
        return path;
    bytes = arena_take(arena, path.size);
    for (size_t i = 0; i < path.size; i++)
        bytes[i] = path.bytes[i] == '\\' ? '/' : path.bytes[i];
    return (struct text){bytes, path.size};
}

/* Path or query: escapes of unreserved characters undone, others in upper case, what may not stand
 * there escaped, also a '%' that escapes nothing, lest it become an escape later. */
static void add_normal(struct text t, struct buf *out)
{
    for (size_t i = 0; i < t.size; i++) {
        unsigned char byte = (unsigned char)t.bytes[i];

        if (byte == '%' && i + 2 < t.size && ascii_hex_value(t.bytes[i + 1]) >= 0 &&
            ascii_hex_value(t.bytes[i + 2]) >= 0) {
            unsigned value =
                (unsigned)(ascii_hex_value(t.bytes[i + 1]) << 4 | ascii_hex_value(t.bytes[i + 2]));

            if (percent_is_unreserved((char)value))
                buf_add_byte(out, (char)value);
            else
                percent_add_byte((char)value, out);
            i += 2;
        } else if (byte <= 0x20 || byte >= 0x7F || strchr("%\"<>\\^`{|}", byte)) {
            percent_add_byte((char)byte, out);
        } else {
            buf_add_byte(out, (char)byte);
        }
    }
}

/* Takes "scheme://" off the front; empty where there is none. False: something else is there. */
static bool take_scheme(struct text *t, struct arena *arena, struct text *scheme)
{
    size_t end = text_find(*t, TEXT("://"));
    char *bytes;

    *scheme = (struct text){0};
    if (end == t->size || text_find_byte(*t, '/') < end || text_find_byte(*t, '?') < end)
        return true; /* "host/path://x" */
    bytes = arena_take(arena, end + 1);
    for (size_t i = 0; i < end; i++) {
        char byte = t->bytes[i];

        if (byte >= 'A' && byte <= 'Z')
            byte = (char)(byte | 0x20);
        if (!(byte >= 'a' && byte <= 'z') &&
            (i == 0 || (!(byte >= '0' && byte <= '9') && !strchr("+.-", byte))))
            return false;
        bytes[i] = byte;
    }
    *scheme = (struct text){bytes, end};
    *t = text_slice(*t, end + 3, t->size);
    return end > 0;
}

static const struct {
    const char *scheme;
    int port;
} ports[] = {{"http", 80}, {"https", 443}, {"ftp", 21}, {"ws", 80}, {"wss", 443}};

/* "evil.example:80/x" can only be HTTP. Empty: the port does not say. */
static struct text scheme_of_port(int port)
{
    return port == 80 ? TEXT("http") : port == 443 ? TEXT("https") : (struct text){0};
}

static int default_port(struct text scheme)
{
    for (size_t i = 0; i < COUNT_OF(ports); i++) {
        if (text_is(scheme, ports[i].scheme))
            return ports[i].port;
    }
    return 0;
}

static enum indicator_reason read_host(struct text t, const struct indicator_rules *rules,
                                       struct arena *arena, struct text *host)
{
    struct indicator found = {0};
    enum indicator_reason reason;

    if (t.size == 0)
        return INDICATOR_BAD_URL;
    if (t.bytes[0] == '[' || indicator_address_like(t)) {
        reason = indicator_address(t, rules, arena, &found);
        *host = found.value;
        return reason == INDICATOR_GOOD && found.type != IOC_IP ? INDICATOR_BAD_URL : reason;
    }
    if (indicator_domain_name(t, arena, host) != INDICATOR_GOOD)
        return INDICATOR_BAD_URL;
    if (indicator_domain_is_number(*host)) /* "0x7f.1": what inet_aton() took */
        return INDICATOR_BAD_ADDRESS;
    if (!rules->looking_up && text_find_byte(*host, '.') == host->size)
        return INDICATOR_SINGLE_LABEL;
    return INDICATOR_GOOD;
}

/* "user@host:port": the host as it stands and the port, 0 for none. */
static enum indicator_reason split_authority(struct text t, struct text *host, int *port)
{
    size_t at, colon = 0;

    while ((at = text_find_byte(t, '@')) < t.size)
        t = text_slice(t, at + 1, t.size);
    if (t.size && t.bytes[0] == '[')
        colon = text_find_byte(t, ']');
    colon += text_find_byte(text_slice(t, colon, t.size), ':');
    *host = text_slice(t, 0, colon);
    *port = 0;
    if (colon + 1 < t.size) {
        *port = indicator_port(text_slice(t, colon + 1, t.size));
        if (*port == 0)
            return INDICATOR_BAD_PORT;
    }
    return INDICATOR_GOOD;
}

static size_t find_any(struct text t, const char *bytes)
{
    for (size_t i = 0; i < t.size; i++) {
        if (strchr(bytes, t.bytes[i]))
            return i;
    }
    return t.size;
}

enum indicator_reason indicator_url(struct text t, const struct indicator_rules *rules,
                                    struct arena *arena, struct indicator *out)
{
    struct text scheme, host;
    enum indicator_reason reason;
    AUTO_BUF url = {0};
    int port;

    if (text_starts(t, TEXT("//"))) /* with the scheme of the page that it was on */
        t = text_slice(t, 2, t.size);
    if (text_starts(t, TEXT("/")))
        return INDICATOR_NO_HOST;
    if (!take_scheme(&t, arena, &scheme))
        return INDICATOR_BAD_URL;
    size_t end = find_any(t, "/?#\\");

    reason = split_authority(text_slice(t, 0, end), &host, &port);
    if (reason == INDICATOR_GOOD)
        reason = read_host(host, rules, arena, &out->host);
    if (reason != INDICATOR_GOOD)
        return reason;
    t = text_slice(t, end, text_find_byte(t, '#'));
    size_t query = text_find_byte(t, '?');

    if (scheme.size == 0)
        scheme = scheme_of_port(port);
    if (scheme.size)
        buf_addf(&url, "%.*s://", TEXT_ARG(scheme));
    bool is_v6 = text_find_byte(out->host, ':') < out->host.size;

    buf_addf(&url, is_v6 ? "[%.*s]" : "%.*s", TEXT_ARG(out->host));
    if (port && port != default_port(scheme))
        buf_addf(&url, ":%d", port);
    if (query == 0)
        buf_add_byte(&url, '/');
    add_normal(with_slashes(text_slice(t, 0, query), arena), &url);
    if (query + 1 < t.size) { /* "?" without a query says nothing */
        buf_add_byte(&url, '?');
        add_normal(text_slice(t, query + 1, t.size), &url);
    }
    if (url.size > INDICATOR_MAX_BYTES) /* escapes are three bytes for one */
        return INDICATOR_TOO_LONG;
    out->type = IOC_URL;
    out->value = arena_copy(arena, buf_text(&url));
    return INDICATOR_GOOD;
}

size_t indicator_url_forms(struct text url, struct text forms[INDICATOR_URL_FORMS])
{
    size_t scheme = text_find(url, TEXT("://")), count = 0;
    size_t query = text_find_byte(url, '?');

    forms[count++] = url;
    if (query < url.size)
        forms[count++] = text_slice(url, 0, query);
    if (scheme < query && text_find_byte(url, '/') == scheme + 1) {
        forms[count++] = text_slice(url, scheme + 3, url.size);
        if (query < url.size)
            forms[count++] = text_slice(url, scheme + 3, query);
    }
    return count;
}

#include "forwarder/request.h"

#include "forwarder/gzip.h"

void request_done(struct request *request)
{
    buf_done(&request->url);
    buf_done(&request->headers);
    buf_done(&request->body);
    buf_done(&request->secrets);
    buf_done(&request->veiled);
}

void request_header(struct request *request, const char *name, struct text value)
{
    buf_add_string(&request->headers, name);
    buf_add(&request->headers, TEXT(": "));
    for (size_t i = 0; i < value.size; i++) {
        const unsigned char byte = (unsigned char)value.bytes[i];

        if (byte >= 0x20 && byte != 0x7F)
            buf_add_byte(&request->headers, (char)byte);
    }
    buf_add_byte(&request->headers, '\0');
}

void request_veiled_header(struct request *request, const char *name, struct text value)
{
    enum { LEAST = 8 }; /* of what is looked for elsewhere: a digit would be found everywhere */

    request_header(request, name, value);
    if (value.size >= LEAST)
        request_hide(request, value);
    buf_add_string(&request->veiled, name);
    buf_add_byte(&request->veiled, '\0');
}

void request_authorize(struct request *request, const char *scheme, struct text secret)
{
    AUTO_BUF value = {0};

    buf_add_string(&value, scheme);
    buf_add_byte(&value, ' ');
    buf_add(&value, secret);
    request_header(request, "Authorization", buf_text(&value));
    request_hide(request, secret);
}

void request_hide(struct request *request, struct text secret)
{
    buf_add(&request->secrets, secret);
    buf_add_byte(&request->secrets, '\0');
}

void request_compress(struct request *request)
{
    struct buf packed = {0};

    request->rendered = request->body.size;

    gzip_add(&packed, buf_text(&request->body));
    buf_done(&request->body);
    request->body = packed;
    request_header(request, "Content-Encoding", TEXT("gzip"));
}

/* The C string behind @before in @list, or its first. */
static const char *next_string(const struct buf *list, const char *before)
{
    const char *next = before ? before + strlen(before) + 1 : list->bytes;

    return next && next < list->bytes + list->size ? next : NULL;
}

const char *request_next_header(const struct request *request, const char *before)
{
    return next_string(&request->headers, before);
}

/* Size of the longest secret that @t begins with, 0 for none. */
static size_t secret_at(const struct request *request, struct text t)
{
    size_t longest = 0;

    for (const char *s = NULL; (s = next_string(&request->secrets, s));) {
        const struct text secret = text_of(s);

        if (secret.size > longest && text_starts(t, secret))
            longest = secret.size;
    }
    return longest;
}

void request_show_text(const struct request *request, struct text t, struct buf *out)
{
    for (size_t i = 0; i < t.size;) {
        const size_t secret = secret_at(request, text_slice(t, i, t.size));

        if (secret > 0)
            buf_add(out, TEXT("***"));
        else
            buf_add_byte(out, t.bytes[i]);
        i += secret > 0 ? secret : 1;
    }
}

static void add_header(const struct request *request, const char *header, struct buf *out)
{
    const struct text line = text_of(header);
    const size_t size = text_find(line, TEXT(": "));

    for (const char *name = NULL; (name = next_string(&request->veiled, name));) {
        if (text_is(text_slice(line, 0, size), name)) {
            buf_addf(out, "%s: ***", name);
            return;
        }
    }
    request_show_text(request, line, out);
}

void request_show(const struct request *request, struct buf *out)
{
    buf_addf(out, "%s ", request->method ? request->method : "POST");
    request_show_text(request, buf_text(&request->url), out);
    buf_add_byte(out, '\n');
    for (const char *h = NULL; (h = request_next_header(request, h));) {
        add_header(request, h, out);
        buf_add_byte(out, '\n');
    }
    buf_add_byte(out, '\n');
    if (request->rendered > 0)
        buf_addf(out, "(%zu bytes, gzip)\n", request->body.size);
    else
        request_show_text(request, buf_text(&request->body), out);
}

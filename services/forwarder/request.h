/* request: an HTTP request that somebody else sends, and the reply to it.
 *
 * Holds secrets; what people are shown of it comes from request_show().
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

/* Starts as {0}: a POST. Owned by the caller, freed by request_done(). */
struct request {
    const char *method; /* NULL: POST */
    struct buf url;
    struct buf headers; /* "Name: value" lines, each ended by a NUL */
    struct buf body;
    size_t rendered;    /* bytes of the body before request_compress(); 0: it is not compressed */
    struct buf secrets; /* texts that are not to be shown, each ended by a NUL */
    struct buf veiled;  /* names of headers whose values are not to be shown, the same */
    bool is_metadata;   /* goes to the machine's own metadata service: no proxy, no guard */
};

struct reply {
    int status;       /* 0: none came */
    struct text body; /* borrowed */
};

void request_done(struct request *request);
#define AUTO_REQUEST __attribute__((cleanup(request_done))) struct request

/* Controls, which would end the header, are left out of @value. */
void request_header(struct request *request, const char *name, struct text value);
/* The same, and the value is not to be shown, nor elsewhere unless it is too short for a secret. */
void request_veiled_header(struct request *request, const char *name, struct text value);
/* The same for "<scheme> <secret>", as Authorization has it. */
void request_authorize(struct request *request, const char *scheme, struct text secret);
/* A secret that stands somewhere in url, headers or body. */
void request_hide(struct request *request, struct text secret);

/* Puts @body gzipped in the place of what is there, and says so in a header. */
void request_compress(struct request *request);

/* Calls for each header; stops before the end if it returns false. */
const char *request_next_header(const struct request *request, const char *before);

/* The request for people: its lines, with *** for what is secret. A body that is compressed shows
 * as its size. */
void request_show(const struct request *request, struct buf *out);
/* @text, of the request or of the reply to it, likewise. */
void request_show_text(const struct request *request, struct text text, struct buf *out);

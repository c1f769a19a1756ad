/* bench_post: posts bodies that are at hand to a URL, one after another on one connection, as fast
 * as it goes: what a forwarder that reads nothing and keeps no receipts has as its limit.
 *
 *     bench_post URL BODIES COUNT      BODIES: each as its length (4 bytes, little-endian) and its
 *                                      bytes; they are compressed on the way by zlib, as fast as
 *                                      it can, and begin again when they are at their end
 *     bench_post URL BODIES COUNT own            compressed on the way as the forwarder does
 *     bench_post URL BODIES COUNT packed         compressed before
 *
 * Prints "seconds <wall> processor <seconds>".
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#define ZLIB_CONST /* next_in points to what stays as it is */
#include <zlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "forwarder/gzip.h"
#include "io/clock.h"

struct bodies {
    struct buf file;
    struct text *items;
    size_t count, capacity;
};

static void die(const char *what)
{
    fprintf(stderr, "bench_post: %s\n", what);
    exit(1);
}

static void read_bodies(struct bodies *bodies, const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t got, at = 0;

    if (!file)
        die("the bodies cannot be opened");
    while ((got = fread(buf_reserve(&bodies->file, 1 << 20), 1, 1 << 20, file)) > 0)
        bodies->file.size += got;
    fclose(file);
    while (at + 4 <= bodies->file.size) {
        const unsigned char *length = (const unsigned char *)bodies->file.bytes + at;
        size_t size = (size_t)length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 |
                      (size_t)length[3] << 24;

        if (size > bodies->file.size - at - 4)
            die("the bodies end in the middle of one");
        bodies->items =
            mem_grow(bodies->items, bodies->count, &bodies->capacity, sizeof(*bodies->items));
        bodies->items[bodies->count++] = (struct text){bodies->file.bytes + at + 4, size};
        at += 4 + size;
    }
    if (bodies->count == 0)
        die("there are no bodies");
}

static size_t forget(char *bytes, size_t one, size_t size, void *self)
{
    (void)bytes;
    (void)self;
    return one * size;
}

static CURL *open_curl(const char *url, struct curl_slist **headers)
{
    CURL *curl = curl_easy_init();

    *headers = curl_slist_append(NULL, "Expect:");
    *headers = curl_slist_append(*headers, "Content-Type: application/json");
    *headers = curl_slist_append(*headers, "Content-Encoding: gzip");
    *headers = curl_slist_append(*headers, "Authorization: Splunk t0ken");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, forget);
    return curl;
}

static void post(CURL *curl, struct text body)
{
    long status = 0;

    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.bytes);
    if (curl_easy_perform(curl) != CURLE_OK)
        die("a request failed");
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        die("a request was not answered with 200");
}

static void zlib_add(struct buf *out, struct text bytes)
{
    enum { GZIP_WINDOW = 15 + 16, MEMORY = 8, FAST = 1 }; /* zlib.h: 16 more is a gzip header */
    z_stream stream = {0};

    if (deflateInit2(&stream, FAST, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        die("no memory");
    const size_t bound = deflateBound(&stream, bytes.size);

    stream.next_in = (const Bytef *)bytes.bytes;
    stream.avail_in = (uInt)bytes.size;
    stream.next_out = (Bytef *)buf_reserve(out, bound);
    stream.avail_out = (uInt)bound;
    deflate(&stream, Z_FINISH); /* into the bound: in one step */
    out->size += bound - stream.avail_out;
    deflateEnd(&stream);
}

static struct buf *pack_all(const struct bodies *bodies)
{
    struct buf *packed = mem_zero(bodies->count * sizeof(*packed));

    for (size_t i = 0; i < bodies->count; i++)
        gzip_add(&packed[i], bodies->items[i]);
    return packed;
}

static void run(CURL *curl, const struct bodies *bodies, size_t count, const char *how)
{
    struct buf *packed = strcmp(how, "packed") == 0 ? pack_all(bodies) : NULL;
    void (*pack)(struct buf *, struct text) = strcmp(how, "own") == 0 ? gzip_add : zlib_add;
    struct buf body = {0};
    const int64_t begin_us = clock_monotonic_us();
    const clock_t processor = clock();

    for (size_t i = 0; i < count; i++) {
        if (packed) {
            post(curl, buf_text(&packed[i % bodies->count]));
            continue;
        }
        buf_reset(&body);
        pack(&body, bodies->items[i % bodies->count]);
        post(curl, buf_text(&body));
    }
    printf("seconds %f processor %f\n", (double)(clock_monotonic_us() - begin_us) / 1e6,
           (double)(clock() - processor) / CLOCKS_PER_SEC);
    for (size_t i = 0; packed && i < bodies->count; i++)
        buf_done(&packed[i]);
    free(packed);
    buf_done(&body);
}

int main(int argc, char **argv)
{
    struct bodies bodies = {0};
    struct curl_slist *headers;

    if (argc < 4)
        die("usage: bench_post URL BODIES COUNT [own | packed]");
    read_bodies(&bodies, argv[2]);
    CURL *curl = open_curl(argv[1], &headers);

    run(curl, &bodies, (size_t)strtoull(argv[3], NULL, 10), argc > 4 ? argv[4] : "");
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(bodies.items);
    buf_done(&bodies.file);
    return 0;
}

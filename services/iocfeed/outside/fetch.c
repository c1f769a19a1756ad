#include "iocfeed/outside/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/http_client.h"
#include "iocfeed/feed_unpack.h"
#include "iocfeed/provider.h"

enum { MOST_REDIRECTS = 5, CONNECT_MS = 10000, SLOW_SECONDS = 30 /* without 10 bytes a second */ };
enum { PIECE = 64 * 1024, HEADER = 512 };

struct transfer {
    const struct feed_settings *feed;
    struct fetch_answer *answer;
    bool is_too_large, is_too_long;
    char problem[CURL_ERROR_SIZE];
};

void fetch_answer_done(struct fetch_answer *answer)
{
    buf_done(&answer->body);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *self)
{
    struct transfer *transfer = self;
    struct buf *body = &transfer->answer->body;

    if (body->size + size * count > (size_t)transfer->feed->max_unpacked_bytes) {
        transfer->is_too_large = true;
        return 0;
    }
    buf_add(body, (struct text){bytes, size * count});
    return size * count;
}

static int watch(void *self, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
    struct transfer *transfer = self;

    (void)up_total;
    (void)up;
    transfer->is_too_long = now > transfer->feed->max_bytes || total > transfer->feed->max_bytes;
    return transfer->is_too_long;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *self)
{
    struct fetch_answer *answer = ((struct transfer *)self)->answer;
    struct text line = {bytes, size * count};
    char retry[64];

    if (text_starts(line, TEXT("HTTP/"))) { /* of a redirect before: not of this answer */
        answer->memory = (struct fetch_memory){"", ""};
        answer->content_type[0] = 0;
    }
    http_client_header(line, "ETag", answer->memory.etag, sizeof(answer->memory.etag));
    http_client_header(line, "Last-Modified", answer->memory.modified,
                       sizeof(answer->memory.modified));
    http_client_header(line, "Content-Type", answer->content_type, sizeof(answer->content_type));
    http_client_header(line, "X-TAXII-Date-Added-Last", answer->date_added_last,
                       sizeof(answer->date_added_last));
    if (http_client_header(line, "Retry-After", retry, sizeof(retry)))
        answer->retry_after_ms = http_client_retry_after(retry, time(NULL));
    return size * count;
}

static struct curl_slist *add(struct curl_slist *list, const char *name, const char *value)
{
    AUTO_BUF line = {0};

    buf_add_string(&line, name);
    buf_add_string(&line, value);
    return curl_slist_append(list, buf_string(&line));
}

static struct curl_slist *headers_of(const struct feed_settings *feed,
                                     const struct feed_request *request,
                                     const struct fetch_memory *memory)
{
    const struct provider *provider = provider_find(text_of(feed->profile.format));
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    if (request->accept)
        list = add(list, "Accept: ", request->accept);
    if (request->content_type)
        list = add(list, "Content-Type: ", request->content_type);
    if (feed->auth.bearer)
        list = add(list, "Authorization: Bearer ", feed->auth.bearer);
    if (feed->auth.header)
        list = add(list, "", feed->auth.header);
    if (feed->auth.key && provider && provider->key_header) {
        AUTO_BUF name = {0};

        buf_addf(&name, "%s: ", provider->key_header);
        list = add(list, buf_string(&name), feed->auth.key);
    }
    if (memory && memory->etag[0])
        list = add(list, "If-None-Match: ", memory->etag);
    else if (memory && memory->modified[0])
        list = add(list, "If-Modified-Since: ", memory->modified);
    return list;
}

static void set_request(CURL *curl, const struct feed_settings *feed,
                        const struct feed_request *request)
{
    AUTO_BUF url = {0};

    buf_add(&url, request->url);
    if (feed->auth.query)
        buf_addf(&url, "%s%s", text_find_byte(request->url, '?') < request->url.size ? "&" : "?",
                 feed->auth.query);
    curl_easy_setopt(curl, CURLOPT_URL, buf_string(&url)); /* copied */
    if (request->method && strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
        curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS,
                         request->body.size ? request->body.bytes : "");
    }
    if (feed->auth.user) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, feed->auth.user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, feed->auth.password ? feed->auth.password : "");
    }
    /* curl takes its own credentials off at another host, but not headers of ours. */
    if (!feed->auth.header && !feed->auth.key && !feed->auth.bearer && !feed->auth.query)
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    if (feed->proxy)
        curl_easy_setopt(curl, CURLOPT_PROXY, feed->proxy);
}

static void set_limits(CURL *curl, struct transfer *transfer)
{
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MOST_REDIRECTS);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)transfer->feed->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 10L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
    curl_easy_setopt(curl, CURLOPT_USERAGENT,
                     transfer->feed->user_agent ? transfer->feed->user_agent
                                                : "haechi/" HAECHI_VERSION
                                                  " (threat intelligence client)");
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->problem);
}

static int judge(const struct transfer *transfer, CURLcode code, struct error *err)
{
    if (transfer->is_too_large)
        return error_set_class(err, ERROR_POISON, -EFBIG,
                               "unpacked it has more than max_unpacked_bytes (%lld)",
                               (long long)transfer->feed->max_unpacked_bytes);
    if (transfer->is_too_long)
        return error_set_class(err, ERROR_POISON, -EFBIG, "it has more than max_bytes (%lld)",
                               (long long)transfer->feed->max_bytes);
    if (code != CURLE_OK)
        return error_set_class(err, http_client_class(code, transfer->problem), -EIO, "%s",
                               transfer->problem[0] ? transfer->problem : curl_easy_strerror(code));
    return 0;
}

int fetch(const struct feed_settings *feed, const struct feed_request *request,
          const struct fetch_memory *memory, struct fetch_answer *answer, struct error *err)
{
    struct transfer transfer = {.feed = feed, .answer = answer};
    CURL *curl = curl_easy_init();

    if (!curl)
        return error_set_class(err, ERROR_RETRY, -ENOMEM, "libcurl does not start");
    struct curl_slist *headers = headers_of(feed, request, memory);

    set_request(curl, feed, request);
    set_limits(curl, &transfer);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(curl);

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    int result = judge(&transfer, code, err);

    return result == 0 ? feed_unpack(&answer->body, feed->max_unpacked_bytes, err) : result;
}

int fetch_file(const struct feed_settings *feed, struct buf *body, struct error *err)
{
    FILE *file = fopen(feed->file, "rb");

    if (!file)
        return error_set_class(err, ERROR_CONFIG, -errno, "%s: %s", feed->file, strerror(errno));
    for (size_t got = 1; got > 0 && body->size <= (size_t)feed->max_bytes;) {
        got = fread(buf_reserve(body, PIECE), 1, PIECE, file);
        body->size += got;
    }
    bool is_bad = ferror(file);

    fclose(file);
    if (is_bad)
        return error_set_class(err, ERROR_RETRY, -EIO, "%s: it cannot be read", feed->file);
    if (body->size > (size_t)feed->max_bytes)
        return error_set_class(err, ERROR_POISON, -EFBIG, "it has more than max_bytes (%lld)",
                               (long long)feed->max_bytes);
    return feed_unpack(body, feed->max_unpacked_bytes, err);
}

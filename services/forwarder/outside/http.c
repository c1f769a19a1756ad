#include "forwarder/outside/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "forwarder/outside/place.h"
#include "io/http_client.h"

enum { MAX_REPLY = 8 << 20, TURN_MS = 50, CONNECT_MS = 10000 };

struct http {
    const struct target_settings *settings;
    CURLM *multi;
    CURL *curl;
    struct http_answer *answer; /* of the exchange */
    bool is_guarded;
    bool is_refused; /* by the guard */
    char problem[CURL_ERROR_SIZE];
};

static size_t take_body(char *bytes, size_t one, size_t size, void *self)
{
    struct http *http = self;

    (void)one;
    const size_t room = MAX_REPLY - http->answer->body.size;

    /* What is behind is read and forgotten: the status counts, and to send again would be no cure.
     */
    buf_add(&http->answer->body, (struct text){bytes, size < room ? size : room});
    return size;
}

static size_t take_header(char *bytes, size_t one, size_t size, void *self)
{
    struct http *http = self;
    char value[64];

    (void)one;
    if (http_client_header((struct text){bytes, size}, "Retry-After", value, sizeof(value)))
        http->answer->retry_after_ms = http_client_retry_after(value, time(NULL));
    return size;
}

static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http *http = self;

    (void)purpose;
    if (http->is_guarded && place_is_link_local(&address->addr)) {
        http->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void set_tls(struct http *http)
{
    const struct target_settings *settings = http->settings;

    curl_easy_setopt(http->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (settings->tls.ca_file)
        curl_easy_setopt(http->curl, CURLOPT_CAINFO, settings->tls.ca_file);
    if (settings->tls.certificate_file) {
        curl_easy_setopt(http->curl, CURLOPT_SSLCERT, settings->tls.certificate_file);
        curl_easy_setopt(http->curl, CURLOPT_SSLKEY, settings->tls.key_file);
    }
}

struct http *http_open(const struct target_settings *settings)
{
    struct http *http = mem_zero(sizeof(*http));

    http->settings = settings;
    http->multi = curl_multi_init();
    http->curl = curl_easy_init();
    if (!http->multi || !http->curl)
        abort(); /* out of memory, as mem_zero() does */
    curl_easy_setopt(http->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(http->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(http->curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(http->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(http->curl, CURLOPT_TIMEOUT_MS, (long)settings->timeout_ms);
    curl_easy_setopt(http->curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(http->curl, CURLOPT_COOKIEFILE, ""); /* kept in memory, read from nowhere */
    curl_easy_setopt(http->curl, CURLOPT_USERAGENT, "haechi/" HAECHI_VERSION);
    curl_easy_setopt(http->curl, CURLOPT_ERRORBUFFER, http->problem);
    curl_easy_setopt(http->curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, http);
    curl_easy_setopt(http->curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(http->curl, CURLOPT_HEADERDATA, http);
    curl_easy_setopt(http->curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(http->curl, CURLOPT_OPENSOCKETDATA, http);
    if (settings->proxy_user) {
        curl_easy_setopt(http->curl, CURLOPT_PROXYAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(http->curl, CURLOPT_PROXYUSERNAME, settings->proxy_user);
        curl_easy_setopt(http->curl, CURLOPT_PROXYPASSWORD,
                         settings->proxy_password ? settings->proxy_password : "");
    }
    set_tls(http);
    return http;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->curl);
    curl_multi_cleanup(http->multi);
    free(http);
}

void http_answer_done(struct http_answer *answer)
{
    buf_done(&answer->body);
}

static struct curl_slist *set_request(struct http *http, const struct request *request)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    bool is_get = request->method && strcmp(request->method, "GET") == 0;
    const char *proxy = http->settings->proxy;

    for (const char *line = request_next_header(request, NULL); line;
         line = request_next_header(request, line))
        headers = curl_slist_append(headers, line);
    curl_easy_setopt(http->curl, CURLOPT_URL, buf_string((struct buf *)(uintptr_t)&request->url));
    if (is_get) {
        curl_easy_setopt(http->curl, CURLOPT_HTTPGET, 1L);
    } else {
        curl_easy_setopt(http->curl, CURLOPT_POST, 1L);
        curl_easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
        curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS,
                         request->body.size ? request->body.bytes : "");
    }
    curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(http->curl, CURLOPT_PROXY,
                     request->is_metadata ? "" : proxy); /* NULL: as the environment says */
    http->is_guarded = !request->is_metadata && !http->settings->allow_link_local;
    return headers;
}

/* Of a tunnel (CONNECT): who we are, or where we want to go, is not allowed. */
static bool is_refused_by_proxy(const struct http *http)
{
    enum { UNAUTHORIZED = 401, FORBIDDEN = 403, PROXY_AUTHENTICATION = 407 };
    long status = 0;

    curl_easy_getinfo(http->curl, CURLINFO_HTTP_CONNECTCODE, &status);
    return status == UNAUTHORIZED || status == FORBIDDEN || status == PROXY_AUTHENTICATION;
}

static int judge(struct http *http, CURLcode code, struct error *err)
{
    if (code == CURLE_OK) /* though one of several addresses may have been refused */
        return 0;
    http->answer->status = 0;
    if (http->is_refused)
        return error_set_class(err, ERROR_CONFIG, -EACCES,
                               "the target has a link-local address, as metadata services of "
                               "clouds have; allow_link_local permits it");
    return error_set_class(
        err, is_refused_by_proxy(http) ? ERROR_CONFIG : http_client_class(code, http->problem),
        -EAGAIN, "%s", http->problem[0] ? http->problem : curl_easy_strerror(code));
}

/* Until it is done; -EINTR: no more time. */
static int drive(struct http *http, const struct keeper *keeper, CURLcode *code, struct error *err)
{
    int running = 1, left;

    for (;;) {
        curl_multi_perform(http->multi, &running);
        if (!running)
            break;
        curl_multi_poll(http->multi, NULL, 0, TURN_MS, NULL);
        if (!keeper->keep(keeper->self))
            return error_set_class(err, ERROR_RETRY, -EINTR, "no time is left for the reply");
    }
    const CURLMsg *message = curl_multi_info_read(http->multi, &left);

    *code = message ? message->data.result : CURLE_FAILED_INIT;
    return 0;
}

int http_exchange(struct http *http, const struct request *request, const struct keeper *keeper,
                  struct http_answer *answer, struct error *err)
{
    struct curl_slist *headers = set_request(http, request);
    CURLcode code = CURLE_OK;
    long status = 0;

    http->answer = answer;
    http->is_refused = false;
    http->problem[0] = '\0';
    answer->status = 0;
    answer->retry_after_ms = 0;
    buf_reset(&answer->body);
    curl_multi_add_handle(http->multi, http->curl);
    int result = drive(http, keeper, &code, err);

    curl_multi_remove_handle(http->multi, http->curl);
    curl_slist_free_all(headers);
    curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
    if (result < 0)
        return result;
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    answer->status = (int)status;
    return judge(http, code, err);
}

#include "io/schema_registry.h"

#include <curl/curl.h>
#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/arena_json.h"
#include "base/buf.h"
#include "io/clock.h"
#include "io/http_client.h"

enum {
    MAX_REPLY = 4 << 20,
    PAUSE_US = 1000000,    /* after a failure, before the registry is asked again */
    UNKNOWN_US = 10000000, /* for which an unknown id stays unknown: it may be on its way */
    MAX_UNKNOWN = 10000,   /* ids; who sends more of them does not fill our memory */
};
#define CONTENT_TYPE "application/vnd.schemaregistry.v1+json"
#define SCHEMA_NOT_FOUND 40403 /* Confluent's error_code */

struct schema_registry {
    const struct registry_settings *settings;
    CURL *curl;
    struct curl_slist *headers;
    char curl_error[CURL_ERROR_SIZE];
    struct buf reply;
    GHashTable *ids;           /* "subject\nschema" -> id + 1 */
    GHashTable *schemas;       /* id -> NUL-terminated schema; never forgotten */
    GHashTable *unknown;       /* id -> microsecond until which it is not asked for, owned */
    struct histogram *seconds; /* NULL, as the next: nobody watches */
    struct counter *failures;
    int64_t paused_until;
    struct error problem; /* why, until then */
};

static size_t take_reply(char *bytes, size_t one, size_t size, void *reply)
{
    struct buf *buf = reply;

    (void)one; /* always 1 */
    if (buf->size + size > MAX_REPLY)
        return 0; /* makes the transfer fail */
    buf_add(buf, (struct text){bytes, size});
    return size;
}

/* "error_code" and "message" of an error reply; 0 and its beginning where it is none of a
 * registry's. @message lives in @arena. */
static int64_t read_problem(struct schema_registry *registry, struct arena *arena,
                            struct text *message)
{
    yyjson_val *root = arena_json_read(arena, buf_text(&registry->reply), NULL);
    yyjson_val *text = yyjson_obj_get(root, "message");

    *message = yyjson_is_str(text) ? (struct text){yyjson_get_str(text), yyjson_get_len(text)}
                                   : text_cut(buf_text(&registry->reply), 100);
    return yyjson_get_sint(yyjson_obj_get(root, "error_code"));
}

static int fail(struct schema_registry *registry, enum error_class class, struct error *err,
                const char *what)
{
    return error_set_class(err, class, class == ERROR_RETRY ? -EAGAIN : -EACCES,
                           "schema registry %s: %s", registry->settings->url, what);
}

static int judge_status(struct schema_registry *registry, struct arena *arena, long status,
                        struct error *err)
{
    struct text message;

    if (status == 200)
        return 0;
    int64_t code = read_problem(registry, arena, &message);
    struct text what = arena_textf(arena, "status %ld: %.*s", status, TEXT_ARG(message));

    bool away = status >= 500 || status == 408 || status == 429;
    int result = fail(registry, away ? ERROR_RETRY : ERROR_CONFIG, err, what.bytes);

    return status == 404 && code == SCHEMA_NOT_FOUND ? -ENOENT : result;
}

/* One request to the address that @path continues; the reply's root lives in @arena. @body NULL:
 * GET. -ENOENT is a schema that the registry does not know. */
static int ask(struct schema_registry *registry, struct arena *arena, const char *path,
               struct buf *body, yyjson_val **root, struct error *err)
{
    AUTO_BUF url = {0};
    size_t base = strlen(registry->settings->url);
    long status = 0;

    while (base > 0 && registry->settings->url[base - 1] == '/')
        base--;
    buf_add(&url, (struct text){registry->settings->url, base});
    buf_add_string(&url, path);
    buf_reset(&registry->reply);
    registry->curl_error[0] = '\0';
    curl_easy_setopt(registry->curl, CURLOPT_URL, buf_string(&url));
    if (body) {
        curl_easy_setopt(registry->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
        curl_easy_setopt(registry->curl, CURLOPT_POSTFIELDS, body->bytes);
    } else {
        curl_easy_setopt(registry->curl, CURLOPT_HTTPGET, 1L);
    }
    CURLcode code = curl_easy_perform(registry->curl);

    if (code == CURLE_WRITE_ERROR) /* take_reply() had enough */
        return fail(registry, ERROR_CONFIG, err, "answers more than 4 MiB: is this a registry?");
    if (code != CURLE_OK)
        return fail(registry, http_client_class(code, registry->curl_error), err,
                    registry->curl_error[0] ? registry->curl_error : curl_easy_strerror(code));
    curl_easy_getinfo(registry->curl, CURLINFO_RESPONSE_CODE, &status);
    int result = judge_status(registry, arena, status, err);

    if (result == 0) {
        *root = arena_json_read(arena, buf_text(&registry->reply), NULL);
        if (!*root)
            return fail(registry, ERROR_CONFIG, err, "answers no JSON: is this a registry?");
    }
    return result;
}

/* Asks, unless the registry was away a moment ago; then that is the answer. */
static int ask_or_pause(struct schema_registry *registry, struct arena *arena, const char *path,
                        struct buf *body, yyjson_val **root, struct error *err)
{
    struct error problem = {0};

    if (clock_monotonic_us() < registry->paused_until) {
        if (err)
            *err = registry->problem;
        return registry->problem.code;
    }
    int64_t start_us = clock_monotonic_us();
    int result = ask(registry, arena, path, body, root, &problem);

    if (registry->seconds)
        metrics_observe(registry->seconds, (double)(clock_monotonic_us() - start_us) / 1e6);
    if (registry->failures && result < 0)
        metrics_add(registry->failures, 1);
    if (result < 0 && problem.class == ERROR_RETRY) {
        registry->problem = problem;
        registry->paused_until = clock_monotonic_us() + PAUSE_US;
    }
    if (result < 0 && err)
        *err = problem;
    return result;
}

static void set_options(struct schema_registry *registry)
{
    const struct registry_settings *settings = registry->settings;
    CURL *curl = registry->curl;

    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, registry->curl_error);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_reply);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &registry->reply);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, registry->headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "haechi/" HAECHI_VERSION);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* signals are the worker's */
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)settings->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)settings->timeout_ms);
    if (settings->user) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, settings->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->password ? settings->password : "");
    }
}

struct schema_registry *schema_registry_open(const struct registry_settings *settings)
{
    struct schema_registry *registry = mem_zero(sizeof(*registry));

    curl_global_init(CURL_GLOBAL_DEFAULT);
    registry->settings = settings;
    registry->curl = curl_easy_init();
    if (!registry->curl)
        abort(); /* out of memory, as mem_zero() does */
    registry->headers = curl_slist_append(NULL, "Accept: " CONTENT_TYPE);
    registry->headers = curl_slist_append(registry->headers, "Content-Type: " CONTENT_TYPE);
    /* curl would wait a second for a "100 Continue" that not every registry sends. */
    registry->headers = curl_slist_append(registry->headers, "Expect:");
    registry->ids = g_hash_table_new_full(g_str_hash, g_str_equal, free, NULL);
    registry->schemas = g_hash_table_new_full(NULL, NULL, NULL, free);
    registry->unknown = g_hash_table_new_full(NULL, NULL, NULL, free);
    set_options(registry);
    return registry;
}

void schema_registry_watch(struct schema_registry *registry, struct histogram *seconds,
                           struct counter *failures)
{
    registry->seconds = seconds;
    registry->failures = failures;
}

void schema_registry_close(struct schema_registry *registry)
{
    if (!registry)
        return;
    curl_easy_cleanup(registry->curl);
    curl_slist_free_all(registry->headers);
    g_hash_table_destroy(registry->ids);
    g_hash_table_destroy(registry->schemas);
    g_hash_table_destroy(registry->unknown);
    buf_done(&registry->reply);
    free(registry);
    curl_global_cleanup();
}

static int post_schema(struct schema_registry *registry, const char *subject, struct text schema,
                       uint32_t *id, struct error *err)
{
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF path = {0};
    AUTO_BUF body = {0};
    char *escaped = curl_easy_escape(registry->curl, subject, 0);
    yyjson_val *root = NULL;

    buf_addf(&path, "/subjects/%s/versions", escaped ? escaped : "");
    curl_free(escaped);
    buf_add(&body, TEXT("{\"schema\":"));
    buf_add_json(&body, schema);
    buf_add_byte(&body, '}');
    int result = ask_or_pause(registry, arena, buf_string(&path), &body, &root, err);

    if (result < 0) {
        error_prefix(err, "subject %s", subject);
        return result;
    }
    yyjson_val *number = yyjson_obj_get(root, "id");

    if (!yyjson_is_uint(number) || yyjson_get_uint(number) > INT32_MAX)
        return fail(registry, ERROR_CONFIG, err, "answers without an id: is this a registry?");
    *id = (uint32_t)yyjson_get_uint(number);
    return 0;
}

int schema_registry_register(struct schema_registry *registry, const char *subject,
                             struct text schema, uint32_t *id, struct error *err)
{
    AUTO_BUF key = {0};

    buf_addf(&key, "%s\n", subject);
    buf_add(&key, schema);
    uint32_t known = GPOINTER_TO_UINT(g_hash_table_lookup(registry->ids, buf_string(&key)));

    if (known > 0) {
        *id = known - 1;
        return 0;
    }
    int result = post_schema(registry, subject, schema, id, err);

    if (result == 0)
        g_hash_table_insert(registry->ids, mem_copy_text(buf_string(&key)),
                            GUINT_TO_POINTER(*id + 1));
    return result;
}

static int not_known(struct schema_registry *registry, uint32_t id, struct error *err)
{
    return error_set_class(err, ERROR_POISON, -ENOENT,
                           "schema registry %s knows no schema with id %u", registry->settings->url,
                           id);
}

static void remember_unknown(struct schema_registry *registry, uint32_t id)
{
    int64_t *until = mem_zero(sizeof(*until));

    if (g_hash_table_size(registry->unknown) >= MAX_UNKNOWN)
        g_hash_table_remove_all(registry->unknown);
    *until = clock_monotonic_us() + UNKNOWN_US;
    g_hash_table_replace(registry->unknown, GUINT_TO_POINTER(id), until);
}

static int get_schema(struct schema_registry *registry, uint32_t id, char **schema,
                      struct error *err)
{
    AUTO(arena) arena = arena_new(4096);
    AUTO_BUF path = {0};
    yyjson_val *root = NULL;

    buf_addf(&path, "/schemas/ids/%u", id);
    int result = ask_or_pause(registry, arena, buf_string(&path), NULL, &root, err);

    if (result == -ENOENT) {
        remember_unknown(registry, id);
        return not_known(registry, id, err);
    }
    if (result < 0)
        return result;
    const char *found = yyjson_get_str(yyjson_obj_get(root, "schema"));

    if (!found)
        return fail(registry, ERROR_CONFIG, err, "answers without a schema: is this a registry?");
    *schema = mem_copy_text(found);
    return 0;
}

int schema_registry_find(struct schema_registry *registry, uint32_t id, struct text *schema,
                         struct error *err)
{
    char *found = g_hash_table_lookup(registry->schemas, GUINT_TO_POINTER(id));
    const int64_t *until = g_hash_table_lookup(registry->unknown, GUINT_TO_POINTER(id));

    if (!found) {
        if (until && clock_monotonic_us() < *until)
            return not_known(registry, id, err);
        int result = get_schema(registry, id, &found, err);

        if (result < 0)
            return result;
        g_hash_table_insert(registry->schemas, GUINT_TO_POINTER(id), found);
    }
    *schema = text_of(found);
    return 0;
}

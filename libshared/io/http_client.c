#include "io/http_client.h"

#include <string.h>

/* The server refuses the client's certificate, or its lack. For curl that is some failure to
 * receive, since in TLS 1.3 it comes after the handshake; OpenSSL names the alert (RFC 8446 §6.2).
 */
static bool is_refused_by_tls(const char *problem)
{
    static const char *const alerts[] = {
        "alert certificate", "alert bad certificate", "alert unsupported certificate",
        "alert unknown ca",  "alert access denied",   "alert handshake failure",
    };

    for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
        if (strstr(problem, alerts[i]))
            return true;
    }
    return false;
}

enum error_class http_client_class(CURLcode code, const char *problem)
{
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
        return ERROR_CONFIG;
    default:
        return is_refused_by_tls(problem) ? ERROR_CONFIG : ERROR_RETRY;
    }
}

bool http_client_header(struct text line, const char *name, char *value, size_t room)
{
    const struct text start = text_slice(line, 0, strlen(name));
    const struct text rest = text_slice(line, start.size, line.size);

    if (!text_equal_nocase(start, text_of(name)) || !text_starts(rest, TEXT(":")))
        return false;
    const struct text found = text_trim(text_slice(rest, 1, rest.size));

    if (found.size >= room)
        return false;
    memcpy(value, found.bytes, found.size);
    value[found.size] = '\0';
    return true;
}

int64_t http_client_retry_after(const char *value, time_t now)
{
    enum { MOST_S = 10 * 24 * 3600 };
    int64_t seconds;

    if (!text_to_integer(text_of(value), &seconds))
        seconds = (int64_t)curl_getdate(value, NULL) - (int64_t)now;
    if (seconds > MOST_S)
        seconds = MOST_S;
    return seconds > 0 ? seconds * 1000 : 0;
}

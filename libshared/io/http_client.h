/* http_client: what all who ask by HTTP read in the same way. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"

/* Of failures, where nobody answered. CONFIG: what an operator has to mend, as an address or a
 * certificate; RETRY: all that may pass by itself. @problem: what CURLOPT_ERRORBUFFER holds. */
enum error_class http_client_class(CURLcode code, const char *problem);

/* @line, as CURLOPT_HEADERFUNCTION gives it, is the header @name ("ETag"): fills @value, of @room
 * bytes, and ends it with a NUL. False: it is another, or longer than that. */
bool http_client_header(struct text line, const char *name, char *value, size_t room);

/* Retry-After, RFC 9110 §10.2.3: seconds or a date, which @now stands before. Milliseconds, at most
 * ten days; 0: it is over, or no such thing. */
int64_t http_client_retry_after(const char *value, time_t now);

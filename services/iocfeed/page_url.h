/* page_url: the URLs of feeds that lead from one page to the next. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

/* "https://host:port": what must not change on the way, lest a key be sent to another server. */
struct text page_url_origin(struct text url);
/* @reference ("/api/", "roots/api", or a whole URL) as seen from @base, which ends with '/'. */
struct text page_url_resolve(struct text base, struct text reference, struct arena *arena);
/* Adds "name=value" with its '?' or '&'. @name is as it is to stand there, @value is escaped. */
void page_url_add_query(struct buf *url, const char *name, struct text value);

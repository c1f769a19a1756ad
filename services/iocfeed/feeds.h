/* feeds: each format's one symbol; for feeds.c and the tests. */
#pragma once

#include "iocfeed/feed.h"

extern const struct feed_ops feed_txt;
extern const struct feed_ops feed_csv;
extern const struct feed_ops feed_json;
extern const struct feed_ops feed_tor;
extern const struct feed_ops feed_otx;
extern const struct feed_ops feed_stix;
extern const struct feed_ops feed_taxii;
extern const struct feed_ops feed_misp;
extern const struct feed_ops feed_misp_rest;

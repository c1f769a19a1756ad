/* ioc_keys: where Redis has the indicators (docs/feeds.md).
 *
 * One keeper at a time, who holds the lease, writes them from the topic. A keeper that begins
 * writes a generation of its own beside what is there, and then points `version` at it: a keeper
 * that lost its lease without knowing writes where nobody reads. The version names generation and
 * filter; the stream says what changed since that filter was made.
 */
#pragma once

#define IOC_KEY_LEASE "haechi:{ioc}:lease"     /* who keeps; expires */
#define IOC_KEY_VERSION "haechi:{ioc}:version" /* hash: version generation bits at size … */
#define IOC_KEY_GENERATIONS "haechi:{ioc}:generations" /* hash: generation → bits version */
#define IOC_KEY_FILTER "haechi:{ioc}:filter:"          /* + version: the filter, bloom.h */
#define IOC_KEY_CIDR "haechi:{ioc}:cidr:"              /* + generation: hash, key → brief */
#define IOC_KEY_CHANGES "haechi:{ioc}:changes:"        /* + generation: stream */
#define IOC_KEY_RETRO "haechi:{ioc}:retro" /* "<bytes> <days>" while detectors are to keep … */
#define IOC_KEY_SEEN "haechi:{ioc}:seen:"  /* + YYYY-MM-DD: … what the day had (base/seen.h) */
#define IOC_KEY_TOLD "haechi:{ioc}:told:"  /* + event_id: this hit of a retro-hunt was told */
#define IOC_KEY_DUE "haechi:{ioc}:due"     /* hash: feed → when it is to be asked, ms */
#define IOC_KEY_GONE "haechi:{ioc}:gone"   /* hash: feed that the settings no longer have → … */
                                           /* since when, ms; 0: to be withdrawn at once */
#define IOC_KEY_FEEDS "haechi:{ioc}:feeds" /* hash: feed → how it fares, JSON */

/* target: one kind of place that alerts are delivered to.
 *
 * A target never touches the network, a clock or a file. It renders a parcel of alerts into a
 * request and judges the reply; somebody else moves the bytes in between. That is what lets every
 * target be tested without a server. Two kinds:
 *
 *   HTTP     render, judge: a request for a parcel, and a verdict for each of its alerts
 *   records  write: a record an alert (a syslog frame, a line, a Kafka value), which a stream, a
 *            datagram, a file or a producer takes
 *
 * To add one: write target_<name>.c, name it in targets.c, add its rows to
 * tests/unit/test_target_<name>.c and its page to docs/targets/.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/alert.h"
#include "base/error.h"
#include "base/settings.h"
#include "forwarder/request.h"
#include "forwarder/verdict.h"

struct parcel {
    const struct alert *const *alerts; /* borrowed until the verdict is known */
    size_t count;                      /* at least 1 */
};

/* What a target may not ask for itself. */
struct target_context {
    struct text host;     /* this machine's name */
    int64_t now_ms;       /* the time of this attempt */
    struct text token;    /* of targets with authorization: the newest */
    struct text evidence; /* of those with token_file: what it holds */
    struct text unique;   /* never the same twice: ids of channels and assertions */
};

/* What came of a parcel. */
struct judgement {
    /* One for each alert of the parcel, to be filled. POISON for all of several says that one of
     * them is at fault: the parcel is halved until that one is alone. POISON for some names them.
     */
    enum verdict *each;
    struct buf reason; /* why not all were delivered, for logs, receipts and dead letters; no
                          secrets, at most a few hundred bytes. Owned by the caller */
    int64_t receipt;   /* with PENDING: what to ask for */
    bool slow_down;    /* taken, but the target is nearly full */
};

/* How records travel. */
enum target_way {
    TARGET_BY_HTTP,
    TARGET_BY_UDP, /* each record a datagram; best effort */
    TARGET_BY_TCP,
    TARGET_BY_TLS,
    TARGET_BY_KAFKA,
    TARGET_BY_FILE,
    TARGET_BY_STDOUT,
};

/* Where records go. Texts are borrowed from the settings. */
struct target_place {
    const char *host; /* of UDP, TCP, TLS */
    int64_t port;
    const char *path; /* of FILE, which is begun anew at @max_size, with @keep old ones kept */
    int64_t max_size;
    int64_t keep;
    const char *topic;                 /* of KAFKA; the record's key is the alert's id */
    const char *brokers;               /* NULL: the cluster that alerts come from */
    const struct text_map *properties; /* of its producer */
};

struct target_limits {
    size_t max_events; /* of a parcel; 0: as the settings say */
    size_t max_bytes;  /* of a body before it is compressed: a parcel that renders to more is halved
                          before it is sent; 0: no cap of its own */
    double max_rate;   /* requests a second; 0: any */
    int64_t max_pending_ms; /* what is PENDING so long may be lost and is sent again; of targets
                               that are asked */
};

struct target_ops {
    const char *name;               /* "type:" of a target in the settings */
    const struct setting *settings; /* options, ended by a row without a name */
    size_t config_size;             /* of the struct those options fill */

    /* Refuses options that are valid one by one but not together. Optional. */
    int (*check)(const void *config, struct error *err);

    /* Optional: what the target itself bounds. */
    struct target_limits (*limits)(const void *config);

    /* How it travels; NULL: by HTTP. Fills in what the zeroed @place has for that way. */
    enum target_way (*way)(const void *config, struct target_place *place);

    /* HTTP. Fills the empty @request. */
    void (*render)(const void *config, const struct target_context *context,
                   const struct parcel *parcel, struct request *request);
    /* Some targets take a part and refuse the rest. @reply->status is not 0: that nobody answered
     * is RETRY, and nobody asks. */
    void (*judge)(const void *config, const struct parcel *parcel, const struct reply *reply,
                  struct judgement *judgement);

    /* Records. Appends one, with its frame. */
    void (*write)(const void *config, const struct target_context *context,
                  const struct alert *alert, struct buf *out);

    /* Optional, for a PENDING parcel: asks about @receipt; the same context.unique as render() had.
     * DELIVERED, PENDING, or as for judge(). */
    void (*ask)(const void *config, const struct target_context *context, int64_t receipt,
                struct request *request);
    enum verdict (*hear)(const void *config, int64_t receipt, const struct reply *reply);

    /* Optional: is the target well? Asked before the first parcel. RETRY: it says that it is not;
     * DELIVERED: yes, or it has no answer to that. */
    void (*greet)(const void *config, struct request *request);
    enum verdict (*welcome)(const void *config, const struct reply *reply);

    /* Optional, for targets whose requests carry a token that has to be asked for: when there is
     * none, before it expires, and once when a request is refused with 401. grant() gives RETRY or
     * CONFIG with @err, or DELIVERED with @token appended and how long it is valid. */
    int (*authorize)(const void *config, const struct target_context *context,
                     struct request *request, struct error *err);
    enum verdict (*grant)(const void *config, const struct reply *reply, struct buf *token,
                          int64_t *lifetime_ms, struct error *err);
    /* Optional: a file that authorize() needs the content of, read anew each time; NULL: none. */
    const char *(*token_file)(const void *config);
};

/* NULL if there is no target of that name. */
const struct target_ops *target_find(const char *name);
/* All of them, ended by NULL. */
const struct target_ops *const *target_list(void);

/* What judge() does where the status says all: the same verdict for each alert, and the start of
 * what the target wrote as the reason. */
void target_judge_status(const struct parcel *parcel, const struct reply *reply,
                         struct judgement *judgement);
/* The same for a target all of whose replies have a form of their own, by which the caller has
 * found whether this one @is_taken. Another 2xx, and a refusal that is a page of HTML, are not its
 * own words: a log-in page, or a proxy that wants a certificate, is CONFIG. */
void target_judge_own(const struct parcel *parcel, const struct reply *reply, bool is_taken,
                      struct judgement *judgement);
/* @verdict for each. */
void target_judge_all(const struct parcel *parcel, enum verdict verdict,
                      struct judgement *judgement);
/* "HTTP 503: " and the start of the body, in one line without controls. */
void target_add_reason(const struct reply *reply, struct judgement *judgement);

#include "iocfeed/outside/desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "io/chance.h"
#include "io/log.h"
#include "iocfeed/outside/desk_changes.h"
#include "iocfeed/outside/desk_expiry.h"
#include "iocfeed/outside/desk_feeds.h"
#include "iocfeed/outside/desk_gone.h"
#include "iocfeed/outside/desk_reloaded.h"
#include "iocfeed/outside/gather.h"
#include "iocfeed/outside/publisher.h"

enum { TICK_MS = 1000, RETRY_FIRST_MS = 10000 };

enum step { IDLE, GATHERING, CATCHING_UP, PUBLISHING, SETTLING };

struct desk {
    struct daemon *daemon;
    const struct iocfeed_settings *settings;
    struct desk_reloaded now, next; /* now: all NULL but lists before the first; next: waiting until
                                  no feed uses those before */
    struct follower *follower;
    struct publisher *publisher;
    struct due *due;
    struct desk_feeds feeds;
    enum step step;
    struct feed *current;
    struct gather *gather;
    struct desk_changes *changes;
    struct desk_expiry *expiry;
    struct roster_counts counts;
    int64_t now_ms, tick_ms, begun_ms;
    struct counter *published;
};

/* Opening. */

struct desk *desk_open(struct daemon *daemon, const struct iocfeed_settings *settings,
                       struct follower *follower, struct error *err)
{
    struct desk *desk = mem_zero(sizeof(*desk));
    struct metrics *metrics = daemon_metrics(daemon);

    desk->daemon = daemon;
    desk->settings = settings;
    desk->follower = follower;
    desk->changes = desk_changes_new();
    desk->expiry = desk_expiry_new(follower_table(follower), metrics);
    desk->due = desk_due_new(follower_redis(follower));
    desk->published = metrics_counter(metrics, "haechi_iocfeed_published_total",
                                      "Records written to the topic.", NO_LABEL, NO_LABEL);
    desk->feeds.metrics = metrics;
    desk_feeds_set(&desk->feeds, &settings->feeds, follower_table(follower), desk->due);
    desk->now.lists = lists_read(&settings->warning_lists, &settings->allow, err);
    if (desk->now.lists)
        desk->publisher = publisher_open(daemon_shared(daemon), err);
    if (desk->publisher)
        return desk;
    desk_close(desk);
    return NULL;
}

void desk_close(struct desk *desk)
{
    if (!desk)
        return;
    gather_end(desk->gather);
    publisher_close(desk->publisher);
    desk_feeds_close(&desk->feeds);
    desk_reloaded_done(&desk->now);
    desk_reloaded_done(&desk->next);
    desk_due_free(desk->due);
    desk_changes_free(desk->changes);
    desk_expiry_free(desk->expiry);
    free(desk);
}

struct publisher *desk_publisher(struct desk *desk)
{
    return desk->publisher;
}

void desk_note(struct desk *desk, struct text key, const struct ioc *before, const struct ioc *now)
{
    desk_feeds_note(&desk->feeds, key, before, now);
}

/* A feed's end, good or bad. */

/* A tenth more or less, so that feeds of one interval do not keep step for ever. */
static int64_t around(int64_t span_ms)
{
    return span_ms - span_ms / 10 + (int64_t)(chance_number() % (uint64_t)(span_ms / 5 + 1));
}

static void be_idle(struct desk *desk)
{
    gather_end(desk->gather);
    desk->gather = NULL;
    desk->current = NULL;
    desk_changes_clear(desk->changes);
    desk->step = IDLE;
}

static void leave(struct desk *desk)
{
    desk_feed_show(desk->current, desk->due);
    be_idle(desk);
}

/* Comes again, later each time, but not later than when it would come anyway. */
static void fail(struct desk *desk, const struct error *err, int64_t retry_after_ms)
{
    struct feed *feed = desk->current;
    int64_t most_ms = feed->settings ? iocfeed_settings_interval(feed->settings) : RETRY_FIRST_MS;
    int shift = feed->failures < 16 ? feed->failures : 16;
    int64_t wait_ms = (int64_t)RETRY_FIRST_MS << shift;

    feed->failures++;
    if (wait_ms > most_ms)
        wait_ms = most_ms;
    wait_ms = around(wait_ms);
    if (retry_after_ms > wait_ms)
        wait_ms = retry_after_ms;
    feed->due_ms = desk->now_ms + wait_ms;
    snprintf(feed->error, sizeof(feed->error), "%s", err->text);
    metrics_add(feed->metrics.failed, 1);
    log_warn("feed_failed", LOG_TEXT("feed", desk_feed_name(feed)), LOG_TEXT("error", err->text),
             LOG_INT("again_in_s", wait_ms / 1000),
             LOG_TEXT("consequence", "what it had before stays"));
    leave(desk);
}

/* Nothing is left of a feed that is gone. */
static void forget(struct desk *desk)
{
    struct feed *feed = desk->current;

    log_info("feed_forgotten", LOG_TEXT("feed", desk_feed_name(feed)),
             LOG_INT("withdrawn", desk_changes_count(desk->changes)));
    desk_due_forget(desk->due, desk_feed_name(feed));
    desk_feeds_drop(&desk->feeds, feed);
    be_idle(desk);
}

static void succeed(struct desk *desk)
{
    struct feed *feed = desk->current;
    struct gather_outcome *outcome = gather_outcome(desk->gather);

    feed->failures = 0;
    feed->error[0] = 0;
    feed->contact_ms = desk->begun_ms;
    feed->due_ms = desk->begun_ms + around(iocfeed_settings_interval(feed->settings));
    feed->memory = outcome->memory;
    if (outcome->result == GATHER_NEW) {
        if (outcome->content_ms != RECORD_NULL)
            feed->content_ms = outcome->content_ms;
        buf_reset(&feed->cursor);
        buf_add(&feed->cursor, buf_text(&outcome->cursor));
        log_info("feed_published", LOG_TEXT("feed", desk_feed_name(feed)),
                 LOG_INT("rows", outcome->counts.rows), LOG_INT("added", desk->counts.added),
                 LOG_INT("changed", desk->counts.changed), LOG_INT("removed", desk->counts.removed),
                 LOG_INT("same", desk->counts.same), LOG_INT("left_out", outcome->counts.left_out),
                 LOG_INT("held_back", outcome->counts.held_back),
                 LOG_INT("bad", outcome->counts.bad));
    }
    leave(desk);
}

/* Comparing. */

/* All that a feed said which is gone. */
static void list_all(struct desk *desk)
{
    AUTO(sightings) none = sightings_new(NULL);

    desk_changes_compare(desk->changes, desk->current->roster, none, true, desk->now_ms);
    desk->step = PUBLISHING;
}

static void compare(struct desk *desk)
{
    struct gather_outcome *outcome = gather_outcome(desk->gather);
    struct feed *feed = desk->current;
    struct error err = {0};

    desk->counts = desk_changes_compare(desk->changes, feed->roster, outcome->sightings,
                                        outcome->is_complete, desk->now_ms);
    size_t before = roster_count(feed->roster) - desk->counts.taken_back;

    if (outcome->is_complete &&
        roster_may_shrink(before, sightings_held(outcome->sightings),
                          iocfeed_settings_max_shrink(feed->settings), &err) < 0)
        fail(desk, &err, 0);
    else
        desk->step = PUBLISHING;
}

static void take_outcome(struct desk *desk)
{
    struct gather_outcome *outcome = gather_outcome(desk->gather);
    struct error err = {0};

    if (!outcome)
        return;
    if (outcome->result == GATHER_FAILED) {
        struct error why = outcome->err;

        fail(desk, &why, outcome->retry_after_ms);
        return;
    }
    metrics_add(outcome->result == GATHER_NEW ? desk->current->metrics.fetched
                                              : desk->current->metrics.unchanged,
                1);
    if (outcome->result == GATHER_UNCHANGED) {
        succeed(desk);
        return;
    }
    desk_feed_count(desk->current, &outcome->counts);
    /* What was published before must be in the table, or it would be undone. */
    if (follower_catch_up(desk->follower, &err) < 0)
        fail(desk, &err, 0);
    else
        desk->step = CATCHING_UP;
}

/* Publishing. */

/* Whether records can be encoded; what stands in the way is a condition of readiness. */
static bool may_publish(struct desk *desk)
{
    struct error err = {0};
    int result = publisher_prepare(desk->publisher, &err);

    daemon_condition(desk->daemon, "publishing", result < 0 ? err.text : NULL);
    return result == 0;
}

/* False: no more for now. */
static bool publish_slice(struct desk *desk)
{
    if (!may_publish(desk))
        return false;
    size_t written =
        desk_changes_publish(desk->changes, desk_feed_name(desk->current),
                             follower_table(desk->follower), desk->publisher, desk->now_ms);

    metrics_add(desk->published, written);
    if (desk_changes_are_published(desk->changes))
        desk->step = SETTLING;
    return desk->step == PUBLISHING && written > 0;
}

static void settle(struct desk *desk)
{
    struct error err = {0};

    if (publisher_in_flight(desk->publisher) > 0)
        return;
    if (publisher_take_failures(desk->publisher, &err) > 0)
        fail(desk, &err, 0);
    else if (desk->gather)
        succeed(desk);
    else
        forget(desk);
}

/* Beginning. */

static void begin(struct desk *desk, struct feed *feed)
{
    static const struct fetch_memory none;
    /* A feed of which the topic has nothing is read whole, whatever was remembered. */
    bool is_fresh = roster_count(feed->roster) == 0;

    desk->current = feed;
    desk->begun_ms = desk->now_ms;
    desk->gather =
        gather_begin(feed->settings, desk->now.lists, is_fresh ? &none : &feed->memory,
                     is_fresh ? (struct text){0} : buf_text(&feed->cursor), desk->now_ms);
    desk->step = GATHERING;
}

/* What was published before must be in the table, or it would be undone. */
static void begin_withdrawal(struct desk *desk, struct feed *feed)
{
    struct error err = {0};

    if (follower_catch_up(desk->follower, &err) < 0)
        return; /* Kafka is away: in a second again */
    desk->current = feed;
    desk->step = CATCHING_UP;
}

static void look_for_due(struct desk *desk)
{
    struct feed *next = NULL;

    for (size_t i = 0; i < desk->feeds.count; i++) {
        struct feed *feed = desk->feeds.items[i];

        if (!feed->settings)
            continue;
        desk_due_ask(desk->due, desk_feed_name(feed), &feed->due_ms);
        if (feed->due_ms <= desk->now_ms && (!next || feed->due_ms < next->due_ms))
            next = feed;
    }
    if (next)
        begin(desk, next);
}

static void look_for_gone(struct desk *desk)
{
    size_t configured = desk_feeds_configured(&desk->feeds);

    desk_feeds_add_gone(&desk->feeds, follower_table(desk->follower), desk->due);
    for (size_t i = 0; i < desk->feeds.count; i++) {
        struct feed *feed = desk->feeds.items[i];

        if (desk_gone_tend(feed, desk->due, desk->settings->forget_after_ms, configured,
                           desk->now_ms) &&
            desk->step == IDLE)
            begin_withdrawal(desk, feed);
    }
}

/* Another replica goes on; what was not published yet is its to find. */
static void stand_by(struct desk *desk)
{
    struct error err = {0};

    if (desk->step == IDLE || desk->step == GATHERING)
        return;
    error_set_class(&err, ERROR_RETRY, -1, "another iocfeed has the lease");
    fail(desk, &err, 0);
}

static void tick(struct desk *desk)
{
    if (desk->now_ms < desk->tick_ms || desk->step != IDLE)
        return;
    desk->tick_ms = desk->now_ms + TICK_MS;
    for (size_t i = 0; i < desk->feeds.count; i++)
        desk_feed_recount(desk->feeds.items[i], desk->due);
    if (desk_due_refresh(desk->due) < 0)
        return; /* without Redis nobody knows who asked whom when */
    look_for_gone(desk);
    if (desk->step == IDLE)
        look_for_due(desk);
    if (desk_expiry_is_due(desk->expiry, desk->now_ms) && may_publish(desk))
        desk_expiry_sweep(desk->expiry, desk->publisher, desk->now_ms);
}

int desk_reload(struct desk *desk, struct error *err)
{
    struct desk_reloaded fresh;

    if (desk_reloaded_read(&fresh, desk->daemon, err) < 0)
        return -1;
    desk_reloaded_done(&desk->next);
    desk->next = fresh;
    return 0;
}

const struct iocfeed_settings *desk_settings(const struct desk *desk)
{
    return desk->next.settings ? desk->next.settings : desk->settings;
}

/* What a new list knows goes only when the feed is read whole. */
static void take_reloaded(struct desk *desk)
{
    struct desk_reloaded before = desk->now;

    if (!desk->next.lists || desk->step != IDLE)
        return;
    desk->now = desk->next;
    desk->next = (struct desk_reloaded){0};
    desk->settings = desk->now.settings;
    desk_feeds_set(&desk->feeds, &desk->settings->feeds, follower_table(desk->follower), desk->due);
    for (size_t i = 0; i < desk->feeds.count; i++)
        desk_feed_forget(desk->feeds.items[i]);
    desk_reloaded_done(&before);
    desk->tick_ms = 0;
}

bool desk_turn(struct desk *desk, int64_t now_ms)
{
    desk->now_ms = now_ms;
    if (!follower_leads(desk->follower)) {
        stand_by(desk);
        return false;
    }
    take_reloaded(desk);
    tick(desk);
    if (desk->step == GATHERING)
        take_outcome(desk);
    else if (desk->step == CATCHING_UP && follower_is_current(desk->follower))
        (desk->gather ? compare : list_all)(desk);
    if (desk->step == PUBLISHING)
        return publish_slice(desk);
    if (desk->step == SETTLING)
        settle(desk);
    return false;
}

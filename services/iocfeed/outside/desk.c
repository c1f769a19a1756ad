#include "iocfeed/outside/desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "io/chance.h"
#include "io/log.h"
#include "iocfeed/merge.h"
#include "iocfeed/outside/desk_feed.h"
#include "iocfeed/outside/gather.h"
#include "iocfeed/outside/lists.h"
#include "iocfeed/outside/publisher.h"
#include "iocfeed/roster.h"

enum { SLICE = 2000, SWEEP = 20000, ARENA_BLOCK = 1 << 16, ARENA_KEPT = 1 << 20 };
enum { TICK_MS = 1000, RETRY_FIRST_MS = 10000, SWEEP_EVERY_MS = 60000 };

/* What one harvest changes, to be published. */
struct change {
    struct text key;                 /* in the changes' arena */
    const struct ioc_source *source; /* NULL: the feed has it no more */
};

enum step { IDLE, GATHERING, CATCHING_UP, PUBLISHING, SETTLING };

struct desk {
    struct daemon *daemon;
    const struct iocfeed_settings *settings;
    struct follower *follower;
    struct publisher *publisher;
    struct warning_lists *lists, *next_lists; /* next: NULL, or waiting until no feed uses these */
    struct due *due;
    struct feed *feeds;
    size_t feed_count;
    enum step step;
    struct feed *current;
    struct gather *gather;
    struct arena *changes_arena, *arena;
    struct change *changes;
    size_t change_count, change_capacity, next_change;
    struct roster_counts counts;
    int64_t now_ms, tick_ms, begun_ms, sweep_ms;
    size_t sweep_at;
    struct counter *published, *expired;
};

/* Opening. */

static void open_feeds(struct desk *desk)
{
    const struct feed_settings *rows = desk->settings->feeds.rows;

    desk->feed_count = desk->settings->feeds.count;
    desk->feeds = mem_zero((desk->feed_count + 1) * sizeof(*desk->feeds));
    for (size_t i = 0; i < desk->feed_count; i++)
        desk_feed_open(&desk->feeds[i], &rows[i], daemon_metrics(desk->daemon));
}

struct desk *desk_open(struct daemon *daemon, const struct iocfeed_settings *settings,
                       struct follower *follower, struct error *err)
{
    struct desk *desk = mem_zero(sizeof(*desk));
    struct metrics *metrics = daemon_metrics(daemon);

    desk->daemon = daemon;
    desk->settings = settings;
    desk->follower = follower;
    desk->changes_arena = arena_new(ARENA_BLOCK);
    desk->arena = arena_new(ARENA_BLOCK);
    desk->due = desk_due_new(follower_redis(follower));
    desk->published = metrics_counter(metrics, "haechi_iocfeed_published_total",
                                      "Records written to the topic.", NO_LABEL, NO_LABEL);
    desk->expired = metrics_counter(metrics, "haechi_iocfeed_expired_total",
                                    "Indicators whose time was over.", NO_LABEL, NO_LABEL);
    open_feeds(desk);
    desk->lists = lists_read(&settings->warning_lists, &settings->allow, err);
    if (desk->lists)
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
    warning_lists_free(desk->lists);
    warning_lists_free(desk->next_lists);
    desk_due_free(desk->due);
    for (size_t i = 0; i < desk->feed_count; i++)
        desk_feed_close(&desk->feeds[i]);
    free(desk->feeds);
    free(desk->changes);
    arena_free(desk->changes_arena);
    arena_free(desk->arena);
    free(desk);
}

struct publisher *desk_publisher(struct desk *desk)
{
    return desk->publisher;
}

/* What the topic says. */

static struct feed *find_feed(struct desk *desk, struct text name)
{
    for (size_t i = 0; i < desk->feed_count; i++) {
        if (text_is(name, desk->feeds[i].settings->profile.name))
            return &desk->feeds[i];
    }
    return NULL;
}

static const struct ioc_source *find_source(const struct ioc *ioc, struct text name)
{
    const struct ioc_source *sources = ioc ? ioc->sources.items : NULL;

    for (size_t i = 0; ioc && i < ioc->sources.count; i++) {
        if (text_equal(sources[i].name, name))
            return &sources[i];
    }
    return NULL;
}

void desk_note(struct desk *desk, struct text key, const struct ioc *before, const struct ioc *now)
{
    const struct ioc_source *sources = before ? before->sources.items : NULL;

    for (size_t i = 0; before && i < before->sources.count; i++) {
        struct feed *feed = find_feed(desk, sources[i].name);

        if (feed && !find_source(now, sources[i].name))
            roster_drop(feed->roster, key);
    }
    sources = now ? now->sources.items : NULL;
    for (size_t i = 0; now && i < now->sources.count; i++) {
        struct feed *feed = find_feed(desk, sources[i].name);

        if (feed)
            roster_note(feed->roster, key, &sources[i]);
    }
}

/* A feed's end, good or bad. */

/* A tenth more or less, so that feeds of one interval do not keep step for ever. */
static int64_t around(int64_t span_ms)
{
    return span_ms - span_ms / 10 + (int64_t)(chance_number() % (uint64_t)(span_ms / 5 + 1));
}

static void leave(struct desk *desk)
{
    desk_feed_show(desk->current, desk->due);
    gather_end(desk->gather);
    desk->gather = NULL;
    desk->current = NULL;
    desk->change_count = desk->next_change = 0;
    desk->step = IDLE;
}

/* Comes again, later each time, but not later than when it would come anyway. */
static void fail(struct desk *desk, const struct error *err, int64_t retry_after_ms)
{
    struct feed *feed = desk->current;
    int64_t most_ms = iocfeed_settings_interval(feed->settings);
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
    log_warn("feed_failed", LOG_TEXT("feed", feed->settings->profile.name),
             LOG_TEXT("error", err->text), LOG_INT("again_in_s", wait_ms / 1000),
             LOG_TEXT("consequence", "what it had before stays"));
    leave(desk);
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
        log_info("feed_published", LOG_TEXT("feed", feed->settings->profile.name),
                 LOG_INT("rows", outcome->counts.rows), LOG_INT("added", desk->counts.added),
                 LOG_INT("changed", desk->counts.changed), LOG_INT("removed", desk->counts.removed),
                 LOG_INT("same", desk->counts.same), LOG_INT("left_out", outcome->counts.left_out),
                 LOG_INT("held_back", outcome->counts.held_back),
                 LOG_INT("bad", outcome->counts.bad));
    }
    leave(desk);
}

/* Comparing. */

static void list_change(void *self, enum roster_change kind, struct text key,
                        const struct sighting *sighting)
{
    struct desk *desk = self;

    desk->changes =
        mem_grow(desk->changes, desk->change_count, &desk->change_capacity, sizeof(*desk->changes));
    desk->changes[desk->change_count++] = (struct change){
        arena_copy(desk->changes_arena, key), kind == ROSTER_REMOVED ? NULL : &sighting->source};
}

static void compare(struct desk *desk)
{
    struct gather_outcome *outcome = gather_outcome(desk->gather);
    const struct roster_sink sink = {desk, list_change};
    struct feed *feed = desk->current;
    struct error err = {0};

    if (outcome->is_complete &&
        roster_may_shrink(roster_count(feed->roster), sightings_held(outcome->sightings),
                          feed->settings->profile.max_shrink, &err) < 0) {
        fail(desk, &err, 0);
        return;
    }
    arena_reset(desk->changes_arena, 1 << 20);
    desk->counts =
        roster_compare(feed->roster, outcome->sightings, outcome->is_complete, desk->now_ms, &sink);
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

/* The record as it is now, with the feed's word changed. */
static int publish(struct desk *desk, const struct change *change, struct error *err)
{
    struct text tenant, value, name = text_of(desk->current->settings->profile.name);
    enum ioc_type type;
    struct ioc ioc;

    arena_reset(desk->arena, ARENA_KEPT);
    if (!ioc_key_parse(change->key, &tenant, &type, &value))
        return 0;
    bool is_known = table_find(follower_table(desk->follower), change->key, desk->arena, &ioc);

    if (!is_known && !change->source)
        return 0;
    if (!is_known)
        merge_start(&ioc, tenant, type, value);
    bool stays = true;

    if (change->source)
        merge_add(&ioc, change->source, desk->now_ms, desk->arena);
    else
        stays = merge_remove(&ioc, name, desk->now_ms, desk->arena);
    int result = publisher_put(desk->publisher, change->key, tenant, stays ? &ioc : NULL, err);

    metrics_add(desk->published, result == 0);
    return result;
}

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
    struct error err = {0};

    if (!may_publish(desk))
        return false;
    for (int i = 0; i < SLICE && desk->next_change < desk->change_count; i++) {
        if (publish(desk, &desk->changes[desk->next_change], &err) < 0)
            return false; /* the producer's queue is full */
        desk->next_change++;
    }
    if (desk->next_change == desk->change_count)
        desk->step = SETTLING;
    return desk->step == PUBLISHING;
}

static void settle(struct desk *desk)
{
    struct error err = {0};

    if (publisher_in_flight(desk->publisher) > 0)
        return;
    if (publisher_take_failures(desk->publisher, &err) > 0)
        fail(desk, &err, 0);
    else
        succeed(desk);
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
        gather_begin(feed->settings, desk->lists, is_fresh ? &none : &feed->memory,
                     is_fresh ? (struct text){0} : buf_text(&feed->cursor), desk->now_ms);
    desk->step = GATHERING;
}

static void look_for_due(struct desk *desk)
{
    struct feed *next = NULL;

    for (size_t i = 0; i < desk->feed_count; i++) {
        struct feed *feed = &desk->feeds[i];

        desk_due_ask(desk->due, feed->settings->profile.name, &feed->due_ms);
        if (feed->due_ms <= desk->now_ms && (!next || feed->due_ms < next->due_ms))
            next = feed;
    }
    if (next)
        begin(desk, next);
}

/* Indicators whose time is over say so in the topic, a part of the table each second. */
static void sweep(struct desk *desk)
{
    struct text key;
    struct ioc ioc;
    struct error err = {0};

    if (desk->now_ms < desk->sweep_ms || !may_publish(desk))
        return;
    for (int i = 0; i < SWEEP; i++) {
        arena_reset(desk->arena, ARENA_KEPT);
        if (!table_next(follower_table(desk->follower), &desk->sweep_at, &key, desk->arena, &ioc)) {
            desk->sweep_at = 0;
            desk->sweep_ms = desk->now_ms + SWEEP_EVERY_MS;
            return;
        }
        if (!ioc.is_active || ioc.valid_until == RECORD_NULL || ioc.valid_until > desk->now_ms)
            continue;
        merge_judge(&ioc, desk->now_ms, desk->arena);
        if (publisher_put(desk->publisher, key, ioc.tenant, &ioc, &err) < 0)
            return;
        metrics_add(desk->expired, 1);
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
    for (size_t i = 0; i < desk->feed_count; i++)
        desk_feed_recount(&desk->feeds[i], desk->due);
    if (desk_due_refresh(desk->due) < 0)
        return; /* without Redis nobody knows who asked whom when */
    look_for_due(desk);
    sweep(desk);
}

int desk_reload(struct desk *desk, struct error *err)
{
    struct warning_lists *lists =
        lists_read(&desk->settings->warning_lists, &desk->settings->allow, err);

    if (!lists)
        return -1;
    warning_lists_free(desk->next_lists);
    desk->next_lists = lists;
    return 0;
}

/* What a new list knows goes only when the feed is read whole. */
static void take_lists(struct desk *desk)
{
    if (!desk->next_lists || desk->step != IDLE)
        return;
    warning_lists_free(desk->lists);
    desk->lists = desk->next_lists;
    desk->next_lists = NULL;
    for (size_t i = 0; i < desk->feed_count; i++)
        desk_feed_forget(&desk->feeds[i]);
}

bool desk_turn(struct desk *desk, int64_t now_ms)
{
    desk->now_ms = now_ms;
    publisher_serve(desk->publisher, 0);
    if (!follower_leads(desk->follower)) {
        stand_by(desk);
        return false;
    }
    take_lists(desk);
    tick(desk);
    if (desk->step == GATHERING)
        take_outcome(desk);
    else if (desk->step == CATCHING_UP && follower_is_current(desk->follower))
        compare(desk);
    if (desk->step == PUBLISHING)
        return publish_slice(desk);
    if (desk->step == SETTLING)
        settle(desk);
    return false;
}

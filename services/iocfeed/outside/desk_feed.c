#include "iocfeed/outside/desk_feed.h"

#include <stdlib.h>

static struct counter *fetches(struct metrics *metrics, const char *feed, const char *result)
{
    return metrics_counter(metrics, "haechi_iocfeed_fetches_total", "Times that a feed was asked.",
                           LABEL("feed", feed), LABEL("result", result));
}

static struct counter *rows(struct metrics *metrics, const char *feed, const char *outcome)
{
    return metrics_counter(metrics, "haechi_iocfeed_rows_total",
                           "Rows of feeds by what became of them.", LABEL("feed", feed),
                           LABEL("outcome", outcome));
}

static void make_metrics(struct feed *feed, struct metrics *metrics)
{
    const char *name = feed->name;

    feed->metrics.contact = metrics_gauge(metrics, "haechi_iocfeed_feed_contact_timestamp_seconds",
                                          "When a feed last answered well, with news or without.",
                                          LABEL("feed", name), NO_LABEL);
    feed->metrics.content = metrics_gauge(metrics, "haechi_iocfeed_feed_content_timestamp_seconds",
                                          "The content's own date.", LABEL("feed", name), NO_LABEL);
    feed->metrics.iocs =
        metrics_gauge(metrics, "haechi_iocfeed_feed_iocs", "Indicators that a feed has.",
                      LABEL("feed", name), NO_LABEL);
    feed->metrics.fetched = fetches(metrics, name, "new");
    feed->metrics.unchanged = fetches(metrics, name, "unchanged");
    feed->metrics.failed = fetches(metrics, name, "failed");
    feed->metrics.good = rows(metrics, name, "good");
    feed->metrics.left_out = rows(metrics, name, "left_out");
    feed->metrics.held_back = rows(metrics, name, "held_back");
    feed->metrics.bad = rows(metrics, name, "bad");
}

void desk_feed_open(struct feed *feed, struct text name, struct metrics *metrics)
{
    feed->name = mem_zero(name.size + 1);
    memcpy(feed->name, name.bytes, name.size);
    feed->roster = roster_new();
    feed->content_ms = RECORD_NULL;
    make_metrics(feed, metrics);
}

void desk_feed_close(struct feed *feed)
{
    metrics_hide(feed->metrics.contact);
    metrics_hide(feed->metrics.content);
    metrics_hide(feed->metrics.iocs);
    roster_free(feed->roster);
    buf_done(&feed->cursor);
    free(feed->name);
}

const char *desk_feed_name(const struct feed *feed)
{
    return feed->name;
}

void desk_feed_forget(struct feed *feed)
{
    feed->memory = (struct fetch_memory){"", ""};
    buf_reset(&feed->cursor);
}

static void show(struct feed *feed, struct due *due, bool is_count_only)
{
    size_t held = roster_count(feed->roster);

    if (!feed->settings) { /* nobody asks it any more: it is not stale */
        metrics_hide(feed->metrics.contact);
        metrics_hide(feed->metrics.content);
    } else {
        if (feed->contact_ms > 0)
            metrics_set(feed->metrics.contact, (double)feed->contact_ms / 1000);
        if (feed->content_ms != RECORD_NULL)
            metrics_set(feed->metrics.content, (double)feed->content_ms / 1000);
    }
    metrics_set(feed->metrics.iocs, (double)held);
    feed->shown = held;
    desk_due_tell(due, &(struct due_state){.feed = feed->name,
                                           .due_ms = feed->due_ms,
                                           .contact_ms = feed->contact_ms,
                                           .content_ms = feed->content_ms,
                                           .iocs = held,
                                           .is_count_only = is_count_only,
                                           .error = feed->error});
}

void desk_feed_show(struct feed *feed, struct due *due)
{
    show(feed, due, false);
    feed->is_told = true;
}

void desk_feed_recount(struct feed *feed, struct due *due)
{
    size_t held = roster_count(feed->roster);

    metrics_set(feed->metrics.iocs, (double)held);
    if (feed->is_told && feed->shown != held) /* before that, what is told is our predecessor's */
        show(feed, due, true);
}

void desk_feed_count(const struct feed *feed, const struct intake_counts *counts)
{
    metrics_add(feed->metrics.good, counts->good);
    metrics_add(feed->metrics.left_out, counts->left_out);
    metrics_add(feed->metrics.held_back, counts->held_back);
    metrics_add(feed->metrics.bad, counts->bad);
}

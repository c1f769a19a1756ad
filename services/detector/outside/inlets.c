#include "detector/outside/inlets.h"

#include <stdlib.h>

struct inlets {
    struct inlet *items;
    size_t count;
    struct source_settings fallback;
};

static struct counter *counter_of(struct metrics *metrics, const char *source, const char *outcome)
{
    return metrics_counter(metrics, "haechi_detector_source_logs_total",
                           "Logs by source and by what became of them.", LABEL("source", source),
                           LABEL("outcome", outcome));
}

static int add(struct inlets *inlets, const struct source_settings *settings,
               struct metrics *metrics, struct error *err)
{
    struct inlet *inlet = &inlets->items[inlets->count];
    const char *name = settings->topics.count ? settings->topics.items[0] : "";

    inlet->source = source_new(settings, err);
    if (!inlet->source)
        return -1;
    inlets->count++;
    if (!metrics)
        return 0;
    inlet->matched = counter_of(metrics, name, "matched");
    inlet->clean = counter_of(metrics, name, "clean");
    inlet->rejected = counter_of(metrics, name, "rejected");
    return 0;
}

struct inlets *inlets_open(const struct setting_list *sources, const struct text_list *raw_logs,
                           struct metrics *metrics, struct error *err)
{
    struct inlets *inlets = mem_zero(sizeof(*inlets));
    const struct source_settings *rows = sources->rows;
    size_t count = sources->count;

    if (count == 0) {
        inlets->fallback = (struct source_settings){
            .topics = *raw_logs, .format = SOURCE_AUTO, .tenant = "default", .timezone = "UTC"};
        rows = &inlets->fallback;
        count = 1;
    }
    inlets->items = mem_zero(count * sizeof(*inlets->items));
    for (size_t i = 0; i < count; i++) {
        if (add(inlets, &rows[i], metrics, err) < 0) {
            inlets_close(inlets);
            return NULL;
        }
    }
    return inlets;
}

void inlets_close(struct inlets *inlets)
{
    if (!inlets)
        return;
    for (size_t i = 0; i < inlets->count; i++)
        source_free(inlets->items[i].source);
    free(inlets->items);
    free(inlets);
}

void inlets_subscribe(const struct inlets *inlets, struct worker *worker)
{
    for (size_t i = 0; i < inlets->count; i++) {
        const struct text_list *topics = &source_of(inlets->items[i].source)->topics;

        worker_subscribe(worker, topics->items, topics->count);
    }
}

const struct inlet *inlets_find(const struct inlets *inlets, struct text topic)
{
    for (size_t i = 0; i < inlets->count; i++) {
        if (source_has_topic(inlets->items[i].source, topic))
            return &inlets->items[i];
    }
    return &inlets->items[inlets->count - 1];
}

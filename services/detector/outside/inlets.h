/* inlets: the sources of the settings, each with its topics and its counters. */
#pragma once

#include "base/metrics.h"
#include "detector/source.h"
#include "io/worker.h"

struct inlet {
    struct source *source;
    struct counter *matched, *clean, *rejected; /* what became of its logs */
};

struct inlets;

/* @sources are borrowed (struct source_settings); where there are none, @raw_logs are read in
 * format auto. @metrics NULL: for a check, nothing is counted. */
struct inlets *inlets_open(const struct setting_list *sources, const struct text_list *raw_logs,
                           struct metrics *metrics, struct error *err);
void inlets_close(struct inlets *inlets); /* NULL is fine */

void inlets_subscribe(const struct inlets *inlets, struct worker *worker);

/* The first whose topics match; the last of all where none does. Any thread. */
const struct inlet *inlets_find(const struct inlets *inlets, struct text topic);

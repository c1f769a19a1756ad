/* alert_writer: alerts as records of their topic. */
#pragma once

#include "base/alert.h"
#include "correlator/outside/correlator_metrics.h"
#include "io/codec.h"
#include "io/worker.h"

/* All but @value is borrowed. */
struct alert_writer {
    struct worker_topic *topic;
    struct codec_output *output; /* prepared (codec_prepare()) */
    struct correlator_metrics *metrics;
    const char *rules_version;
    struct header headers[4];
    struct buf value;
};

void alert_writer_done(struct alert_writer *writer);

/* The alert counts as written; @output is valid until the next call. */
void alert_writer_write(struct alert_writer *writer, const struct alert *alert,
                        struct output *output);

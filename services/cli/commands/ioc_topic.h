/* ioc_topic: all that the topic of indicators holds now. */
#pragma once

#include "base/ioc.h"
#include "cli/commands/cluster.h"

/* Called with each record, in no order. False: stop. */
typedef bool ioc_visitor(void *self, const struct ioc *ioc);

/* @topic NULL: that of the settings. -EPIPE: the visitor stopped; else negative with @err. */
int ioc_topic_visit(const struct cluster_options *options, const char *topic, ioc_visitor *call,
                    void *self, struct error *err);

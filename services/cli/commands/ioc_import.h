/* ioc_import: what the parts of `haechi ioc import` share. */
#pragma once

#include "cli/commands/cluster.h"
#include "cli/commands/output.h"
#include "cli/commands/warning_options.h"
#include "iocfeed/sightings.h"

struct import_options {
    struct cluster_options cluster;
    struct warning_options warnings;
    const char *topic;
    const char *format; /* NULL: by what a file looks like */
    const char *source; /* NULL: the file's name */
    const char *type;
    const char *threat_type;
    const char *confidence;
    const char *ttl;
    const char *tenant;
    const char *list;
    const char *separator;
    struct text_list tags;
    struct text_list fields; /* "value=column" */
    bool allow_private;
    bool dry_run;
    bool refused; /* show what was refused, not what was taken */
    int output;
};

/* What an option --confidence says: above 0 and up to 1, or a percentage. */
int ioc_import_confidence(const char *word, double *confidence, struct error *err);

/* Adds each sighting to the topic's records, keeping what others say there, and waits until the
 * brokers have them all. @written: how many records changed. */
int ioc_publish(const struct import_options *options, const struct sightings *sightings,
                int64_t now_ms, size_t *written, struct error *err);

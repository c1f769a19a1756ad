/* reading_problem: what keeps a consumer from reading, in words for /readyz. */
#pragma once

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "io/conditions.h"
#include "io/shared_settings.h"

void reading_problem_no_broker(struct conditions *conditions, const struct kafka_settings *kafka,
                               const char *reason);
void reading_problem_group(struct conditions *conditions, const char *group);
/* @event came in place of a message. False: it is no problem (a regex that matches nothing yet). */
bool reading_problem_topic(struct conditions *conditions, const rd_kafka_message_t *event);

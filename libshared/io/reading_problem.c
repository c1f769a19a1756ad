#include "io/reading_problem.h"

#include <stdio.h>

void reading_problem_no_broker(struct conditions *conditions, const struct kafka_settings *kafka,
                               const char *reason)
{
    char problem[400];

    snprintf(problem, sizeof(problem), "no broker of %s answers: %s; trying on",
             kafka->bootstrap_servers, reason);
    conditions_set(conditions, "kafka", problem);
}

void reading_problem_group(struct conditions *conditions, const char *group)
{
    char problem[300];

    snprintf(problem, sizeof(problem),
             "no permission to use consumer group '%s'; allow READ on it to the user of "
             "kafka.properties",
             group);
    conditions_set(conditions, "group", problem);
}

bool reading_problem_topic(struct conditions *conditions, const rd_kafka_message_t *event)
{
    const char *topic = event->rkt ? rd_kafka_topic_name(event->rkt) : "";
    char problem[300];

    if (topic[0] == '^' || topic[0] == '\0')
        return false;
    if (event->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        snprintf(problem, sizeof(problem),
                 "no permission to read topic '%s'; allow READ to the user of kafka.properties",
                 topic);
    else
        snprintf(problem, sizeof(problem), "topic '%s' does not exist; waiting for it", topic);
    conditions_set(conditions, "sources", problem);
    return true;
}

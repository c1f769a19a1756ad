/* refusal: what an error of producing means. */
#pragma once

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

/* The broker will never take that record: sending it again is no use. It says so of a whole batch
 * for the sake of one record in it. All else passes, or an operator can mend it. */
bool refusal_is_final(rd_kafka_resp_err_t code);

/* For /readyz: what is wrong with @topic and what would be right. */
void refusal_describe(rd_kafka_resp_err_t code, const char *topic, char *into, size_t size);

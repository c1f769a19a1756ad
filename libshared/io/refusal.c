#include "io/refusal.h"

#include <stdio.h>

bool refusal_is_final(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
        return true;
    default:
        return false;
    }
}

void refusal_describe(rd_kafka_resp_err_t code, const char *topic, char *into, size_t size)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        snprintf(into, size,
                 "topic '%s' does not exist; `haechi topics create` makes it. What is for it is "
                 "kept and sent then",
                 topic);
        break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        snprintf(into, size,
                 "no permission to write to topic '%s'; allow WRITE and DESCRIBE to the user of "
                 "kafka.properties. What is for it is kept and sent then",
                 topic);
        break;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        snprintf(into, size,
                 "topic '%s' refuses a record as too large; raise its max.message.bytes (4 MiB "
                 "take a log of 1 MiB), or message.max.bytes of kafka.properties where that is "
                 "lower. The record is kept and holds its log's partition",
                 topic);
        break;
    default:
        snprintf(into, size, "topic '%s' refuses records: %s. They are kept and sent again", topic,
                 rd_kafka_err2str(code));
    }
}

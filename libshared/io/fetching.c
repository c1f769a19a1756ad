#include "io/fetching.h"

#include "base/text.h"

static size_t number_of(const rd_kafka_conf_t *conf, const char *name)
{
    char value[32] = "";
    size_t size = sizeof(value);
    int64_t number = 0;

    rd_kafka_conf_get(conf, name, value, &size);
    text_to_integer(text_of(value), &number);
    return (size_t)number;
}

void fetching_init(struct fetching *fetching, const rd_kafka_conf_t *conf)
{
    size_t size;

    *fetching = (struct fetching){
        .is_needed =
            rd_kafka_conf_get(conf, "fetch.queue.backoff.ms", NULL, &size) == RD_KAFKA_CONF_UNKNOWN,
        .messages_limit = number_of(conf, "queued.min.messages"),
        .bytes_limit = number_of(conf, "queued.max.messages.kbytes") * 1024,
    };
}

static bool is_filled(const struct fetching *fetching, size_t messages, size_t size,
                      size_t quarters)
{
    return messages >= fetching->messages_limit / 4 * quarters ||
           messages * size >= fetching->bytes_limit / 4 * quarters;
}

/* The queue's size in bytes is not to be had, so what was taken from it stands for the rest; full
 * begins early for that. What was taken counts: it may have been most of what there was. */
bool fetching_is_due(struct fetching *fetching, size_t queued, size_t taken, size_t size)
{
    fetching->was_full |= is_filled(fetching, queued + taken, size, 3);
    if (!fetching->was_full || is_filled(fetching, queued, size, 2))
        return false;
    fetching->was_full = false;
    return true;
}

/* A time-out of none makes it return at once; the answer, if it comes, is thrown away. */
static void ask_leaders(rd_kafka_t *kafka)
{
    rd_kafka_topic_partition_list_t *list;

    if (rd_kafka_assignment(kafka, &list))
        return;
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = RD_KAFKA_OFFSET_END;
    rd_kafka_offsets_for_times(kafka, list, 0);
    rd_kafka_topic_partition_list_destroy(list);
}

void fetching_watch(struct fetching *fetching, rd_kafka_t *kafka, rd_kafka_queue_t *queue,
                    rd_kafka_message_t *const *taken, size_t count)
{
    if (!fetching->is_needed || count == 0)
        return;
    size_t size = (taken[0]->len + taken[count - 1]->len) / 2;

    if (fetching_is_due(fetching, rd_kafka_queue_length(queue), count, size))
        ask_leaders(kafka);
}

#include "cli/commands/ioc_topic.h"

#include <errno.h>

#include "base/keyed.h"
#include "cli/commands/follow.h"
#include "io/codec.h"

enum { WAIT_MS = 200, ARENA_KEPT = 1 << 20, PIECE = 1 << 16 };

/* As compaction would leave it. */
static int read_topic(struct cluster *cluster, const char *topic, struct keyed *latest,
                      struct error *err)
{
    struct follow *follow = follow_open(cluster, topic, FOLLOW_EARLIEST, 0, true, err);
    enum follow_result result = follow ? FOLLOW_NOTHING : FOLLOW_FAILED;

    while (result == FOLLOW_NOTHING || result == FOLLOW_MESSAGE) {
        rd_kafka_message_t *message = NULL;

        result = follow_next(follow, WAIT_MS, &message, err);
        if (result != FOLLOW_MESSAGE)
            continue;
        struct text key = {message->key, message->key_len};

        if (message->payload)
            keyed_set(latest, key, (struct text){message->payload, message->len});
        else
            keyed_drop(latest, key);
        rd_kafka_message_destroy(message);
    }
    follow_close(follow);
    return result == FOLLOW_END ? 0 : -EIO;
}

int ioc_topic_visit(const struct cluster_options *options, const char *topic, ioc_visitor *call,
                    void *self, struct error *err)
{
    AUTO(keyed) latest = keyed_new();
    AUTO(arena) arena = arena_new(PIECE);
    struct cluster cluster;
    struct text key, value;
    size_t at = 0;
    int result = cluster_open(&cluster, options, RD_KAFKA_CONSUMER, err);

    if (result == 0)
        result = read_topic(&cluster, topic ? topic : cluster.shared.topics.iocs, latest, err);
    struct codec *codec = codec_open(FORMAT_JSON, &cluster.shared.registry);

    while (result == 0 && keyed_next(latest, &at, &key, &value)) {
        struct ioc ioc;

        arena_reset(arena, ARENA_KEPT);
        if (codec_decode(codec, &ioc_record, value, arena, &ioc, NULL) == 0 && !call(self, &ioc))
            result = -EPIPE;
    }
    codec_close(codec);
    cluster_close(&cluster);
    return result;
}

#include "detector/outside/recent_events.h"

#include "base/group_id.h"
#include "base/number.h"

enum { WINDOW_MS = 5 * 60 * 1000 };

bool recent_events_ask(struct redis *redis, const struct event *event)
{
    char id[GROUP_ID_SIZE], key[80], from[NUMBER_DIGITS], until[NUMBER_DIGITS];

    if (event->source_ip.size == 0)
        return false;
    group_id_of_entity(event->tenant, TEXT("source_ip"), event->source_ip, id);

    const struct text words[] = {TEXT("ZCOUNT"), group_id_key("recent", id, key, sizeof(key)),
                                 number_digits(event->event_time - WINDOW_MS, from),
                                 number_digits(event->event_time, until)};

    redis_ask(redis, words, COUNT_OF(words));
    return true;
}

bool recent_events_read(const redisReply *reply, int64_t *recent_events)
{
    if (reply->type != REDIS_REPLY_INTEGER)
        return false;
    *recent_events = reply->integer;
    return true;
}

#include "io/vanished.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

struct vanished {
    pthread_mutex_t lock;
    char **topics;
    size_t count, capacity;
    atomic_bool has_any;
};

struct vanished *vanished_new(void)
{
    struct vanished *vanished = mem_zero(sizeof(*vanished));

    pthread_mutex_init(&vanished->lock, NULL);
    return vanished;
}

void vanished_free(struct vanished *vanished)
{
    if (!vanished)
        return;
    for (size_t i = 0; i < vanished->count; i++)
        free(vanished->topics[i]);
    free(vanished->topics);
    pthread_mutex_destroy(&vanished->lock);
    free(vanished);
}

/* [thrd:main]: Topic logs partition count changed from 4 to 0
 *                    ^^^^                                 ^^  */
static bool names_a_topic(struct text line, struct text *topic)
{
    static const struct text before = {"Topic ", 6},
                             behind = {" partition count changed from ", 30};
    size_t from = text_find(line, before);

    if (from == line.size || !text_ends(line, TEXT(" to 0")))
        return false;
    *topic = text_slice(line, from + before.size, line.size);
    topic->size = text_find(*topic, behind);
    return topic->size > 0;
}

void vanished_note(struct vanished *vanished, const char *facility, const char *text)
{
    struct text topic;

    if (!text_is(text_of(facility), "PARTCNT") || !names_a_topic(text_of(text), &topic))
        return;
    char *name = mem_zero(topic.size + 1);

    memcpy(name, topic.bytes, topic.size);
    pthread_mutex_lock(&vanished->lock);
    vanished->topics =
        mem_grow(vanished->topics, vanished->count, &vanished->capacity, sizeof(*vanished->topics));
    vanished->topics[vanished->count++] = name;
    vanished->has_any = true;
    pthread_mutex_unlock(&vanished->lock);
}

bool vanished_has_any(const struct vanished *vanished)
{
    return vanished->has_any;
}

char *vanished_take(struct vanished *vanished)
{
    pthread_mutex_lock(&vanished->lock);
    char *topic = vanished->count > 0 ? vanished->topics[--vanished->count] : NULL;

    vanished->has_any = vanished->count > 0;
    pthread_mutex_unlock(&vanished->lock);
    return topic;
}

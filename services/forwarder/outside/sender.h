/* sender: moves the records of a target that does not speak HTTP. */
#pragma once

#include "forwarder/outside/http.h"
#include "forwarder/outside/tail.h"
#include "io/shared_settings.h"

/* Records one after another: the i-th ends before ends[i]. */
struct records {
    const struct buf *bytes;
    const size_t *ends;
    const struct alert *const *alerts; /* what each was made from */
    size_t count;
    enum verdict *each; /* DELIVERED, where send() does not say otherwise */
};

struct sender {
    /* 0: those that are DELIVERED are where the target's row of guarantees says that they are safe;
     * @err says why the others are not. Else RETRY or CONFIG, and all are sent again; -EINTR: no
     * more time. */
    int (*send)(struct sender *sender, const struct records *records, const struct keeper *keeper,
                struct error *err);
    void (*close)(struct sender *sender);
    /* Optional: about once a second while there is nothing to send. */
    void (*tend)(struct sender *sender, const struct keeper *keeper);
};

/* @settings, @place and @tail are borrowed. None touches the network yet. */
struct sender *stream_sender(const struct target_settings *settings, enum target_way way,
                             const struct target_place *place, struct tail *tail);
struct sender *datagrams_sender(const struct target_settings *settings,
                                const struct target_place *place);
struct sender *file_sender(const struct target_place *place); /* no path: stdout */
struct sender *kafka_sender(const struct target_settings *settings,
                            const struct target_place *place, const struct kafka_settings *home);

static inline struct text records_at(const struct records *records, size_t i)
{
    size_t from = i > 0 ? records->ends[i - 1] : 0;

    return (struct text){records->bytes->bytes + from, records->ends[i] - from};
}

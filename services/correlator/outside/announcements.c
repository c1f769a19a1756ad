#include "correlator/outside/announcements.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

struct announcement {
    struct shared_receipt receipt;
    char alert_id[];
};

struct announcements {
    uint64_t number;
    GHashTable *waiting; /* number -> struct announcement, owned */
    GPtrArray *safe;     /* owned */
};

struct announcements *announcements_new(void)
{
    struct announcements *announcements = mem_zero(sizeof(*announcements));

    announcements->waiting = g_hash_table_new_full(g_int64_hash, g_int64_equal, free, free);
    announcements->safe = g_ptr_array_new_with_free_func(free);
    return announcements;
}

void announcements_free(struct announcements *announcements)
{
    if (!announcements)
        return;
    g_hash_table_destroy(announcements->waiting);
    g_ptr_array_free(announcements->safe, TRUE);
    free(announcements);
}

static void on_settled(void *self, uint64_t number, bool is_safe)
{
    struct announcements *announcements = self;
    void *key, *announcement;

    if (!g_hash_table_steal_extended(announcements->waiting, &number, &key, &announcement))
        return;
    free(key);
    if (is_safe)
        g_ptr_array_add(announcements->safe, announcement);
    else
        free(announcement);
}

struct receipt announcements_add(struct announcements *announcements, const struct alert *alert)
{
    struct announcement *announcement = mem_zero(sizeof(*announcement) + alert->alert_id.size);
    uint64_t *number = mem_zero(sizeof(*number));

    *number = announcements->number++;
    memcpy(announcement->alert_id, alert->alert_id.bytes, alert->alert_id.size);
    snprintf(announcement->receipt.group_id, sizeof(announcement->receipt.group_id), "%.*s",
             TEXT_ARG(alert->group_key));
    announcement->receipt.alert_id = (struct text){announcement->alert_id, alert->alert_id.size};
    announcement->receipt.revision = alert->revision;
    g_hash_table_insert(announcements->waiting, number, announcement);
    return (struct receipt){on_settled, announcements, *number};
}

void announcements_withdraw(struct announcements *announcements, const struct receipt *receipt)
{
    on_settled(announcements, receipt->number, false);
}

int announcements_confirm(struct announcements *announcements, struct shared_windows *windows,
                          int64_t now_ms, struct error *err)
{
    size_t count = announcements->safe->len;

    if (count == 0)
        return 0;
    struct shared_receipt *receipts = mem_zero(count * sizeof(*receipts));

    for (size_t i = 0; i < count; i++) {
        const struct announcement *announcement = announcements->safe->pdata[i];

        receipts[i] = announcement->receipt;
    }
    int result = shared_windows_confirm(windows, receipts, count, now_ms, err);

    free(receipts);
    g_ptr_array_set_size(announcements->safe, 0);
    return result;
}

/* memory_store: a store that is a table: what Redis does for correlators, in the smallest form.
 *
 * It can go away: the n-th call fails, before anything of it is done or when all of it is.
 */
#pragma once

#include <errno.h>
#include <glib.h>
#include <stdlib.h>

#include "base/mem.h"
#include "correlator/store.h"

struct memory_state {
    char id[GROUP_ID_SIZE];
    uint64_t version;
    int64_t due_ms;
    char *bytes; /* owned */
    size_t size;
};

struct memory_store {
    struct store store;    /* first */
    GHashTable *states;    /* id -> struct memory_state */
    GHashTable *due;       /* id -> gint64 *: timers outlive states */
    size_t calls, fail_at; /* 0: never */
    bool fails_first;
};

static inline void memory_state_free(void *self)
{
    struct memory_state *state = self;

    free(state->bytes);
    free(state);
}

static inline int memory_answer(struct memory_store *memory, struct error *err)
{
    if (memory->calls != memory->fail_at)
        return 0;
    return error_set_class(err, ERROR_RETRY, -EIO, "the connection is lost");
}

static inline int memory_begin(struct memory_store *memory, struct error *err)
{
    memory->calls++;
    return memory->fails_first ? memory_answer(memory, err) : 0;
}

static inline void memory_set_due(struct memory_store *memory, const char *id, int64_t due_ms)
{
    int64_t *kept = mem_zero(sizeof(*kept));

    *kept = due_ms;
    g_hash_table_insert(memory->due, mem_copy_text(id), kept);
}

/* Behind what @before has, or alone. */
static inline void memory_keep(struct memory_store *memory, const struct store_write *write,
                               const struct memory_state *before)
{
    size_t size = before ? before->size : 0;
    struct memory_state *state = mem_zero(sizeof(*state));

    memcpy(state->id, write->id, sizeof(state->id));
    state->version = write->version;
    state->size = size + write->state.size;
    state->bytes = mem_resize(NULL, state->size);
    if (before)
        memcpy(state->bytes, before->bytes, size);
    memcpy(state->bytes + size, write->state.bytes, write->state.size);
    g_hash_table_replace(memory->states, state->id, state);
}

static inline void memory_write(struct memory_store *memory, struct store_write *write)
{
    struct memory_state *state = g_hash_table_lookup(memory->states, write->id);

    write->result = STORE_WRITTEN;
    if (state && state->version != write->base) {
        write->result = STORE_LOST;
        write->found_version = state->version;
        write->found_state = (struct text){state->bytes, state->size};
        return;
    }
    if (write->is_addition && !state) {
        write->result = STORE_GONE;
        return;
    }
    memory_keep(memory, write, write->is_addition ? state : NULL);
    if (write->due_ms == STORE_NEVER)
        g_hash_table_remove(memory->due, write->id);
    else
        memory_set_due(memory, write->id, write->due_ms);
}

static inline int memory_commit(struct store *store, struct store_write *writes, size_t count,
                                struct error *err)
{
    struct memory_store *memory = (struct memory_store *)(void *)store;

    if (memory_begin(memory, err) < 0)
        return -EIO;
    for (size_t i = 0; i < count; i++)
        memory_write(memory, &writes[i]);
    return memory_answer(memory, err);
}

static inline int memory_load(struct store *store, struct store_read *reads, size_t count,
                              struct error *err)
{
    struct memory_store *memory = (struct memory_store *)(void *)store;

    if (memory_begin(memory, err) < 0)
        return -EIO;
    for (size_t i = 0; i < count; i++) {
        const struct memory_state *state = g_hash_table_lookup(memory->states, reads[i].id);

        reads[i].version = state ? state->version : 0;
        reads[i].state = state ? (struct text){state->bytes, state->size} : (struct text){0};
    }
    return memory_answer(memory, err);
}

/* The timer that is due first; NULL: there is none. */
static inline const char *memory_first(const struct memory_store *memory, int64_t *due_ms)
{
    const char *first = NULL;
    GHashTableIter iter;
    void *id, *due;

    g_hash_table_iter_init(&iter, memory->due);
    while (g_hash_table_iter_next(&iter, &id, &due)) {
        if (first &&
            (*(int64_t *)due > *due_ms || (*(int64_t *)due == *due_ms && strcmp(id, first) > 0)))
            continue;
        first = id;
        *due_ms = *(int64_t *)due;
    }
    return first;
}

static inline int memory_claim(struct store *store, int64_t now_ms, int64_t lease_ms,
                               char (*ids)[GROUP_ID_SIZE], size_t most, size_t *count,
                               struct error *err)
{
    struct memory_store *memory = (struct memory_store *)(void *)store;
    const char *id;
    int64_t due_ms;

    *count = 0;
    if (memory_begin(memory, err) < 0)
        return -EIO;
    while (*count < most && (id = memory_first(memory, &due_ms)) && due_ms <= now_ms) {
        memcpy(ids[(*count)++], id, GROUP_ID_SIZE);
        memory_set_due(memory, id, now_ms + lease_ms);
    }
    return memory_answer(memory, err);
}

static inline int memory_forget(struct store *store, const char *const *ids, size_t count,
                                struct error *err)
{
    struct memory_store *memory = (struct memory_store *)(void *)store;

    if (memory_begin(memory, err) < 0)
        return -EIO;
    for (size_t i = 0; i < count; i++) {
        if (!g_hash_table_contains(memory->states, ids[i]))
            g_hash_table_remove(memory->due, ids[i]);
    }
    return memory_answer(memory, err);
}

static inline void memory_store_init(struct memory_store *memory)
{
    *memory = (struct memory_store){.store = {.commit = memory_commit,
                                              .load = memory_load,
                                              .claim = memory_claim,
                                              .forget = memory_forget}};
    memory->states = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, memory_state_free);
    memory->due = g_hash_table_new_full(g_str_hash, g_str_equal, free, free);
}

static inline void memory_store_done(struct memory_store *memory)
{
    g_hash_table_destroy(memory->states);
    g_hash_table_destroy(memory->due);
}

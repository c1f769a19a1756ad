#include "cli/tally.h"

#include <glib.h>
#include <stdlib.h>

struct tally {
    GHashTable *counts; /* GBytes -> uint64_t, owned */
    size_t limit;
    uint64_t others;
};

static void bytes_free(void *bytes)
{
    g_bytes_unref(bytes);
}

struct tally *tally_new(size_t limit)
{
    struct tally *tally = mem_zero(sizeof(*tally));

    tally->counts = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, bytes_free, free);
    tally->limit = limit;
    return tally;
}

void tally_free(struct tally *tally)
{
    if (!tally)
        return;
    g_hash_table_destroy(tally->counts);
    free(tally);
}

void tally_add(struct tally *tally, struct text text)
{
    GBytes *key = g_bytes_new_static(text.bytes, text.size);
    uint64_t *count = g_hash_table_lookup(tally->counts, key);

    g_bytes_unref(key);
    if (count) {
        ++*count;
        return;
    }
    if (g_hash_table_size(tally->counts) >= tally->limit) {
        tally->others++;
        return;
    }
    count = mem_zero(sizeof(*count));
    *count = 1;
    g_hash_table_insert(tally->counts, g_bytes_new(text.bytes, text.size), count);
}

static bool comes_before(struct tally_row a, struct tally_row b)
{
    return a.count != b.count ? a.count > b.count : text_compare(a.text, b.text) < 0;
}

size_t tally_top(const struct tally *tally, struct tally_row *rows, size_t size)
{
    GHashTableIter iterator;
    void *key, *value;
    size_t count = 0;

    g_hash_table_iter_init(&iterator, tally->counts);
    while (g_hash_table_iter_next(&iterator, &key, &value)) {
        struct tally_row row = {.count = *(const uint64_t *)value};
        size_t at = count;

        row.text.bytes = g_bytes_get_data(key, &row.text.size);
        while (at > 0 && comes_before(row, rows[at - 1]))
            at--;
        if (at == size)
            continue;
        count += count < size;
        memmove(rows + at + 1, rows + at, (count - at - 1) * sizeof(*rows));
        rows[at] = row;
    }
    return count;
}

uint64_t tally_others(const struct tally *tally)
{
    return tally->others;
}

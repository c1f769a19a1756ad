#include "correlator/text_key.h"

/* FNV-1a over words of eight bytes, mixed at the end: keys are short and begin alike. */
guint text_key_hash(gconstpointer key)
{
    const struct text *text = key;
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ text->size, word;
    size_t i = 0;

    for (; i + sizeof(word) <= text->size; i += sizeof(word)) {
        memcpy(&word, text->bytes + i, sizeof(word));
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    word = 0;
    if (i < text->size)
        memcpy(&word, text->bytes + i, text->size - i);
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return (guint)(hash ^ hash >> 32);
}

gboolean text_key_equal(gconstpointer a, gconstpointer b)
{
    return text_equal(*(const struct text *)a, *(const struct text *)b);
}

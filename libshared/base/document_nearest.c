/* The word that was meant (Levenshtein 1966, over bytes). */
#include "base/document.h"

enum { LONGEST = 64, FARTHEST = 2 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

static size_t distance(struct text a, struct text b)
{
    size_t row[LONGEST + 1];

    for (size_t k = 0; k <= b.size; k++)
        row[k] = k;
    for (size_t i = 0; i < a.size; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t k = 0; k < b.size; k++) {
            size_t change = diagonal + (a.bytes[i] != b.bytes[k]);

            diagonal = row[k + 1];
            row[k + 1] = least(row[k] + 1, row[k + 1] + 1, change);
        }
    }
    return row[b.size];
}

const char *document_nearest(struct text word, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    size_t smallest = FARTHEST + 1;

    for (size_t i = 0; i < count; i++) {
        struct text candidate = text_of(candidates[i]);

        if (word.size > LONGEST || candidate.size > LONGEST)
            continue;
        size_t far = distance(word, candidate);

        /* Of a word that short, everything would be near. */
        if (far < smallest && far < candidate.size && far < word.size) {
            smallest = far;
            nearest = candidates[i];
        }
    }
    return nearest;
}

#include "correlator/owned.h"

#include <stdlib.h>

#include "base/mem.h"

struct text owned_copy(struct text text)
{
    char *bytes = mem_resize(NULL, text.size + 1);

    memcpy(bytes, text.size ? text.bytes : "", text.size);
    return (struct text){bytes, text.size};
}

void owned_free(struct text text)
{
    free((void *)(uintptr_t)text.bytes);
}

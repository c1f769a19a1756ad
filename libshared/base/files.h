/* files: those that a path stands for, where people may name a file or a folder of them. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

struct files_wanted {
    const char *what;           /* "rule files", for errors */
    const char *const *endings; /* of a folder's files: ".yaml", …, in capitals too; ends with
                                   NULL */
    size_t limit;               /* more in a folder are an error */
    int depth;                  /* so many folders deep below it; 0: the folder itself */
};

struct files {
    struct text *paths; /* NUL-terminated */
    size_t count;
};

/* A file is itself, whatever its name; a folder is what it holds, in the order of the paths: one at
 * least. Names that begin with a dot are passed over. All of it is in @arena. */
int files_find(struct arena *arena, const char *path, const struct files_wanted *wanted,
               struct files *files, struct error *err);

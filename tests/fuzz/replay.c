/* replay: runs a fuzz target over its stored corpus, so that what crashed once stays a test, with
 * any compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (!file)
        return -1;
    uint8_t *data = mem_zero(1 << 21);
    size_t size = fread(data, 1, 1 << 21, file);

    fclose(file);
    /* A block of just its size, so that a sanitizer sees a read beyond the end. */
    data = mem_resize(data, size);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

static int replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    int count = 0;

    if (!folder) {
        fprintf(stderr, "replay: no corpus folder %s\n", path);
        return 1;
    }
    for (struct dirent *item; (item = readdir(folder));) {
        char name[4096];

        if (item->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, item->d_name);
        if (replay_file(name) < 0) {
            fprintf(stderr, "replay: cannot read %s\n", name);
            closedir(folder);
            return 1;
        }
        count++;
    }
    closedir(folder);
    printf("%d inputs replayed from %s\n", count, path);
    return count > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (replay_folder(argv[i]) != 0)
            return 1;
    }
    return 0;
}

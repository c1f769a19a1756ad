/* bench_generate: the benches' logs, one a line, on stdout. The same arguments give the same bytes.
 *
 *     bench_generate json|access COUNT [SEED]
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench_logs.h"

enum { CHUNK = 1 << 16 };

static bool put(struct buf *out)
{
    bool is_written = fwrite(out->bytes, 1, out->size, stdout) == out->size;

    buf_reset(out);
    return is_written;
}

int main(int argc, char **argv)
{
    bool is_json = argc > 1 && strcmp(argv[1], "json") == 0;
    int64_t count = 0, seed = BENCH_SEED;
    AUTO_BUF out = {0};

    if (argc < 3 || argc > 4 || (!is_json && strcmp(argv[1], "access") != 0) ||
        !text_to_integer(text_of(argv[2]), &count) ||
        (argc == 4 && (!text_to_integer(text_of(argv[3]), &seed) || seed < 1))) {
        fprintf(stderr, "usage: bench_generate json|access COUNT [SEED, from 1]\n");
        return 2;
    }
    uint64_t state = (uint64_t)seed;

    for (int64_t i = 0; i < count; i++) {
        (is_json ? bench_json_log : bench_access_log)(&state, i % BENCH_ATTACK_EVERY == 0, &out);
        buf_add_string(&out, "\n");
        if (out.size >= CHUNK && !put(&out))
            break;
    }
    if (!put(&out) || fflush(stdout) != 0) {
        fprintf(stderr, "bench_generate: cannot write to stdout\n");
        return 1;
    }
    return 0;
}

/* What is found in a text lies in it, is what a slow and simple form finds too, and comes to an
 * end; plain forms never grow. */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/observable_reference.h"
#include "base/sieve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct walk {
    struct text text;
    struct arena *arena;
    size_t count;
};

static void see(void *self, const struct observable *one)
{
    struct walk *walk = self;
    struct text text = walk->text, urls[OBSERVABLE_URLS];

    if (one->text.size == 0 || one->text.bytes < text.bytes ||
        one->text.bytes + one->text.size > text.bytes + text.size)
        abort();
    if (one->link != OBSERVABLE_NO_URL &&
        (one->authority > text.size ||
         observable_urls(text, one, walk->arena, urls) > OBSERVABLE_URLS))
        abort();
    if (++walk->count > text.size)
        abort();
}

static void scan(struct text text, struct arena *arena)
{
    struct walk walk = {text, arena, 0};

    observable_each(text, arena, &(struct observable_sink){&walk, see, NULL});
    if (!observable_forms_agree(text, arena))
        abort();
}

static struct sieve *filled(void)
{
    struct sieve *sieve = sieve_new(bloom_new(1, 7));
    struct cidr range;

    sieve_add(sieve, IOC_URL, TEXT("http://evil.example/"));
    sieve_add(sieve, IOC_DOMAIN, TEXT("bad.example"));
    sieve_add(sieve, IOC_IP, TEXT("192.0.2.1"));
    cidr_parse(TEXT("198.51.100.0/24"), &range);
    sieve_set_ranges(sieve, &range, 1);
    return sieve;
}

/* What is remembered of logs before leaves nothing out. */
static void sift(struct text log, struct arena *arena)
{
    static struct sieve *sieve; /* both of all runs */
    static struct sieve_memory *memory;
    struct sieve_counts without = {0};
    struct suspect *suspects;

    if (!memory) {
        sieve = filled();
        memory = sieve_memory_new();
        sieve_memory_use(memory, 1);
    }
    size_t count = sieve_sift(sieve, log, NULL, arena, &suspects, &without);

    for (int i = 0; i < 3; i++) {
        struct sieve_counts counts = {0};

        if (sieve_sift(sieve, log, memory, arena, &suspects, &counts) != count ||
            counts.asked != without.asked)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(4096);
    struct text text = {(const char *)data, size};
    struct text plain = observable_plain(text, true, true, arena);

    if (plain.size > 2 * size)
        abort();
    scan(text, arena);
    scan(plain, arena);
    sift(plain, arena);
    bloom_free(bloom_read(text, NULL));
    return 0;
}

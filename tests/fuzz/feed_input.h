/* feed_input: whatever a feed sends, read as one format: no crash, and what comes out is canonical
 * and was counted. */
#pragma once

#include <stdlib.h>

#include "iocfeed/harvest.h"

static inline void feed_input_good(void *self, const struct sighting *sighting)
{
    const struct indicator_rules rules = {.looking_up = true};
    enum indicator_kind kind = sighting->type == IOC_URL      ? INDICATOR_URL
                               : sighting->type == IOC_DOMAIN ? INDICATOR_DOMAIN
                               : sighting->type == IOC_EMAIL  ? INDICATOR_EMAIL
                                                              : INDICATOR_ANY;
    AUTO(arena) arena = arena_new(1024);
    struct indicator again;

    *(uint64_t *)self += !sighting->withdrawn;
    /* Read again, it is the same. */
    if (indicator_read(sighting->value, kind, &rules, arena, &again) != INDICATOR_GOOD ||
        !text_equal(again.value, sighting->value) || again.type != sighting->type)
        abort();
}

static inline int feed_input_read(const char *format, const uint8_t *data, size_t size)
{
    static const char *const tags[] = {"t"};
    const struct profile profile = {.name = "fuzz",
                                    .format = format,
                                    .url = "https://a.example/collections/1/",
                                    .ttl_ms = 1000000000000,
                                    .tags = {(const char **)(uintptr_t)tags, 1}};
    uint64_t sightings = 0;
    const struct intake_sink sink = {&sightings, feed_input_good, NULL};
    AUTO(harvest)
    harvest = harvest_new(&profile, NULL, 1790000000000, &sink, (struct text){0}, NULL);
    struct feed_request request;

    harvest_ask(harvest, &request, NULL);
    /* What is taken is the reader's own copy, so that a byte beyond it is seen. */
    char *copy = malloc(size ? size : 1);

    if (size)
        memcpy(copy, data, size);
    harvest_take(harvest, &(struct feed_answer){.body = {copy, size}}, NULL);
    for (int i = 0; i < 3 && harvest_ask(harvest, &request, NULL) > 0; i++)
        ;
    struct intake_counts counts = intake_counts(harvest->intake);

    if (sightings != counts.good || counts.rows != sightings + counts.withdrawn + counts.left_out +
                                                       counts.held_back + counts.bad)
        abort();
    harvest_judge(harvest, NULL);
    free(copy);
    return 0;
}

/* sample_record: a record type with a field of every kind, and records of it made from a seed. */
#pragma once

#include <math.h>

#include "base/arena.h"
#include "base/record.h"

struct sample_part {
    struct text name;
    double weight;
};

struct sample {
    struct text word;
    struct text maybe;
    int64_t at;
    int64_t ended;
    int64_t number;
    int64_t count;
    double ratio;
    double score;
    bool flag;
    int colour;
    struct record_texts list;
    struct record_map map;
    struct sample_part part;
    struct record_list parts;
};

static const char *const sample_colours[] = {"RED", "GREEN", "BLUE", NULL};

static const struct record_field sample_part_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .offset = offsetof(struct sample_part, name)},
    {.name = "weight",
     .kind = FIELD_DOUBLE,
     .offset = offsetof(struct sample_part, weight),
     .nullable = true},
    {0},
};
static const struct record_type sample_part_type = {"sample_part", 1, sizeof(struct sample_part),
                                                    sample_part_fields};

#define SAMPLE(member) offsetof(struct sample, member)
static const struct record_field sample_fields[] = {
    {.name = "word", .kind = FIELD_TEXT, .offset = SAMPLE(word)},
    {.name = "maybe", .kind = FIELD_TEXT, .offset = SAMPLE(maybe), .nullable = true},
    {.name = "at", .kind = FIELD_TIME, .offset = SAMPLE(at)},
    {.name = "ended", .kind = FIELD_TIME, .offset = SAMPLE(ended), .nullable = true},
    {.name = "number", .kind = FIELD_LONG, .offset = SAMPLE(number)},
    {.name = "count", .kind = FIELD_LONG, .offset = SAMPLE(count), .nullable = true},
    {.name = "ratio", .kind = FIELD_DOUBLE, .offset = SAMPLE(ratio)},
    {.name = "score", .kind = FIELD_DOUBLE, .offset = SAMPLE(score), .nullable = true},
    {.name = "flag", .kind = FIELD_BOOLEAN, .offset = SAMPLE(flag)},
    {.name = "colour", .kind = FIELD_ENUM, .offset = SAMPLE(colour), .symbols = sample_colours},
    {.name = "list", .kind = FIELD_TEXT_LIST, .offset = SAMPLE(list)},
    {.name = "map", .kind = FIELD_TEXT_MAP, .offset = SAMPLE(map)},
    {.name = "part", .kind = FIELD_RECORD, .offset = SAMPLE(part), .record = &sample_part_type},
    {.name = "parts",
     .kind = FIELD_RECORD_LIST,
     .offset = SAMPLE(parts),
     .record = &sample_part_type},
    {0},
};
static const struct record_type sample_type = {"sample", 1, sizeof(struct sample), sample_fields};

/* xorshift64*: the same records on every machine. */
static inline uint64_t sample_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1DU;
}

static inline struct text sample_text(uint64_t *state, struct arena *arena)
{
    static const char *const pieces[] = {
        "a", "Z9", "\"", "\\", "\n", "é", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\x01", " "};
    struct text t = {NULL, 0};

    for (uint64_t i = sample_random(state) % 8; i > 0; i--)
        t = arena_textf(arena, "%.*s%s", TEXT_ARG(t), pieces[sample_random(state) % 10]);
    return t;
}

static inline int64_t sample_integer(uint64_t *state)
{
    int64_t value = (int64_t)(sample_random(state) >> (sample_random(state) % 64));

    if (value == INT64_MIN) /* RECORD_NULL */
        value = 1;
    return sample_random(state) % 2 ? value : -value;
}

static inline double sample_double(uint64_t *state)
{
    switch (sample_random(state) % 4) {
    case 0:
        return (double)(sample_random(state) % 11) / 10;
    case 1:
        return (double)sample_integer(state);
    case 2:
        return (double)sample_integer(state) / (double)(1 + sample_random(state) % 1000);
    default:
        return ldexp((double)sample_integer(state), (int)(sample_random(state) % 1800) - 1000);
    }
}

/* Milliseconds of the years 1970 to 9999. */
static inline int64_t sample_time(uint64_t *state)
{
    return (int64_t)(sample_random(state) % 253402300799999U);
}

static inline void sample_fill_part(struct sample_part *part, uint64_t *state, struct arena *arena)
{
    part->name = sample_text(state, arena);
    part->weight = sample_random(state) % 2 ? sample_double(state) : (double)NAN;
}

static inline void sample_fill_lists(struct sample *sample, uint64_t *state, struct arena *arena)
{
    size_t count = sample_random(state) % 4;

    sample->list = (struct record_texts){arena_take(arena, 4 * sizeof(struct text)), count};
    sample->map = (struct record_map){arena_take(arena, 4 * sizeof(struct text)),
                                      arena_take(arena, 4 * sizeof(struct text)), count};
    sample->parts = (struct record_list){arena_zero(arena, 4 * sizeof(struct sample_part)), count};
    for (size_t i = 0; i < count; i++) {
        sample->list.items[i] = sample_text(state, arena);
        sample->map.names[i] = arena_textf(arena, "key %zu", i);
        sample->map.values[i] = sample_text(state, arena);
        sample_fill_part((struct sample_part *)sample->parts.items + i, state, arena);
    }
}

static inline void sample_fill(struct sample *sample, uint64_t *state, struct arena *arena)
{
    memset(sample, 0, sizeof(*sample));
    sample->word = sample_text(state, arena);
    sample->maybe = sample_text(state, arena);
    sample->at = sample_time(state);
    sample->ended = sample_random(state) % 2 ? sample_time(state) : RECORD_NULL;
    sample->number = sample_integer(state);
    sample->count = sample_random(state) % 2 ? sample_integer(state) : RECORD_NULL;
    sample->ratio = sample_double(state);
    sample->score = sample_random(state) % 2 ? sample_double(state) : (double)NAN;
    sample->flag = sample_random(state) % 2;
    sample->colour = (int)(sample_random(state) % 3);
    sample_fill_part(&sample->part, state, arena);
    sample_fill_lists(sample, state, arena);
}

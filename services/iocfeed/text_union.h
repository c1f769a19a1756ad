/* text_union: lists of texts in which each stands once. */
#pragma once

#include "base/arena.h"
#include "base/record.h"

/* @texts with those of @more that it lacks, copied to @arena, in their order. */
void text_union_add(struct record_texts *texts, const struct record_texts *more,
                    struct arena *arena);

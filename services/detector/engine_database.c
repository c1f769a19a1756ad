#include "detector/engine_database.h"

#include <errno.h>
#include <stdlib.h>

/* Hyperscan takes C strings; and it reads some things otherwise than PCRE2: `{` that begins no
 * plain repeat (what that means has changed between versions of PCRE2), and properties of bytes
 * beyond ASCII. */
static bool is_read_otherwise(struct text source)
{
    for (size_t i = 0; i < source.size; i++) {
        char c = source.bytes[i], next = source.bytes[i + 1]; /* a NUL stands behind it */

        if (c == '\0')
            return true;
        if (c == '{' && (next == ',' || next == ' '))
            return true;
        if (c == '\\' && (next == 'p' || next == 'P' || next == 'X'))
            return true;
        i += c == '\\'; /* what is escaped is no syntax */
    }
    return false;
}

static bool takes(const char *source, unsigned flags)
{
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *refusal = NULL;
    hs_error_t status = hs_expression_info(source, flags, &info, &refusal);

    free(info);
    hs_free_compile_error(refusal);
    return status == HS_SUCCESS;
}

unsigned engine_database_flags(const struct engine_pattern *pattern)
{
    if (pattern_is_unicode(pattern->pattern) || is_read_otherwise(pattern_source(pattern->pattern)))
        return 0;
    if (takes(pattern->front, HS_FLAG_SINGLEMATCH))
        return HS_FLAG_SINGLEMATCH;
    if (takes(pattern->front, HS_FLAG_SINGLEMATCH | HS_FLAG_PREFILTER))
        return HS_FLAG_SINGLEMATCH | HS_FLAG_PREFILTER;
    return 0;
}

/* The arrays that Hyperscan wants. */
struct batch {
    const char **sources;
    unsigned *flags;
    unsigned *ids;
    size_t count;
};

static void batch_done(struct batch *batch)
{
    free(batch->sources);
    free(batch->flags);
    free(batch->ids);
}

static void batch_fill(struct batch *batch, const struct engine_plan *plan, const uint32_t *numbers,
                       size_t count)
{
    *batch = (struct batch){mem_zero((count + 1) * sizeof(char *)),
                            mem_zero((count + 1) * sizeof(unsigned)),
                            mem_zero((count + 1) * sizeof(unsigned)), 0};
    for (size_t i = 0; i < count; i++) {
        const struct engine_pattern *pattern = &plan->patterns[numbers[i]];

        if (pattern->is_alone)
            continue;
        batch->sources[batch->count] = pattern->front;
        batch->flags[batch->count] = pattern->flags;
        batch->ids[batch->count++] = numbers[i];
    }
}

/* Some patterns show only in the full compile that they are too large: first they are tried
 * roughly, then left to PCRE2. */
static void give_way(struct engine_plan *plan, struct batch *batch, size_t at)
{
    struct engine_pattern *pattern = &plan->patterns[batch->ids[at]];

    if (!(batch->flags[at] & HS_FLAG_PREFILTER)) {
        pattern->flags = batch->flags[at] |= HS_FLAG_PREFILTER;
        return;
    }
    pattern->is_alone = true;
    batch->count--;
    batch->sources[at] = batch->sources[batch->count];
    batch->flags[at] = batch->flags[batch->count];
    batch->ids[at] = batch->ids[batch->count];
}

int engine_database_compile(struct engine_plan *plan, const uint32_t *numbers, size_t count,
                            hs_database_t **database, struct error *err)
{
    struct batch batch;
    int status = 0;

    *database = NULL;
    batch_fill(&batch, plan, numbers, count);
    while (batch.count > 0 && status == 0) {
        hs_compile_error_t *refusal = NULL;

        if (hs_compile_multi(batch.sources, batch.flags, batch.ids, (unsigned)batch.count,
                             HS_MODE_BLOCK, NULL, database, &refusal) == HS_SUCCESS)
            break;
        if (refusal->expression >= 0)
            give_way(plan, &batch, (size_t)refusal->expression);
        else
            status =
                error_set(err, -EINVAL, "Hyperscan cannot compile the rules: %s", refusal->message);
        hs_free_compile_error(refusal);
    }
    batch_done(&batch);
    return status;
}

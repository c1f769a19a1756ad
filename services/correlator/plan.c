#include "correlator/plan.h"

#include "correlator/shape.h"

static size_t count_entries(const struct correlation *rule)
{
    size_t count = 0;

    for (size_t i = 0; i < rule->selection_count; i++) {
        const struct correlation *nested = rule->selections[i].correlation;

        count += nested ? nested->selection_count : 1;
    }
    return count;
}

static void add_nested(struct plan *plan, const struct correlation *count, unsigned bit)
{
    for (size_t i = 0; i < count->selection_count; i++)
        plan->entries[plan->entry_count++] =
            (struct plan_entry){&count->selections[i], count, bit, (int)plan->nested_count};
    plan->nested[plan->nested_count++] = (struct plan_nested){count, bit};
    plan->grows = plan->grows && count->grows;
    if (plan->timespan_ms + count->timespan_ms > plan->reach_ms)
        plan->reach_ms = plan->timespan_ms + count->timespan_ms;
}

struct plan *plan_of_rule(const struct correlation *rule, int64_t lateness_ms, struct arena *arena)
{
    struct plan *plan = ARENA_NEW(arena, struct plan);

    plan->rule = rule;
    plan->id = rule->id;
    plan->shape = shape_of(rule);
    plan->grows = rule->grows;
    plan->timespan_ms = plan->reach_ms = rule->timespan_ms;
    plan->slot_ms = rule->suppress_ms;
    plan->entries = arena_take(arena, count_entries(rule) * sizeof(*plan->entries));
    plan->nested = arena_take(arena, rule->selection_count * sizeof(*plan->nested));
    for (size_t i = 0; i < rule->selection_count; i++) {
        const struct correlation_selection *selection = &rule->selections[i];

        if (selection->correlation)
            add_nested(plan, selection->correlation, (unsigned)i);
        else
            plan->entries[plan->entry_count++] =
                (struct plan_entry){selection, rule, (unsigned)i, -1};
    }
    plan->late_ms = plan->keep_ms = plan->reach_ms + lateness_ms;
    return plan;
}

struct plan *plan_of_type(struct text type, int64_t slot_ms, int64_t lateness_ms,
                          int64_t types_window_ms, struct arena *arena)
{
    struct plan *plan = ARENA_NEW(arena, struct plan);
    char *bytes = arena_take(arena, sizeof("event:") + type.size);

    memcpy(bytes, "event:", sizeof("event:") - 1);
    if (type.size)
        memcpy(bytes + sizeof("event:") - 1, type.bytes, type.size);
    plan->id = (struct text){bytes, sizeof("event:") - 1 + type.size};
    plan->grows = true;
    plan->slot_ms = slot_ms;
    plan->late_ms = lateness_ms;
    /* An event of another type may come that much later and still concern them. */
    plan->keep_ms = lateness_ms + types_window_ms;
    return plan;
}

void plan_count(struct plan *plan, enum outcome outcome, bool crowds, size_t forgotten)
{
    struct plan_counts *counts = &plan->counts;
    uint64_t *const of[] = {
        [OUTCOME_OPENED] = &counts->opened,   [OUTCOME_COUNTED] = &counts->counted,
        [OUTCOME_WAITING] = &counts->waiting, [OUTCOME_REPEATED] = &counts->repeated,
        [OUTCOME_LATE] = &counts->late,
    };

    counts->selected++;
    (*of[outcome])++;
    counts->crowded += crowds;
    counts->forgotten += forgotten;
}

void plan_count_missing(struct plan *plan)
{
    plan->counts.selected++;
    plan->counts.missing++;
}

struct text plan_type(const struct plan *plan)
{
    return text_slice(plan->id, sizeof("event:") - 1, plan->id.size);
}

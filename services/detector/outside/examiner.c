#include "detector/outside/examiner.h"

#include <errno.h>
#include <stdlib.h>

enum {
    ARENA_BLOCK = 1 << 20,
    ARENA_KEPT = 8 << 20,
};

/* Messages of one topic, which follow one another, mostly. */
struct run {
    const struct inlet *inlet;
    struct text topic;
    uint64_t clean; /* of its logs, those without a match */
};

struct examiner {
    struct examiner_tools tools;
    size_t member;
    struct arena *arena; /* of the batch */
    struct run *runs;
    size_t run_count, run_capacity;
    struct finding *findings;
    size_t finding_count, finding_capacity;
    struct sieve_memory *memory;
    struct sieve_counts sifted;
};

struct examiner *examiner_new(const struct examiner_tools *tools, size_t member)
{
    struct examiner *examiner = mem_zero(sizeof(*examiner));

    examiner->tools = *tools;
    examiner->member = member;
    examiner->arena = arena_new(ARENA_BLOCK);
    examiner->memory = sieve_memory_new();
    return examiner;
}

void examiner_free(struct examiner *examiner)
{
    if (!examiner)
        return;
    arena_free(examiner->arena);
    sieve_memory_free(examiner->memory);
    free(examiner->runs);
    free(examiner->findings);
    free(examiner);
}

void examiner_begin(struct examiner *examiner)
{
    arena_reset(examiner->arena, ARENA_KEPT);
    examiner->run_count = examiner->finding_count = 0;
    examiner->sifted = (struct sieve_counts){0};
}

/* From the newest: the topic is mostly that of the message before. */
static struct run *run_of(struct examiner *examiner, struct text topic)
{
    for (size_t i = examiner->run_count; i-- > 0;) {
        struct run *run = &examiner->runs[i];

        if (run->topic.bytes == topic.bytes || text_equal(run->topic, topic))
            return run;
    }
    examiner->runs = mem_grow(examiner->runs, examiner->run_count, &examiner->run_capacity,
                              sizeof(*examiner->runs));
    struct run *run = &examiner->runs[examiner->run_count++];

    *run = (struct run){inlets_find(examiner->tools.inlets, topic), topic, 0};
    return run;
}

static struct finding *add_finding(struct examiner *examiner, size_t message,
                                   const struct inlet *inlet)
{
    examiner->findings = mem_grow(examiner->findings, examiner->finding_count,
                                  &examiner->finding_capacity, sizeof(*examiner->findings));
    struct finding *finding = &examiner->findings[examiner->finding_count++];

    *finding = (struct finding){.message = message, .inlet = inlet};
    return finding;
}

static void refuse(struct examiner *examiner, size_t message, const struct inlet *inlet,
                   const char *reason, struct text sentence)
{
    struct finding *finding = add_finding(examiner, message, inlet);

    finding->reason = reason;
    finding->sentence = sentence;
}

static void refuse_unreadable(struct examiner *examiner, size_t message, const struct inlet *inlet,
                              const struct error *why)
{
    refuse(examiner, message, inlet, why->code == -ELOOP ? "too_deep" : "invalid",
           arena_textf(examiner->arena, "%s", why->text));
}

static void refuse_large(struct examiner *examiner, size_t message, const struct inlet *inlet,
                         size_t size)
{
    refuse(examiner, message, inlet, "too_large",
           arena_textf(examiner->arena, "the log has %zu bytes; max_log_bytes is %lld", size,
                       (long long)examiner->tools.settings->max_log_bytes));
}

struct detect_origin examiner_origin(const struct batch *batch, size_t i)
{
    const struct message *message = &batch->messages[i];

    return (struct detect_origin){.cluster = batch->cluster,
                                  .topic = message->topic,
                                  .partition = message->partition,
                                  .offset = message->offset,
                                  .kafka_ms = message->at_ms,
                                  .now_ms = batch->now_ms};
}

/* In two steps if the first is enough for most logs. */
static int parse(struct examiner *examiner, const struct engine *engine,
                 const struct message *message, const struct source *source, struct entry *entry,
                 struct error *why)
{
    return (engine_reads_only_message(engine) ? source_parse_message : source_parse)(
        source, message->value, message->at_ms, examiner->arena, entry, why);
}

/* False: it is without a match. */
static bool look_at(struct examiner *examiner, const struct rulebook *rulebook,
                    const struct batch *batch, size_t i, const struct inlet *inlet)
{
    const struct examiner_tools *tools = &examiner->tools;
    const struct message *message = &batch->messages[i];
    struct detect_origin origin = examiner_origin(batch, i);
    struct detection *detections = NULL;
    const struct engine *engine = rulebook_engine(rulebook);
    struct entry entry;
    struct error why;

    if (parse(examiner, engine, message, inlet->source, &entry, &why) < 0) {
        refuse_unreadable(examiner, i, inlet, &why);
        return true;
    }
    size_t count = detect_match(tools->detect, engine, rulebook_scratch(rulebook, examiner->member),
                                inlet->source, &entry, &origin, examiner->arena, &detections);
    intel_note(tools->intel, inlet->source, message->value, &entry, examiner->arena);
    struct intel_case *suspected = intel_sift(tools->intel, message->value, &entry,
                                              examiner->memory, examiner->arena, &examiner->sifted);

    watching_see(tools->watching, examiner->member, batch, i, inlet->source, &entry,
                 examiner->arena);
    if (count == 0 && !suspected)
        return false;
    struct finding *finding = add_finding(examiner, i, inlet);

    finding->detections = detections;
    finding->count = count;
    finding->suspected = suspected;
    return true;
}

void examiner_look(struct examiner *examiner, const struct rulebook *rulebook,
                   const struct batch *batch, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        const struct message *message = &batch->messages[i];
        struct run *run = run_of(examiner, message->topic);
        struct arena_mark mark = arena_mark(examiner->arena);

        if (message->value.size > (size_t)examiner->tools.settings->max_log_bytes) {
            refuse_large(examiner, i, run->inlet, message->value.size);
        } else if (!look_at(examiner, rulebook, batch, i, run->inlet)) {
            arena_rewind(examiner->arena, mark);
            run->clean++;
        }
    }
}

size_t examiner_findings(struct examiner *examiner, struct finding **findings)
{
    *findings = examiner->findings;
    return examiner->finding_count;
}

void examiner_count(const struct examiner *examiner, struct intel *intel)
{
    for (size_t i = 0; i < examiner->run_count; i++) {
        if (examiner->runs[i].clean > 0)
            metrics_add(examiner->runs[i].inlet->clean, examiner->runs[i].clean);
    }
    intel_count(intel, &examiner->sifted);
}

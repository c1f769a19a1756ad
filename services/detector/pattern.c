#include "detector/pattern.h"

#include <errno.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    SHOWN = 200,          /* of a pattern in an error, which has to end with its reason */
    GROUPS = 64,          /* whose positions are kept; the match itself is found with any number */
    MATCH_LIMIT = 100000, /* 0.2 ms of (a+)+$ on 200 bytes; PCRE2's own default takes 14 ms */
    DEPTH_LIMIT = 1000,
    HEAP_LIMIT_KIB = 1024,
    JIT_STACK_FIRST = 32 * 1024,
    JIT_STACK_LIMIT = 512 * 1024,
};

struct named_group {
    const char *name; /* one of captured_names */
    uint32_t number;
};

struct pattern {
    pcre2_code *code;
    char *source;
    size_t source_size;
    bool is_unicode;
    struct named_group groups[PATTERN_MAX_CAPTURES];
    size_t group_count;
};

struct pattern_matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

/* The fields of an event that a rule may take from a log. */
static const char *const captured_names[] = {"source_ip", "target_ip", "user", "host",
                                             "user_agent"};

static bool wants_unicode(struct text source)
{
    return text_starts(source, TEXT("(*UCP)")) || text_starts(source, TEXT("(*UTF)"));
}

static int refuse(struct text source, int code, size_t offset, struct error *err)
{
    PCRE2_UCHAR reason[160];

    if (pcre2_get_error_message(code, reason, sizeof(reason)) < 0)
        reason[0] = '\0';
    return error_set(err, -EINVAL, "pattern '%.*s'%s is not valid: %s at byte %zu",
                     TEXT_ARG(text_cut(source, SHOWN)), source.size > SHOWN ? "…" : "",
                     (const char *)reason, offset);
}

static pcre2_code *compile(struct text source, struct error *err)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    uint32_t options = PCRE2_NEVER_UTF;
    size_t offset = 0;
    int code = 0;

    if (!context)
        abort();
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_bsr(context, PCRE2_BSR_ANYCRLF);
    if (wants_unicode(source))
        options = PCRE2_MATCH_INVALID_UTF | PCRE2_UCP;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)source.bytes, source.size, options, &code, &offset, context);

    pcre2_compile_context_free(context);
    if (!compiled)
        refuse(source, code, offset, err);
    return compiled;
}

static const char *captured_name(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(captured_names); i++) {
        if (strcmp(name, captured_names[i]) == 0)
            return captured_names[i];
    }
    return NULL;
}

/* PCRE2's table of names: rows of one size, each two bytes of group number and the name. */
static void note_groups(struct pattern *pattern)
{
    uint32_t count = 0, row_size = 0;
    PCRE2_SPTR row = NULL;

    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &row_size);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &row);
    for (; count > 0 && pattern->group_count < PATTERN_MAX_CAPTURES; count--, row += row_size) {
        const char *name = captured_name((const char *)row + 2);

        if (name)
            pattern->groups[pattern->group_count++] =
                (struct named_group){name, (uint32_t)row[0] << 8 | row[1]};
    }
}

static int check(struct text source, struct error *err)
{
    if (source.size == 0)
        return error_set(err, -EINVAL, "a pattern is empty");
    if (source.size > PATTERN_MAX_BYTES)
        return error_set(err, -E2BIG, "pattern '%.40s…' has %zu bytes; at most %d are allowed",
                         source.bytes, source.size, PATTERN_MAX_BYTES);
    return 0;
}

struct pattern *pattern_new(struct text source, struct error *err)
{
    AUTO(pattern) pattern = mem_zero(sizeof(*pattern));
    uint32_t can_be_empty = 0;

    if (check(source, err) < 0)
        return NULL;
    pattern->code = compile(source, err);
    if (!pattern->code)
        return NULL;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_MATCHEMPTY, &can_be_empty);
    if (can_be_empty) {
        error_set(err, -EINVAL,
                  "pattern '%.*s'%s can match the empty text and would fire on every log; it must "
                  "need at least one byte",
                  TEXT_ARG(text_cut(source, SHOWN)), source.size > SHOWN ? "…" : "");
        return NULL;
    }
    pattern->source = mem_zero(source.size + 1);
    memcpy(pattern->source, source.bytes, source.size);
    pattern->source_size = source.size;
    pattern->is_unicode = wants_unicode(source);
    note_groups(pattern);
    return TAKE(pattern);
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_code_free(pattern->code);
    free(pattern->source);
    free(pattern);
}

void pattern_speed_up(struct pattern *pattern)
{
    /* Where there is no JIT, or it cannot take this pattern, PCRE2 interprets. */
    pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
}

struct text pattern_source(const struct pattern *pattern)
{
    return (struct text){pattern->source, pattern->source_size};
}

bool pattern_is_unicode(const struct pattern *pattern)
{
    return pattern->is_unicode;
}

struct pattern_matcher *pattern_matcher_new(void)
{
    struct pattern_matcher *matcher = mem_zero(sizeof(*matcher));

    matcher->data = pcre2_match_data_create(GROUPS, NULL);
    matcher->context = pcre2_match_context_create(NULL);
    if (!matcher->data || !matcher->context)
        abort();
    pcre2_set_match_limit(matcher->context, MATCH_LIMIT);
    pcre2_set_depth_limit(matcher->context, DEPTH_LIMIT);
    pcre2_set_heap_limit(matcher->context, HEAP_LIMIT_KIB);
    /* NULL where PCRE2 has no JIT: then none is used. */
    matcher->stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_LIMIT, NULL);
    pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
    return matcher;
}

void pattern_matcher_free(struct pattern_matcher *matcher)
{
    if (!matcher)
        return;
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
    pcre2_jit_stack_free(matcher->stack);
    free(matcher);
}

enum pattern_result pattern_find(const struct pattern *pattern, struct pattern_matcher *matcher,
                                 struct text text)
{
    int found = pcre2_match(pattern->code, (PCRE2_SPTR)text.bytes, text.size, 0, 0, matcher->data,
                            matcher->context);

    if (found >= 0)
        return PATTERN_FOUND;
    return found == PCRE2_ERROR_NOMATCH ? PATTERN_ABSENT : PATTERN_LIMIT;
}

size_t pattern_captures(const struct pattern *pattern, const struct pattern_matcher *matcher,
                        struct text text, struct pattern_capture into[PATTERN_MAX_CAPTURES])
{
    const size_t *bounds = pcre2_get_ovector_pointer(matcher->data);
    size_t count = 0;

    for (size_t i = 0; i < pattern->group_count; i++) {
        size_t number = pattern->groups[i].number;

        if (number >= GROUPS || bounds[2 * number] == PCRE2_UNSET)
            continue;
        struct text value = text_slice(text, bounds[2 * number], bounds[2 * number + 1]);

        if (value.size > 0)
            into[count++] = (struct pattern_capture){text_of(pattern->groups[i].name), value};
    }
    return count;
}

/* engine_random: rules and logs made of choices, whether a generator's or a fuzzer's.
 *
 * Patterns and logs are put together from the same words, so that matches are common.
 */
#pragma once

#include "base/buf.h"
#include "choices.h"
#include "detector/engine.h"
#include "engine_reference.h"

static const char *const random_words[] = {
    "select", "union", "a", "b", "ab", "AB", "1", "12", " ", "/",  "'",  "=",
    "<x>",    "..",    ";", "|", "k",  "S",  "_", "-",  ",", "un", "el", "zz",
};

static void random_pattern(struct choices *choices, struct buf *out, int depth, int *groups);

static inline void random_word(struct choices *choices, struct buf *out)
{
    struct text word = text_of(random_words[choose(choices, COUNT_OF(random_words))]);

    for (size_t i = 0; i < word.size; i++) {
        if (strchr(".|'=<>/;-,", word.bytes[i]))
            buf_add_byte(out, '\\');
        buf_add_byte(out, word.bytes[i]);
    }
}

static inline void random_group(struct choices *choices, struct buf *out, int depth, int *groups)
{
    static const char *const opens[] = {
        "(", "(", "(?:", "(?:", "(?i:", "(?s:", "(?=", "(?!", "(?>", "(?<user>", "(?m:", "(?<=a|b"};
    size_t kind = choose(choices, COUNT_OF(opens));

    if (kind == 9 && *groups > 0)
        kind = 0; /* a name stands once */
    *groups += kind <= 1 || kind == 9;
    buf_add_string(out, opens[kind]);
    if (kind < COUNT_OF(opens) - 1) /* what looks behind has a fixed length */
        random_pattern(choices, out, depth - 1, groups);
    buf_add_byte(out, ')');
}

static inline void random_atom(struct choices *choices, struct buf *out, int depth, int *groups)
{
    static const char *const others[] = {"\\s", "\\d",         "\\w",    ".",   "[a-c]",  "[^a]",
                                         "\\b", "\\S",         "[/\\s]", "\\B", "[^\\d]", "^",
                                         "$",   "[[:alpha:]]", "\\x41",  "\\n", "\\W",    "\\h",
                                         "\\v", "\\N",         "\\z",    "\\A", "\\Z"};
    static const char *const counts[] = {"?",  "*",     "+",  "{2}", "{1,3}", "*?",
                                         "+?", "{0,2}", "?+", "++",  "{2,}"};
    size_t kind = choose(choices, 8);

    if (kind < 4 || depth == 0)
        random_word(choices, out);
    else if (kind < 6)
        buf_add_string(out, others[choose(choices, COUNT_OF(others))]);
    else if (kind == 6 && *groups > 0 && choose(choices, 3) == 0)
        buf_add_string(out, "\\1");
    else
        random_group(choices, out, depth, groups);
    if (choose(choices, 4) == 0)
        buf_add_string(out, counts[choose(choices, COUNT_OF(counts))]);
}

static void random_pattern(struct choices *choices, struct buf *out, int depth, int *groups)
{
    for (size_t branches = choose(choices, 5) == 0 ? 2 : 1; branches > 0; branches--) {
        for (size_t atoms = 1 + choose(choices, 4); atoms > 0; atoms--)
            random_atom(choices, out, depth, groups);
        if (branches > 1)
            buf_add_byte(out, '|');
    }
}

/* One that a ruleset takes. */
static inline void random_rule_pattern(struct choices *choices, struct buf *json)
{
    AUTO_BUF source = {0};

    for (int tries = 0; tries < 20; tries++) {
        int groups = 0;

        buf_reset(&source);
        if (choose(choices, 3) == 0)
            buf_add_string(&source, "(?i)");
        random_pattern(choices, &source, 2, &groups);
        AUTO(pattern) pattern = pattern_new(buf_text(&source), NULL);

        if (pattern) {
            buf_add_json(json, buf_text(&source));
            return;
        }
    }
    buf_add_string(json, "\"x\"");
}

static inline void random_rule(struct choices *choices, struct buf *json, size_t number)
{
    static const char *const fields[] = {"[\"message\"]", "[\"message\", \"url\"]",
                                         "[\"url\", \"message\"]", "[\"user\"]"};
    static const char *const decodings[] = {"[]", "[\"url\"]", "[\"url\", \"html\", \"escapes\"]"};

    buf_addf(json, "{\"id\": \"r%zu\", \"threat_level\": \"LOW\", \"fields\": %s, \"decode\": %s, ",
             number, fields[choose(choices, COUNT_OF(fields))],
             decodings[choose(choices, COUNT_OF(decodings))]);
    buf_add_string(json, "\"patterns\": [");
    for (size_t i = 1 + choose(choices, 3); i > 0; i--) {
        random_rule_pattern(choices, json);
        buf_add_string(json, i > 1 ? ", " : "]");
    }
    if (choose(choices, 3) == 0) {
        buf_add_string(json, ", \"unless\": [");
        random_rule_pattern(choices, json);
        buf_add_string(json, "]");
    }
    buf_add_string(json, "}");
}

/* A rule file of one to four rules. */
static inline void random_rules(struct choices *choices, struct buf *json)
{
    buf_add_string(json, "{\"category\": \"c\", \"rules\": [");
    for (size_t i = 1 + choose(choices, 4); i > 0; i--) {
        random_rule(choices, json, i);
        buf_add_string(json, i > 1 ? ",\n" : "]}");
    }
}

static inline void random_text(struct choices *choices, struct buf *out)
{
    static const char *const others[] = {"%20", "%2f",  "+",        "&lt;", "\\x41", "\n",
                                         "\t",  "/**/", "\xC3\xA9", "\xFF", "\v",    "x"};

    for (size_t count = choose(choices, 14); count > 0; count--) {
        if (choose(choices, 4) == 0)
            buf_add_string(out, others[choose(choices, COUNT_OF(others))]);
        else
            buf_add_string(out, random_words[choose(choices, COUNT_OF(random_words))]);
    }
}

static inline struct entry random_entry(struct choices *choices, struct arena *arena)
{
    static const enum entry_field fields[] = {ENTRY_MESSAGE, ENTRY_URL, ENTRY_USER};
    struct entry entry = {0};

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        AUTO_BUF text = {0};

        random_text(choices, &text);
        entry.fields[fields[i]] = arena_copy(arena, buf_text(&text));
    }
    return entry;
}

static inline bool hits_equal(const struct engine_hit *a, const struct engine_hit *b)
{
    bool same = a->rule == b->rule && text_equal(a->pattern, b->pattern) &&
                text_equal(a->field, b->field) && text_equal(a->payload, b->payload) &&
                a->capture_count == b->capture_count;

    for (size_t i = 0; same && i < a->capture_count; i++)
        same = text_equal(a->captures[i].name, b->captures[i].name) &&
               text_equal(a->captures[i].value, b->captures[i].value);
    return same;
}

/* Both matchers over @entry; the number of hits, or -1 where they differ. Where PCRE2 ran into a
 * limit the engine knows more: the rule counts, whatever the reference found. */
static inline int match_both(const struct engine *engine, struct engine_scratch *scratch,
                             struct engine_reference *reference, const struct entry *entry,
                             struct arena *arena)
{
    struct engine_hit *got, *want;
    size_t count = engine_match(engine, scratch, entry, NULL, arena, &got);
    size_t wanted = engine_reference_match(reference, entry, NULL, arena, &want), k = 0;

    for (size_t i = 0; i < count; i++) {
        bool same_rule = k < wanted && got[i].rule == want[k].rule;

        if (!got[i].is_unconfirmed && !(same_rule && hits_equal(&got[i], &want[k])))
            return -1;
        k += same_rule;
    }
    return k == wanted ? (int)count : -1;
}

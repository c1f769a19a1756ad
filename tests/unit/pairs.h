/* pairs: keys and values that a format's reader found, held against those that were put in. */
#pragma once

#include "base/address.h"
#include "base/alert.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"

enum { PAIRS_MOST = 64 };

struct pairs {
    struct text keys[PAIRS_MOST];
    struct text values[PAIRS_MOST];
    size_t count;
};

static inline bool pairs_add(struct pairs *pairs, struct text key, struct text value)
{
    if (pairs->count == PAIRS_MOST)
        return false;
    pairs->keys[pairs->count] = key;
    pairs->values[pairs->count++] = value;
    return true;
}

static inline bool pairs_is_line_end(struct text character)
{
    return text_is(character, "\xE2\x80\xA8") || text_is(character, "\xE2\x80\xA9") ||
           (character.size == 2 && character.bytes[0] == '\xC2' &&
            (unsigned char)character.bytes[1] < 0xA0);
}

/* How @t is to look for a reader: the table of line.h, read off again. @kept are controls that the
 * format has an escape for. In @arena. */
static inline struct text pairs_shown(struct arena *arena, struct text t, const char *kept,
                                      char delimiter)
{
    AUTO_BUF out = {0};

    for (size_t i = 0, size; i < t.size; i += size ? size : 1) {
        const unsigned char byte = (unsigned char)t.bytes[i];

        size = text_character(text_slice(t, i, t.size));
        const struct text character = text_slice(t, i, i + size);

        const bool is_kept = byte && strchr(kept, byte);

        if (size == 0 || pairs_is_line_end(character))
            buf_add_string(&out, "\xEF\xBF\xBD");
        else if (!is_kept && byte < 0x20)
            buf_addf(&out, "\xE2\x90%c", 0x80 + byte);
        else if (!is_kept && byte == 0x7F)
            buf_add_string(&out, "\xE2\x90\xA1");
        else if (!is_kept && delimiter > ' ' && byte == (unsigned char)delimiter)
            buf_addf(&out, byte < '`' ? "\xEF\xBC%c" : "\xEF\xBD%c",
                     byte < '`' ? 0x81 + byte - '!' : 0x80 + byte - '`');
        else
            buf_add(&out, character);
    }
    return arena_copy(arena, buf_text(&out));
}

static inline struct text pairs_joined(struct arena *arena, const struct record_texts *list)
{
    AUTO_BUF out = {0};

    for (size_t i = 0; i < list->count; i++) {
        buf_add_string(&out, i > 0 ? ", " : "");
        buf_add(&out, list->items[i]);
    }
    return arena_copy(arena, buf_text(&out));
}

static inline struct text pairs_group(struct arena *arena, const struct record_map *map)
{
    AUTO_BUF out = {0};

    for (size_t i = 0; i < map->count; i++) {
        buf_add_string(&out, i > 0 ? ", " : "");
        buf_add(&out, map->names[i]);
        buf_add_string(&out, "=");
        buf_add(&out, map->values[i]);
    }
    return arena_copy(arena, buf_text(&out));
}

static inline struct text pairs_number(struct arena *arena, int64_t number)
{
    return arena_textf(arena, "%lld", (long long)number);
}

static inline struct text pairs_confidence(struct arena *arena, const struct alert *alert)
{
    AUTO_BUF out = {0};

    number_write_double(alert->confidence, &out);
    return arena_copy(arena, buf_text(&out));
}

static inline struct text pairs_address(struct arena *arena, struct text t)
{
    AUTO_BUF out = {0};
    struct address address;

    if (address_parse(t, &address))
        address_write(&address, &out);
    return arena_copy(arena, buf_text(&out));
}

/* Is the alert's id there, whole, under @key? True for what is no id of ours, which has 36 plain
 * characters: it may be too long for the line. */
static inline bool pairs_keep_id(const struct pairs *got, const char *key,
                                 const struct alert *alert)
{
    for (size_t i = 0; i < alert->alert_id.size; i++) {
        const char byte = alert->alert_id.bytes[i];

        if (byte < '-' || byte > 'z' || byte == '=' || byte == '\\' || byte == '^')
            return true;
    }
    for (size_t i = 0; i < got->count; i++) {
        if (text_is(got->keys[i], key))
            return text_equal(got->values[i], alert->alert_id);
    }
    return alert->alert_id.size == 0 || alert->alert_id.size > 36;
}

/* Are @got's pairs @want's, in the same order? With @complete all of them and whole; otherwise some
 * may be missing, and a value may stop early, at the end of a character. */
static inline bool pairs_match(const struct pairs *got, const struct pairs *want, bool complete)
{
    size_t w = 0;

    for (size_t i = 0; i < got->count; i++, w++) {
        while (w < want->count && !text_equal(got->keys[i], want->keys[w]))
            w++;
        if (w == want->count)
            return false;
        if (complete ? !text_equal(got->values[i], want->values[w])
                     : !text_starts(want->values[w], got->values[i]))
            return false;
        if (!text_is_utf8(got->values[i]))
            return false;
    }
    return !complete || got->count == want->count;
}

#include "detector/outside/daybook.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/indicator.h"
#include "base/moment.h"
#include "base/observable.h"
#include "base/seen.h"
#include "io/chance.h"
#include "io/ioc_keys.h"

enum { ASK_EVERY_MS = 10000, HAND_OVER_EVERY_MS = 10000, DAY_MS = 86400000 };
enum {
    CLOSE_AFTER_MS = 60000 /* a Redis that was emptied does not say at once that somebody hunts */
};
enum { AT_ONCE = 1000, TEMPORARY_S = 60, KEY = 64 };

typedef _Atomic unsigned char bits;

struct daybook {
    struct redis *redis;
    char temporary[KEY]; /* what is handed over, until it is or-ed to the day's */
    bits *seen;          /* NULL: nobody wants it */
    bits *changed;       /* by blocks */
    size_t bytes;
    int64_t days, day; /* day: since 1970 */
    int64_t ask_ms, hand_over_ms;
    int64_t wanted_ms; /* when somebody was last known to hunt */
};

struct daybook *daybook_new(struct redis *redis)
{
    struct daybook *book = mem_zero(sizeof(*book));

    snprintf(book->temporary, sizeof(book->temporary), IOC_KEY_SEEN "%" PRIx64, chance_number());
    book->redis = redis;
    return book;
}

bool daybook_is_open(const struct daybook *book)
{
    return book->seen != NULL;
}

/* Noting. */

struct noting {
    struct daybook *book;
    struct text log, tenant;
    struct arena *arena;
};

static void set(struct daybook *book, uint64_t hash)
{
    size_t block = seen_block(hash, book->bytes);
    bool is_new = false;

    for (int i = 0; i < SEEN_BITS; i++) {
        unsigned char mask;
        bits *byte = &book->seen[block + seen_bit(hash, i, &mask)];

        if (atomic_load_explicit(byte, memory_order_relaxed) & mask)
            continue;
        atomic_fetch_or_explicit(byte, mask, memory_order_relaxed);
        is_new = true;
    }
    if (is_new)
        atomic_store_explicit(&book->changed[block / SEEN_BLOCK], 1, memory_order_relaxed);
}

static void note_value(const struct noting *noting, enum ioc_type type, struct text value)
{
    set(noting->book, seen_hash((struct text){0}, type, value));
    set(noting->book, seen_hash(noting->tenant, type, value));
}

/* False: it is none. */
static bool is_indicator(const struct noting *noting, struct text text, enum indicator_kind kind,
                         struct indicator *found)
{
    static const struct indicator_rules rules = {.looking_up = true};

    return indicator_read(text, kind, &rules, noting->arena, found) == INDICATOR_GOOD;
}

/* It and all names above it: an indicator means all that is below it. */
static void note_name(const struct noting *noting, struct text name)
{
    struct text above = name;
    size_t dot;

    while ((dot = text_find_byte(above, '.')) < above.size) {
        note_value(noting, IOC_DOMAIN, above);
        above = text_slice(above, dot + 1, above.size);
    }
}

static void note_urls(const struct noting *noting, const struct observable *one)
{
    struct text urls[OBSERVABLE_URLS], forms[INDICATOR_URL_FORMS];
    size_t count = observable_urls(noting->log, one, noting->arena, urls);

    for (size_t i = 0; i < count; i++) {
        struct indicator found;

        if (!is_indicator(noting, urls[i], INDICATOR_URL, &found))
            continue;
        size_t form_count = indicator_url_forms(found.value, forms);

        for (size_t j = 0; j < form_count; j++)
            note_value(noting, IOC_URL, forms[j]);
    }
}

static void note_one(void *self, const struct observable *one)
{
    const struct noting *noting = self;
    struct indicator found;
    enum indicator_kind kind = one->kind == OBSERVABLE_IP       ? INDICATOR_ADDRESS
                               : one->kind == OBSERVABLE_DOMAIN ? INDICATOR_DOMAIN
                                                                : INDICATOR_HASH;

    if (!is_indicator(noting, one->text, kind, &found))
        return;
    if (one->kind == OBSERVABLE_DOMAIN)
        note_name(noting, found.value);
    else
        note_value(noting, found.type, found.value);
    if (one->link != OBSERVABLE_NO_URL)
        note_urls(noting, one);
    if (one->mail != OBSERVABLE_NONE) {
        size_t end = (size_t)(one->text.bytes - noting->log.bytes) + one->text.size;

        if (is_indicator(noting, text_slice(noting->log, one->mail, end), INDICATOR_EMAIL, &found))
            note_value(noting, IOC_EMAIL, found.value);
    }
}

void daybook_note(struct daybook *book, struct text log, struct text tenant, struct arena *arena)
{
    struct arena_mark mark = arena_mark(arena);
    struct noting noting = {book, log, tenant, arena};

    observable_each(log, arena, &(struct observable_sink){&noting, note_one, NULL});
    arena_rewind(arena, mark);
}

/* Handing over. */

static void ask_block(struct daybook *book, size_t block)
{
    unsigned char bytes[SEEN_BLOCK];
    char at[24];

    for (size_t i = 0; i < SEEN_BLOCK; i++)
        bytes[i] = atomic_load_explicit(&book->seen[block * SEEN_BLOCK + i], memory_order_relaxed);
    snprintf(at, sizeof(at), "%zu", block * SEEN_BLOCK);
    const struct text words[] = {
        TEXT("SETRANGE"), text_of(book->temporary), text_of(at), {(const char *)bytes, SEEN_BLOCK}};

    redis_ask(book->redis, words, COUNT_OF(words));
}

static bool is_used(const struct daybook *book, size_t block)
{
    for (size_t i = 0; i < SEEN_BLOCK; i++) {
        if (atomic_load_explicit(&book->seen[block * SEEN_BLOCK + i], memory_order_relaxed))
            return true;
    }
    return false;
}

/* How many blocks were written to the temporary key; negative: Redis is away. */
static long write_changed(struct daybook *book, bool all)
{
    redisReply *const *replies;
    size_t count, asked = 0;
    long written = 0;

    for (size_t block = 0; block < book->bytes / SEEN_BLOCK; block++) {
        if (all ? !is_used(book, block) : !book->changed[block])
            continue;
        ask_block(book, block);
        written++;
        if (++asked == AT_ONCE && redis_run_strict(book->redis, &replies, &count, NULL) < 0)
            return -1;
        asked %= AT_ONCE;
    }
    return asked > 0 && redis_run_strict(book->redis, &replies, &count, NULL) < 0 ? -1 : written;
}

static void key_of_day(const struct daybook *book, char key[KEY])
{
    AUTO_BUF date = {0};

    moment_write(book->day * DAY_MS, &date);
    snprintf(key, KEY, IOC_KEY_SEEN "%.10s", buf_string(&date));
}

/* Into the day's: for as long as the window is, and the day itself. */
static int join(struct daybook *book, const char *key)
{
    redisReply *const *replies;
    char seconds[24];
    size_t count;
    struct error err = {0};

    snprintf(seconds, sizeof(seconds), "%" PRId64, (book->days + 2) * DAY_MS / 1000);
    const struct text or
        [] = {TEXT("BITOP"), TEXT("OR"), text_of(key), text_of(key), text_of(book->temporary)};
    const struct text expire[] = {TEXT("EXPIRE"), text_of(key), text_of(seconds)};
    const struct text drop[] = {TEXT("UNLINK"), text_of(book->temporary)};

    redis_ask(book->redis, or, COUNT_OF(or));
    redis_ask(book->redis, expire, COUNT_OF(expire));
    redis_ask(book->redis, drop, COUNT_OF(drop));
    return redis_run_strict(book->redis, &replies, &count, &err);
}

/* Whether Redis has anything of the day; it may have been emptied. Negative: it is away. */
static int has_day(struct daybook *book, const char *key)
{
    const struct text exists[] = {TEXT("EXISTS"), text_of(key)};
    const struct text drop[] = {TEXT("UNLINK"), text_of(book->temporary)};
    redisReply *const *replies;
    struct error err = {0};
    size_t count;

    redis_ask(book->redis, exists, COUNT_OF(exists));
    redis_ask(book->redis, drop, COUNT_OF(drop)); /* of a time when it was away in between */
    if (redis_run_strict(book->redis, &replies, &count, &err) < 0)
        return -1;
    return replies[0]->type == REDIS_REPLY_INTEGER && replies[0]->integer == 1;
}

static bool hand_over(struct daybook *book)
{
    char key[KEY];

    key_of_day(book, key);
    int has = has_day(book, key);
    long written = has < 0 ? -1 : write_changed(book, !has);

    if (written < 0 || (written > 0 && join(book, key) < 0))
        return false;
    memset(book->changed, 0, book->bytes / SEEN_BLOCK);
    return true;
}

/* Opening and closing. */

static void close_book(struct daybook *book)
{
    free(book->seen);
    free(book->changed);
    book->seen = book->changed = NULL;
    book->bytes = 0;
}

static void open_book(struct daybook *book, int64_t bytes, int64_t days)
{
    book->days = days;
    if ((size_t)bytes == book->bytes)
        return;
    close_book(book);
    if (bytes < SEEN_BLOCK)
        return;
    book->bytes = (size_t)bytes / SEEN_BLOCK * SEEN_BLOCK;
    book->seen = mem_zero(book->bytes);
    book->changed = mem_zero(book->bytes / SEEN_BLOCK);
}

/* Does anybody hunt? While Redis is away, as before. */
static void ask(struct daybook *book, int64_t now_ms)
{
    const struct text words[] = {TEXT("GET"), TEXT(IOC_KEY_RETRO)};
    redisReply *const *replies;
    struct error err = {0};
    int64_t bytes = 0, days = 0;
    size_t count;

    redis_ask(book->redis, words, COUNT_OF(words));
    if (redis_run_strict(book->redis, &replies, &count, &err) < 0)
        return;
    if (replies[0]->type == REDIS_REPLY_STRING) {
        struct text rest = {replies[0]->str, (size_t)replies[0]->len}, first;

        text_split(&rest, ' ', &first);
        if (!text_to_integer(first, &bytes) || !text_to_integer(rest, &days))
            bytes = 0;
        book->wanted_ms = now_ms;
    }
    if (book->wanted_ms == now_ms || now_ms - book->wanted_ms >= CLOSE_AFTER_MS)
        open_book(book, bytes, days);
}

void daybook_tend(struct daybook *book, int64_t now_ms)
{
    if (now_ms >= book->ask_ms) {
        book->ask_ms = now_ms + ASK_EVERY_MS;
        ask(book, now_ms);
    }
    if (!book->seen)
        return;
    bool is_another_day = now_ms / DAY_MS != book->day;

    if (!is_another_day && now_ms < book->hand_over_ms)
        return;
    bool is_handed_over = book->day == 0 || hand_over(book);

    if (!is_handed_over && is_another_day && now_ms % DAY_MS < DAY_MS / 24)
        return; /* an hour long it may still go to its own day, then it goes with the next */
    book->hand_over_ms = now_ms + HAND_OVER_EVERY_MS;
    if (!is_another_day)
        return;
    book->day = now_ms / DAY_MS;
    if (is_handed_over) {
        memset(book->seen, 0, book->bytes);
        memset(book->changed, 0, book->bytes / SEEN_BLOCK);
    }
}

void daybook_free(struct daybook *book)
{
    if (!book)
        return;
    if (book->seen && book->day > 0)
        hand_over(book);
    close_book(book);
    free(book);
}

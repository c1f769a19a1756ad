#include "correlator/payload_state.h"

#include "base/arena.h"

/* Bytes that stand for a field of the event; where a payload has one of them itself, it is not
 * folded. They are no bytes of UTF-8. */
enum { FOLDED_USER = 0xf8, FOLDED_SOURCE, FOLDED_TARGET, FOLDED_HOST, FOLDED_END };
enum { SHORTEST_FIELD = 3, MAX_PAYLOAD = 64 * 1024 };

static struct text field_of(const struct event *event, unsigned char byte)
{
    switch (byte) {
    case FOLDED_USER:
        return event->user;
    case FOLDED_SOURCE:
        return event->source_ip;
    case FOLDED_TARGET:
        return event->target_ip;
    case FOLDED_HOST:
        return event->host;
    default:
        return (struct text){0};
    }
}

void payload_state_done(struct payload_state *state)
{
    buf_done(&state->folded[0]);
    buf_done(&state->folded[1]);
}

void payload_state_begin(struct payload_state *state)
{
    buf_reset(&state->folded[0]);
    buf_reset(&state->folded[1]);
}

static bool is_stand_in(char byte)
{
    return (unsigned char)byte >= FOLDED_USER && (unsigned char)byte < FOLDED_END;
}

static bool can_fold(struct text payload)
{
    bool has_stand_in = false;

    for (size_t i = 0; i < payload.size; i++)
        has_stand_in |= is_stand_in(payload.bytes[i]);
    return !has_stand_in;
}

/* What a payload may have of its event's fields, the longest first. */
struct folds {
    struct text fields[FOLDED_END - FOLDED_USER];
    unsigned char bytes[FOLDED_END - FOLDED_USER];
    size_t count;
    uint64_t firsts; /* a bit for the lower part of each one's first byte */
};

static uint64_t bit_of(char first)
{
    return UINT64_C(1) << ((unsigned char)first & 63);
}

static struct folds folds_of(const struct event *event)
{
    struct folds folds = {.count = 0};

    for (int byte = FOLDED_USER; byte < FOLDED_END; byte++) {
        struct text field = field_of(event, (unsigned char)byte);
        size_t at = folds.count;

        if (field.size < SHORTEST_FIELD)
            continue;
        for (; at > 0 && folds.fields[at - 1].size < field.size; at--) {
            folds.fields[at] = folds.fields[at - 1];
            folds.bytes[at] = folds.bytes[at - 1];
        }
        folds.fields[at] = field;
        folds.bytes[at] = (unsigned char)byte;
        folds.count++;
        folds.firsts |= bit_of(field.bytes[0]);
    }
    return folds;
}

/* Which field @rest begins with; folds->count: none, as for most bytes. */
static size_t find(const struct folds *folds, struct text rest)
{
    size_t i = 0;

    if (!(folds->firsts & bit_of(rest.bytes[0])))
        return folds->count;
    while (i < folds->count &&
           (folds->fields[i].bytes[0] != rest.bytes[0] || !text_starts(rest, folds->fields[i])))
        i++;
    return i;
}

static void note(struct folded *folded, size_t at, unsigned char byte)
{
    if (folded->count == FOLDED_MOST || at > UINT16_MAX) {
        folded->known = FOLDED_OFTEN;
        return;
    }
    folded->at[folded->count] = (uint16_t)at;
    folded->byte[folded->count++] = byte;
}

/* Looks for the fields; @folded says where they are. */
static void fold(const struct event *event, struct folded *folded, struct buf *into)
{
    const struct folds folds = folds_of(event);
    struct text payload = event->payload;
    size_t from = 0;

    *folded = (struct folded){.known = FOLDED_KNOWN};

    for (size_t at = 0; at < payload.size;) {
        size_t i = find(&folds, text_slice(payload, at, payload.size));

        if (i == folds.count) {
            at++;
            continue;
        }
        buf_add(into, text_slice(payload, from, at));
        buf_add_byte(into, (char)folds.bytes[i]);
        note(folded, at, folds.bytes[i]);
        from = at += folds.fields[i].size;
    }
    buf_add(into, text_slice(payload, from, payload.size));
}

static void fold_again(const struct event *event, const struct folded *folded, struct buf *into)
{
    struct text payload = event->payload;
    size_t from = 0;

    for (size_t i = 0; i < folded->count; i++) {
        buf_add(into, text_slice(payload, from, folded->at[i]));
        buf_add_byte(into, (char)folded->byte[i]);
        from = folded->at[i] + field_of(event, folded->byte[i]).size;
    }
    buf_add(into, text_slice(payload, from, payload.size));
}

/* False: as it is. */
static bool fold_payload(struct sighting *sighting, struct buf *into)
{
    struct folded *folded = &sighting->folded;

    if (folded->known == FOLDED_UNKNOWN && !can_fold(sighting->event.payload))
        folded->known = FOLDED_NEVER;
    if (folded->known == FOLDED_NEVER)
        buf_add(into, sighting->event.payload);
    else if (folded->known == FOLDED_KNOWN)
        fold_again(&sighting->event, folded, into);
    else
        fold(&sighting->event, folded, into);
    return folded->known != FOLDED_NEVER;
}

/* The next payload becomes the one before. */
static struct buf *turn(struct payload_state *state, struct text *before)
{
    *before = buf_text(&state->folded[state->at]);
    state->at = !state->at;
    buf_reset(&state->folded[state->at]);
    return &state->folded[state->at];
}

static uint64_t word_at(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

enum { WORD = sizeof(uint64_t) };

static size_t same_start(struct text a, struct text b)
{
    size_t most = a.size < b.size ? a.size : b.size, size = 0;

    while (size + WORD <= most && word_at(a.bytes + size) == word_at(b.bytes + size))
        size += WORD;
    while (size < most && a.bytes[size] == b.bytes[size])
        size++;
    return size;
}

static size_t same_end(struct text a, struct text b)
{
    size_t most = a.size < b.size ? a.size : b.size, size = 0;

    while (size + WORD <= most &&
           word_at(a.bytes + a.size - size - WORD) == word_at(b.bytes + b.size - size - WORD))
        size += WORD;
    while (size < most && a.bytes[a.size - 1 - size] == b.bytes[b.size - 1 - size])
        size++;
    return size;
}

void payload_state_write(struct payload_state *state, struct sighting *sighting, struct pack *pack)
{
    struct text before, now;
    struct buf *folded = turn(state, &before);
    bool folds = fold_payload(sighting, folded);
    size_t start, end;

    now = buf_text(folded);
    start = same_start(before, now);
    end = same_end(text_slice(before, start, before.size), text_slice(now, start, now.size));
    pack_number(pack, start << 1 | folds);
    pack_number(pack, end);
    pack_bytes(pack, text_slice(now, start, now.size - end));
}

static struct text unfold(const struct event *event, struct text folded, struct arena *arena)
{
    AUTO_BUF whole = {0};

    for (size_t i = 0; i < folded.size && whole.size <= MAX_PAYLOAD; i++) {
        if (is_stand_in(folded.bytes[i]))
            buf_add(&whole, field_of(event, (unsigned char)folded.bytes[i]));
        else
            buf_add_byte(&whole, folded.bytes[i]);
    }
    return arena_copy(arena, buf_text(&whole));
}

struct text payload_state_read(struct payload_state *state, const struct event *event,
                               struct unpack *unpack)
{
    struct text before;
    struct buf *folded = turn(state, &before);
    uint64_t head = pack_read_limited(unpack, 2 * before.size + 1), start = head >> 1;
    uint64_t end = pack_read_limited(unpack, before.size - start);

    buf_add(folded, text_slice(before, 0, (size_t)start));
    buf_add(folded, pack_read_bytes(unpack));
    buf_add(folded, text_slice(before, before.size - (size_t)end, before.size));
    if (folded->size > MAX_PAYLOAD)
        unpack->is_broken = true;
    return head & 1 ? unfold(event, buf_text(folded), unpack->copies)
                    : arena_copy(unpack->copies, buf_text(folded));
}

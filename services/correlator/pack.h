/* pack: numbers, times and texts in few bytes, and back.
 *
 * Whole numbers take 1 byte up to 127, 2 up to 16383, and so on; times are written as how much
 * later than the last one they are; a text of hex digits takes half its length, in a place of its
 * own if there is one (what is random there would be in the way of compressing the rest); and a
 * text that was written before says how many texts ago.
 *
 * Reading stops at the first mistake: everything after it reads as 0 or empty, and is_broken says
 * so. Whatever the bytes are, nothing beyond them is touched.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

enum {
    PACK_TEXTS = 64,   /* how far back a text may be that comes again */
    PACK_HASHES = 128, /* of texts, by which one is found again */
};

/* The last texts that may come again: borrowed. */
struct pack_texts {
    struct text items[PACK_TEXTS];
    size_t count; /* of all, not only the last */
};

/* Starts as {.into = …}. */
struct pack {
    struct buf *into;
    struct buf *random; /* for what hex digits stand for; NULL: @into */
    int64_t last_ms;
    struct pack_texts texts;
    uint32_t seen[PACK_HASHES]; /* the newest text of the hash, counted from 1; 0: none */
};

void pack_byte(struct pack *pack, uint8_t byte);
void pack_number(struct pack *pack, uint64_t number);
void pack_signed(struct pack *pack, int64_t number); /* small ones of either sign are short */
void pack_time(struct pack *pack, int64_t ms);
/* To the second, rounded up; the next time is not written from it. */
void pack_second(struct pack *pack, int64_t ms);
void pack_real(struct pack *pack, double real);
void pack_text(struct pack *pack, struct text text);  /* lives as long as @pack */
void pack_once(struct pack *pack, struct text text);  /* one that hardly comes again: an id */
void pack_bytes(struct pack *pack, struct text text); /* behind their size, as they are */

/* Starts as {.rest = …, .copies = …}. */
struct unpack {
    struct text rest;
    struct text *random; /* what hex digits stand for; NULL: in @rest */
    int64_t last_ms;
    struct pack_texts texts;
    struct arena *copies; /* of texts that do not stand in the bytes as they are */
    bool is_broken;
};

/* Times that pack_time() may have written are within this; others are a mistake. */
#define PACK_MAX_MS INT64_C(4000000000000000)

uint8_t pack_read_byte(struct unpack *unpack);
uint64_t pack_read_number(struct unpack *unpack);
int64_t pack_read_signed(struct unpack *unpack);
/* How many of something follow, each of which takes a byte or more. */
size_t pack_read_count(struct unpack *unpack);
/* From 0 to @most. */
uint64_t pack_read_limited(struct unpack *unpack, uint64_t most);
int64_t pack_read_time(struct unpack *unpack);
int64_t pack_read_second(struct unpack *unpack);
double pack_read_real(struct unpack *unpack);
struct text pack_read_text(struct unpack *unpack);
struct text pack_read_once(struct unpack *unpack);
struct text pack_read_bytes(struct unpack *unpack);
struct text pack_read_raw(struct unpack *unpack, uint64_t size);

#include "correlator/state_form.h"

#include <stdlib.h>
#include <zstd.h>

#include "base/mem.h"
#include "correlator/pack.h"
#include "correlator/state_words.h"

enum { FORM_PLAIN = 3, FORM_ZSTD = 4 };

enum {
    WORTH_COMPRESSING = 60, /* bytes; below, what it saves is not worth its time */
    ZSTD_LEVEL = 1,         /* level 3 takes 1 % less room */
    ZSTD_MAGIC_SIZE = 4,    /* is the same in all frames, and left out */
};

struct state_form {
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
    ZSTD_CDict *words_in;
    ZSTD_DDict *words_out;
    struct buf frame, plain;
};

struct state_form *state_form_new(void)
{
    struct state_form *form = mem_zero(sizeof(*form));
    AUTO_BUF words = {0};

    buf_add(&words, state_tables);
    buf_add(&words, state_words);
    form->compressor = ZSTD_createCCtx();
    form->decompressor = ZSTD_createDCtx();
    form->words_in = ZSTD_createCDict(words.bytes, words.size, ZSTD_LEVEL);
    form->words_out = ZSTD_createDDict(words.bytes, words.size);
    ZSTD_CCtx_setParameter(form->compressor, ZSTD_c_contentSizeFlag, 0);
    ZSTD_CCtx_setParameter(form->compressor, ZSTD_c_dictIDFlag, 0);
    ZSTD_CCtx_refCDict(form->compressor, form->words_in);
    ZSTD_DCtx_refDDict(form->decompressor, form->words_out);
    return form;
}

void state_form_free(struct state_form *form)
{
    ZSTD_freeCCtx(form->compressor);
    ZSTD_freeDCtx(form->decompressor);
    ZSTD_freeCDict(form->words_in);
    ZSTD_freeDDict(form->words_out);
    buf_done(&form->frame);
    buf_done(&form->plain);
    free(form);
}

void state_form_write(struct state_form *form, struct text random, struct text plain,
                      struct buf *into)
{
    size_t room = ZSTD_compressBound(plain.size), size = plain.size;
    struct pack pack = {.into = into};

    buf_reset(&form->frame);
    if (plain.size >= WORTH_COMPRESSING)
        size = ZSTD_compress2(form->compressor, buf_reserve(&form->frame, room), room, plain.bytes,
                              plain.size);
    bool is_plain = ZSTD_isError(size) || size >= plain.size;

    pack_byte(&pack, is_plain ? FORM_PLAIN : FORM_ZSTD);
    pack_bytes(&pack, random);
    if (is_plain) {
        pack_bytes(&pack, plain);
        return;
    }
    pack_number(&pack, plain.size);
    pack_bytes(&pack, (struct text){form->frame.bytes + ZSTD_MAGIC_SIZE, size - ZSTD_MAGIC_SIZE});
}

static bool undo(struct state_form *form, struct text bytes, size_t size)
{
    static const char magic[ZSTD_MAGIC_SIZE] = {0x28, (char)0xb5, 0x2f, (char)0xfd};

    buf_reset(&form->frame);
    buf_add(&form->frame, (struct text){magic, sizeof(magic)});
    buf_add(&form->frame, bytes);
    buf_reset(&form->plain);
    form->plain.size = ZSTD_decompressDCtx(form->decompressor, buf_reserve(&form->plain, size + 1),
                                           size, form->frame.bytes, form->frame.size);
    return form->plain.size == size;
}

bool state_form_read(struct state_form *form, struct text *rest, struct text *random,
                     struct text *plain)
{
    struct unpack unpack = {.rest = *rest};
    uint8_t kind = pack_read_byte(&unpack);

    *random = pack_read_bytes(&unpack);
    size_t size = kind == FORM_ZSTD ? (size_t)pack_read_limited(&unpack, STATE_FORM_MAX) : 0;

    *plain = pack_read_bytes(&unpack);
    *rest = unpack.rest;
    if (unpack.is_broken || (kind != FORM_PLAIN && kind != FORM_ZSTD))
        return false;
    if (kind == FORM_PLAIN)
        return true;
    bool is_sound = undo(form, *plain, size);

    *plain = buf_text(&form->plain);
    return is_sound;
}

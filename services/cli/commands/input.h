/* input: the lines of a log file, compressed or not.
 *
 * "-" is stdin. gzip (RFC 1952) and Zstandard (RFC 8878), of several members or frames too, are
 * known by their first bytes, whatever the name. Files are read in big blocks, not mapped: a log
 * that is cut off while it is read (logrotate's copytruncate) must not kill the reader.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"

struct input;

/* Called before each read: a pipe may have nothing to give for long, so what was found so far
 * should be shown first. */
typedef void input_before_read(void *self);

/* NULL with @err. @path is borrowed; @before_read may be NULL. */
struct input *input_open(const char *path, size_t line_limit, input_before_read *before_read,
                         void *self, struct error *err);
void input_close(struct input *input); /* NULL is fine */

enum input_result {
    INPUT_LINE,
    INPUT_TOO_LONG, /* a line over the limit, passed over */
    INPUT_END,
    INPUT_FAILED, /* damaged, cut off, not readable: @err; all that came before was given out */
};

/* @line is valid until the next call. */
enum input_result input_line(struct input *input, struct text *line, struct error *err);

uint64_t input_number(const struct input *input); /* of the last line, from 1 */
uint64_t input_done(const struct input *input);   /* bytes of the file read */
uint64_t input_size(const struct input *input);   /* 0: not known */

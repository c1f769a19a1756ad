/* whole_file: all of a file, "-" being stdin, unpacked if it is compressed. */
#pragma once

#include "base/buf.h"
#include "base/error.h"

enum { WHOLE_FILE_LIMIT = 1 << 30 };

/* At most @limit bytes once unpacked: a small file may unpack to any size. */
int whole_file_read(const char *path, size_t limit, struct buf *into, struct error *err);

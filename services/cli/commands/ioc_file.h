/* ioc_file: a feed's file, "-" being stdin: unpacked as iocfeed would, Zstandard too, and in UTF-8.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

int ioc_file_read(const char *path, struct buf *into, struct error *err);

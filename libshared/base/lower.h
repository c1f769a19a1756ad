/* lower: ASCII in lower case, eight bytes at a time. */
#pragma once

#include "base/text.h"

/* Writes @t in lower case to @into, which has as much room; bytes beyond ASCII stay as they are. */
void lower_ascii(struct text t, char *into);

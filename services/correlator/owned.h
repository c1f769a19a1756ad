/* owned: texts with bytes of their own. */
#pragma once

#include "base/text.h"

struct text owned_copy(struct text text);
void owned_free(struct text text); /* an empty one that was never copied is fine */

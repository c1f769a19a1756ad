/* chance: numbers that nobody foresees. */
#pragma once

#include <stdint.h>

/* Any number; from the kernel. */
uint64_t chance_number(void);

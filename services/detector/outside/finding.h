/* finding: a log of the batch that needs more work: rules fired, it may name a known indicator, or
 * it must be refused. */
#pragma once

#include "detector/detect.h"
#include "detector/outside/inlets.h"

struct intel_case; /* intel.h */

struct finding {
    size_t message; /* its position in the batch */
    const struct inlet *inlet;
    struct detection *detections;
    size_t count;
    const char *reason; /* of dead letters; NULL: not refused */
    struct text sentence;
    struct intel_case *suspected; /* NULL: it names nothing that may be a known indicator */
    bool is_asked;                /* a question for it is in Redis' pipeline */
};

/* finding: a log of the batch that is not done with: rules fired, or it must be refused. */
#pragma once

#include "detector/detect.h"
#include "detector/outside/inlets.h"

struct finding {
    size_t message; /* its position in the batch */
    struct inlet *inlet;
    struct detection *detections;
    size_t count;
    const char *reason; /* of dead letters; NULL: not refused */
    struct text sentence;
    bool is_asked; /* a question for it is in Redis' pipeline */
};

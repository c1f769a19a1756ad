/* draft: an event as far as log and rule alone determine it: what a redelivery makes again. */
#pragma once

#include "detector/detect.h"

/* Fills the zeroed @detection of @hit. Texts are borrowed from @entry, the rule and @arena. */
void draft_fill(struct detection *detection, const struct engine_hit *hit,
                const struct entry *entry, const struct detect_origin *origin,
                const struct detect_settings *settings, struct arena *arena);

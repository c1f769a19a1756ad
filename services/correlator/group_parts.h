/* group_parts: what writing and reading groups' states have in common (group_state.h). */
#pragma once

#include "correlator/group_state.h"
#include "correlator/state_form.h"
#include "correlator/state_list.h"

struct group_codec {
    struct router *router;
    struct group_keeping keeping;
    struct state_form *form;
    struct state_list list;
    struct sightings named; /* that one rule names */
    struct arena *arena;
    struct buf plain, random, body, name;
    struct pack pack; /* of the part being written */
};

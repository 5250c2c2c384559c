/*
 * state_map.h
 *	  What others need to know of a Map's items.
 */
#ifndef SFN_STATE_MAP_H
#define SFN_STATE_MAP_H

#include "engine/step.h"

/* The items of a branch that is in a Map state, worked out again when they are not at hand; NULL: they cannot be. */
extern const JsonVal *map_items_of(StepContext *step, Branch *map_branch);

#endif /* SFN_STATE_MAP_H */

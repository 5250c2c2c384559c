/*
 * state_map.h
 *	  What others need to know of a Map's items.
 */
#ifndef SFN_STATE_MAP_H
#define SFN_STATE_MAP_H

#include "engine/step.h"

/* The items of a branch that is in a Map state, worked out again when they are not at hand; NULL: they cannot be. */
extern const JsonVal *map_items_of(StepContext *step, Branch *map_branch);

/* What a Map works out before its first iteration. */
typedef struct MapPlan
{
	const JsonVal *items;  /* NULL: an ItemReader brings them */
	int64 max_concurrency; /* as the definition says; 0: no limit */
	bool has_tolerated_count;
	int64 tolerated_count;
	bool has_tolerated_percentage;
	double tolerated_percentage;
} MapPlan;

/* False: step->error says why.  The probe is told of everything as it is known. */
extern bool map_plan(StepContext *step, const MapState *map, MapPlan *plan);

#endif /* SFN_STATE_MAP_H */

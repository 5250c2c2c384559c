/*
 * state_map.h
 *	  What others need to know of a Map's items.
 */
#ifndef SFN_ENGINE_STATE_MAP_H
#define SFN_ENGINE_STATE_MAP_H

#include "engine/step.h"

/* The items of a branch that is in a Map state, worked out again when they are not at hand; NULL: they cannot be. */
extern const JsonVal *map_items_of(StepContext *step, Branch *map_branch);

/* MapStateStarted; its id. */
extern int64 map_tell_started(StepContext *step, int32 length);

/* What is iterated: the effective input, or what ItemsPath or Items makes of it; an array. */
extern bool map_evaluate_items(StepContext *step, const MapState *map, const JsonVal **items);

/* The item, or what ItemSelector makes of it. */
extern bool map_select_item(StepContext *step, const MapState *map, const MapItem *item, const JsonVal **input);

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

/* False: step->error says why.  The second is all but the items.  The observer is told of everything as it is known. */
extern bool map_plan(StepContext *step, const MapState *map, MapPlan *plan);
extern bool map_plan_limits(StepContext *step, const MapState *map, MapPlan *plan);

#endif /* SFN_ENGINE_STATE_MAP_H */

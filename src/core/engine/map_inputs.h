/*
 * map_inputs.h
 *	  From the items of a Distributed Map to the inputs of its child executions.
 *
 * ItemSelector is applied to each item and ItemBatcher gathers them, in the data
 * flow of the state that the branch is in.  Items may come by the million: what
 * map_inputs_item() allocates is garbage at its return, so it may be called in a
 * memory context that is reset after each item; what must last is kept in the
 * context that was current at map_inputs_begin().
 */
#ifndef SFN_ENGINE_MAP_INPUTS_H
#define SFN_ENGINE_MAP_INPUTS_H

#include "engine/step.h"

/* Takes the input of the next child, made of that many items; false with *error ends the work. */
typedef bool (*MapInputSink)(void *arg, const char *input, int length, int32 items, SfnError *error);

typedef struct MapInputs MapInputs;

/* plan: see map_run.h.  NULL: *error says why. */
extern MapInputs *map_inputs_begin(Execution *execution, Branch *branch, EngineEnv *env, const JsonVal *plan,
								   MapInputSink sink, void *arg, SfnError *error);

/* key, source: for the context object; either may be NULL. */
extern bool map_inputs_item(MapInputs *inputs, const JsonVal *item, const char *key, const char *source,
							SfnError *error);

/* The last batch may be short. */
extern bool map_inputs_end(MapInputs *inputs, SfnError *error);

/* How many items there have been. */
extern int64 map_inputs_count(const MapInputs *inputs);

#endif /* SFN_ENGINE_MAP_INPUTS_H */

/*
 * map_run.h
 *	  A Distributed Map: its items become child executions, under one map run.
 *
 * Entering the state works out a plan and asks for EFFECT_RUN_MAP.  Whoever runs
 * it makes the inputs of the children (map_inputs.h), starts them, counts how they
 * end, and answers with EVENT_TASK_SUCCEEDED (the state's result; NULL: it is too
 * large) or EVENT_TASK_FAILED.
 *
 * The plan is an object with the members
 *   name            UUID of the map run
 *   label           what stands before it in ARNs
 *   maxConcurrency  0: as many as there may be
 *   toleratedFailureCount, toleratedFailurePercentage
 *   items           an array; or
 *   reader          {"resource", "parameters", "config", "maxItems"}
 *   batcher         {"maxItems", "maxBytes", "input"}
 *   writer          {"resource", "parameters", "config"}
 *   unusedResult    true: nobody reads the state's result, so it need not be gathered
 * of which those that the definition does not ask for are left out.
 */
#ifndef SFN_ENGINE_MAP_RUN_H
#define SFN_ENGINE_MAP_RUN_H

#include "engine/step.h"

extern StepOutcome map_run_enter(StepContext *step, const MapState *map);
extern StepOutcome map_run_resume(StepContext *step, const MapState *map, const Event *event);

/* Goes on with the map run that the branch has begun: its unsuccessful children are redriven. */
extern void map_run_redrive(Execution *execution, Branch *branch, EngineEnv *env);

/* "arn:aws:states:...:mapRun:<machine>/<label>:<name>" for an execution of that machine. */
extern const char *map_run_arn(const char *machine_arn, const char *label, const char *name);

/* What stands for the Map in ARNs: its Label, or its name in letters that are allowed there. */
extern const char *map_run_label(const MapState *map);

/* The definition of the machine that the children run. */
extern const char *map_run_definition(const AslMachine *machine, const MapState *map);

#endif /* SFN_ENGINE_MAP_RUN_H */

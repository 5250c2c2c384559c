/*
 * map_runs.h
 *	  Map runs of an execution in hand: begun, fed with children, counted, ended.
 */
#ifndef SFN_RUNTIME_MAP_RUNS_H
#define SFN_RUNTIME_MAP_RUNS_H

#include "postgres.h"

#include "runtime/running.h"
#include "store/map_runs.h"

/* Milliseconds until the execution times out, for what has a turn of its own; 0: never, or it is a session's. */
extern int64 map_run_time_left(const Running *running);

/* Has the execution no time left?  Then nothing is begun any more: the timer that is due ends it. */
extern bool map_run_is_late(const Running *running);

/* runtime/map_load.c: makes the children's inputs; false: *error says why, none are there. */
extern bool map_run_load(Running *running, MapRunRow *run, const JsonVal *plan, Branch *branch, SfnError *error);

/*
 * runtime/map_results.c: what the state gets, from what the children gave; all have ended.  *result is NULL when it is
 * too large.  False: *error says why.
 */
extern bool map_run_result(Running *running, MapRunRow *run, const JsonVal *plan, const JsonVal **result,
						   SfnError *error);
/* Does that want a turn of its own? */
extern bool map_run_result_takes_long(const MapRunRow *run, const JsonVal *plan);

#endif /* SFN_RUNTIME_MAP_RUNS_H */

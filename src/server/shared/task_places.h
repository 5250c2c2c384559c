/*
 * task_places.h
 *	  Places: executors of a database that can run a task alone, and whose tasks they run.
 *
 * A role never takes the last free place unless it holds none, so that the first task of another one starts.  A task
 * that has run for a second is long: another helper may come in place of the one that runs it, up to sfn.max_long_tasks.
 */
#ifndef SFN_SHARED_TASK_PLACES_H
#define SFN_SHARED_TASK_PLACES_H

#include "postgres.h"

#include "shared/worker_registry.h"

/* This executor is about to run a task of the role alone.  False: the place is to be left to others. */
extern bool task_place_take(Oid role, int64 machine);

/* It does not any more. */
extern void task_place_leave(void);

/* Places that are held in this database; machine 0: by any of the role's. */
extern int task_places_held(Oid role, int64 machine);

/* What a task of the role that runs alone would find. */
typedef struct PlacesNow
{
	int places;
	int taken;
	int held;            /* of those, by the role */
	bool has_no_process; /* further executors are wanted, but max_worker_processes are in use */
	int may_be;          /* places, with the executors that may still come */
	int longest_pid;     /* of the place that is taken for longest; 0: none is */
	TimestampTz longest_since;
	Oid longest_role;
} PlacesNow;

extern void task_places_now(Oid role, PlacesNow *now);

/* Executors that the database may have now, long tasks and all. */
extern int executors_allowed(const DatabaseEntry *entry);

#endif /* SFN_SHARED_TASK_PLACES_H */

/*
 * map_runs.h
 *	  Map runs as callers name, see and change them.
 */
#ifndef SFN_API_MAP_RUNS_H
#define SFN_API_MAP_RUNS_H

#include "postgres.h"

#include "api/arguments.h"
#include "engine/event_payload.h"
#include "store/map_runs.h"

/*
 * The map run by ARN, if the caller may do that with the machine that its Map belongs to.
 * Errors: no such ARN, ResourceNotFound, not allowed.
 */
extern MapRunRow *api_map_run(const ApiCall *call, const char *arn, MachinePrivilege privilege);

/* machine: what its children run, "<machine>/<label>". */
extern char *map_run_arn_of(const char *machine, const char *name);

/* The label in the name of such a machine. */
extern const char *label_of_map_machine(const MachineRow *machine);

typedef struct MapRunDescription
{
	MapRunRow *row;
	char *arn;
	char *execution_arn;         /* whose Map it is; NULL: that is gone */
	char *machine_arn;           /* the machine of that execution */
	const JsonVal *items;        /* AWS's itemCounts */
	const JsonVal *executions;   /* and executionCounts */
	double tolerated_percentage; /* 0 where none is given, as is the count */
	int64 tolerated_count;
} MapRunDescription;

extern void map_run_describe(const ApiCall *call, const char *arn, MapRunDescription *description);

/* A page of the map runs of an execution, the youngest first; before: the id where the page before ended, or 0. */
extern int map_runs_of(const ApiCall *call, const char *execution_arn, int max, int64 before,
					   MapRunDescription **descriptions);

/* Asks for new limits: they are in force when an executor has taken them. */
extern void map_run_change(const ApiCall *call, const char *arn, const MapRunLimits *limits);

#endif /* SFN_API_MAP_RUNS_H */

/*
 * map_runs.h
 *	  Map runs as callers name, see and change them.
 */
#ifndef SFN_ACTIONS_MAP_RUNS_H
#define SFN_ACTIONS_MAP_RUNS_H

#include "postgres.h"

#include "actions/resources.h"
#include "engine/event_payload.h"
#include "store/map_runs.h"

/*
 * The map run by ARN, if the caller may do that with the machine that its Map belongs to.
 * Errors: no such ARN, ResourceNotFound, not allowed.
 */
extern SFN_MUST_CHECK MapRunRow *action_map_run(ActionCall *call, const char *arn, MachinePrivilege privilege);

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

extern SFN_MUST_CHECK bool map_run_describe(ActionCall *call, const char *arn, MapRunDescription *description);

/* A page of the map runs of an execution, the youngest first; before: the id where the page before ended, or 0. */
extern SFN_MUST_CHECK bool map_runs_of(ActionCall *call, const char *execution_arn, int max, int64 before,
									   MapRunDescription **descriptions, int *count);

/* Asks for them: they are in force when an executor has taken them. */
extern SFN_MUST_CHECK bool map_run_change(ActionCall *call, const char *arn, const MapRunLimits *limits);

/* Lets the children go on that have not succeeded in a run that has; to be done by an executor. */
extern SFN_MUST_CHECK bool map_run_redrive_failures(ActionCall *call, const char *arn);

/* A number as AWS writes its doubles, with a digit behind the point; finite. */
extern const JsonVal *json_of_double(double number);

#endif /* SFN_ACTIONS_MAP_RUNS_H */

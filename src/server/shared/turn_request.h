/*
 * turn_request.h
 *	  What a turn is asked to do, and what came of it.
 *
 * Workers and sessions fill in the request; the runtime answers; the store reads what to claim.
 */
#ifndef SFN_SHARED_TURN_REQUEST_H
#define SFN_SHARED_TURN_REQUEST_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "shared/crowd.h"

typedef enum TurnMode
{
	TURN_SHARED, /* many executions, SQL tasks under restriction and a short timeout */
	TURN_ALONE,  /* one execution; its SQL task with its real timeout */
	TURN_SESSION /* sfn.run_once(): in the caller's transaction */
} TurnMode;

typedef struct TurnRequest
{
	TurnMode mode;
	bool takes_alone; /* may claim rows of tasks that must run alone */
	bool is_last_try; /* a server failure (class 53, 57, 58, XX) is now the task's own result */
	int limit_ms;     /* alone: a task that takes longer is rolled back, to be begun again by another; 0: no limit */
	int max_executions;
	bool makes_room;   /* beside the crowd: it is short */
	bool passes_crowd; /* claims only what is light beside it */
	Crowd crowd;
	int64 only_execution;  /* 0: any; else just this one (redone after an error) */
	const int64 *excluded; /* executions not to claim */
	int excluded_count;
} TurnRequest;

typedef struct TurnResult
{
	int executions; /* advanced */
	int ended;      /* of them */
	int tasks;      /* that were done at once, inside the database */
	int rows_claimed;
	int rows_delivered;
	int64 lateness;     /* of their delivery, all together; microseconds */
	int64 max_lateness; /* the worst of it */
	int64 task_time;    /* microseconds, of tasks that had to be put off, too */
	int64 tasks_put_off;
	int64 retries;
	bool has_more;         /* due rows were left */
	TimestampTz next_due;  /* earliest due row not claimed, in the future; 0: none known */
	int64 postponed_alone; /* tasks put off to a turn of their own */
	bool leaves_place;     /* such tasks are due, but the last free place is for another role's */
} TurnResult;

#endif /* SFN_SHARED_TURN_REQUEST_H */

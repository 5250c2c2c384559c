/*
 * event.h
 *	  Everything that happens to an execution.
 *
 * An event names the branch, the visit and the attempt it answers; a late one is
 * recognised by that and dropped.  What is of the whole execution, a stop and its time-out, names
 * the run: a redrive begins another one.
 */
#ifndef SFN_ENGINE_EVENT_H
#define SFN_ENGINE_EVENT_H

#include "json/json_value.h"

typedef enum EventKind
{
	EVENT_START = 1,          /* the execution begins */
	EVENT_CONTINUE = 2,       /* go on with branches that were left ready (a turn's share was used up) */
	EVENT_TIMER_FIRED = 3,    /* timer says which */
	EVENT_RUN_TASK = 4,       /* a task put off to a later turn; the runtime's, the engine never sees it */
	EVENT_TASK_STARTED = 5,   /* an activity's worker took the task: text = worker name; its clocks start */
	EVENT_TASK_SUBMITTED = 6, /* .sync, .waitForTaskToken: the call was accepted; value = its answer */
	EVENT_TASK_SUCCEEDED = 7, /* value = result */
	EVENT_TASK_FAILED = 8,    /* error, cause (either may be NULL) */
	EVENT_TASK_HEARTBEAT = 9,
	EVENT_STOP = 10, /* StopExecution: error, cause; visit = which run, see execution_run(), or STOP_ANY_RUN */
	EVENT_MACHINE_DELETED = 11, /* DeleteStateMachine: ends at its next transition */
	EVENT_REDRIVE = 12,
	EVENT_RUN_TASK_ALONE = 13, /* like RUN_TASK, or an event whose transition was taken back, for a turn of its own */
	EVENT_RELEASE = 14,        /* end of a quarantine; the runtime's */
	EVENT_MAP_RUN = 15         /* news of a map run: how its children ended, or new limits; the runtime's */
} EventKind;

typedef enum TimerKind
{
	TIMER_NONE = 0,
	TIMER_WAIT = 1,  /* a Wait state's moment */
	TIMER_RETRY = 2, /* a retrier's delay */
	TIMER_TASK = 3,  /* TimeoutSeconds of a task */
	TIMER_HEARTBEAT = 4,
	TIMER_EXECUTION = 5 /* TimeoutSeconds of the machine */
} TimerKind;

#define STOP_ANY_RUN 0 /* whichever it is in when the stop comes */

typedef struct Event Event;

struct Event
{
	EventKind kind;
	TimerKind timer;
	int32 branch; /* 0: the main branch */
	int32 visit;
	int32 attempt;
	const JsonVal *value;
	const char *error;
	const char *cause;
	const char *text;
	bool schedule_failed; /* EVENT_TASK_FAILED: TaskScheduleFailed/...; the call was never made */
	int64 retry_after;    /* EVENT_TASK_FAILED: seconds the service wants a retry to wait; 0: does not say */
	bool stop_follows;    /* EVENT_REDRIVE: the stop of this run is delivered next, so no state goes on */
};

#endif /* SFN_ENGINE_EVENT_H */

/*
 * pump_task.h
 *	  One task in the pump: its request, and what is told of the response.
 */
#ifndef SFN_WORKERS_PUMP_TASK_H
#define SFN_WORKERS_PUMP_TASK_H

#include "postgres.h"

#include "aws/jobs.h"
#include "services/http/http_attempt.h"
#include "store/http_tasks.h"
#include "workers/http_queue.h"

typedef struct PumpCalls PumpCalls; /* workers/pump_calls.h */

/* Everything about it is in the memory context of its transfer, and goes with it. */
typedef struct PumpTask
{
	HttpAttempt attempt; /* first */
	HttpTaskRow row;
	const PumpCalls *calls; /* not NULL: it is no task's, but a call of that kind */
	void *asked;            /* what that kind has to know of it */
	const AwsJob *job;      /* what the request is to begin; or NULL */
	JobInsert *begun;       /* what it has begun; or NULL */
	const JsonVal *stored;
	HttpHost *host; /* NULL: not under way any more */
	bool is_failure;
	bool is_idle;
	const char *payload; /* set: answered */
	TimestampTz sent;    /* of the present try */
} PumpTask;

/* The one whose transfer is in a list of its owner's. */
extern PumpTask *pump_task_of_node(dlist_node *node);

/* One without a request, put into that list. */
extern PumpTask *pump_task_begin(MemoryContext parent, Oid role, dlist_head *taken);

/* How many there are; without those that nobody waits for. */
extern int pump_task_count(void);
extern int pump_task_busy_count(void);

/* Nobody waits for it: it waits for something that may happen. */
extern void pump_task_is_idle(PumpTask *task);

/*
 * A task that is taken, put into that list: with its request, or the answer that it cannot be made.  In the pump's
 * transaction, between store_enter() and store_leave(); its memory and that of tokens is below the parent.
 */
extern void pump_task_make(const HttpTaskRow *row, const EgressPolicy *policy, const char *instance_id,
						   MemoryContext parent, dlist_head *taken);

/* False: it waits for its token, which has it in its list. */
extern bool pump_task_send(PumpTask *task);

/* The transfer has ended, somehow: what is to be told.  False: it is to be sent again. */
extern bool pump_task_finish(PumpTask *task);

/* What is to be told when there is no response; error may stand anywhere. */
extern void pump_task_fail(PumpTask *task, const SfnError *error, int64 retry_after);

/* Takes it out of its list and off the network. */
extern void pump_task_free(PumpTask *task);

#endif /* SFN_WORKERS_PUMP_TASK_H */

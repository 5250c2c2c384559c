/*
 * queue_triggers.h
 *	  Triggers of queues in the table: which state machine is started with a queue's messages.
 *
 * All run between store_enter() and store_leave(); results are in the context current at the call.
 */
#ifndef SFN_STORE_QUEUE_TRIGGERS_H
#define SFN_STORE_QUEUE_TRIGGERS_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct QueueTriggerRow
{
	int64 queue_id;
	Oid owner; /* as whom it receives and starts */
	const char *state_machine;
	int32 batch_size;
	int32 batch_window;    /* seconds */
	int32 max_concurrency; /* 0: any number */
	bool is_enabled;
} QueueTriggerRow;

/* False: the queue's is not the owner's, or caller's; or, to delete or enable, there is none. */
extern bool queue_trigger_upsert(const QueueTriggerRow *trigger);
extern bool queue_trigger_delete(int64 queue_id, Oid caller);
extern bool queue_trigger_enable(int64 queue_id, Oid caller, bool is_enabled);
extern Oid queue_trigger_owner(int64 queue_id); /* InvalidOid: there is none */

/* ---- for who fires them ---- */

typedef struct QueueTriggerDue
{
	int64 queue_id;
	TimestampTz due; /* when it has a batch to start something with */
	bool is_full;    /* as many of its executions run as may */
	TimestampTz last_start;
	bool is_fifo; /* its queue: what is visible may wait for an execution */
} QueueTriggerDue;

/* Of all that are enabled and whose queues have messages; *enabled: are there any, with messages or without? */
extern int queue_triggers_look(TimestampTz now, QueueTriggerDue **found, bool *any_enabled);
/* The row, locked; NULL: it is gone, disabled, or in another's hand. */
extern QueueTriggerRow *queue_trigger_lock(int64 queue_id);
/* How many executions of those that it has started run yet; known of one with a max_concurrency. */
extern int queue_trigger_running(int64 queue_id);

typedef struct QueueTriggerOutcome
{
	int64 *started; /* executions */
	int started_count;
	int64 messages;
	const char *error; /* NULL: none; then it pauses */
} QueueTriggerOutcome;

extern void queue_trigger_note(int64 queue_id, const QueueTriggerOutcome *outcome, TimestampTz paused_until);

/* Every change of what their makers say invalidates it, for who fires them. */
extern Oid queue_trigger_table(void);

#endif /* SFN_STORE_QUEUE_TRIGGERS_H */
